// block_starts.h - where the pieces of 64 bytes of ASCII begin, without a
// branch for each.
//
// Most text is words with a space before them, for which the patterns of
// text_pieces.h come down to what the byte before is, and the one before that.
// So 64 bytes are sorted into classes, a bit each, and a few shifts give all
// the beginnings. What those rules do not decide is left to TextPieces: white
// space but for one space, four digits in a row, what may be a contraction,
// and what is not ASCII.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "lib/tokens/text_pieces.h"

namespace mill {

// 64 bytes by class: bit i is of byte i.
struct BlockClasses {
  std::uint64_t upper, lower, digit, space, apostrophe;
  std::uint64_t symbol;  // the rest of ASCII, apostrophes too
  std::uint64_t blank;   // the other white space of ASCII
  std::uint64_t not_ascii;
};

// How this processor sorts them; null if it has no instructions for it.
using ClassifyBlock = void (*)(const char* block, BlockClasses& classes);
ClassifyBlock find_classify_block();

// Where pieces begin after the first byte, at which one does: a bit for each
// beginning, up to what these rules do not decide, if that is there.
struct BlockStarts {
  std::uint64_t bits;
  bool all_decided;
};

// cut is neither kGpt2 nor kQwen3_5.
template <Cut cut>
BlockStarts block_starts(const BlockClasses& is) {
  constexpr bool kOfCase = cut == Cut::kO200k || cut == Cut::kTekken;
  const std::uint64_t letter = is.upper | is.lower;
  // The byte after, where that decides something; unknown at the end.
  const std::uint64_t end = std::uint64_t{1} << 63;
  const std::uint64_t to_letter = (letter | is.not_ascii) >> 1 | end;
  std::uint64_t hard = is.blank | is.not_ascii | (is.space & is.space << 1);
  if constexpr (cut == Cut::kO200k)
    hard |= is.apostrophe & letter << 1 & to_letter;
  else if constexpr (cut != Cut::kTekken)
    hard |= is.apostrophe & to_letter;
  if constexpr (cut == Cut::kO200k || cut == Cut::kCl100k)
    hard |= is.digit & is.digit << 1 & is.digit << 2 & is.digit << 3;
  // A symbol goes with the word after it if no symbol or space is before it.
  const std::uint64_t after_symbols = is.symbol << 1 & (is.symbol | is.space)
                                                           << 2;
  std::uint64_t word = letter & (is.digit << 1 | after_symbols);
  if constexpr (kOfCase) word |= is.upper & is.lower << 1;
  std::uint64_t number = is.digit;
  if constexpr (cut == Cut::kO200k || cut == Cut::kCl100k)
    number &= ~(is.digit << 1);
  const std::uint64_t symbols =
      is.symbol & ~(is.symbol << 1) & ~(is.space << 1);
  const std::uint64_t starts = is.space | word | number | symbols;
  const std::uint64_t decided = (hard & (~hard + 1)) - 1;  // all if none is
  return {starts & decided & ~std::uint64_t{1}, hard == 0};
}

// Calls use with each piece of text, by blocks if classify is not null.
template <Cut cut, typename Use>
void for_each_piece(const CharClasses& of, ClassifyBlock classify,
                    std::string_view text, Use use) {
  const char* p = text.data();
  const char* const end = p + text.size();
  const auto left = [&] {
    return TextPieces(of, {p, static_cast<std::size_t>(end - p)});
  };
  if constexpr (cut != Cut::kGpt2 && cut != Cut::kQwen3_5) {
    BlockClasses classes;
    while (classify && end - p >= 64) {
      classify(p, classes);
      const char* const block = p;
      BlockStarts starts = block_starts<cut>(classes);
      for (; starts.bits != 0; starts.bits &= starts.bits - 1) {
        const char* const next = block + std::countr_zero(starts.bits);
        use(std::string_view(p, static_cast<std::size_t>(next - p)));
        p = next;
      }
      if (starts.all_decided && p != block) continue;
      // The piece that is not decided or longer than a block; and those after
      // it that are not ASCII, as more of them will be.
      TextPieces pieces = left();
      do {
        const std::string_view piece = pieces.template next<cut>();
        use(piece);
        p += piece.size();
      } while (p != end && static_cast<signed char>(*p) < 0);
    }
  }
  for (TextPieces pieces = left(); !pieces.done();)
    use(pieces.template next<cut>());
}

}  // namespace mill
