// json_members.h - an object's members, each name once.
#pragma once

#include <string>
#include <vector>

#include "lib/json/json.h"

namespace mill {

struct NamedMember {
  std::string name;
  JsonValue key;
  JsonValue value;
};

// In order; of duplicate names the last. For n members in n log n steps, where
// to ask object[name] for each would take n * n.
std::vector<NamedMember> unique_members(JsonValue object);

}  // namespace mill
