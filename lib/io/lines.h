// lines.h - the lines of an input, one view at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/io/input.h"

namespace mill {

// A line of input without its newline. A carriage return stays.
struct Line {
  std::string_view text;
  std::uint64_t number = 0;  // from 1, empty lines included
  bool is_too_long = false;  // text is its beginning; rest() has the rest
  // On the first line after a read: this line and all the whole ones after it
  // that are held now, newlines included; else empty.
  std::string_view held = {};

  bool is_empty() const { return text.empty() || text == "\r"; }
  // The line, and what is known to follow it.
  std::string_view and_more() const { return held.empty() ? text : held; }
};

// Cuts an Input into lines. Holds one buffer as large as the longest line so
// far, at most max_line bytes, so that a filter runs in bounded memory.
class LineReader {
 public:
  // The buffer has `block` bytes at first.
  LineReader(Input input, std::size_t max_line, std::size_t block = 64 << 10);

  // The next line, or null at the end of the input; valid until the next
  // call. The last line needs no newline. Throws what Input::read() throws,
  // after all the complete lines before the damage; a line that the damage
  // cut off is not given.
  const Line* next();

  // After a line that is too long: its further pieces, in order, then nothing.
  // next() skips those that were not asked for.
  std::optional<std::string_view> rest();

  // True if next() has to read before it can answer: the time to flush output,
  // so that records from a slow producer are passed on as they come.
  bool would_read() { return !ended_ && !find_newline(); }

  // True if the line just given was the last and had no newline.
  bool is_unterminated() const { return ended_ && begin_ == end_; }

  const Input& input() const { return input_; }

 private:
  bool fill();
  const Line* give(std::size_t length, bool newline);
  bool find_newline();
  std::string_view take(std::size_t length, bool newline);

  Input input_;
  std::size_t max_line_;
  std::size_t block_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;       // of what was not yet handed out
  std::size_t end_ = 0;         // of what was read
  std::size_t scanned_ = 0;     // no newline between begin_ and here
  bool newline_found_ = false;  // and one stands at scanned_
  // The last one given. It is not copied: that would wait for what the caller
  // wrote last.
  Line line_;
  bool was_filled_ = false;  // since the last line
  bool ended_ = false;
  bool in_long_line_ = false;
};

// "FILE:LINE", as messages name a line.
std::string place_of(std::string_view file, std::uint64_t line);

}  // namespace mill
