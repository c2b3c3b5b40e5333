// numbers.h - numbers as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mill {

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
