// runs.h - where a text has bytes of some kind, or runs of them, as its words.
//
// The kind is a function is_in(char). It must have no branches, so that
// compilers ask for many bytes at a time.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "lib/base/wide.h"

namespace mill {

// Ones for those of 64 bytes that are in, the first lowest.
template <typename IsIn>
MILL_INLINE inline std::uint64_t mask_of_block(const char* block, IsIn is_in) {
  unsigned char is[64];
  for (int i = 0; i < 64; ++i)
    is[i] = static_cast<unsigned char>(is_in(block[i]));
  std::uint64_t mask = 0;
  for (int i = 0; i < 64; i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, is + i, 8);
    if constexpr (std::endian::native == std::endian::big)
      eight = __builtin_bswap64(eight);
    // The product's highest byte has the lowest bit of each, in order.
    mask |= (eight * 0x0102040810204080) >> 56 << i;
  }
  return mask;
}

// Calls use(block, mask) with the text's blocks of 64 bytes, in order; of the
// last one, which may have less, no bit is set beyond them.
template <typename IsIn, typename Use>
MILL_INLINE inline void for_each_mask(std::string_view text, IsIn is_in,
                                      Use use) {
  constexpr std::size_t kBlock = 64;
  const char* block = text.data();
  std::size_t left = text.size();
  for (; left >= kBlock; left -= kBlock, block += kBlock)
    use(block, mask_of_block(block, is_in));
  if (left == 0) return;
  char rest[kBlock] = {};
  std::memcpy(rest, block, left);
  use(block, mask_of_block(rest, is_in) & ((std::uint64_t{1} << left) - 1));
}

// Calls use(byte) with each byte that is in, in order.
template <typename IsIn, typename Use>
MILL_INLINE inline void for_each_byte(std::string_view text, IsIn is_in,
                                      Use use) {
  for_each_mask(text, is_in,
                [&](const char* block, std::uint64_t mask) MILL_INLINE {
                  for (; mask != 0; mask &= mask - 1)
                    use(block[std::countr_zero(mask)]);
                });
}

// Calls use(run) with each longest run of bytes that are in, in order.
template <typename IsIn, typename Use>
MILL_INLINE inline void for_each_run(std::string_view text, IsIn is_in,
                                     Use use) {
  const char* begin = nullptr;  // of the run that is open, if one is
  const auto use_up_to = [&](const char* end) {
    use(std::string_view(begin, static_cast<std::size_t>(end - begin)));
  };
  for_each_mask(text, is_in,
                [&](const char* block, std::uint64_t mask) MILL_INLINE {
                  const std::uint64_t before = mask << 1 | (begin ? 1 : 0);
                  std::uint64_t begins = mask & ~before, ends = ~mask & before;
                  for (; ends != 0; ends &= ends - 1) {
                    if (!begin) {
                      begin = block + std::countr_zero(begins);
                      begins &= begins - 1;
                    }
                    use_up_to(block + std::countr_zero(ends));
                    begin = nullptr;
                  }
                  if (begins != 0) begin = block + std::countr_zero(begins);
                });
  if (begin) use_up_to(text.data() + text.size());
}

}  // namespace mill
