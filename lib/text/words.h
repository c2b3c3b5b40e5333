// words.h - texts as words, so that what they say can be compared.
//
// Words are the longest runs of letters, marks and digits (Unicode 16), letter
// case folded (Unicode's simple folding), everything else left out. In scripts
// written without spaces (Han, Kana, Thai, Lao, Khmer, Myanmar) each character
// is a word. No other normalization takes place: an accent that is a character
// of its own differs from one that is not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mill {

// How much a word matters: two short texts that differ in a name, a number or a
// "not" do not say the same.
enum class WordKind : std::uint8_t {
  kPlain,
  kLong,     // eight letters or more: seldom a word of grammar
  kTelling,  // a number, in digits or letters; a capitalized word that begins
             // no sentence; a word of a [[link]]; yes, no, not and the like
};

// A hash of a word, and its kind.
class Word {
 public:
  Word() = default;
  Word(std::uint64_t hash, WordKind kind)
      : bits_(static_cast<std::uint32_t>(hash >> 34 << 2) |
              static_cast<std::uint32_t>(kind)) {}
  // 30 bits; equal for equal words, whatever their kind.
  std::uint32_t id() const { return bits_ >> 2; }
  WordKind kind() const { return static_cast<WordKind>(bits_ & 3); }

 private:
  std::uint32_t bits_ = 0;
};

// Puts the text's words into words, and gives a hash of them all in order, 0 if
// there are none. REQUIRES: text is valid UTF-8, as all parsed JSON is.
std::uint64_t read_words(std::string_view text, std::vector<Word>& words);

// The words spelled out, with one space between each two.
std::string spell_words(std::string_view text);

}  // namespace mill
