#include "lib/text/near_duplicates.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>

#include "lib/base/wide.h"
#include "lib/text/alignment.h"
#include "lib/text/mix.h"

namespace mill {

namespace {

// ---- minima ----------------------------------------------------------------

constexpr std::size_t kMinima = TextSet::kMinima;

// The hash functions: x * multiplier + addend mod 2^32, for each minimum.
struct HashFunctions {
  std::array<std::uint32_t, kMinima> multipliers{};
  std::array<std::uint32_t, kMinima> addends{};
};

constexpr HashFunctions kFunctions = [] {
  HashFunctions functions;
  for (std::size_t i = 0; i < kMinima; ++i) {
    functions.multipliers[i] = static_cast<std::uint32_t>(mix(2 * i + 1)) | 1;
    functions.addends[i] = static_cast<std::uint32_t>(mix(2 * i + 2));
  }
  return functions;
}();

using Least = std::array<std::int32_t, kMinima>;

// Lowers each minimum to the least that its function makes of the pairs. Plain
// loops, over as many lanes as registers hold, so that the compiler vectorizes
// them.
MILL_WIDE void lower(Least& minima, std::span<const std::uint32_t> pairs) {
  constexpr std::size_t kLanes = 16;
  for (std::size_t begin = 0; begin < kMinima; begin += kLanes) {
    std::array<std::int32_t, kLanes> least;
    std::array<std::uint32_t, kLanes> a, b;
    for (std::size_t i = 0; i < kLanes; ++i) {
      least[i] = minima[begin + i];
      a[i] = kFunctions.multipliers[begin + i];
      b[i] = kFunctions.addends[begin + i];
    }
    for (const std::uint32_t pair : pairs)
      for (std::size_t i = 0; i < kLanes; ++i) {
        const auto hash = static_cast<std::int32_t>(pair * a[i] + b[i]);
        least[i] = hash < least[i] ? hash : least[i];
      }
    for (std::size_t i = 0; i < kLanes; ++i) minima[begin + i] = least[i];
  }
}

// The minima of what pairs of words, as 32-bit hashes, hash to.
class MinHash {
 public:
  MinHash() { minima_.fill(std::numeric_limits<std::int32_t>::max()); }

  void add(std::span<const std::uint32_t> pairs) {
    lower(minima_, pairs);
    size_ += pairs.size();
  }
  std::size_t size() const { return size_; }

  TextSet::Minima finish() const {
    TextSet::Minima bytes;
    for (std::size_t i = 0; i < kMinima; ++i)
      bytes[i] = static_cast<std::uint8_t>(
          mix(static_cast<std::uint32_t>(minima_[i])) >> 24);
    return bytes;
  }

 private:
  Least minima_;
  std::size_t size_ = 0;
};

// ---- pairs of words -------------------------------------------------------

// Hashes of a text's pairs of neighboring words; its first and last words also
// pair with its ends. Pair i ends with word i.
void hash_pairs(std::span<const Word> words,
                std::vector<std::uint32_t>& pairs) {
  pairs.clear();
  std::uint64_t last = 0;  // 0 is the text's end
  const auto pair_with = [&](std::uint64_t id) {
    pairs.push_back(static_cast<std::uint32_t>(mix(last << 32 | id)));
    last = id;
  };
  for (const Word word : words) pair_with(std::uint64_t{word.id()} + 1);
  pair_with(0);
}

std::size_t cell_of(std::uint32_t pair, std::size_t cells) {
  return static_cast<std::size_t>(std::uint64_t{pair} * cells >> 32);
}

constexpr std::size_t kPassage = 6;  // words

// Calls visit(first, last) for each passage of boilerplate: pairs in a row that
// are all common.
template <typename Visit>
void for_each_passage(const std::vector<bool>& is_common,
                      std::span<const std::uint32_t> pairs, Visit visit) {
  for (std::size_t i = 0, first = 0; i <= pairs.size(); ++i) {
    if (i < pairs.size() && is_common[cell_of(pairs[i], is_common.size())])
      continue;
    if (i - first + 1 >= kPassage) visit(first, i - 1);
    first = i + 1;
  }
}

// Of each pair, whether it is part of a passage.
std::vector<bool> in_passages(const std::vector<bool>& is_common,
                              std::span<const Word> words,
                              std::vector<std::uint32_t>& pairs) {
  hash_pairs(words, pairs);
  std::vector<bool> in_passage(pairs.size());
  for_each_passage(is_common, pairs, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i <= last; ++i) in_passage[i] = true;
  });
  return in_passage;
}

// The share of pairs in common, of texts that are too long to be aligned.
double common_pairs(std::vector<std::uint32_t>& a,
                    std::vector<std::uint32_t>& b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<std::uint32_t> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::back_inserter(common));
  return static_cast<double>(common.size()) /
         static_cast<double>(std::max(a.size(), b.size()));
}

