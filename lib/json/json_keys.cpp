#include "lib/json/json_keys.h"

#include <algorithm>
#include <string>
#include <utility>

namespace mill {

namespace {

// A key's kind, by its length and its first letter, as a bit: most of a record's
// keys are of no kind that is looked for.
std::uint64_t kind_of(std::string_view key) {
  if (key.empty()) return 1;
  const auto first = static_cast<unsigned char>(key.front());
  return std::uint64_t{1} << (key.size() * 7 + first) % 64;
}

}  // namespace

JsonKeys::JsonKeys(std::vector<std::string_view> keys)
    : keys_(std::move(keys)) {
  for (const std::string_view key : keys_) kinds_ |= kind_of(key);
}

void JsonKeys::find(JsonValue object,
                    std::span<JsonValue* const> members) const {
  std::string scratch;
  for (const auto& [key, value] : object.members()) {
    const std::string_view name =
        key.is_escaped() ? key.string(scratch) : key.raw_string();
    if ((kinds_ & kind_of(name)) == 0) continue;
    const auto found = std::find(keys_.begin(), keys_.end(), name);
    if (found != keys_.end())
      *members[static_cast<std::size_t>(found - keys_.begin())] = value;
  }
}

}  // namespace mill
