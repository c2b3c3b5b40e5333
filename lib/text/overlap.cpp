#include "lib/text/overlap.h"

#include <algorithm>

#include "lib/text/mix.h"

namespace mill {

// Calls visit(end, hash) for each run of so many words of words_ until it
// returns true. The hash is a polynomial in kOdd, so that each run's follows
// from the one before.
template <typename Visit>
void Overlap::for_each_run(std::size_t words, Visit visit) const {
  std::uint64_t first_weight = 1, hash = 0;
  for (std::size_t i = 1; i < words; ++i) first_weight *= kOdd;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    hash = hash * kOdd + mix(words_[i].id() + 1);
    if (i + 1 < words) continue;
    if (visit(i, mix(hash ^ words))) return;
    hash -= mix(words_[i + 1 - words].id() + 1) * first_weight;
  }
}

bool Overlap::add(std::string_view text, std::uint32_t number) {
  read_words(text, words_);
  const std::size_t length = std::min(most_, words_.size());
  if (length < kLeastWords) return false;
  const auto at = std::lower_bound(lengths_.begin(), lengths_.end(), length);
  if (at == lengths_.end() || *at != length) lengths_.insert(at, length);
  for_each_run(length, [&](std::size_t, std::uint64_t hash) {
    std::uint32_t& least = runs_.try_emplace(hash, number).first->second;
    least = std::min(least, number);
    return false;
  });
  return true;
}

std::optional<std::uint32_t> Overlap::find(std::string_view text) {
  if (runs_.empty()) return std::nullopt;
  read_words(text, words_);
  std::size_t first = words_.size();
  std::optional<std::uint32_t> found;
  for (const std::size_t length : lengths_)
    for_each_run(length, [&](std::size_t end, std::uint64_t hash) {
      if (end >= first) return true;
      const auto run = runs_.find(hash);
      if (run == runs_.end()) return false;
      first = end;
      found = run->second;
      return true;
    });
  return found;
}

}  // namespace mill
