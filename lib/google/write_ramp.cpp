#include "lib/google/write_ramp.h"

#include <algorithm>
#include <cmath>

namespace mill {

double WriteRamp::wait(std::size_t writes, double now) {
  constexpr double kFirst = 500, kGrowth = 1.5, kEvery = 300, kMost = 10'000;
  if (!start_) start_ = next_ = now;
  const double rate = std::min(
      kFirst * std::pow(kGrowth, std::floor((now - *start_) / kEvery)), kMost);
  const double wait = std::max(0.0, next_ - now);
  next_ = now + wait + static_cast<double>(writes) / rate;
  return wait;
}

}  // namespace mill
