#include "lib/base/numbers.h"

#include <stdio.h>

#include <charconv>

namespace mill {

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string abbreviated(std::uint64_t number) {
  auto scaled = static_cast<double>(number);
  const char* unit = "";
  for (const char* next : {"k", "M", "G", "T"}) {
    if (scaled < 999.5) break;
    scaled /= 1000;
    unit = next;
  }
  if (*unit == '\0') return std::to_string(number);
  char text[16];
  ::snprintf(text, sizeof text, "%.*f%s", scaled < 9.95 ? 1 : 0, scaled, unit);
  return text;
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (part == 0 || whole == 0) return "0%";
  if (part == whole) return "100%";
  const double share =
      100 * static_cast<double>(part) / static_cast<double>(whole);
  if (share < 0.1) return "under 0.1%";
  if (share > 99.9 && share < 100) return "over 99.9%";
  char text[32];
  ::snprintf(text, sizeof text, "%.1f%%", share);
  return text;
}

std::string decimal(double number, int decimals) {
  char text[400];  // for the largest, all its digits
  const auto [end, error] = std::to_chars(text, text + sizeof text, number,
                                          std::chars_format::fixed, decimals);
  std::string out(text, end);
  if (out.find('.') == out.npos) return out;
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out == "-0" ? "0" : out;
}

std::string counted(std::uint64_t number, std::string_view one,
                    std::string_view many) {
  return grouped(number) + ' ' + std::string(number == 1 ? one : many);
}

}  // namespace mill
