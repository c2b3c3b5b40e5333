// text_pieces.h - cuts text into the pieces that tokens never cross.
//
//   mill::CharClasses classes;
//   mill::TextPieces pieces(classes, text);
//   while (!pieces.done()) use(pieces.next<mill::Cut::kO200k>());
//
// An encoding first cuts a text by a regular expression, roughly into words
// with the space before them, groups of digits, punctuation and white space.
// Written out by hand, such a pattern runs at a byte or two a nanosecond. The
// patterns are
//
//   o200k   [^\r\n\p{L}\p{N}]?[UM]*[LM]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//          |[^\r\n\p{L}\p{N}]?[UM]+[LM]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//          |\p{N}{1,3}
//          | ?[^\s\p{L}\p{N}]+[\r\n/]*
//          |\s*[\r\n]+|\s+(?!\S)|\s+
//          where U is \p{Lu}\p{Lt}, L is \p{Ll}, M is \p{Lm}\p{Lo}\p{M}
//
//   cl100k  (?i:'s|'t|'re|'ve|'m|'ll|'d)
//          |[^\r\n\p{L}\p{N}]?\p{L}+
//          |\p{N}{1,3}
//          | ?[^\s\p{L}\p{N}]+[\r\n]*
//          |\s*[\r\n]+|\s+(?!\S)|\s+
//
//   tekken  o200k without (?i:...)?, and \p{N} for \p{N}{1,3}
//   qwen2   cl100k with \p{N} for \p{N}{1,3}
//   qwen3_5 qwen2 with [\p{L}\p{M}]+ for \p{L}+ and [^\s\p{L}\p{M}\p{N}] for
//           [^\s\p{L}\p{N}]
//   gpt2    's|'t|'re|'ve|'m|'ll|'d
//          | ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// with the categories of Unicode 16.0, as tiktoken's regular expressions have
// them. The pieces are the whole text, in order, and none is empty. The end of
// text that is not UTF-8 is never read past, but where such text is cut is
// unspecified.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace mill {

// The class of each code point, as a bit, so that sets of classes are masks.
// The bits' numbers are those of lib/tokens/unicode_classes.inc.
class CharClasses {
 public:
  enum : std::uint8_t {
    kOther = 1 << 0,    // punctuation, symbols, controls, what is unassigned
    kUpper = 1 << 1,    // Lu Lt
    kLower = 1 << 2,    // Ll
    kUncased = 1 << 3,  // Lm Lo
    kMark = 1 << 4,     // M
    kNumber = 1 << 5,   // N
    kSpace = 1 << 6,    // White_Space but for
    kNewline = 1 << 7,  // \r and \n
    kLetter = kUpper | kLower | kUncased,
    kBlank = kSpace | kNewline,
    kNotBlank = kOther | kLetter | kMark | kNumber,
    kSymbol = kOther | kMark,
  };

  CharClasses();
  std::uint8_t operator[](char32_t code_point) const {
    return classes_[code_point];
  }

 private:
  std::vector<std::uint8_t> classes_;
};

enum class Cut { kO200k, kCl100k, kTekken, kQwen2, kQwen3_5, kGpt2 };

// Views text and classes, which must outlive it.
class TextPieces {
 public:
  TextPieces(const CharClasses& classes, std::string_view text)
      : classes_(classes), at_(text.data()), end_(at_ + text.size()) {}

  bool done() const { return at_ == end_; }
  // The next piece. REQUIRES: !done().
  template <Cut cut>
  std::string_view next() {
    if constexpr (cut == Cut::kO200k || cut == Cut::kTekken)
      return take(find_o200k<cut>());
    else if constexpr (cut == Cut::kGpt2)
      return take(find_gpt2());
    else
      return take(find_cl100k<cut>());
  }
  // How many words are left: the longest runs without white space.
  std::uint64_t count_words() const;

 private:
  using C = CharClasses;

  // A code point's class and bytes; both 0 at the end of the text.
  struct Char {
    std::uint8_t is;
    std::uint8_t length;
  };

  std::string_view take(const char* stop) {
    const std::string_view piece(at_, static_cast<std::size_t>(stop - at_));
    at_ = stop;
    return piece;
  }

  Char char_at(const char* p) const {
    if (p == end_) return {0, 0};
    const auto lead = static_cast<unsigned char>(*p);
    if (lead < 0x80) return {classes_[lead], 1};
    return long_char_at(p);
  }
  Char long_char_at(const char* p) const;

  // Past all characters from p on that are of the classes in mask.
  const char* skip(const char* p, unsigned mask) const {
    for (;;) {
      const Char c = char_at(p);
      if (!(c.is & mask)) return p;
      p += c.length;
    }
  }

  // skip() for masks that have, of ASCII, the letters a-z and nothing else, or
  // with fold 0x20 A-Z too: eight at a time, since each end of a loop over
  // single letters is a branch that cannot be predicted.
  const char* skip_letters(const char* p, unsigned mask,
                           unsigned char fold = 0) const;

  const char* skip_newlines(const char* p) const {
    while (p < end_ && (*p == '\n' || *p == '\r')) ++p;
    return p;
  }

