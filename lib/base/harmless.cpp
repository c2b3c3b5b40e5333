#include "lib/base/harmless.h"

#include <stdio.h>

#include <algorithm>

#include "lib/base/utf8.h"

namespace mill {

bool is_harmful(char32_t c) {
  const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
  const bool turns_direction = c == 0x061C || c == 0x200E || c == 0x200F ||
                               (c >= 0x202A && c <= 0x202E) ||
                               (c >= 0x2066 && c <= 0x2069);
  return is_control || turns_direction || c == 0x2028 || c == 0x2029;
}

namespace {

void append_escape(std::string& out, const char* format, unsigned value) {
  char escape[16];
  ::snprintf(escape, sizeof escape, format, value);
  out += escape;
}

// Text without harmful characters but those in `kept`.
std::string without_harm(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t valid = find_invalid_utf8(text).value_or(text.size());
    for (std::size_t i = 0; i < valid;) {
      const std::size_t begin = i;
      const char32_t c = take_code_point(text, i);
      if (!is_harmful(c) || kept.find(text[begin]) != kept.npos)
        out += text.substr(begin, i - begin);
      else if (c == '\n')
        out += "\\n";
      else
        append_escape(out, "\\u%04x", static_cast<unsigned>(c));
    }
    text.remove_prefix(valid);
    if (text.empty()) break;
    append_escape(out, "\\x%02x", static_cast<unsigned char>(text.front()));
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::string harmless(std::string_view text) {
  return without_harm(text, "\n\t");
}

std::string harmless_line(std::string_view text) {
  return without_harm(text, "\t");
}

}  // namespace mill
