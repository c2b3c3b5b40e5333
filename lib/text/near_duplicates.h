// near_duplicates.h - texts that say almost the same, found without comparing
// every one with every other.
//
//   mill::NearDuplicates seen(0.8);
//   for (const std::string& text : texts) {
//     if (const auto match = seen.find(text))
//       ... text repeats text number match->number
//     else
//       seen.add(text);
//   }
//
// What is compared are words: the longest runs of letters, marks and digits
// (Unicode 16), letter case folded (Unicode's simple folding), everything else
// left out. In scripts written without spaces (Han, Kana, Thai, Lao, Khmer,
// Myanmar) each character is a word. No other normalisation takes place: an
// accent that is a character of its own differs from one that is not.
//
// The similarity of two texts estimates the share of words, in their order,
// that both have in common: of 100 words, 10 substituted make 0.9. It is taken
// from the pairs of neighbouring words, those at the ends with the end
// included: of their sets' Jaccard index J it is sqrt(2J / (1 + J)), since of
// pairs a share s^2 survives when of words a share s does; and it is never more
// than the ratio of the numbers of words. J is estimated by 128 minima of
// hashes (MinHash), so that a similarity around 0.8 is known to about 0.03, and
// around 0.9 to 0.02. Equal words in the same order have exactly 1.
//
// Candidates are texts that agree in four minima in a row (locality-sensitive
// hashing, 32 bands of 4 rows). Pairs are found with a probability of about
// 0.80 at a similarity of 0.80, 0.97 at 0.85 and 0.999 at 0.90.
//
// Texts are not kept. Memory is kBytesPerText for each text added, however long
// it is. Results depend on the texts and the order of the calls alone: no
// clock, no random seed, no address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mill {

// What is remembered of a text.
struct TextSignature {
  std::uint64_t sequence = 0;  // a hash of all words in order
  std::uint64_t words = 0;     // how many; 0 is similar to nothing
  std::array<std::uint8_t, 128> minima = {};
};

// Makes signatures. Holds tables of 0.5 MB.
class TextSigner {
 public:
  TextSigner();
  // REQUIRES: text is valid UTF-8, as all parsed JSON is.
  TextSignature operator()(std::string_view text) const;

 private:
  std::vector<std::uint32_t> folded_;  // by code point
};

// True if both have words, and the same in the same order.
bool is_same_text(const TextSignature& a, const TextSignature& b);

// From 0 to 1; 0 where one has no words, 1 only where is_same_text().
double similarity(const TextSignature& a, const TextSignature& b);

class NearDuplicates {
 public:
  struct Match {
    std::size_t number;  // of the text added, counted from 0
    double similarity;   // at least the threshold
  };

  // The least memory, with reserve(); while tables grow, up to twice as much.
  static constexpr std::size_t kBytesPerText = 490;

  // REQUIRES: threshold from 0.8 to 1; 1 finds only texts of the same words.
  explicit NearDuplicates(double threshold);

  // Of the texts added, the most similar one that reaches the threshold, of
  // several the first. Of those with the same words only the first is ever
  // found, so that many of them cost no more than one.
  std::optional<Match> find(std::string_view text) const;
  std::optional<Match> find(const TextSignature& signature) const;

  // All that reach it, by number.
  std::vector<Match> find_all(const TextSignature& signature) const;

  // Adds a text, whether or not it repeats another, and gives its number.
  std::size_t add(std::string_view text);
  std::size_t add(const TextSignature& signature);

  // add() in two steps, for those who know only later, or in another order,
  // which texts are to be found: a text that is held has a number, and is
  // found from when it is admitted, which may be once.
  std::size_t hold(std::string_view text);
  std::size_t hold(const TextSignature& signature);
  void admit(std::size_t number);

  // Makes room for so many texts to be admitted at once.
  void reserve(std::size_t texts);

  // How many there are, and what was made of one.
  std::size_t size() const { return size_; }
  const TextSignature& signature(std::size_t number) const {
    return blocks_[number / kBlock][number % kBlock];
  }

 private:
  // In a table of open addressing: where a band's hash leads to.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t next_number = 0;  // the text's number plus 1; 0: empty
  };
  static constexpr std::size_t kBlock = 1024;

  std::size_t place_of(std::uint32_t hash) const {
    return static_cast<std::size_t>(std::uint64_t{hash} * slots_.size() >> 32);
  }
  template <typename Visit>
  void for_each_match(const TextSignature& signature, Visit visit) const;
  bool has_same(const TextSignature& signature) const;
  void insert(Slot slot);
  void resize(std::size_t slots);

  TextSigner sign_;
  double threshold_;
  std::size_t size_ = 0;
  std::vector<std::vector<TextSignature>> blocks_;  // never copied
  std::vector<Slot> slots_;  // ordered by place; one a band of those admitted
  std::size_t used_slots_ = 0;
};

}  // namespace mill
