#include "lib/version/columns.h"

#include <algorithm>

#include "lib/base/timestamp.h"

namespace mill {

namespace {

// More members than this are no columns but keys that are data.
constexpr std::size_t kMaxMembers = 256;

bool is_time(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' && parse_timestamp(text);
}

ColumnType::Kind kind_of(JsonValue value) {
  switch (value.kind()) {
    case JsonKind::kTrue:
    case JsonKind::kFalse: return ColumnType::kBool;
    case JsonKind::kString:
      return is_time(value.raw_string()) ? ColumnType::kTime
                                         : ColumnType::kString;
    case JsonKind::kArray: return ColumnType::kList;
    case JsonKind::kObject: return ColumnType::kStruct;
    case JsonKind::kNumber:
      return value.raw().find_first_of(".eE") == std::string_view::npos &&
                     value.integer()
                 ? ColumnType::kInteger
                 : ColumnType::kFloat;
    case JsonKind::kNull:
    case JsonKind::kMissing: break;
  }
  return ColumnType::kNull;
}

bool is_number(ColumnType::Kind kind) {
  return kind == ColumnType::kInteger || kind == ColumnType::kFloat;
}

bool is_string(ColumnType::Kind kind) {
  return kind == ColumnType::kString || kind == ColumnType::kTime;
}

ColumnType::Kind both(ColumnType::Kind a, ColumnType::Kind b) {
  if (a == b || b == ColumnType::kNull) return a;
  if (a == ColumnType::kNull) return b;
  if (is_number(a) && is_number(b)) return ColumnType::kFloat;
  return is_string(a) && is_string(b) ? ColumnType::kString
                                      : ColumnType::kMixed;
}

}  // namespace

void ColumnType::add(JsonValue value) {
  kind = both(kind, kind_of(value));
  if (kind == kMixed) members.clear();
  if (kind == kList) {
    if (members.empty() && value.size() > 0)
      members.emplace_back("", ColumnType{});
    for (const JsonValue item : value.elements()) members[0].second.add(item);
  } else if (kind == kStruct) {
    std::string scratch;
    for (const auto& [key, member] : value.members()) {
      const std::string_view name = key.string(scratch);
      auto at = std::find_if(members.begin(), members.end(),
                             [&](const auto& m) { return m.first == name; });
      if (at == members.end()) {
        if (members.size() == kMaxMembers) {
          kind = kMixed;
          members.clear();
          return;
        }
        at = members.emplace(at, std::string(name), ColumnType{});
      }
      at->second.add(member);
    }
  }
}

const ColumnType* ColumnType::find(std::string_view name) const {
  for (const auto& [its_name, type] : members)
    if (its_name == name) return &type;
  return nullptr;
}

bool ColumnType::is_plain() const {
  return kind != kMixed &&
         std::all_of(members.begin(), members.end(),
                     [](const auto& m) { return m.second.is_plain(); });
}

}  // namespace mill
