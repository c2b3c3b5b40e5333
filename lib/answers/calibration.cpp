#include "lib/answers/calibration.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace mill {

namespace {

struct Pool {
  double confidence_sum = 0;
  std::uint64_t good = 0;
  std::uint64_t all = 0;

  double share() const {
    return static_cast<double>(good + 1) / static_cast<double>(all + 2);
  }
  double mean_confidence() const {
    return confidence_sum / static_cast<double>(all);
  }
  void add(const Pool& other) {
    confidence_sum += other.confidence_sum;
    good += other.good;
    all += other.all;
  }
  // Shares compared exactly, in whole numbers.
  bool is_above(const Pool& other) const {
    return good * other.all > other.good * all;
  }
};

void pool_violators(std::vector<Pool>& pools) {
  std::vector<Pool> kept;
  for (const Pool& pool : pools) {
    kept.push_back(pool);
    while (kept.size() > 1 && kept[kept.size() - 2].is_above(kept.back())) {
      const Pool last = kept.back();
      kept.pop_back();
      kept.back().add(last);
    }
  }
  pools = std::move(kept);
}

// Merges each pool that is too small into the one below, the first into the
// one above.
void merge_small(std::vector<Pool>& pools, std::uint64_t min_pool) {
  std::vector<Pool> kept;
  for (const Pool& pool : pools) {
    if (!kept.empty() && (pool.all < min_pool || kept.back().all < min_pool))
      kept.back().add(pool);
    else
      kept.push_back(pool);
  }
  pools = std::move(kept);
}

std::size_t bin_of(double confidence) {
  return std::min<std::size_t>(
      9, static_cast<std::size_t>(std::max(0.0, confidence) * 10 + 1e-9));
}

}  // namespace

Interval wilson_interval(std::uint64_t good, std::uint64_t all) {
  if (all == 0) return {0, 1};
  constexpr double z = 1.959963984540054;  // 97.5 % of a normal distribution
  const auto n = static_cast<double>(all);
  const double share = static_cast<double>(good) / n;
  const double scale = 1 + z * z / n;
  const double middle = (share + z * z / (2 * n)) / scale;
  const double reach =
      z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale;
  return {good == 0 ? 0 : middle - reach, good == all ? 1 : middle + reach};
}

std::array<ReliabilityBin, 10> reliability(const std::vector<Judged>& judged) {
  std::array<ReliabilityBin, 10> bins;
  for (const Judged& one : judged) {
    ReliabilityBin& bin = bins[bin_of(one.confidence)];
    ++bin.all;
    bin.good += one.is_good ? 1 : 0;
    bin.confidence_sum += one.confidence;
  }
  return bins;
}

double expected_calibration_error(const std::vector<Judged>& judged) {
  if (judged.empty()) return 0;
  double sum = 0;
  for (const ReliabilityBin& bin : reliability(judged))
    sum += static_cast<double>(bin.all) *
           std::abs(bin.share() - bin.mean_confidence());
  return sum / static_cast<double>(judged.size());
}

std::vector<Knot> isotonic_fit(std::vector<Judged> judged,
                               std::uint64_t min_pool) {
  std::sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) {
    return a.confidence < b.confidence;
  });
  std::vector<Pool> pools;
  double last = 0;
  for (const Judged& one : judged) {
    // Records of one confidence have one value of the map.
    if (pools.empty() || one.confidence != last) pools.emplace_back();
    pools.back().add({one.confidence, one.is_good ? 1u : 0u, 1});
    last = one.confidence;
  }
  pool_violators(pools);
  merge_small(pools, min_pool);
  std::vector<Knot> knots;
  double floor = 0;
  for (const Pool& pool : pools) {
    floor = std::max(floor, pool.share());
    knots.emplace_back(pool.mean_confidence(), floor);
  }
  return knots;
}

double Calibration::operator()(double confidence) const {
  if (knots_.empty()) return confidence;
  if (confidence <= knots_.front().first) return knots_.front().second;
  if (confidence >= knots_.back().first) return knots_.back().second;
  const auto above = std::upper_bound(
      knots_.begin(), knots_.end(), confidence,
      [](double value, const Knot& knot) { return value < knot.first; });
  const auto below = above - 1;
  const double part =
      (confidence - below->first) / (above->first - below->first);
  return below->second + part * (above->second - below->second);
}

double cohens_kappa(
    const std::vector<std::pair<std::string, std::string>>& marks) {
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts;
  std::uint64_t same = 0;
  for (const auto& [first, second] : marks) {
    same += first == second ? 1 : 0;
    ++counts[first].first;
    ++counts[second].second;
  }
  const auto all = static_cast<double>(marks.size());
  double by_chance = 0;
  for (const auto& [mark, count] : counts)
    by_chance += static_cast<double>(count.first) / all *
                 static_cast<double>(count.second) / all;
  if (by_chance >= 1) return 1;
  return (static_cast<double>(same) / all - by_chance) / (1 - by_chance);
}

}  // namespace mill