double estimate(const TextSet::Minima& a, const TextSet::Minima& b) {
  unsigned equal = 0;
  for (std::size_t i = 0; i < kMinima; ++i) equal += a[i] == b[i];
  // Of minima that differ, one in 256 has an equal byte. If a share s of the
  // words survives, a share s^2 of the pairs does.
  const double jaccard = std::max(0.0, (equal * 256.0 / kMinima - 1) / 255);
  return std::sqrt(2 * jaccard / (1 + jaccard));
}

constexpr double kEstimateSlack = 0.1;  // how far below the threshold it may be
constexpr std::size_t kShort = 30;      // words

}  // namespace

// ---- the set ---------------------------------------------------------------

std::size_t TextSet::add(std::string_view text) {
  const std::uint64_t sequence = read_words(text, words_);
  return add(sequence, words_);
}

std::size_t TextSet::add(std::uint64_t sequence, std::span<const Word> words) {
  if (!file_) file_ = std::make_unique<ScratchFile>();
  if (size_ % kBlock == 0) blocks_.emplace_back().reserve(kBlock);
  blocks_.back().push_back(
      {sequence, all_words_, static_cast<std::uint32_t>(words.size()), {}});
  file_->write({reinterpret_cast<const char*>(words.data()),
                words.size() * sizeof(Word)});
  all_words_ += words.size();
  return size_++;
}

void TextSet::read(const Text& text, std::vector<Word>& words) const {
  words.resize(text.words);
  file_->read(text.begin * sizeof(Word), {reinterpret_cast<char*>(words.data()),
                                          words.size() * sizeof(Word)});
}

// Calls visit(text, words, pairs) for each text that has words.
template <typename Visit>
void TextSet::for_each_text(Visit visit) {
  constexpr std::size_t kAtOnce = 1 << 16;  // words
  std::vector<Word> buffer;
  std::vector<std::uint32_t> pairs;
  std::uint64_t begin = 0;  // of the buffer
  for (auto& block : blocks_)
    for (Text& text : block) {
      if (text.words == 0) continue;
      if (text.begin + text.words > begin + buffer.size()) {
        begin = text.begin;
        buffer.resize(static_cast<std::size_t>(std::min(
            all_words_ - begin, std::max<std::uint64_t>(kAtOnce, text.words))));
        file_->read(begin * sizeof(Word),
                    {reinterpret_cast<char*>(buffer.data()),
                     buffer.size() * sizeof(Word)});
      }
      const auto words = std::span<const Word>(buffer).subspan(
          static_cast<std::size_t>(text.begin - begin), text.words);
      hash_pairs(words, pairs);
      visit(text, pairs);
    }
}

// Counts in how many texts each pair stands, texts of the same words once.
void TextSet::find_common_pairs() {
  std::vector<std::uint64_t> seen(std::bit_ceil(2 * size_ + 1));
  std::size_t distinct = 0;
  const auto is_new = [&](std::uint64_t sequence) {
    std::size_t i = mix(sequence) & (seen.size() - 1);
    for (; seen[i]; i = (i + 1) & (seen.size() - 1))
      if (seen[i] == sequence) return false;
    seen[i] = sequence;
    return ++distinct > 0;
  };
  // About one occurrence a cell, or a few if there are very many, so that pairs
  // that share a cell hardly change what is counted.
  constexpr std::size_t kLeast = 1 << 12, kMost = 1 << 23;
  std::vector<std::uint16_t> counts(std::clamp(
      std::bit_ceil(static_cast<std::size_t>(all_words_)), kLeast, kMost));
  // A pair's repetitions within a text, nearly all of them.
  std::array<std::uint64_t, 256> of_this_text;
  for_each_text([&](Text& text, std::span<const std::uint32_t> pairs) {
    if (!is_new(text.sequence)) return;
    of_this_text.fill(0);
    for (const std::uint32_t pair : pairs)
      __builtin_prefetch(&counts[cell_of(pair, counts.size())], 1);
    for (const std::uint32_t pair : pairs) {
      std::uint64_t& bits = of_this_text[pair >> 6 & 0xFF];
      const std::uint64_t bit = std::uint64_t{1} << (pair & 63);
      std::uint16_t& count = counts[cell_of(pair, counts.size())];
      if (!(bits & bit) && count < 0xFFFF) ++count;
      bits |= bit;
    }
  });
  const std::size_t some = 8 + distinct / 16384, many = 128 + distinct / 1024;
  in_some_.resize(counts.size());
  in_many_.resize(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    in_some_[i] = counts[i] > some;
    in_many_[i] = counts[i] > many;
  }
}

