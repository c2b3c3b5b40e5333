#include "lib/tokens/block_starts.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace mill {

#ifdef __x86_64__
namespace {

__attribute__((target("avx2"))) std::uint32_t bits(__m256i bytes) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
}

// The bytes from first to last. Both are ASCII; other bytes are negative.
__attribute__((target("avx2"))) __m256i within(__m256i bytes, char first,
                                               char last) {
  return _mm256_and_si256(
      _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8(static_cast<char>(first - 1))),
      _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(last + 1)), bytes));
}

__attribute__((target("avx2"))) void classify_avx2(const char* block,
                                                   BlockClasses& classes) {
  classes = {};
  for (int half = 0; half < 2; ++half) {
    const __m256i bytes =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32 * half));
    const auto add = [half](std::uint64_t& mask, std::uint32_t some) {
      mask |= std::uint64_t{some} << (32 * half);
    };
    const __m256i folded = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
    const std::uint32_t letter = bits(within(folded, 'a', 'z'));
    // The bit that small letters have, moved to where it is taken from.
    const std::uint32_t is_small = bits(_mm256_slli_epi16(bytes, 2));
    const std::uint32_t digit = bits(within(bytes, '0', '9'));
    const std::uint32_t space =
        bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(' ')));
    const std::uint32_t blank = bits(within(bytes, '\t', '\r'));
    const std::uint32_t not_ascii = bits(bytes);
    add(classes.upper, letter & ~is_small);
    add(classes.lower, letter & is_small);
    add(classes.digit, digit);
    add(classes.space, space);
    add(classes.apostrophe,
        bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\''))));
    add(classes.symbol, ~(letter | digit | space | blank | not_ascii));
    add(classes.blank, blank);
    add(classes.not_ascii, not_ascii);
  }
}

}  // namespace
#endif

ClassifyBlock find_classify_block() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2")) return classify_avx2;
#endif
  return nullptr;
}

}  // namespace mill
