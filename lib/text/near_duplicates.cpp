#include "lib/text/near_duplicates.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>

#include "lib/base/utf8.h"
#include "lib/tokens/text_pieces.h"

namespace mill {

namespace {

constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 / golden ratio

// Good in all its bits.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ x >> 32) * kOdd;
  x = (x ^ x >> 29) * kOdd;
  return x ^ x >> 32;
}

// ---- words -----------------------------------------------------------------

// A run of code points that fold to themselves plus delta.
struct Folding {
  std::int32_t first, count, step, delta;
};

constexpr Folding kFoldings[] = {
#include "lib/text/case_folding.inc"
};

// Entries of TextSigner::folded_: the folded code point, with this bit if it
// is a word by itself; 0 if it is no part of a word.
constexpr std::uint32_t kAlone = 1U << 31;

// Beyond are ideographs only, and then no letters.
constexpr char32_t kFirstPlaneOfIdeographs = 0x20000;
constexpr char32_t kEndOfIdeographs = 0x40000;

// Scripts without spaces between words; of these, what is a letter, mark or
// digit.
constexpr struct {
  char32_t first, last;
} kUnspaced[] = {
    {0x0E00, 0x0EFF},    // Thai, Lao
    {0x1000, 0x109F},    // Myanmar
    {0x1780, 0x17FF},    // Khmer
    {0x2E80, 0xA4CF},    // Han, Kana, Bopomofo, Yi
    {0xF900, 0xFAFF},    // Han for compatibility
    {0xFF66, 0xFF9F},    // Kana of half width
    {0x16FE0, 0x1B2FF},  // Tangut, Khitan, Kana
};

// ---- minima ----------------------------------------------------------------

constexpr std::size_t kMinima =
    std::tuple_size_v<decltype(TextSignature::minima)>;

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
// loops, over as many lanes as registers hold, so that the compiler vectorises.
inline __attribute__((always_inline)) void lower(
    Least& minima, std::span<const std::uint32_t> pairs) {
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

using Lower = void (*)(Least&, std::span<const std::uint32_t>);

void lower_anywhere(Least& minima, std::span<const std::uint32_t> pairs) {
  lower(minima, pairs);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void lower_avx2(
    Least& minima, std::span<const std::uint32_t> pairs) {
  lower(minima, pairs);
}
#endif

Lower fastest_lower() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return lower_avx2;
#endif
  return lower_anywhere;
}

// The minima of what pairs of words, as 32-bit hashes, hash to.
class Minima {
 public:
  Minima() { minima_.fill(std::numeric_limits<std::int32_t>::max()); }

  void add(std::uint32_t pair) {
    pairs_[count_++] = pair;
    if (count_ == pairs_.size()) flush();
  }

  std::array<std::uint8_t, kMinima> finish() {
    flush();
    std::array<std::uint8_t, kMinima> bytes;
    for (std::size_t i = 0; i < kMinima; ++i)
      bytes[i] = static_cast<std::uint8_t>(
          mix(static_cast<std::uint32_t>(minima_[i])) >> 24);
    return bytes;
  }

 private:
  void flush() {
    lower_(minima_, std::span(pairs_).first(count_));
    count_ = 0;
  }

  Lower lower_ = fastest_lower();
  Least minima_;
  std::array<std::uint32_t, 256> pairs_;
  std::size_t count_ = 0;
};

}  // namespace

TextSigner::TextSigner() : folded_(kFirstPlaneOfIdeographs) {
  const CharClasses classes;
  constexpr auto kInWords =
      CharClasses::kLetter | CharClasses::kMark | CharClasses::kNumber;
  for (char32_t c = 0; c < folded_.size(); ++c)
    if (classes[c] & kInWords) folded_[c] = c;
  for (const Folding& run : kFoldings)
    for (std::int32_t i = 0; i < run.count; ++i) {
      const std::int32_t c = run.first + i * run.step;
      folded_[static_cast<std::size_t>(c)] =
          static_cast<std::uint32_t>(c + run.delta);
    }
  for (const auto& [first, last] : kUnspaced)
    for (char32_t c = first; c <= last; ++c)
      if (folded_[c]) folded_[c] |= kAlone;
}

TextSignature TextSigner::operator()(std::string_view text) const {
  TextSignature signature;
  Minima minima;
  std::uint64_t last = 0;  // word; 0 is the text's end
  auto pair_with = [&](std::uint64_t word) {
    minima.add(static_cast<std::uint32_t>(mix(std::rotl(last, 32) * 3 + word)));
    last = word;
  };
  auto end_word = [&](std::uint64_t word) {
    word = mix(word);
    ++signature.words;
    signature.sequence = (signature.sequence ^ word) * kOdd;
    signature.sequence ^= signature.sequence >> 32;
    pair_with(word);
  };
  std::uint64_t word = 0;  // that is being read; 0 between words
  for (std::size_t i = 0; i < text.size();) {
    std::uint32_t c;
    if (const auto byte = static_cast<unsigned char>(text[i]); byte < 0x80) {
      c = folded_[byte];
      ++i;
    } else {
      const char32_t code_point = take_code_point(text, i);
      c = code_point < kFirstPlaneOfIdeographs ? folded_[code_point]
          : code_point < kEndOfIdeographs      ? code_point | kAlone
                                               : 0;
    }
    if (c - 1 < kAlone - 1) {
      word = (word + c) * kOdd;
      continue;
    }
    if (word) end_word(word);
    word = 0;
    if (c) end_word(c * kOdd);
  }
  if (word) end_word(word);
  if (signature.words == 0) return signature;
  pair_with(0);
  signature.minima = minima.finish();
  return signature;
}

bool is_same_text(const TextSignature& a, const TextSignature& b) {
  return a.words > 0 && a.words == b.words && a.sequence == b.sequence &&
         a.minima == b.minima;
}

double similarity(const TextSignature& a, const TextSignature& b) {
  if (a.words == 0 || b.words == 0) return 0;
  if (is_same_text(a, b)) return 1;
  unsigned equal = 0;
  for (std::size_t i = 0; i < kMinima; ++i) equal += a.minima[i] == b.minima[i];
  // Of minima that differ, one in 256 has an equal byte.
  const double jaccard = std::max(0.0, (equal * 256.0 / kMinima - 1) / 255);
  const auto [fewer, more] = std::minmax(a.words, b.words);
  const double most = static_cast<double>(std::min(fewer, more - 1)) /
                      static_cast<double>(more);
  return std::min(most, std::sqrt(2 * jaccard / (1 + jaccard)));
}

// ---- the index -------------------------------------------------------------

namespace {

constexpr std::size_t kRows = 4;
constexpr std::size_t kBands = kMinima / kRows;

std::array<std::uint32_t, kBands> band_hashes(const TextSignature& signature) {
  std::array<std::uint32_t, kBands> hashes;
  for (std::size_t band = 0; band < kBands; ++band) {
    std::uint64_t key = band;
    for (std::size_t row = 0; row < kRows; ++row)
      key = key << 8 | signature.minima[band * kRows + row];
    hashes[band] = static_cast<std::uint32_t>(mix(key));
  }
  return hashes;
}

}  // namespace

NearDuplicates::NearDuplicates(double threshold)
    : threshold_(threshold), slots_(1024) {}

std::optional<NearDuplicates::Match> NearDuplicates::find(
    std::string_view text) const {
  return find(sign_(text));
}

// Visits each match, and one that agrees in several bands as many times.
template <typename Visit>
void NearDuplicates::for_each_match(const TextSignature& text,
                                    Visit visit) const {
  if (text.words == 0) return;
  const auto hashes = band_hashes(text);
  for (const std::uint32_t hash : hashes)
    __builtin_prefetch(&slots_[place_of(hash)]);
  for (const std::uint32_t hash : hashes)
    for (std::size_t i = place_of(hash); slots_[i].next_number;
         i = i + 1 == slots_.size() ? 0 : i + 1) {
      if (slots_[i].hash != hash) continue;
      const std::size_t number = slots_[i].next_number - 1;
      const double its_similarity = similarity(text, signature(number));
      if (its_similarity >= threshold_) visit(Match{number, its_similarity});
    }
}

std::optional<NearDuplicates::Match> NearDuplicates::find(
    const TextSignature& signature) const {
  std::optional<Match> best;
  for_each_match(signature, [&](const Match& match) {
    if (!best || match.similarity > best->similarity ||
        (match.similarity == best->similarity && match.number < best->number))
      best = match;
  });
  return best;
}

std::vector<NearDuplicates::Match> NearDuplicates::find_all(
    const TextSignature& signature) const {
  std::vector<Match> all;
  for_each_match(signature, [&](const Match& match) { all.push_back(match); });
  std::sort(all.begin(), all.end(),
            [](const Match& a, const Match& b) { return a.number < b.number; });
  all.erase(std::unique(all.begin(), all.end(),
                        [](const Match& a, const Match& b) {
                          return a.number == b.number;
                        }),
            all.end());
  return all;
}

std::size_t NearDuplicates::add(std::string_view text) {
  return add(sign_(text));
}

std::size_t NearDuplicates::add(const TextSignature& signature) {
  const std::size_t number = hold(signature);
  admit(number);
  return number;
}

std::size_t NearDuplicates::hold(std::string_view text) {
  return hold(sign_(text));
}

std::size_t NearDuplicates::hold(const TextSignature& signature) {
  if (size_ % kBlock == 0) blocks_.emplace_back().reserve(kBlock);
  blocks_.back().push_back(signature);
  return size_++;
}

// Texts of the same words agree in all bands, so that one tells.
bool NearDuplicates::has_same(const TextSignature& text) const {
  const std::uint32_t hash = band_hashes(text)[0];
  for (std::size_t i = place_of(hash); slots_[i].next_number;
       i = i + 1 == slots_.size() ? 0 : i + 1)
    if (slots_[i].hash == hash &&
        is_same_text(text, signature(slots_[i].next_number - 1)))
      return true;
  return false;
}

void NearDuplicates::admit(std::size_t number) {
  if (signature(number).words == 0 || has_same(signature(number))) return;
  used_slots_ += kBands;
  if (used_slots_ > slots_.size() / 4 * 3) resize(slots_.size() / 2 * 3);
  for (const std::uint32_t hash : band_hashes(signature(number)))
    insert({hash, static_cast<std::uint32_t>(number + 1)});
}

void NearDuplicates::reserve(std::size_t texts) {
  const std::size_t slots = texts * kBands / 3 * 4 + 4;
  if (slots > slots_.size()) resize(slots);
}

void NearDuplicates::insert(Slot slot) {
  std::size_t i = place_of(slot.hash);
  while (slots_[i].next_number) i = i + 1 == slots_.size() ? 0 : i + 1;
  slots_[i] = slot;
}

void NearDuplicates::resize(std::size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  for (const Slot& slot : old)
    if (slot.next_number) insert(slot);
}

}  // namespace mill
