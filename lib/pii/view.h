// view.h - a text as the finders see it, each thing written in one way.
//
//   Markdown's backslash before punctuation    left out; kept before a tag
//   white space of any kind                    ' ' or '\n'
//   hyphens U+2010 and U+2011, minus U+2212    '-'
//   the longer dashes U+2012 to U+2015         kLongDash
//   fullwidth forms, digits of other scripts   their ASCII
//   what has no width (U+200B, U+2060, ...)    left out
//   a tag, "[TYPE]" or "[TYPE:abcdefgh]"       kTag
//
// What a character becomes does not depend on its neighbors, so that the view
// of a text with tags in place of findings is the text's view with kTag in
// these places: what is found is the same whether or not the tags are there
// yet.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/pii/pii.h"

namespace mill::internal {

inline constexpr char kTag = '\x01';
inline constexpr char kLongDash = '\x02';

class View {
 public:
  // Sees text, with kTag for each of found, text's findings in order. text
  // must outlive the view.
  void assign(std::string_view text, const PiiSpan* found = nullptr,
              std::size_t count = 0);

  std::string_view text() const { return text_; }
  // The bytes of the text that the bytes begin to end of the view come from.
  // An escape's backslash belongs to what it escapes. REQUIRES: begin < end.
  std::size_t raw_begin(std::size_t begin) const;
  std::size_t raw_end(std::size_t end) const;

 private:
  // From `view` on the view's bytes are those at `raw`, up to the next piece;
  // or, with raw_size > 0, one byte that stands for so many.
  struct Piece {
    std::size_t view;
    std::size_t raw;
    std::size_t raw_size;
  };
  const Piece& piece_at(std::size_t i) const;
  void copy(std::string_view text, std::size_t begin, std::size_t end);

  std::string_view text_;
  std::string buffer_;
  std::vector<Piece> pieces_;  // none: the view is the text
};

}  // namespace mill::internal
