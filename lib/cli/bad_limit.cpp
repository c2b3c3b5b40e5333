#include "lib/cli/bad_limit.h"

#include <string_view>

#include "lib/base/exit.h"
#include "lib/base/numbers.h"

namespace mill {

BadLimit::BadLimit(const std::string& text) {
  std::string_view bad = text;
  const bool is_percent = !bad.empty() && bad.back() == '%';
  if (is_percent) bad.remove_suffix(1);
  bool ok = true;
  if (is_percent) {
    percent_ = parse_number<double>(bad).value_or(-1);
    ok = percent_ >= 0 && percent_ <= 100;
  } else if (const auto count = parse_number<std::uint64_t>(bad)) {
    count_ = *count;
  } else {
    ok = false;
  }
  if (!ok)
    throw Exit(EX_USAGE,
               "--max-bad: '" + text + "' is neither a count nor a percentage");
}

}  // namespace mill
