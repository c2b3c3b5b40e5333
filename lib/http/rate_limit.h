// rate_limit.h - how fast a server may be asked, by what it says.
//
//   mill::RateLimit rate;
//   clock.sleep(rate.wait(clock.now()));
//   ... send ...
//   rate.observe(response, clock.now());
//
// Reads x-ratelimit-remaining, -used and -reset, as Reddit sends them: slows
// down to an even pace over the window once the remaining requests are used up
// faster than that. Responses without the headers count as one request each.
#pragma once

#include "lib/http/message.h"

namespace mill {

class RateLimit {
 public:
  // Takes in an answer that came at `now`.
  void observe(const HttpResponse& response, double now);
  // Seconds to wait at `now` before the next request; 0: none.
  double wait(double now) const;

 private:
  static constexpr double kWindow = 600;  // seconds
  static constexpr double kLongestPause = 10;
  static constexpr double kLongestReset = 3600;
  bool is_known_ = false;
  double remaining_ = 0;
  double used_ = 0;
  double window_end_ = 0;
  double next_ = 0;  // no request before this time
};

}  // namespace mill
