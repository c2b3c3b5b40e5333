#include "lib/base/utf8.h"

namespace mill {

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  std::size_t i = 0;
  while (i < text.size()) {
    const unsigned lead = byte(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    // The second byte's range keeps out overlong forms, surrogates and code
    // points past U+10FFFF.
    unsigned low = 0x80, high = 0xBF;
    std::size_t length = 0;
    if (lead >= 0xC2 && lead <= 0xDF) length = 2;
    if (lead >= 0xE0 && lead <= 0xEF) length = 3;
    if (lead >= 0xF0 && lead <= 0xF4) length = 4;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    if (length == 0 || byte(i + 1) < low || byte(i + 1) > high) return i;
    for (std::size_t k = 2; k < length; ++k)
      if ((byte(i + k) & 0xC0) != 0x80) return i;
    i += length;
  }
  return std::nullopt;
}

void append_utf8(std::string& out, char32_t code_point) {
  auto tail = [&](int shift) {
    out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3F));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

char32_t take_code_point(std::string_view text, std::size_t& i) {
  const char lead = text[i++];
  const auto byte = static_cast<unsigned char>(lead);
  const std::size_t length = utf8_length(lead);
  if (length == 1) return byte;
  char32_t code_point = byte & (0x7FU >> length);
  for (std::size_t k = 1; k < length; ++k)
    code_point =
        code_point << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
  return code_point;
}

bool is_blank(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const char32_t c = take_code_point(text, i);
    const bool is_space =
        c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xA0 ||
        c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
        c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
    const bool is_zero_width =
        (c >= 0x200B && c <= 0x200D) || c == 0x2060 || c == 0xFEFF;
    if (!is_space && !is_zero_width) return false;
  }
  return true;
}

std::size_t count_code_points(std::string_view text) {
  // Of parts whose number fits into a byte, so that vectors count 16 at a time.
  constexpr std::size_t kPart = 240;
  std::size_t count = 0;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, kPart);
    unsigned char some = 0;
    for (const char c : part)
      some = static_cast<unsigned char>(some + !is_utf8_continuation(c));
    count += some;
    text.remove_prefix(part.size());
  }
  return count;
}

}  // namespace mill
