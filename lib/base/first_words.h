// first_words.h - the words that a pattern's matches begin with, and where a
// text has them.
//
// A word is a longest run of ASCII's letters, digits and "_", as \w and \b of a
// pattern without (*UCP) take it. Each match of "\\b(?:any|some) advice" begins
// where a word "any" or "some" does: in most texts that is hardly anywhere, and
// nowhere else need the pattern be tried.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/first_eight.h"

namespace mill {

// A word of a text.
struct TextWord {
  static constexpr std::size_t kMostSize = 0xFFFF;

  // Its first eight characters in lower case, each a byte, zeros after them.
  // All of a word of no more is known by it.
  std::uint64_t head;
  std::uint32_t begin;  // its first byte
  std::uint16_t size;   // in bytes, or kMostSize if there are more
  std::uint16_t key;    // its first two characters, see FirstWords
};

// The words of a text of less than 4 GiB, in order.
std::vector<TextWord> words_of(std::string_view text);
// The same in place of what is in words.
void find_words(std::string_view text, std::vector<TextWord>& words);

// The `head` of a word of a text that ends there. REQUIRES: no character but
// those of words.
inline std::uint64_t head_of(std::string_view word, const char* text_end) {
  // The bit of small letters; digits have it, and no two characters of words
  // are one with it.
  constexpr std::uint64_t kLower = 0x2020202020202020;
  return first_eight(word, text_end) | (kLower & mask_of_bytes(word.size()));
}

// What a word begins with, or all of it, in lower case.
struct FirstWord {
  std::string text;
  bool is_whole;
};

class FirstWords {
 public:
  static constexpr std::size_t kMost = 512;

  FirstWords() = default;
  // REQUIRES: none is empty, and there are no more than kMost.
  explicit FirstWords(std::vector<FirstWord> words);

  // Whether it is not known what matches begin with.
  bool empty() const { return words_.empty(); }
  // Whether one of them stands there. REQUIRES: the word is one of the text's.
  bool stand_at(const TextWord& word, std::string_view text) const {
    return keys_[word.key] && is_one(word, text);
  }

  // A number for the first two characters of a word, or the only one; the same
  // in either case.
  static std::uint16_t key(std::string_view word);
  static constexpr std::size_t kFirsts = 64, kKeys = kFirsts * kFirsts;

 private:
  bool is_one(const TextWord& word, std::string_view text) const;

  std::vector<FirstWord> words_;  // by the number of the first character
  std::array<std::uint16_t, kFirsts + 1> begins_{};  // where those of each are
  std::bitset<kKeys> keys_;
};

}  // namespace mill
