#include "lib/record/score.h"

#include <algorithm>
#include <cmath>

namespace mill {

std::int64_t billionths(double score) {
  constexpr double kMost = 9e9;  // more would not fit
  return static_cast<std::int64_t>(
      std::round(std::clamp(score, -kMost, kMost) * 1e9));
}

bool meets_threshold(double score, double min) {
  return std::round(score * 1e9) >= std::round(min * 1e9);
}

}  // namespace mill
