// clock.h - time and chance, as functions that a test may replace.
//
//   mill::Clock clock = mill::system_clock();
//   const double start = clock.now();
//   clock.sleep(clock.random());  // up to a second
#pragma once

#include <functional>

namespace mill {

struct Clock {
  std::function<double()> now;        // seconds, monotonic
  std::function<double()> unix_time;  // seconds since 1970
  std::function<void(double seconds)> sleep;
  std::function<double()> random;  // from [0, 1)
};
Clock system_clock();

}  // namespace mill
