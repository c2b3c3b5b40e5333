#include "lib/base/first_words.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/runs.h"

namespace mill {

namespace {

// Numbers of the characters of words, in either case; 0 for others.
constexpr std::array<std::uint8_t, 256> make_codes() {
  std::array<std::uint8_t, 256> codes{};
  std::uint8_t code = 0;
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789_"))
    codes[static_cast<unsigned char>(c)] = ++code;
  for (char c = 'A'; c <= 'Z'; ++c)
    codes[static_cast<unsigned char>(c)] =
        codes[static_cast<unsigned char>(ascii_lower(c))];
  return codes;
}

constexpr std::array<std::uint8_t, 256> kCodes = make_codes();

std::uint8_t code_of(char c) { return kCodes[static_cast<unsigned char>(c)]; }

// Whether it has a number, without a table.
bool is_in_word(char c) { return is_ascii_alphanumeric(c) | (c == '_'); }

}  // namespace

std::uint16_t FirstWords::key(std::string_view word) {
  const std::uint8_t second = word.size() > 1 ? code_of(word[1]) : 0;
  return static_cast<std::uint16_t>(code_of(word[0]) * kFirsts + second);
}

MILL_WIDE void find_words(std::string_view text, std::vector<TextWord>& words) {
  words.clear();
  words.reserve(text.size() / 4);
  const char* const end = text.data() + text.size();
  for_each_run(text, is_in_word, [&](std::string_view word) {
    words.push_back(
        {head_of(word, end),
         static_cast<std::uint32_t>(word.data() - text.data()),
         static_cast<std::uint16_t>(std::min(word.size(), TextWord::kMostSize)),
         FirstWords::key(word)});
  });
}

std::vector<TextWord> words_of(std::string_view text) {
  std::vector<TextWord> words;
  find_words(text, words);
  return words;
}

FirstWords::FirstWords(std::vector<FirstWord> words)
    : words_(std::move(words)) {
  const auto first_of = [](const FirstWord& word) {
    return code_of(word.text[0]);
  };
  std::sort(words_.begin(), words_.end(),
            [&](const FirstWord& a, const FirstWord& b) {
              return first_of(a) < first_of(b);
            });
  for (std::size_t i = 0; i < words_.size(); ++i)
    ++begins_[first_of(words_[i]) + std::size_t{1}];
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
  for (const FirstWord& word : words_) {
    if (word.text.size() > 1 || word.is_whole) {
      keys_.set(key(word.text));
      continue;
    }
    for (std::size_t second = 0; second < kFirsts; ++second)
      keys_.set(key(word.text) + second);
  }
}

bool FirstWords::is_one(const TextWord& word, std::string_view text) const {
  const std::string_view there = text.substr(word.begin, word.size);
  const std::size_t first = word.key / kFirsts;
  const auto all = words_.begin();
  return std::any_of(
      all + begins_[first], all + begins_[first + 1],
      [&](const FirstWord& one) {
        return (one.is_whole ? there.size() == one.text.size()
                             : there.size() >= one.text.size()) &&
               std::equal(one.text.begin(), one.text.end(), there.begin(),
                          [](char a, char b) { return a == ascii_lower(b); });
      });
}

}  // namespace mill
