// first_eight.h - a short part of a text as a number.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mill {

// Ones for as many bytes, eight at most, zeros above. REQUIRES: at least one.
constexpr std::uint64_t mask_of_bytes(std::size_t bytes) {
  return ~std::uint64_t{0} >> 8 * (8 - std::min<std::size_t>(bytes, 8));
}

// The first eight bytes of a part of a text that ends at text_end, the first
// one lowest; zeros for those that it does not have. REQUIRES: it is not empty.
inline std::uint64_t first_eight(std::string_view part, const char* text_end) {
  std::uint64_t eight = 0;
  if (text_end - part.data() >= 8)  // as long as a register: no call
    std::memcpy(&eight, part.data(), 8);
  else
    std::memcpy(&eight, part.data(), std::min<std::size_t>(part.size(), 8));
  if constexpr (std::endian::native == std::endian::big)
    eight = __builtin_bswap64(eight);
  return eight & mask_of_bytes(part.size());
}

}  // namespace mill
