#include "lib/json/json_keys.h"

#include <algorithm>
#include <numeric>

namespace mill {

JsonKeys::JsonKeys(std::vector<std::string_view> keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    keys_.push_back({keys[i], i, first_of(keys[i])});
    ++begins_[kind_of(keys[i]) + 1];
  }
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
  std::sort(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) {
    return kind_of(a.text) < kind_of(b.text);
  });
}

}  // namespace mill
