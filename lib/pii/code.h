// code.h - which parts of a text are code and not prose.
//
// Markdown's fences, indented blocks and back-quotes, and lines that look like
// code by themselves or among their neighbors: operators, calls, keywords,
// braces and semicolons at the end. There "@Override" is not an account, nor a
// row of digits a phone number.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mill::internal {

class Code {
 public:
  explicit Code(std::string_view text) : text_(text) {}

  // True if the byte at i is code. The first call reads the text.
  bool contains(std::size_t i);

  // Whether none of the text is code.
  bool is_empty();

  // The text without its code.
  std::string prose();

 private:
  struct Line {
    std::size_t begin;
    std::size_t end;    // its newline, or the text's end
    std::size_t signs;  // of code, see count_signs()
    bool is_blank;
    bool is_code;
  };
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  void read();
  void split_into_lines();
  void mark_blocks();
  void mark_by_signs();
  void add_quoted(const Line& line);

  std::string_view text_;
  bool is_read_ = false;
  std::vector<Line> lines_;
  std::vector<Range> ranges_;  // of code, in order
};

}  // namespace mill::internal
