#include "lib/text/repetition.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/base/first_eight.h"
#include "lib/base/runs.h"
#include "lib/base/utf8.h"
#include "lib/pii/code.h"
#include "lib/text/mix.h"

namespace mill {

namespace {

using Parts = std::vector<std::string_view>;

// Those that are not empty.
Parts lines_of(std::string_view text) {
  Parts lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

// A hash of a word of a text that ends there.
std::uint64_t hash_of(std::string_view word, const char* text_end) {
  std::uint64_t hash = word.size();
  for (; word.size() > 8; word.remove_prefix(8))
    hash = mix(hash ^ first_eight(word, text_end));
  return mix(hash ^ first_eight(word, text_end));
}

bool has_letter(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) {
    return is_ascii_letter(c) || static_cast<unsigned char>(c) >= 0x80;
  });
}

// The lines with a letter that stood there before.
struct RepeatedLines {
  std::size_t count = 0, bytes = 0;

  explicit RepeatedLines(Parts lines) {
    std::erase_if(lines,
                  [](std::string_view line) { return !has_letter(line); });
    std::sort(lines.begin(), lines.end(),
              [](std::string_view a, std::string_view b) {
                return a.size() != b.size() ? a.size() < b.size() : a < b;
              });
    for (std::size_t i = 1; i < lines.size(); ++i) {
      if (lines[i] != lines[i - 1]) continue;
      ++count;
      bytes += lines[i].size();
    }
  }
};

double share(std::size_t part, std::size_t of) {
  return static_cast<double>(part) /
         static_cast<double>(std::max<std::size_t>(of, 1));
}

std::size_t sum_of_sizes(const Parts& parts) {
  std::size_t sum = 0;
  for (const std::string_view part : parts) sum += part.size();
  return sum;
}

// The words from first on, as they stand in the text.
std::string_view run(const Parts& words, std::size_t first, std::size_t count) {
  const std::string_view last = words[first + count - 1];
  return {words[first].data(),
          static_cast<std::size_t>(last.data() + last.size() -
                                   words[first].data())};
}

// The runs of n words that a text has more than once, for n from 2 on.
class Runs {
 public:
  explicit Runs(const Parts& words) : words_(words) {
    std::vector<Run> runs;
    runs.reserve(words.size());
    const char* const end =
        words.empty() ? nullptr : words.back().data() + words.back().size();
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::uint64_t hash = hash_of(words[i], end);
      if (i > 0) runs.push_back({mix(before) ^ hash, i - 1});
      before = hash;
    }
    number(runs, [&](const Run& a, const Run& b) {
      return text_at(a.at) == text_at(b.at);
    });
  }

  std::size_t words() const { return n_; }
  // Whether no run stands there more than once.
  bool empty() const { return most_in_text_.size() == 1; }

  // From runs of n words to those of n + 1. One that stands twice begins and
  // ends with runs that do.
  void lengthen() {
    ++n_;
    std::vector<Run> runs;
    for (std::size_t i = 0; i + n_ <= words_.size(); ++i)
      if (numbers_[i] && numbers_[i + 1])
        runs.push_back({std::uint64_t{numbers_[i]} << 32 | numbers_[i + 1], i});
    number(runs, [](const Run&, const Run&) { return true; });
  }

  // The bytes of the words that are in a run that stood before.
  std::size_t repeated() const {
    std::vector<bool> seen(most_in_text_.size());
    std::size_t repeated = 0;
    for (std::size_t i = 0; i + n_ <= words_.size();) {
      const std::size_t number = numbers_[i];
      if (number == 0 || !seen[number]) {
        seen[number] = true;
        ++i;
        continue;
      }
      for (const std::size_t end = i + n_; i < end; ++i)
        repeated += words_[i].size();
    }
    return repeated;
  }

  // The bytes of the run that takes the most of the text, but for n - 1 blanks.
  std::size_t most_in_one() const {
    return *std::max_element(most_in_text_.begin(), most_in_text_.end());
  }

 private:
  // The run at a word, and what it is known by: others that are known by the
  // same may be other runs.
  struct Run {
    std::uint64_t key;
    std::size_t at;
  };
  std::string_view text_at(std::size_t i) const { return run(words_, i, n_); }

  // Runs that stand there once have the number 0.
  template <typename IsSame>
  void number(const std::vector<Run>& runs, IsSame is_same) {
    numbers_.assign(words_.size(), 0);
    most_in_text_.assign(1, 0);
    // Where each run stands first, by key: an index into runs, and one.
    std::vector<std::uint32_t> firsts(std::bit_ceil(2 * runs.size() + 1));
    for (std::uint32_t i = 0; i < runs.size(); ++i) {
      std::size_t slot = mix(runs[i].key) & (firsts.size() - 1);
      while (firsts[slot] && !(runs[firsts[slot] - 1].key == runs[i].key &&
                               is_same(runs[firsts[slot] - 1], runs[i])))
        slot = (slot + 1) & (firsts.size() - 1);
      if (!firsts[slot]) {
        firsts[slot] = i + 1;
        continue;
      }
      const std::size_t first = runs[firsts[slot] - 1].at;
      const std::size_t bytes = text_at(first).size() - (n_ - 1);
      if (!numbers_[first]) {
        numbers_[first] = static_cast<std::uint32_t>(most_in_text_.size());
        most_in_text_.push_back(bytes);
      }
      numbers_[runs[i].at] = numbers_[first];
      most_in_text_[numbers_[first]] += bytes;
    }
  }

