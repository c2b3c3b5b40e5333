// json_keys.h - several members of an object, found in one walk over it.
//
//   static const mill::JsonKeys keys({"id", "depth"});
//   mill::JsonValue found[2];
//   keys.find(record, [&](std::size_t i, JsonValue value) { found[i] = value; });
//
// For a record of which many fields are read: to ask record["id"] for each would
// walk over all its members each time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/short_key.h"
#include "lib/json/json.h"

namespace mill {

class JsonKeys {
 public:
  // The keys must stay where they are. REQUIRES: no two are the same, and there
  // are less than 256.
  explicit JsonKeys(std::vector<std::string_view> keys);

  // Calls found(i, value) for each member of object whose key is keys[i], in
  // order; of members with the same key the last one is object[keys[i]].
  template <typename Found>
  void find(JsonValue object, Found found) const {
    std::string scratch;
    for (const auto& [key, value] : object.members()) {
      const std::string_view name =
          key.is_escaped() ? key.string(scratch) : key.raw_string();
      const std::size_t kind = kind_of(name);
      for (std::size_t i = begins_[kind]; i < begins_[kind + 1]; ++i)
        if (keys_[i].is(name)) found(keys_[i].number, value);
    }
  }

 private:
  // By its length and its first letter: most of a record's keys are of a kind
  // that none which is looked for is of.
  static constexpr std::size_t kKinds = 128;
  static std::size_t kind_of(std::string_view key) {
    if (key.empty()) return 0;
    return (key.size() * 7 + static_cast<unsigned char>(key.front())) % kKinds;
  }

  struct Key {
    std::string_view text;
    std::size_t number;
    ShortKey first;  // its first characters

    bool is(std::string_view name) const {
      return name.size() == text.size() && first == first_of(name) &&
             (name.size() <= ShortKey::kMaxSize || name == text);
    }
  };
  static ShortKey first_of(std::string_view name) {
    return ShortKey(name.substr(0, ShortKey::kMaxSize));
  }
  std::vector<Key> keys_;                             // by kind
  std::array<std::uint8_t, kKinds + 1> begins_ = {};  // of each kind's
};

}  // namespace mill
