#include "lib/base/sha256.h"

#include <algorithm>
#include <bit>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace mill {

namespace {

constexpr std::size_t kBlock = 64;

// The first 32 bits of the fractional parts of the cube roots of the first 64
// primes.
constexpr std::uint32_t kRounds[] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

using internal::Sha256State;

std::uint32_t rotated(std::uint32_t x, int a, int b, int c) {
  return std::rotr(x, a) ^ std::rotr(x, b) ^ std::rotr(x, c);
}

void add_block(Sha256State& state, const char* block) {
  std::uint32_t words[kBlock];
  for (std::size_t i = 0; i < 16; ++i) {
    words[i] = 0;
    for (std::size_t k = 0; k < 4; ++k)
      words[i] = words[i] << 8 | static_cast<unsigned char>(block[4 * i + k]);
  }
  for (std::size_t i = 16; i < kBlock; ++i) {
    const std::uint32_t a = words[i - 15], b = words[i - 2];
    words[i] = words[i - 16] + words[i - 7] +
               (std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3) +
               (std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10);
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const std::uint32_t one = h + rotated(e, 6, 11, 25) + ((e & f) ^ (~e & g)) +
                              kRounds[i] + words[i];
    const std::uint32_t two =
        rotated(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + one;
    d = c;
    c = b;
    b = a;
    a = one + two;
  }
  const Sha256State added = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += added[i];
}

#if defined(__x86_64__)
// By the processor's own instructions, four rounds at a time; they hold the
// state as (a, b, e, f) and (c, d, g, h), the first the highest.
__attribute__((target("sha,sse4.1"))) void add_blocks_by_instructions(
    Sha256State& state, const char* block, std::size_t count) {
  const auto at = [](auto* words) { return reinterpret_cast<__m128i*>(words); };
  const auto in = [](const auto* words) {
    return reinterpret_cast<const __m128i*>(words);
  };
  const __m128i big_endian =
      _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
  const __m128i cdab =
      _mm_shuffle_epi32(_mm_loadu_si128(in(state.data())), 0xB1);
  const __m128i efgh =
      _mm_shuffle_epi32(_mm_loadu_si128(in(state.data() + 4)), 0x1B);
  __m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
  __m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xF0);
  for (; count > 0; --count, block += kBlock) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i words[4];
    for (int i = 0; i < 4; ++i)
      words[i] = _mm_shuffle_epi8(_mm_loadu_si128(in(block) + i), big_endian);
    for (int i = 0; i < 16; ++i) {
      const __m128i added =
          _mm_add_epi32(words[i % 4], _mm_loadu_si128(in(kRounds) + i));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, added);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(added, 0x0E));
      // The words of four rounds later, in the place of these.
      const __m128i after = words[(i + 1) % 4], last = words[(i + 3) % 4];
      words[i % 4] = _mm_sha256msg2_epu32(
          _mm_add_epi32(_mm_sha256msg1_epu32(words[i % 4], after),
                        _mm_alignr_epi8(last, words[(i + 2) % 4], 4)),
          last);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(at(state.data()), _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(at(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}
#endif

}  // namespace

namespace internal {

void add_blocks_anywhere(Sha256State& state, const char* blocks,
                         std::size_t count) {
  for (; count > 0; --count, blocks += kBlock) add_block(state, blocks);
}

}  // namespace internal

namespace {

// By the processor's instructions for SHA-256, where it has them.
internal::AddBlocks fastest_add_blocks() {
#if defined(__x86_64__)
  // Leaf 7, EBX, bit 29; not all compilers know it by name.
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx >> 29 & 1) &&
      __builtin_cpu_supports("sse4.1"))
    return add_blocks_by_instructions;
#endif
  return internal::add_blocks_anywhere;
}

}  // namespace

Sha256Digest sha256(std::string_view bytes, internal::AddBlocks add_blocks) {
  Sha256State state = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const std::size_t rest = bytes.size() % kBlock;
  add_blocks(state, bytes.data(), bytes.size() / kBlock);
  // The rest, a bit, and at the end of its last block the number of bits.
  std::array<char, 2 * kBlock> last{};
  std::copy_n(bytes.end() - rest, rest, last.begin());
  last[rest] = static_cast<char>(0x80);
  const std::size_t blocks = rest + 9 > kBlock ? 2 : 1;
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  for (std::size_t i = 0; i < 8; ++i)
    last[blocks * kBlock - 1 - i] = static_cast<char>(bits >> 8 * i & 0xFF);
  add_blocks(state, last.data(), blocks);

  Sha256Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(state[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

Sha256Digest sha256(std::string_view bytes) {
  static const internal::AddBlocks add_blocks = fastest_add_blocks();
  return sha256(bytes, add_blocks);
}

std::string hex(const Sha256Digest& digest) {
  return hex(std::string_view(reinterpret_cast<const char*>(digest.data()),
                              digest.size()));
}

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::uint64_t first_64_bits(const Sha256Digest& digest) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits = bits << 8 | digest[i];
  return bits;
}

}  // namespace mill
