// profanity.h - words that one would rather not read.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "lib/base/prefilter.h"

namespace mill {

// The words and phrases of share/profanity.txt: the list by which C4 drops
// pages (C. Raffel and others, arXiv:1910.10683, section 2.2).
class Profanity {
 public:
  Profanity();

  // The share of the text's words that are in the list, or in a phrase of it,
  // whatever their case. REQUIRES: valid UTF-8.
  double share_in(const Subject& text) const;

 private:
  // False only if nothing that is listed is in the text.
  bool may_be_in(const Subject& text) const;

  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  // Words and phrases, the words of one with a blank between them.
  std::unordered_set<std::string, Hash, std::equal_to<>> listed_;
  // What is known of the one word, or of the first two, of each, at its lowest
  // bits or after; 0 is none.
  static constexpr std::size_t kSlots = 4096;
  std::vector<std::uint64_t> beginnings_;
  // Of the same, at the lowest bits of the first word's: whether one may be
  // there. Small, since it is asked of each word, which hardly ever is one.
  enum : std::uint8_t { kIsListed = 1, kBeginsPhrase = 2 };
  std::array<std::uint8_t, kSlots> marks_{};
  // What their first words begin with (FirstWords::key()).
  std::bitset<FirstWords::kKeys> keys_;
  // How many words the longest of them has that begins with the word.
  std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> longest_;
};

// The bytes of share/profanity.txt.
std::string_view embedded_profanity();

}  // namespace mill
