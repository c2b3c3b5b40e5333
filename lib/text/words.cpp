#include "lib/text/words.h"

#include "lib/base/utf8.h"
#include "lib/text/mix.h"
#include "lib/tokens/text_pieces.h"

namespace mill {

namespace {

// A run of code points that fold to themselves plus delta.
struct Folding {
  std::int32_t first, count, step, delta;
};

constexpr Folding kFoldings[] = {
#include "lib/text/case_folding.inc"
};

// Entries of traits_: the folded code point and these bits; 0 for what is no
// part of a word.
constexpr std::uint32_t kAlone = 1U << 31;  // a word by itself
constexpr std::uint32_t kUpper = 1U << 30;
constexpr std::uint32_t kNumber = 1U << 29;
constexpr std::uint32_t kFolded = kNumber - 1;

// Beyond it are only ideographs, and after them no letters.
constexpr char32_t kFirstPlaneOfIdeographs = 0x20000;
constexpr char32_t kEndOfIdeographs = 0x40000;

// Scripts without spaces between words; of these, the letters, marks and
// digits.
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

// Numbers in letters, and words that reverse what a sentence says.
constexpr std::string_view kTelling[] = {
    "zero",     "two",     "three",  "four",    "five",    "six",
    "seven",    "eight",   "nine",   "ten",     "eleven",  "twelve",
    "thirteen", "fifteen", "twenty", "thirty",  "forty",   "fifty",
    "sixty",    "seventy", "eighty", "ninety",  "hundred", "thousand",
    "million",  "billion", "first",  "second",  "third",   "fourth",
    "fifth",    "once",    "twice",  "double",  "half",    "yes",
    "no",       "not",     "never",  "nor",     "neither", "none",
    "nobody",   "nothing", "cannot", "without", "always",  "t",
};
constexpr std::size_t kTellingSlots = 1024;

constexpr std::size_t kLongWord = 8;

// What a sentence may begin after.
bool ends_sentence(char c) {
  return c == '.' || c == '!' || c == '?' || c == ':' || c == '\n';
}

constexpr std::uint64_t add_to_hash(std::uint64_t hash, std::uint32_t c) {
  return (hash + c) * kOdd;
}

constexpr std::uint64_t kPronoun = add_to_hash(0, 'i');  // it names nothing

// What is known of characters and words: 0.5 MB, made at the first use.
class Tables {
 public:
  Tables();

  std::uint32_t traits_of(char32_t c) const {
    return c < kFirstPlaneOfIdeographs ? traits_[c]
           : c < kEndOfIdeographs      ? c | kAlone
                                       : 0;
  }
  bool is_telling(std::uint64_t hash) const {
    for (std::size_t at = hash % kTellingSlots; telling_[at];
         at = (at + 1) % kTellingSlots)
      if (telling_[at] == hash) return true;
    return false;
  }

 private:
  std::vector<std::uint32_t> traits_;   // by code point
  std::vector<std::uint64_t> telling_;  // hashes, at their lowest bits
};

Tables::Tables() : traits_(kFirstPlaneOfIdeographs), telling_(kTellingSlots) {
  const CharClasses classes;
  constexpr auto kInWords =
      CharClasses::kLetter | CharClasses::kMark | CharClasses::kNumber;
  for (char32_t c = 0; c < traits_.size(); ++c)
    if (classes[c] & kInWords) traits_[c] = c;
  for (const Folding& run : kFoldings)
    for (std::int32_t i = 0; i < run.count; ++i) {
      const std::int32_t c = run.first + i * run.step;
      traits_[static_cast<std::size_t>(c)] =
          static_cast<std::uint32_t>(c + run.delta);
    }
  for (char32_t c = 0; c < traits_.size(); ++c) {
    if (classes[c] & CharClasses::kUpper) traits_[c] |= kUpper;
    if (classes[c] & CharClasses::kNumber) traits_[c] |= kNumber;
  }
  for (const auto& [first, last] : kUnspaced)
    for (char32_t c = first; c <= last; ++c)
      if (traits_[c]) traits_[c] |= kAlone;
  for (const std::string_view word : kTelling) {
    std::uint64_t hash = 0;
    for (const char c : word)
      hash = add_to_hash(hash, static_cast<unsigned char>(c));
    std::size_t at = mix(hash) % kTellingSlots;
    while (telling_[at]) at = (at + 1) % kTellingSlots;
    telling_[at] = mix(hash);
  }
}

const Tables& tables() {
  static const Tables made;
  return made;
}

// Calls on_character(traits) for each character of a word, and on_end(hash,
// kind) after its last.
template <typename OnCharacter, typename OnEnd>
inline __attribute__((always_inline)) void scan(std::string_view text,
                                                OnCharacter on_character,
                                                OnEnd on_end) {
  const Tables& known = tables();
  std::uint64_t hash = 0;  // of the word that is being read; 0 between words
  std::size_t length = 0;
  bool has_number = false, is_capitalized = false;
  bool begins_sentence = true, is_in_link = false;
  const auto end_word = [&] {
    if (!hash) return;
    if (hash == kPronoun) is_capitalized = false;
    hash = mix(hash);
    const bool is_telling = has_number || is_in_link ||
                            (is_capitalized && !begins_sentence) ||
                            known.is_telling(hash);
    on_end(hash, is_telling            ? WordKind::kTelling
                 : length >= kLongWord ? WordKind::kLong
                                       : WordKind::kPlain);
    hash = 0;
    begins_sentence = false;
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    std::uint32_t c;
    if (byte < 0x80) {
      c = known.traits_of(byte);
      ++i;
      if (!c) {
        end_word();
        if (ends_sentence(text[i - 1])) begins_sentence = true;
        if (byte == '[' && i < text.size() && text[i] == '[') is_in_link = true;
        if (byte == ']') is_in_link = false;
        continue;
      }
    } else {
      c = known.traits_of(take_code_point(text, i));
      if (!c) {
        end_word();
        continue;
      }
    }
    if (c & kAlone) end_word();
    if (!hash) {
      length = 0;
      has_number = false;
      is_capitalized = (c & kUpper) != 0;
    }
    has_number |= (c & kNumber) != 0;
    ++length;
    hash = add_to_hash(hash, c & kFolded);
    on_character(c & kFolded);
    if (c & kAlone) end_word();
  }
  end_word();
}

}  // namespace

std::uint64_t read_words(std::string_view text, std::vector<Word>& words) {
  words.clear();
  std::uint64_t sequence = 0;
  scan(
      text, [](std::uint32_t) {},
      [&](std::uint64_t hash, WordKind kind) {
        words.emplace_back(hash, kind);
        sequence = (sequence ^ hash) * kOdd;
        sequence ^= sequence >> 32;
      });
  return sequence;
}

std::string spell_words(std::string_view text) {
  std::string out;
  scan(
      text, [&](std::uint32_t c) { append_utf8(out, c); },
      [&](std::uint64_t, WordKind) { out += ' '; });
  if (!out.empty()) out.pop_back();
  return out;
}

}  // namespace mill
