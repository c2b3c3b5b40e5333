#include "lib/text/profanity.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/base/first_words.h"
#include "lib/base/runs.h"
#include "lib/text/mix.h"

namespace mill {

namespace {

bool is_in_word(char c) {
  return is_ascii_lower(c) || is_ascii_digit(c) || c == '\'' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The words of a text in lower case, without what stands between them.
class Words {
 public:
  explicit Words(std::string_view text) {
    text_.reserve(text.size());
    bool in_word = false;
    for (const char c : text) {
      const char small = ascii_lower(c);
      const bool is_one = is_in_word(small);
      if (is_one && !in_word) {
        if (!text_.empty()) text_ += ' ';
        starts_.push_back(text_.size());
      }
      if (is_one) text_ += small;
      in_word = is_one;
    }
    starts_.push_back(text_.size() + 1);
  }

  std::size_t size() const { return starts_.size() - 1; }
  // The words from first on, with a blank between them.
  std::string_view phrase(std::size_t first, std::size_t count) const {
    const std::size_t begin = starts_[first];
    return std::string_view(text_).substr(begin,
                                          starts_[first + count] - begin - 1);
  }

 private:
  std::string text_;
  std::vector<std::size_t> starts_;  // and one for a word after the last
};

}  // namespace

namespace {

// What is known of a word by its head, or of two next to each other.
std::uint64_t beginning_of(std::uint64_t head) { return mix(head); }
std::uint64_t beginning_of(std::uint64_t first, std::uint64_t second) {
  return mix(mix(first) ^ second);
}

}  // namespace

Profanity::Profanity() : beginnings_(kSlots) {
  std::string_view rest = embedded_profanity();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const Words words(line);
    if (line.starts_with('#') || words.size() == 0) continue;
    const std::string_view phrase = words.phrase(0, words.size());
    listed_.emplace(phrase);
    const std::vector<TextWord> spelled = words_of(phrase);
    if (spelled.size() != words.size())
      throw std::invalid_argument("share/profanity.txt: a word is not ASCII");
    const std::uint64_t beginning =
        spelled.size() == 1 ? beginning_of(spelled[0].head)
                            : beginning_of(spelled[0].head, spelled[1].head);
    std::size_t at = beginning % kSlots;
    while (beginnings_[at] && beginnings_[at] != beginning)
      at = (at + 1) % kSlots;
    beginnings_[at] = beginning;
    marks_[beginning_of(spelled[0].head) % kSlots] |=
        spelled.size() == 1 ? kIsListed : kBeginsPhrase;
    keys_.set(spelled[0].key);
    std::size_t& longest =
        longest_.emplace(words.phrase(0, 1), 0).first->second;
    longest = std::max(longest, words.size());
  }
  if (listed_.size() > kSlots / 2)
    throw std::length_error("share/profanity.txt: too long for its table");
}

bool Profanity::may_be_in(const Subject& subject) const {
  const auto is_listed = [&](std::uint64_t beginning) {
    std::size_t at = beginning % kSlots;
    while (beginnings_[at] && beginnings_[at] != beginning)
      at = (at + 1) % kSlots;
    return beginnings_[at] != 0;
  };
  std::uint64_t before = 0;
  std::uint8_t mark_before = 0;
  const auto is_found = [&](std::uint64_t head) {
    const std::uint64_t alone = beginning_of(head);
    const std::uint8_t mark = marks_[alone % kSlots];
    const bool is = ((mark & kIsListed) && is_listed(alone)) ||
                    ((mark_before & kBeginsPhrase) &&
                     is_listed(beginning_of(before, head)));
    before = head;
    mark_before = mark;
    return is;
  };
  const std::string_view text = subject.text();
  const char* const end = text.data() + text.size();
  // Here, and not in patterns, it is of no word.
  const bool has_underscore = subject.trigrams().has_byte('_');
  for (const TextWord& word : subject.words()) {
    if (!has_underscore) {
      if (is_found(word.head)) return true;
      continue;
    }
    if (word.size == TextWord::kMostSize) return true;
    const std::string_view spelled = text.substr(word.begin, word.size);
    bool is_one = false;
    for_each_run(
        spelled, [](char c) { return c != '_'; },
        [&](std::string_view part) {
          is_one = is_one || is_found(head_of(part, end));
        });
    if (is_one) return true;
  }
  return false;
}

double Profanity::share_in(const Subject& text) const {
  if (!may_be_in(text)) return 0;
  const Words words(text.text());
  std::size_t found = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words.phrase(i, 1);
    if (!keys_[FirstWords::key(word)]) continue;
    const auto longest = longest_.find(word);
    if (longest == longest_.end()) continue;
    const std::size_t most = std::min(longest->second, words.size() - i);
    for (std::size_t n = 1; n <= most; ++n) {
      if (!listed_.contains(words.phrase(i, n))) continue;
      found += n;
      i += n - 1;
      break;
    }
  }
  return static_cast<double>(found) /
         static_cast<double>(std::max<std::size_t>(words.size(), 1));
}

}  // namespace mill