void TextSet::sign() {
  if (!file_) return;
  file_->flush();
  find_common_pairs();
  for_each_text([&](Text& text, std::span<const std::uint32_t> pairs) {
    MinHash minima;
    std::size_t next = 0;
    for_each_passage(in_many_, pairs, [&](std::size_t first, std::size_t last) {
      minima.add(pairs.subspan(next, first - next));
      next = last + 1;
    });
    minima.add(pairs.subspan(next));
    // What is nothing but boilerplate is compared as a whole.
    if (minima.size() == 0) minima.add(pairs);
    text.minima = minima.finish();
  });
}

bool TextSet::is_same(std::size_t a, std::size_t b) const {
  return at(a).words > 0 && at(a).words == at(b).words &&
         at(a).sequence == at(b).sequence;
}

std::optional<double> TextSet::near(std::size_t a, std::size_t b,
                                    double threshold) const {
  if (is_same(a, b)) return 1;
  const auto [fewer, more] = std::minmax(at(a).words, at(b).words);
  // Texts that differ are less than equal, even if their words' hashes agree.
  const double most = static_cast<double>(std::min(fewer, more - 1)) / more;
  if (fewer == 0 || most < threshold) return std::nullopt;
  std::vector<Word> left, right;
  std::vector<std::uint32_t> pairs, other_pairs;
  read(at(a), left);
  read(at(b), right);
  if (more > kAlignedWords) {
    hash_pairs(left, pairs);
    hash_pairs(right, other_pairs);
    const double share = std::min(most, common_pairs(pairs, other_pairs));
    return share >= threshold ? std::optional(share) : std::nullopt;
  }
  auto common = common_words(left, right);
  const double similarity =
      std::min(most, static_cast<double>(common.size()) / more);
  if (similarity < threshold) return std::nullopt;

  const auto left_passages = in_passages(in_some_, left, pairs);
  const auto right_passages = in_passages(in_some_, right, pairs);
  // Words of their own that they share, and in which they differ.
  std::size_t own_common = 0, only_left = 0, only_right = 0;
  bool differs_in_sense = false;
  std::size_t i = 0, j = 0;
  common.emplace_back(left.size(), right.size());
  for (const auto& [next_i, next_j] : common) {
    if (i < next_i || j < next_j) {
      // If what either has there is boilerplate, the other was edited there.
      const auto is_passage = [](const std::vector<bool>& passages,
                                 std::size_t first, std::size_t last) {
        return std::all_of(passages.begin() + static_cast<long>(first),
                           passages.begin() + static_cast<long>(last) + 1,
                           [](bool in_passage) { return in_passage; });
      };
      const bool is_own = !is_passage(left_passages, i, next_i) &&
                          !is_passage(right_passages, j, next_j);
      WordKind most_left = WordKind::kPlain, most_right = WordKind::kPlain;
      if (is_own) {
        only_left += next_i - i;
        only_right += next_j - j;
      }
      for (; i < next_i; ++i) most_left = std::max(most_left, left[i].kind());
      for (; j < next_j; ++j)
        most_right = std::max(most_right, right[j].kind());
      differs_in_sense |=
          (is_own || more < kShort) &&
          (std::max(most_left, most_right) == WordKind::kTelling ||
           std::min(most_left, most_right) == WordKind::kLong);
    }
    if (i == left.size()) break;
    own_common += !(left_passages[i] || left_passages[i + 1]) &&
                  !(right_passages[j] || right_passages[j + 1]);
    ++i, ++j;
  }
  const std::size_t own = own_common + std::max(only_left, only_right);
  if ((own < kShort && differs_in_sense) ||
      static_cast<double>(own_common) < threshold * static_cast<double>(own))
    return std::nullopt;
  return similarity;
}

// ---- the index -------------------------------------------------------------

namespace {

constexpr std::size_t kRows = 4;
constexpr std::size_t kBands = kMinima / kRows;
constexpr std::size_t kMostInBand = 32;
constexpr std::size_t kMostCompared = 8;

std::uint32_t band_hash(const TextSet::Minima& minima, std::size_t band) {
  std::uint64_t key = band;
  for (std::size_t row = 0; row < kRows; ++row)
    key = key << 8 | minima[band * kRows + row];
  return static_cast<std::uint32_t>(mix(key));
}

// The bands' hashes, and then that of all the words.
std::array<std::uint32_t, kBands + 1> hashes_of(const TextSet& texts,
                                                std::size_t number) {
  std::array<std::uint32_t, kBands + 1> hashes;
  for (std::size_t band = 0; band < kBands; ++band)
    hashes[band] = band_hash(texts.minima(number), band);
  hashes[kBands] = static_cast<std::uint32_t>(mix(texts.sequence(number)));
  return hashes;
}

}  // namespace

