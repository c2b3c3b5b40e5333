// near_duplicates.h - texts that say almost the same, found without comparing
// every one with every other.
//
//   mill::TextSet texts;
//   for (const std::string& text : all) texts.add(text);
//   texts.sign();
//   mill::NearDuplicates seen(texts, 0.8);
//   for (std::size_t number = 0; number < texts.size(); ++number) {
//     if (const auto match = seen.find(number))
//       ... text `number` repeats text match->number
//     else
//       seen.admit(number);
//   }
//
// The similarity of two texts is the share of words, in their order, that both
// have: the length of their longest common subsequence of words, divided by the
// number of words of the longer one. Of 100 words, 10 substituted make 0.9.
// Equal words in the same order have exactly 1. For texts of more than
// kAlignedWords words it is the share of pairs of neighboring words, which is
// lower if edits are scattered.
//
// Two texts are near if their similarity reaches the threshold, except that
//
//   - boilerplate does not count: of the words of their own, those that are in
//     no passage that other texts of the set share, the same share must be
//     common. A passage is six or more words whose pairs of neighbors are each
//     in more than 8 + n / 16384 of the n distinct texts. What is boilerplate
//     in one of the two and was edited in the other is not a difference;
//   - of two texts that share fewer than 30 words of their own, no word in
//     which they differ may be telling (words.h), and no long word may have
//     been substituted for another.
//
// Candidates are found by locality-sensitive hashing (MinHash, Broder 1997;
// banding, Indyk and Motwani 1998): 128 minima of the hashes of a text's pairs
// of neighboring words in 32 bands of 4. Of pairs at a similarity of 0.80 some
// 80 % are candidates, at 0.85 97 %, at 0.90 99.9 %. So that time grows in
// proportion to the number of texts, whatever they hold, pairs in passages that
// more than 128 + n / 1024 texts share are left out; a band leads to at most 32
// texts, the first that were admitted; and of a text's candidates the eight
// most promising are compared.
//
// Words lie in a temporary file, so that memory is kBytesPerText for each text,
// however long it is. Results depend on the texts and the order of the calls
// alone: no clock, no random seed, no address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lib/io/scratch_file.h"
#include "lib/text/words.h"

namespace mill {

// Numbers are counted from 0, in the order of add().
class TextSet {
 public:
  static constexpr std::size_t kBytesPerText = 160;
  static constexpr std::size_t kMinima = 128;
  static constexpr std::size_t kAlignedWords = 4096;
  using Minima = std::array<std::uint8_t, kMinima>;

  // Gives the text's number. REQUIRES: text is valid UTF-8, sign() was not
  // called. Throws Exit if the temporary file cannot be made or written.
  std::size_t add(std::string_view text);
  // The same for a text whose words were read elsewhere: read_words()'s
  // hash of them all, and the words.
  std::size_t add(std::uint64_t sequence, std::span<const Word> words);

  // To be called once, after all were added and before anything below.
  void sign();

  std::size_t size() const { return size_; }
  std::uint32_t words(std::size_t number) const { return at(number).words; }
  // A hash of all its words in their order.
  std::uint64_t sequence(std::size_t number) const {
    return at(number).sequence;
  }
  const Minima& minima(std::size_t number) const { return at(number).minima; }

  // True if both have words, and the same in the same order.
  bool is_same(std::size_t a, std::size_t b) const;
  // Their similarity, if they are near by this threshold.
  std::optional<double> near(std::size_t a, std::size_t b,
                             double threshold) const;

 private:
  struct Text {
    std::uint64_t sequence;
    std::uint64_t begin;  // of its words in the file, in words
    std::uint32_t words;
    Minima minima;
  };
  static constexpr std::size_t kBlock = 1024;

  const Text& at(std::size_t number) const {
    return blocks_[number / kBlock][number % kBlock];
  }
  void read(const Text& text, std::vector<Word>& words) const;
  template <typename Visit>
  void for_each_text(Visit visit);
  void find_common_pairs();

  std::vector<Word> words_;
  std::size_t size_ = 0;
  std::uint64_t all_words_ = 0;
  std::vector<std::vector<Text>> blocks_;  // never copied
  std::unique_ptr<ScratchFile> file_;
  std::vector<bool> in_some_, in_many_;  // texts; by a pair's hash
};

// Which bands some texts have, approximately: what an index must hold in which
// only they are looked up. About 130 bytes a text.
class BandFilter {
 public:
  explicit BandFilter(std::size_t texts);
  void add(const TextSet& texts, std::size_t number);
  bool may_have(std::uint32_t hash) const {
    return bits_[hash >> shift_] >> (hash >> (shift_ - 6) & 63) & 1;
  }
  void prefetch(std::uint32_t hash) const {
    __builtin_prefetch(&bits_[hash >> shift_]);
  }

 private:
  std::vector<std::uint64_t> bits_;
  unsigned shift_;
};

// Those of a set's texts that were admitted. Views the set.
class NearDuplicates {
 public:
  struct Match {
    std::size_t number;
    double similarity;
  };

  // The memory with reserve(); without it, while tables grow, up to twice as
  // much.
  static constexpr std::size_t kBytesPerText = 360;

  // REQUIRES: threshold from 0.8 to 1; 1 finds only texts with the same words.
  NearDuplicates(const TextSet& texts, double threshold);

  // From now on find() finds the text; with a filter only for the filter's
  // texts.
  void admit(std::size_t number, const BandFilter* seekers = nullptr);
  // Makes room for so many texts to be admitted at once.
  void reserve(std::size_t texts);

  // Of those admitted, the text with the same words, or else the most similar
  // one that is near; of equals the one admitted first.
  std::optional<Match> find(std::size_t number) const;

  // The one with the same words; and the most promising of those that may be
  // near, in the order in which they were admitted.
  std::optional<std::size_t> find_same(std::size_t number) const;
  std::vector<std::size_t> candidates(std::size_t number) const;

 private:
  // In a table of open addressing: where a band's hash leads to.
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t next_place = 0;  // in admitted_, plus 1; 0: empty
  };
  std::size_t place_of(std::uint32_t hash) const {
    return static_cast<std::size_t>(std::uint64_t{hash} * slots_.size() >> 32);
  }
  std::size_t after(std::size_t slot) const {
    return slot + 1 == slots_.size() ? 0 : slot + 1;
  }
  void insert(Slot slot, std::size_t most);
  void resize(std::size_t slots);

  const TextSet& texts_;
  double threshold_;
  std::vector<std::uint32_t> admitted_;  // numbers
  std::vector<Slot> slots_;              // ordered by place
  std::size_t used_slots_ = 0;
};

}  // namespace mill
