#include "lib/record/score.h"

#include <cmath>

namespace mill {

std::int64_t billionths(double score) {
  return static_cast<std::int64_t>(std::round(score * 1e9));
}

bool meets_threshold(double score, double min) {
  return std::round(score * 1e9) >= std::round(min * 1e9);
}

}  // namespace mill
