// calibration.h - what a confidence is worth: how many of the records that have
// it are good, by the marks of people who read some.
//
//   std::vector<mill::Judged> judged = ...;   // a confidence and a mark each
//   for (const mill::ReliabilityBin& bin : mill::reliability(judged)) ...
//   mill::expected_calibration_error(judged);          // 0.08
//   mill::Calibration map(mill::isotonic_fit(judged));  // for a profile
//   map(0.72);                                         // 0.86
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mill {

// A record that a person judged, and its confidence, from 0 to 1.
struct Judged {
  double confidence;
  bool is_good;
};

struct Interval {
  double low, high;
};

// Wilson's score interval of a share, 95 %, without correction for continuity:
// E. B. Wilson, "Probable inference, the law of succession, and statistical
// inference", JASA 22 (1927). From 0 to 1 if there are no records.
Interval wilson_interval(std::uint64_t good, std::uint64_t all);

// The judged records of one tenth of confidence; the last includes 1.
struct ReliabilityBin {
  std::uint64_t all = 0;
  std::uint64_t good = 0;
  double confidence_sum = 0;

  double mean_confidence() const {
    return all == 0 ? 0 : confidence_sum / static_cast<double>(all);
  }
  double share() const {
    return all == 0 ? 0 : static_cast<double>(good) / static_cast<double>(all);
  }
};
std::array<ReliabilityBin, 10> reliability(const std::vector<Judged>& judged);

// The mean distance, over all records, between their bin's mean confidence and
// its share of good: M. P. Naeini and others, "Obtaining well calibrated
// probabilities using Bayesian binning", AAAI 2015, with ten bins of one width.
double expected_calibration_error(const std::vector<Judged>& judged);

// A point of a monotone map from one confidence to another.
using Knot = std::pair<double, double>;

// The non-decreasing map that fits the marks best by least squares, by pooling
// adjacent violators: M. Ayer and others, "An empirical distribution function
// for sampling with incomplete information", Annals of Mathematical Statistics
// 26 (1955). A knot for each pool, at its mean confidence; its share is of the
// pool with one good and one bad record added (Laplace), so that a handful of
// marks cannot make a confidence of 0 or 1. Pools of fewer than min_pool
// records are merged into a neighbor: a step that rests on so few marks is
// luck.
std::vector<Knot> isotonic_fit(std::vector<Judged> judged,
                               std::uint64_t min_pool = 10);

// A monotone map: linear between its knots, level beyond them.
class Calibration {
 public:
  Calibration() = default;  // leaves every confidence as it is
  // REQUIRES: the first numbers rise, the second never fall.
  explicit Calibration(std::vector<Knot> knots) : knots_(std::move(knots)) {}
  bool is_identity() const { return knots_.empty(); }
  double operator()(double confidence) const;

 private:
  std::vector<Knot> knots_;
};

// How well two people agree beyond chance, from -1 to 1, on what both marked:
// J. Cohen, "A coefficient of agreement for nominal scales", Educational and
// Psychological Measurement 20 (1960). 1 if both gave the same mark throughout.
// REQUIRES: not empty.
double cohens_kappa(
    const std::vector<std::pair<std::string, std::string>>& marks);

}  // namespace mill
