// numbers.h - numbers as people read and write them.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mill {

// The number that text is, all of it; nothing if it is none, or out of range.
// A double may be infinite or not a number where text says so; a whole number
// may have another base than ten.
template <typename Number, typename... Base>
std::optional<Number> parse_number(std::string_view text, Base... base) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base...);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// "1,234,567".
std::string grouped(std::uint64_t number);
// "950", "1.0k", "35M": at most four characters, for where room is scarce.
std::string abbreviated(std::uint64_t number);
// "12.3%"; "under 0.1%" rather than none of something, and "0%" of nothing.
std::string percent(std::uint64_t part, std::uint64_t whole);
// With at most so many decimals, without trailing zeros.
std::string decimal(double number, int decimals);
// "1 example", "2,000 examples".
std::string counted(std::uint64_t number, std::string_view one,
                    std::string_view many);

}  // namespace mill
