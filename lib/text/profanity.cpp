#include "lib/text/profanity.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "lib/base/ascii.h"
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

// Calls visit with a hash of each word, as Words has them.
template <typename Visit>
void for_each_hash(std::string_view text, Visit visit) {
  std::uint64_t hash = 0;  // 0 between words
  for (const char c : text) {
    const char small = ascii_lower(c);
    const bool is_one = is_in_word(small);
    if (hash && !is_one) visit(mix(hash));
    // Without a branch for the word's beginning, which none can foresee.
    hash = is_one ? (hash + static_cast<unsigned char>(small)) * kOdd : 0;
  }
  if (hash) visit(mix(hash));
}

}  // namespace

Profanity::Profanity() : beginnings_(kSlots) {
  std::string_view rest = embedded_profanity();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const Words words(line);
    if (line.starts_with('#') || words.size() == 0) continue;
    listed_.emplace(words.phrase(0, words.size()));
    std::uint64_t before = 0, two = 0;
    for_each_hash(words.phrase(0, std::min<std::size_t>(words.size(), 2)),
                  [&](std::uint64_t hash) {
                    two = mix(before) ^ hash;
                    before = hash;
                  });
    std::size_t at = two % kSlots;
    while (beginnings_[at] && beginnings_[at] != two) at = (at + 1) % kSlots;
    beginnings_[at] = two;
    std::size_t& longest =
        longest_.emplace(words.phrase(0, 1), 0).first->second;
    longest = std::max(longest, words.size());
  }
  if (listed_.size() > kSlots / 2)
    throw std::length_error("share/profanity.txt: too long for its table");
}

bool Profanity::may_be_in(std::string_view text) const {
  const auto is_listed = [&](std::uint64_t beginning) {
    std::size_t at = beginning % kSlots;
    while (beginnings_[at] && beginnings_[at] != beginning)
      at = (at + 1) % kSlots;
    return beginnings_[at] != 0;
  };
  bool may_be = false;
  std::uint64_t before = 0;
  for_each_hash(text, [&](std::uint64_t hash) {
    may_be = may_be || is_listed(hash) || is_listed(mix(before) ^ hash);
    before = hash;
  });
  return may_be;
}

double Profanity::share_in(std::string_view text) const {
  if (!may_be_in(text)) return 0;
  const Words words(text);
  std::size_t found = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto longest = longest_.find(words.phrase(i, 1));
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
