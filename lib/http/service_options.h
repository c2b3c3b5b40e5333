// service_options.h - how patiently a service is asked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/cli/command_line.h"

namespace mill {

struct ServiceOptions {
  std::optional<std::uint64_t> timeout = {};  // seconds of silence
  std::uint64_t retries = 4;                  // after the first attempt

  // Defines --timeout and --retries, and the exit statuses that services give.
  // timeout_default says for --help what holds without --timeout.
  void define(CommandLine& line, const std::string& timeout_default = "60");

  // --timeout, else what holds without it; in seconds.
  double silence_timeout(double otherwise = 60) const {
    return timeout ? static_cast<double>(*timeout) : otherwise;
  }
};

}  // namespace mill
