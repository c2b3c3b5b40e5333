// score.h - scores compared at nine decimals, so that a stored
// 0.7999999999999999 meets 0.8.
#pragma once

#include <cstdint>

namespace mill {

// A score as it is compared, in billionths.
std::int64_t billionths(double score);

// True if score is at least min.
bool meets_threshold(double score, double min);

}  // namespace mill
