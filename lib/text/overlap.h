// overlap.h - whether a text holds part of another, word for word: for example
// a test's question in what a model is trained on.
//
//   mill::Overlap tests(13);
//   tests.add(question, number);
//   if (const auto number = tests.find(text)) ... text holds part of it
//
// GPT-3 was checked against its benchmarks in this way, with 13 words or the
// benchmark's fifth percentile, whichever is fewer, but at least 8 (Brown et
// al. 2020, arXiv:2005.14165, appendix C); Llama 2 with more than 10 tokens
// (Touvron et al. 2023, arXiv:2307.09288, appendix A.6), Llama 3 with 8 (Dubey
// et al. 2024, arXiv:2407.21783, section 5.1.4). Words are those of words.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/text/words.h"

namespace mill {

class Overlap {
 public:
  // A text of fewer words is never found: too many texts would hold it by
  // chance.
  static constexpr std::size_t kLeastWords = 8;

  // REQUIRES: words is at least kLeastWords.
  explicit Overlap(std::size_t words) : most_(words) {}

  // From now on the text is found by any `words` words of it in a row, or, if
  // it has fewer, by all of them. False if it has fewer than kLeastWords.
  bool add(std::string_view text, std::uint32_t number);

  // The number of an added text of which text holds so many words in a row; of
  // several, the one whose words come first.
  std::optional<std::uint32_t> find(std::string_view text);

 private:
  template <typename Visit>
  void for_each_run(std::size_t words, Visit visit) const;

  std::size_t most_;
  std::vector<Word> words_;
  std::vector<std::size_t> lengths_;  // of the runs, ascending
  // By a run's hash the least number of a text that has it.
  std::unordered_map<std::uint64_t, std::uint32_t> runs_;
};

}  // namespace mill