  const Parts& words_;
  std::size_t n_ = 2;
  std::vector<std::uint32_t> numbers_;     // of the run that begins at a word
  std::vector<std::size_t> most_in_text_;  // bytes that a run takes, by number
};

// The share of the lines that end in an ellipsis.
double share_of_trailing(std::string_view text) {
  const Parts lines = lines_of(text);
  const auto trailing =
      std::count_if(lines.begin(), lines.end(), [](std::string_view line) {
        return line.ends_with("...") || line.ends_with("…");
      });
  return share(static_cast<std::size_t>(trailing), lines.size());
}

// How often the text has it.
std::size_t count(const Subject& text, std::string_view part) {
  std::size_t found = 0;
  if (!text.trigrams().may_have(part)) return 0;
  for (std::size_t at = 0;
       (at = text.text().find(part, at)) != std::string::npos;
       at += part.size())
    ++found;
  return found;
}

// Whether the words are of a text that has "lorem ipsum", in either case.
bool has_lorem_ipsum(const Parts& words) {
  constexpr std::string_view kFirst = "lorem", kSecond = "ipsum";
  const auto is = [](std::string_view text, std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return ascii_lower(a) == b; });
  };
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string_view first = words[i - 1], second = words[i];
    if (first.size() >= kFirst.size() && second.size() >= kSecond.size() &&
        second.data() == first.data() + first.size() + 1 &&
        second.data()[-1] == ' ' &&
        is(first.substr(first.size() - kFirst.size()), kFirst) &&
        is(second.substr(0, kSecond.size()), kSecond))
      return true;
  }
  return false;
}

// Whether a text that is all prose is mostly symbols, or nothing.
bool is_symbols(const Subject& subject, const Parts& all) {
  const std::string_view text = subject.text();
  const bool has_link = subject.trigrams().may_have("://");
  std::size_t words = all.size(), with_letter = 0;
  // All but blanks, which are of one byte.
  std::size_t characters =
      count_code_points(text) - (text.size() - sum_of_sizes(all));
  for (const std::string_view word : all) {
    if (has_link && word.find("://") != word.npos) {
      --words;
      characters -= count_code_points(word);
    } else {
      with_letter += has_letter(word) ? 1 : 0;
    }
  }
  const std::size_t ellipses = count(subject, "...") + count(subject, "…");
  const double mean = share(characters, words);
  return words == 0 || share(with_letter, words) < 0.8 ||
         share(count(subject, "#") + ellipses, words) > 0.1 ||
         (ellipses > 0 && share_of_trailing(text) > 0.3) || mean < 3 ||
         mean > 10 ||
         (subject.trigrams().may_have("lorem ipsum") && has_lorem_ipsum(all));
}

}  // namespace

Parts split_words(std::string_view text) {
  Parts words;
  words.reserve(text.size() / 4);
  const char* begin = text.data();
  const auto end_word = [&](const char* end) {
    if (end != begin)
      words.emplace_back(begin, static_cast<std::size_t>(end - begin));
    begin = end + 1;
  };
  for_each_mask(
      text, [](char c) { return static_cast<unsigned char>(c) <= ' '; },
      [&](const char* block, std::uint64_t mask) {
        for (; mask != 0; mask &= mask - 1) {
          const char* const at = block + std::countr_zero(mask);
          if (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')
            end_word(at);
        }
      });
  end_word(text.data() + text.size());
  return words;
}

bool is_repetitive(std::string_view text, const Parts& words) {
  const auto all = static_cast<double>(sum_of_sizes(words));
  const Parts lines = lines_of(text);
  const RepeatedLines repeated(lines);
  if (static_cast<double>(repeated.count) >
          0.3 * static_cast<double>(lines.size()) ||
      static_cast<double>(repeated.bytes) >
          0.2 * static_cast<double>(sum_of_sizes(lines)))
    return true;
  Runs runs(words);
  double limit = 0.20;
  for (; runs.words() <= 4 && !runs.empty(); runs.lengthen(), limit -= 0.02)
    if (words.size() >= 50 &&
        static_cast<double>(runs.most_in_one()) > limit * all)
      return true;
  limit = 0.15;
  for (; runs.words() <= 10 && !runs.empty(); runs.lengthen(), limit -= 0.01)
    if (static_cast<double>(runs.repeated()) > limit * all) return true;
  return false;
}

bool is_mostly_symbols(const Subject& whole, const Parts& words_of_whole) {
  internal::Code code(whole.text());
  if (code.is_empty()) return is_symbols(whole, words_of_whole);
  const Subject prose(code.prose());
  const Parts words = split_words(prose.text());
  return !words.empty() && is_symbols(prose, words);
}

}  // namespace mill
