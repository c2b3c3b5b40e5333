// utf8.h - code points in UTF-8 bytes (RFC 3629).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mill {

// The first byte that is not part of a valid sequence, if there is one.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

void append_utf8(std::string& out, char32_t code_point);

// The code point at text[i]; moves i past it. REQUIRES: valid UTF-8 and that
// a sequence begins at i.
char32_t take_code_point(std::string_view text, std::size_t& i);

// True if nothing in text can be seen: it is empty, or all white space
// (Unicode's White_Space) and zero-width characters. REQUIRES: valid UTF-8.
bool is_blank(std::string_view text);

// How many code points valid UTF-8 holds.
std::size_t count_code_points(std::string_view text);

// The bytes of the sequence that begins with lead. REQUIRES: valid UTF-8.
inline std::size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// True for a byte of a sequence that is not its first.
constexpr bool is_utf8_continuation(char c) { return (c & '\xC0') == '\x80'; }

// As many whole characters of text as fit into `bytes`, from its start or its
// end. REQUIRES: valid UTF-8.
inline std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && is_utf8_continuation(text[bytes])) --bytes;
  return text.substr(0, bytes);
}
inline std::string_view utf8_suffix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  text.remove_prefix(text.size() - bytes);
  while (!text.empty() && is_utf8_continuation(text.front()))
    text.remove_prefix(1);
  return text;
}

}  // namespace mill