  // Past (?i:'s|'t|'re|'ve|'m|'ll|'d) at p, or p.
  const char* skip_contraction(const char* p) const {
    return p < end_ && *p == '\'' ? skip_apostrophe(p) : p;
  }
  const char* skip_apostrophe(const char* p) const;

  const char* skip_cased_word(const char* p) const;
  template <Cut cut>
  const char* find_o200k() const;
  template <Cut cut>
  const char* find_cl100k() const;
  const char* find_gpt2() const;
  const char* skip_number(const char* p, int digits) const;
  const char* skip_blanks(const char* p) const;

  const CharClasses& classes_;
  const char* at_;
  const char* end_;
};

inline const char* TextPieces::skip_letters(const char* p, unsigned mask,
                                            unsigned char fold) const {
  constexpr std::uint64_t kEach = 0x0101010101010101, kTop = 0x80 * kEach;
  while (end_ - p >= 8) {
    std::uint64_t eight;
    std::memcpy(&eight, p, sizeof eight);
    if constexpr (std::endian::native == std::endian::big)
      eight = __builtin_bswap64(eight);
    const std::uint64_t folded = eight | fold * kEach;
    const std::uint64_t low = folded & ~kTop;
    // A byte's top bit: it is at least 'a'; it is beyond 'z'.
    const std::uint64_t from_a = low + (0x80 - 'a') * kEach;
    const std::uint64_t beyond_z = low + (0x80 - 'z' - 1) * kEach;
    const std::uint64_t others = ~(from_a & ~beyond_z & ~folded) & kTop;
    if (others == 0) {
      p += 8;
      continue;
    }
    p += std::countr_zero(others) / 8;
    if (static_cast<unsigned char>(*p) < 0x80) return p;
    break;
  }
  return skip(p, mask);
}

// Past [UM]*[LM]+ from p on, or null if it does not match there. The first
// part is greedy and takes what both parts may; the second must be left one.
inline const char* TextPieces::skip_cased_word(const char* p) const {
  const char* left_one = nullptr;  // after the last that both may take
  for (;;) {
    const Char c = char_at(p);
    if (c.is & C::kLower)
      return skip_letters(p + c.length, C::kLower | C::kUncased | C::kMark);
    if (!(c.is & (C::kUpper | C::kUncased | C::kMark))) return left_one;
    p += c.length;
    if (!(c.is & C::kUpper)) left_one = p;
  }
}

template <Cut cut>
const char* TextPieces::find_o200k() const {
  const auto skip_end = [this](const char* p) {
    return cut == Cut::kO200k ? skip_contraction(p) : p;
  };
  const Char first = char_at(at_);
  if (!(first.is & (C::kNumber | C::kNewline))) {
    const char* const word = first.is & C::kLetter ? at_ : at_ + first.length;
    if (const char* stop = skip_cased_word(word)) return skip_end(stop);
    // Without a prefix the first alternative takes a mark, and comes before
    // the second with one.
    if (first.is & C::kMark) return skip_end(skip_cased_word(at_));
    const char* const stop = skip(word, C::kUpper);
    if (stop != word) return skip_end(stop);
  }
  if (first.is & C::kNumber)
    return skip_number(at_, cut == Cut::kO200k ? 3 : 1);
  const char* const symbols = *at_ == ' ' ? at_ + 1 : at_;
  const char* stop = skip(symbols, C::kSymbol);
  if (stop == symbols) return skip_blanks(at_);
  while (stop < end_ && (*stop == '\n' || *stop == '\r' || *stop == '/'))
    ++stop;
  return stop;
}

template <Cut cut>
const char* TextPieces::find_cl100k() const {
  constexpr unsigned kInWord =
      cut == Cut::kQwen3_5 ? C::kLetter | C::kMark : C::kLetter;
  const char* stop = skip_contraction(at_);
  if (stop != at_) return stop;
  const Char first = char_at(at_);
  if (first.is & C::kNumber)
    return skip_number(at_, cut == Cut::kCl100k ? 3 : 1);
  if (!(first.is & C::kNewline)) {
    const char* const word = first.is & kInWord ? at_ : at_ + first.length;
    stop = skip_letters(word, kInWord, 0x20);
    if (stop != word || first.is & kInWord) return stop;
  }
  const char* const symbols = *at_ == ' ' ? at_ + 1 : at_;
  stop = skip(symbols, C::kSymbol & ~kInWord);
  if (stop == symbols) return skip_blanks(at_);
  return skip_newlines(stop);
}

// Past so many \p{N} at most.
inline const char* TextPieces::skip_number(const char* p, int digits) const {
  for (; digits > 0; --digits) {
    const Char c = char_at(p);
    if (!(c.is & C::kNumber)) break;
    p += c.length;
  }
  return p;
}

// Past \s*[\r\n]+|\s+(?!\S)|\s+: through the last newline; or all at the end
// of the text; or all but the last, which goes with the word after it.
inline const char* TextPieces::skip_blanks(const char* p) const {
  const char* const begin = p;
  const char* last = p;
  const char* newline_end = nullptr;
  for (;;) {
    const Char c = char_at(p);
    if (!(c.is & C::kBlank)) break;
    last = p;
    p += c.length;
    if (c.is & C::kNewline) newline_end = p;
  }
  if (newline_end) return newline_end;
  return p == end_ || last == begin ? p : last;
}

}  // namespace mill
