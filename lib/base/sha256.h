// sha256.h - SHA-256 (FIPS 180-4) of texts in memory: ids, keys, splits.
//
//   mill::hex(mill::sha256("abc"))  // "ba7816bf..."
//
// Without OpenSSL, whose digests of short texts cost more to set up than to
// compute, and which takes a millisecond to load. hash.h has what needs it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mill {

using Sha256Digest = std::array<std::uint8_t, 32>;

Sha256Digest sha256(std::string_view bytes);
// Lower-case hexadecimal digits, two a byte.
std::string hex(const Sha256Digest& digest);
std::string hex(std::string_view bytes);
// The first 8 bytes as a big-endian number.
std::uint64_t first_64_bits(const Sha256Digest& digest);

namespace internal {

using Sha256State = std::array<std::uint32_t, 8>;
// Adds blocks of 64 bytes to what has been hashed.
using AddBlocks = void (*)(Sha256State& state, const char* blocks,
                           std::size_t count);
void add_blocks_anywhere(Sha256State& state, const char* blocks,
                         std::size_t count);

}  // namespace internal

Sha256Digest sha256(std::string_view bytes, internal::AddBlocks add_blocks);

}  // namespace mill
