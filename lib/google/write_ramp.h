// write_ramp.h - how fast a Firestore collection may be written to: 500
// documents a second at first, and 50 % more every five minutes, as Google
// asks, up to 10,000.
//
//   mill::WriteRamp ramp;
//   clock.sleep(ramp.wait(batch.size(), clock.now()));
#pragma once

#include <cstddef>
#include <optional>

namespace mill {

class WriteRamp {
 public:
  // Seconds to wait at `now` before so many writes are sent.
  double wait(std::size_t writes, double now);

 private:
  std::optional<double> start_;
  double next_ = 0;
};

}  // namespace mill
