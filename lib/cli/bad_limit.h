// bad_limit.h - how many bad records a run may have: the value of --max-bad.
#pragma once

#include <cstdint>
#include <string>

namespace mill {

class BadLimit {
 public:
  // "N", or "P%" of the records read. Throws Exit(EX_USAGE) if it is neither.
  explicit BadLimit(const std::string& text);

  bool allows(std::uint64_t bad, std::uint64_t read) const {
    return static_cast<double>(bad) <=
           (percent_ < 0 ? static_cast<double>(count_)
                         : percent_ / 100 * static_cast<double>(read));
  }

 private:
  std::uint64_t count_ = 0;
  double percent_ = -1;  // negative: count_ counts
};

}  // namespace mill
