// reliability_chart.h - confidence against the share of good, as a picture.
#pragma once

#include <string>
#include <vector>

#include "lib/answers/calibration.h"

namespace mill {

// A whole SVG file: the share of good records of each tenth of confidence,
// with its 95 % interval and their number, beside the line on which the two
// would be the same. Follows a viewer's light or dark theme.
std::string reliability_chart(const std::vector<Judged>& judged);

}  // namespace mill
