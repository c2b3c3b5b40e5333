// json_keys.h - several members of an object, found in one walk over it.
//
//   static const mill::JsonKeys keys({"id", "depth"});
//   mill::JsonValue id, depth;
//   mill::JsonValue* const members[] = {&id, &depth};
//   keys.find(record, members);
//
// For a record of which many fields are read: to ask record["id"] for each would
// walk over all its members each time.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lib/json/json.h"

namespace mill {

class JsonKeys {
 public:
  // The keys must stay where they are.
  explicit JsonKeys(std::vector<std::string_view> keys);

  // Sets *members[i] to object[keys[i]], if object has that member.
  // REQUIRES: as many members as keys.
  void find(JsonValue object, std::span<JsonValue* const> members) const;

 private:
  std::vector<std::string_view> keys_;
  std::uint64_t kinds_ = 0;  // a bit for each of 64 kinds of keys
};

}  // namespace mill
