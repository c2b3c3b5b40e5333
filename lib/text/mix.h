// mix.h - hashes to tell texts apart that nobody made to collide; the same on
// every machine.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mill {

inline constexpr std::uint64_t kOdd =
    0x9E3779B97F4A7C15;  // 2^64 / golden ratio

// A permutation of the 64-bit numbers that mixes all bits well.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 32) * kOdd;
  x = (x ^ x >> 29) * kOdd;
  return x ^ x >> 32;
}

// A hash of 128 bits of what was added, in the order of adding.
class Hash128 {
 public:
  void add(std::uint64_t x) {
    high_ = (high_ ^ x) * kOdd;
    high_ ^= high_ >> 32;
    low_ = (low_ + x) * 0xD6E8FEB86659FD93;
    low_ ^= low_ >> 29;
  }
  void add(std::string_view bytes) {
    add(bytes.size());
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
      std::uint64_t eight;
      std::memcpy(&eight, bytes.data(), sizeof eight);
      if constexpr (std::endian::native == std::endian::big)
        eight = __builtin_bswap64(eight);
      add(eight);
    }
    std::uint64_t rest = 0;
    for (const char c : bytes) rest = rest << 8 | static_cast<unsigned char>(c);
    if (!bytes.empty()) add(rest);
  }
  std::uint64_t high() const { return mix(high_); }
  std::uint64_t low() const { return mix(low_); }

 private:
  std::uint64_t high_ = 1, low_ = 2;
};

}  // namespace mill
