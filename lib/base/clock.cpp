#include "lib/base/clock.h"

#include <chrono>
#include <random>
#include <thread>

namespace mill {

Clock system_clock() {
  return {
      [] {
        return std::chrono::duration<double>(
                   std::chrono::steady_clock::now().time_since_epoch())
            .count();
      },
      [] {
        return std::chrono::duration<double>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
      },
      [](double seconds) {
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
      },
      [generator = std::mt19937_64(std::random_device()())]() mutable {
        return std::uniform_real_distribution<double>()(generator);
      },
  };
}

}  // namespace mill