BandFilter::BandFilter(std::size_t texts) {
  // 32 bits a band, so that three in a hundred bands pass that no text has.
  const std::size_t words = std::bit_ceil(texts * (kBands + 1) / 2 + 2);
  shift_ = 32U - static_cast<unsigned>(std::countr_zero(
                     std::min<std::size_t>(words, std::size_t{1} << 26)));
  bits_.resize(std::size_t{1} << (32 - shift_));
}

void BandFilter::add(const TextSet& texts, std::size_t number) {
  for (const std::uint32_t hash : hashes_of(texts, number))
    bits_[hash >> shift_] |= std::uint64_t{1} << (hash >> (shift_ - 6) & 63);
}

NearDuplicates::NearDuplicates(const TextSet& texts, double threshold)
    : texts_(texts), threshold_(threshold), slots_(1024) {}

std::optional<std::size_t> NearDuplicates::find_same(std::size_t number) const {
  const auto hash = static_cast<std::uint32_t>(mix(texts_.sequence(number)));
  for (std::size_t i = place_of(hash); slots_[i].next_place; i = after(i)) {
    const std::size_t other = admitted_[slots_[i].next_place - 1];
    if (slots_[i].hash == hash && texts_.is_same(number, other)) return other;
  }
  return std::nullopt;
}

std::vector<std::size_t> NearDuplicates::candidates(std::size_t number) const {
  std::vector<std::size_t> numbers;
  if (texts_.words(number) == 0) return numbers;
  const auto hashes = hashes_of(texts_, number);
  for (const std::uint32_t hash : hashes)
    __builtin_prefetch(&slots_[place_of(hash)]);
  std::vector<std::uint32_t> places;
  for (std::size_t band = 0; band < kBands; ++band)
    for (std::size_t i = place_of(hashes[band]); slots_[i].next_place;
         i = after(i))
      if (slots_[i].hash == hashes[band])
        places.push_back(slots_[i].next_place - 1);
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  std::vector<std::pair<double, std::uint32_t>> promising;
  for (const std::uint32_t place : places) {
    const double similarity =
        estimate(texts_.minima(number), texts_.minima(admitted_[place]));
    if (similarity >= threshold_ - kEstimateSlack)
      promising.emplace_back(-similarity, place);
  }
  std::sort(promising.begin(), promising.end());
  if (promising.size() > kMostCompared) promising.resize(kMostCompared);
  places.clear();
  for (const auto& [similarity, place] : promising) places.push_back(place);
  std::sort(places.begin(), places.end());
  for (const std::uint32_t place : places) numbers.push_back(admitted_[place]);
  return numbers;
}

std::optional<NearDuplicates::Match> NearDuplicates::find(
    std::size_t number) const {
  if (const auto same = find_same(number)) return Match{*same, 1};
  std::optional<Match> best;
  if (threshold_ == 1) return best;
  for (const std::size_t other : candidates(number)) {
    const auto similarity = texts_.near(number, other, threshold_);
    if (similarity && (!best || *similarity > best->similarity))
      best = Match{other, *similarity};
  }
  return best;
}

void NearDuplicates::admit(std::size_t number, const BandFilter* seekers) {
  if (texts_.words(number) == 0) return;
  auto hashes = hashes_of(texts_, number);
  auto end = hashes.end();
  if (seekers) {
    for (const std::uint32_t hash : hashes) seekers->prefetch(hash);
    end = std::remove_if(hashes.begin(), hashes.end(), [&](std::uint32_t hash) {
      return !seekers->may_have(hash);
    });
    if (end == hashes.begin()) return;
  }
  const std::span wanted(hashes.begin(), end);
  if (used_slots_ + wanted.size() > slots_.size() / 4 * 3)
    resize(slots_.size() * 2);
  for (const std::uint32_t hash : wanted)
    __builtin_prefetch(&slots_[place_of(hash)], 1);
  if (find_same(number)) return;
  admitted_.push_back(static_cast<std::uint32_t>(number));
  for (const std::uint32_t hash : wanted)
    insert({hash, static_cast<std::uint32_t>(admitted_.size())}, kMostInBand);
}

void NearDuplicates::reserve(std::size_t texts) {
  admitted_.reserve(texts);
  const std::size_t slots = texts * (kBands + 1) / 3 * 4 + 4;
  if (slots > slots_.size()) resize(slots);
}

// Unless `most` slots have its hash already.
void NearDuplicates::insert(Slot slot, std::size_t most) {
  std::size_t i = place_of(slot.hash);
  for (; slots_[i].next_place; i = after(i))
    if (slots_[i].hash == slot.hash && --most == 0) return;
  slots_[i] = slot;
  ++used_slots_;
}

void NearDuplicates::resize(std::size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  used_slots_ = 0;
  for (const Slot& slot : old)
    if (slot.next_place) insert(slot, kMostInBand + 1);
}

}  // namespace mill
