#include "lib/io/lines.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mill {

LineReader::LineReader(Input input, std::size_t max_line, std::size_t block)
    : input_(std::move(input)),
      max_line_(max_line),
      block_(block),
      buffer_(block) {}

// The first newline in what is held: at scanned_ if there is one. Looks at each
// byte once.
bool LineReader::find_newline() {
  if (!newline_found_) {
    const void* found =
        std::memchr(buffer_.data() + scanned_, '\n', end_ - scanned_);
    newline_found_ = found != nullptr;
    scanned_ = found ? static_cast<std::size_t>(
                           static_cast<const char*>(found) - buffer_.data())
                     : end_;
  }
  return newline_found_;
}

// Takes length bytes, and the newline after them if there is one.
std::string_view LineReader::take(std::size_t length, bool newline) {
  const std::string_view taken(buffer_.data() + begin_, length);
  begin_ += length + (newline ? 1 : 0);
  if (newline || begin_ > scanned_) {
    scanned_ = begin_;
    newline_found_ = false;
  }
  return taken;
}

// Reads more after what is held, making room by moving it to the front and,
// if it fills the buffer, by doubling. Reads a block, and of a long line as
// much as there is of it, so that the lines after one come in blocks again.
// False at the end of the input.
bool LineReader::fill() {
  if (ended_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const std::size_t n =
      input_.read(buffer_.data() + end_,
                  std::min(buffer_.size() - end_, std::max(block_, end_)));
  end_ += n;
  ended_ = n == 0;
  was_filled_ = true;
  return !ended_;
}

const Line* LineReader::give(std::size_t length, bool newline) {
  line_.held = {};
  if (std::exchange(was_filled_, false)) {
    line_.held = {buffer_.data() + begin_, end_ - begin_};
    if (newline) line_.held = line_.held.substr(0, line_.held.rfind('\n') + 1);
  }
  line_.text = take(length, newline);
  line_.is_too_long = false;
  ++line_.number;
  return &line_;
}

const Line* LineReader::next() {
  while (in_long_line_) rest();
  for (;;) {
    const bool newline = find_newline();
    const std::size_t length = scanned_ - begin_;
    if (length > max_line_) {
      in_long_line_ = true;
      line_ = {take(max_line_, false), line_.number + 1, true};
      return &line_;
    }
    if (newline) return give(length, true);
    if (!fill()) break;
  }
  if (begin_ == end_) return nullptr;
  return give(end_ - begin_, false);
}

std::optional<std::string_view> LineReader::rest() {
  if (!in_long_line_) return std::nullopt;
  if (begin_ == end_ && !fill()) {
    in_long_line_ = false;
    return std::nullopt;
  }
  const bool newline = find_newline();
  if (newline) in_long_line_ = false;
  return take(scanned_ - begin_, newline);
}

std::string place_of(std::string_view file, std::uint64_t line) {
  return std::string(file) + ":" + std::to_string(line);
}

}  // namespace mill
