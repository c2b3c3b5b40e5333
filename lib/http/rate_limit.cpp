#include "lib/http/rate_limit.h"

#include <algorithm>
#include <optional>

namespace mill {

void RateLimit::observe(const HttpResponse& response, double now) {
  const auto remaining = header_number(response, "x-ratelimit-remaining");
  const auto used = header_number(response, "x-ratelimit-used");
  const auto reset = header_number(response, "x-ratelimit-reset");
  if (remaining && reset) {
    is_known_ = true;
    remaining_ = *remaining;
    used_ = used.value_or(0);
    window_end_ = now + std::min(*reset, kLongestReset);
  } else if (is_known_ && response.status != 0) {
    remaining_ = std::max(0.0, remaining_ - 1);
    used_ += 1;
  }
  if (is_known_ && remaining_ < 1) {
    next_ = std::max(now + 1, window_end_);
  } else if (is_known_) {
    // At an even pace `even` seconds of the window would be left.
    const double left = std::max(0.0, window_end_ - now);
    const double even = kWindow * remaining_ / (remaining_ + used_);
    next_ = now + std::clamp(left - even, 0.0, kLongestPause);
  }
  if (response.status == 429) next_ = std::max(next_, now + 1);
}

double RateLimit::wait(double now) const { return std::max(0.0, next_ - now); }

}  // namespace mill
