#include "lib/answers/calibration.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "catch.h"

namespace mill {

TEST_CASE("Wilson's interval is the published one") {
  // Newcombe, "Two-sided confidence intervals for the single proportion",
  // Statistics in Medicine 17 (1998), table I, method 3.
  const struct {
    std::uint64_t good, all;
    double low, high;
  } cases[] = {{81, 263, 0.2553, 0.3662},
               {15, 148, 0.0624, 0.1605},
               {0, 20, 0.0000, 0.1611},
               {1, 29, 0.0061, 0.1718}};
  for (const auto& c : cases) {
    const Interval got = wilson_interval(c.good, c.all);
    CHECK(std::abs(got.low - c.low) < 5e-5);
    CHECK(std::abs(got.high - c.high) < 5e-5);
  }
  CHECK(wilson_interval(29, 29).high == 1);
  CHECK(wilson_interval(0, 0).high == 1);
}

TEST_CASE("reliability counts tenths, the last with 1 in it") {
  const auto bins = reliability({{0.0, false},
                                 {0.3, true},
                                 {0.39, false},
                                 {0.7, true},
                                 {0.95, true},
                                 {1.0, true}});
  CHECK(bins[0].all == 1);
  CHECK(bins[3].all == 2);  // 0.3 * 10 is a little under 3 in binary
  CHECK(bins[3].good == 1);
  CHECK(bins[7].all == 1);
  CHECK(bins[9].all == 2);
}

TEST_CASE("the calibration error is the mean distance over bins") {
  // Ten at 0.8 of which 6 are good: 0.2; ten at 0.2 of which 3 are: 0.1.
  std::vector<Judged> judged;
  for (int i = 0; i < 10; ++i) {
    judged.push_back({0.8, i < 6});
    judged.push_back({0.25, i < 3});
  }
  CHECK(std::abs(expected_calibration_error(judged) - (0.2 + 0.05) / 2) <
        1e-12);
  CHECK(expected_calibration_error({}) == 0);
}

TEST_CASE("the isotonic fit never falls, and pools what does") {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<Judged> judged;
    for (int i = 0; i < 100; ++i) {
      const double confidence = static_cast<double>(random() % 101) / 100;
      judged.push_back(
          {confidence, static_cast<double>(random() % 101) < confidence * 100});
    }
    const auto knots = isotonic_fit(judged);
    REQUIRE(!knots.empty());
    for (std::size_t i = 1; i < knots.size(); ++i) {
      CHECK(knots[i - 1].first < knots[i].first);
      CHECK(knots[i - 1].second <= knots[i].second);
    }
    // Input order does not matter.
    std::shuffle(judged.begin(), judged.end(), random);
    CHECK(isotonic_fit(judged) == knots);
  }
}

TEST_CASE("pooling adjacent violators gives the least squares fit") {
  // 1, 0 | 1, 1: the first two are pooled.
  std::vector<Judged> judged;
  for (int i = 0; i < 10; ++i) {
    judged.push_back({0.1, true});
    judged.push_back({0.2, false});
    judged.push_back({0.8, true});
  }
  const auto knots = isotonic_fit(judged);
  REQUIRE(knots.size() == 2);
  CHECK(std::abs(knots[0].first - 0.15) < 1e-12);
  CHECK(std::abs(knots[0].second - 11.0 / 22) < 1e-12);
  CHECK(std::abs(knots[1].second - 11.0 / 12) < 1e-12);
  const Calibration map(knots);
  CHECK(map(0.0) == knots[0].second);
  CHECK(map(1.0) == knots[1].second);
  CHECK(map(0.5) > knots[0].second);
  CHECK(map(0.5) < knots[1].second);
  CHECK(Calibration()(0.3) == 0.3);
}

TEST_CASE("kappa is agreement beyond chance") {
  // Cohen's own 2 by 2 form: 20 + 15 agree of 50; kappa 0.4.
  std::vector<std::pair<std::string, std::string>> marks;
  const auto add = [&](int n, const char* a, const char* b) {
    for (int i = 0; i < n; ++i) marks.emplace_back(a, b);
  };
  add(20, "good", "good");
  add(5, "good", "bad");
  add(10, "bad", "good");
  add(15, "bad", "bad");
  CHECK(std::abs(cohens_kappa(marks) - 0.4) < 1e-12);
  CHECK(cohens_kappa({{"good", "good"}}) == 1);
  CHECK(cohens_kappa({{"good", "bad"}, {"bad", "good"}}) == -1);
}

}  // namespace mill
