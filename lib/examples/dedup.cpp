#include "lib/examples/dedup.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "lib/base/exit.h"

namespace mill {

std::string_view name_of(RepeatKind kind) {
  switch (kind) {
    case RepeatKind::kExact: return "exact";
    case RepeatKind::kNormalized: return "normalized";
    case RepeatKind::kOverlap: return "overlap";
    case RepeatKind::kNear: break;
  }
  return "near";
}

void Dedup::add(const DedupKey& key) {
  if (records_.size() >= std::numeric_limits<std::uint32_t>::max() - 1)
    throw Exit(EX_DATAERR, "more than 4294967294 records");
  records_.push_back({key.text_high, key.text_low, key.is_published,
                      key.confidence, key.time, key.id, key.bytes, key.record,
                      key.overlaps ? *key.overlaps + 1 : 0});
  if (near_ < 1) texts_.add(key.sequence, key.words);
}

void Dedup::add(std::string_view text, const RecordRank& rank) {
  make_key(text, rank, key_);
  if (near_ < 1) key_.sequence = read_words(text, key_.words);
  add(key_);
}

bool Dedup::is_exact(std::uint32_t a, std::uint32_t b) const {
  return records_[a].text_high == records_[b].text_high &&
         records_[a].text_low == records_[b].text_low;
}

std::vector<std::uint32_t> Dedup::best_first() const {
  std::vector<std::uint32_t> order(records_.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto key = [&](std::uint32_t number) {
    const Record& record = records_[number];
    return std::tuple(!record.is_published, -record.confidence, record.time,
                      record.id, record.bytes, record.hash, record.text_high,
                      record.text_low, number);
  };
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return key(a) < key(b); });
  return order;
}

// For each record the best one with the same text, which may be itself.
std::vector<std::uint32_t> Dedup::first_of_same_text(
    const std::vector<std::uint32_t>& order) const {
  std::vector<std::uint32_t> by_text = order;
  std::stable_sort(by_text.begin(), by_text.end(),
                   [&](std::uint32_t a, std::uint32_t b) {
                     const Record &left = records_[a], &right = records_[b];
                     return std::tie(left.text_high, left.text_low) <
                            std::tie(right.text_high, right.text_low);
                   });
  std::vector<std::uint32_t> first(order.size());
  std::uint32_t best = 0;
  for (const std::uint32_t number : by_text) {
    if (number == by_text.front() || !is_exact(number, best)) best = number;
    first[number] = best;
  }
  return first;
}

void Dedup::prepare() {
  if (near_ == 1) return;
  texts_.sign();
  index_.reserve(records_.size());
}

std::vector<Repeat> Dedup::repeats() {
  const std::vector<std::uint32_t> order = best_first();
  const std::vector<std::uint32_t> first = first_of_same_text(order);
  prepare();
  std::vector<Repeat> repeats;
  // For each removed record, its place in repeats: another record with the same
  // text, which is never better and so comes later, repeats the same one.
  std::vector<std::uint32_t> repeat_of(records_.size(), 0);  // index plus 1
  for (const std::uint32_t number : order) {
    if (records_[number].is_published) {
      if (near_ < 1 && first[number] == number) index_.admit(number);
      continue;
    }
    if (const std::uint32_t of = records_[number].overlaps) {
      repeats.push_back({number, of - 1, RepeatKind::kOverlap, 1});
    } else if (first[number] != number) {
      const std::uint32_t its = repeat_of[first[number]];
      repeats.push_back(
          its ? repeats[its - 1]
              : Repeat{number, first[number], RepeatKind::kExact, 1});
      repeats.back().number = number;
    } else if (near_ < 1) {
      if (const auto match = index_.find(number))
        repeats.push_back({number, static_cast<std::uint32_t>(match->number),
                           match->similarity == 1 ? RepeatKind::kNormalized
                                                  : RepeatKind::kNear,
                           match->similarity});
      else
        index_.admit(number);
    }
    if (!repeats.empty() && repeats.back().number == number)
      repeat_of[number] = static_cast<std::uint32_t>(repeats.size());
  }
  std::sort(
      repeats.begin(), repeats.end(),
      [](const Repeat& a, const Repeat& b) { return a.number < b.number; });
  return repeats;
}

std::vector<std::uint32_t> Dedup::clusters() {
  const std::vector<std::uint32_t> order = best_first();
  const std::vector<std::uint32_t> first = first_of_same_text(order);
  // Positions in order, so that the least is the best.
  std::vector<std::uint32_t> position(order.size()), parent(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) position[order[i]] = i;
  std::iota(parent.begin(), parent.end(), 0U);
  const auto root = [&](std::uint32_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  const auto join = [&](std::uint32_t a, std::uint32_t b) {
    a = root(a);
    b = root(b);
    parent[std::max(a, b)] = std::min(a, b);
  };
  prepare();
  for (const std::uint32_t number : order) {
    join(position[number], position[first[number]]);
    if (near_ == 1 || first[number] != number) continue;
    if (const auto same = index_.find_same(number)) {
      join(position[number], position[*same]);
      continue;
    }
    for (const std::size_t other : index_.candidates(number))
      if (root(position[number]) != root(position[other]) &&
          texts_.near(number, other, near_))
        join(position[number], position[other]);
    index_.admit(number);
  }
  std::vector<std::uint32_t> best(order.size());
  for (std::uint32_t number = 0; number < best.size(); ++number)
    best[number] = order[root(position[number])];
  return best;
}

}  // namespace mill
