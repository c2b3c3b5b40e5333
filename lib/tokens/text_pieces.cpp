#include "lib/tokens/text_pieces.h"

#include <algorithm>

namespace mill {

namespace {

// Length times 8 plus the number of the class's bit.
constexpr std::uint32_t kRuns[] = {
#include "lib/tokens/unicode_classes.inc"
};

}  // namespace

CharClasses::CharClasses() : classes_(0x110000) {
  auto at = classes_.begin();
  for (const std::uint32_t run : kRuns)
    at = std::fill_n(at, run / 8, static_cast<std::uint8_t>(1U << run % 8));
}

std::uint64_t TextPieces::count_words() const {
  std::uint64_t words = 0;
  for (const char* p = skip(at_, C::kBlank); p != end_; ++words)
    p = skip(skip(p, C::kNotBlank), C::kBlank);
  return words;
}

TextPieces::Char TextPieces::long_char_at(const char* p) const {
  const std::ptrdiff_t left = end_ - p;
  auto byte = [&](int i) { return static_cast<unsigned char>(p[i]); };
  auto tail = [&](int i) -> char32_t { return byte(i) & 0x3F; };
  const char32_t lead = byte(0);
  if (lead < 0xE0 && left >= 2)
    return {classes_[(lead & 0x1F) << 6 | tail(1)], 2};
  if (lead < 0xF0 && left >= 3)
    return {classes_[(lead & 0x0F) << 12 | tail(1) << 6 | tail(2)], 3};
  // Beyond it are only private-use characters, and what is not UTF-8.
  if (lead < 0xF4 && left >= 4) {
    const char32_t c =
        (lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3);
    return {classes_[c], 4};
  }
  return {C::kOther,
          static_cast<std::uint8_t>(std::min<std::ptrdiff_t>(left, 4))};
}

const char* TextPieces::skip_apostrophe(const char* p) const {
  const std::ptrdiff_t left = end_ - p;
  auto letter = [&](int i) {
    return left > i ? static_cast<char>(p[i] | 0x20) : '\0';
  };
  switch (letter(1)) {
    case 's':
    case 't':
    case 'm':
    case 'd': return p + 2;
    case 'r':
    case 'v': return letter(2) == 'e' ? p + 3 : p;
    case 'l': return letter(2) == 'l' ? p + 3 : p;
    default: break;
  }
  // The long s, U+017F, is an s when case is ignored.
  return left > 2 && p[1] == '\xC5' && p[2] == '\xBF' ? p + 3 : p;
}

// Lower-case contractions only; white space is not cut at its newlines.
const char* TextPieces::find_gpt2() const {
  if (const char* stop = skip_contraction(at_);
      stop != at_ &&
      std::all_of(at_ + 1, stop, [](char c) { return c >= 'a' && c <= 'z'; }))
    return stop;
  const char* const word = *at_ == ' ' ? at_ + 1 : at_;
  const unsigned first = char_at(word).is;
  if (first & C::kLetter) return skip_letters(word, C::kLetter, 0x20);
  if (first & C::kNumber) return skip(word, C::kNumber);
  if (first & C::kSymbol) return skip(word, C::kSymbol);
  const char* last = at_;
  const char* stop = at_;
  for (Char c; (c = char_at(stop)).is & C::kBlank; stop += c.length)
    last = stop;
  return stop == end_ || last == at_ ? stop : last;
}

}  // namespace mill
