#include "lib/pii/allow_list.h"

#include <algorithm>

#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_number(std::string_view text) {
  return text.find_first_not_of("+()-. 0123456789") == text.npos;
}

}  // namespace

AllowList::AllowList(const std::vector<std::string>& lines) {
  std::string_view rest = embedded_allow_list();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    add(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (const std::string& line : lines) add(line);
}

void AllowList::add(std::string_view line) {
  line = trimmed(line);
  if (line.empty() || line == "#" || line.substr(0, 2) == "# ") return;
  values_.insert(line[0] == '@' ? std::string(line)
                                : normalized(PiiType::kName, line));
  if (is_number(line)) values_.insert(normalized(PiiType::kPhoneNumber, line));
  if (line.find('/') != line.npos)
    values_.insert(normalized(PiiType::kUsername, line));
}

bool AllowList::has(PiiType type, std::string_view value) const {
  switch (type) {
    case PiiType::kEmailAddress: {
      const std::string address = normalized(type, value);
      return values_.count(address) > 0 ||
             values_.count(address.substr(0, address.find('@') + 1)) > 0;
    }
    case PiiType::kSocialHandle:
      return values_.count(std::string(value.substr(0, value.find('/')))) > 0;
    case PiiType::kPhoneNumber:
    case PiiType::kUsername:
    case PiiType::kIpAddress:
    case PiiType::kName:
    case PiiType::kStreetAddress:
      return values_.count(normalized(type, value)) > 0;
    default: return false;
  }
}

}  // namespace mill::internal
