#include "lib/json/json_members.h"

#include <map>
#include <string_view>

namespace mill {

std::vector<NamedMember> unique_members(JsonValue object) {
  std::vector<NamedMember> all;
  for (const auto& [key, value] : object.members())
    all.push_back({key.string(), key, value});
  std::map<std::string_view, std::size_t> last;
  for (std::size_t i = 0; i < all.size(); ++i) last[all[i].name] = i;
  if (last.size() == all.size()) return all;
  std::vector<NamedMember> unique;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (last[all[i].name] == i) unique.push_back(all[i]);
  return unique;
}

}  // namespace mill
