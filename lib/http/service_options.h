// service_options.h - how patiently a service is asked.
#pragma once

#include <cstdint>

namespace mill {

struct ServiceOptions {
  std::uint64_t timeout = 60;  // seconds of silence
  std::uint64_t retries = 4;   // after the first attempt
};

}  // namespace mill
