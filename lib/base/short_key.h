// short_key.h - a short text as two numbers, to compare and hash at once.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mill {

// Up to 16 bytes, as numbers that no other text of the same length has. Reads
// no byte beyond them: two loads may overlap instead.
struct ShortKey {
  static constexpr std::size_t kMaxSize = 16;

  std::uint64_t low = 0;
  std::uint64_t high = 0;

  ShortKey() = default;
  explicit ShortKey(std::string_view bytes) {
    const char* const p = bytes.data();
    const std::size_t size = bytes.size();
    if (size >= 8) {
      low = load<std::uint64_t>(p);
      high = load<std::uint64_t>(p + size - 8);
    } else if (size >= 4) {
      low = load<std::uint32_t>(p);
      high = load<std::uint32_t>(p + size - 4);
    } else if (size > 0) {
      low = load<std::uint8_t>(p);
      high = load<std::uint8_t>(p + size / 2) |
             std::uint64_t{load<std::uint8_t>(p + size - 1)} << 8;
    }
  }

  bool operator==(const ShortKey&) const = default;

  // Well mixed in all its bits. The seed must depend on the length at least.
  std::uint64_t hash(std::uint64_t seed) const {
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
    std::uint64_t hash = (low ^ std::rotl(high, 23) ^ seed) * kOdd;
    hash = (hash ^ hash >> 32 ^ high) * kOdd;
    return hash ^ hash >> 29;
  }

 private:
  template <typename Number>
  static Number load(const char* p) {
    Number number;
    std::memcpy(&number, p, sizeof number);
    return number;
  }
};

}  // namespace mill
