#include "lib/json/json_lines.h"

#include <algorithm>

#include "lib/base/ascii.h"

namespace mill {

namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// How many fields a line has if it could be the head of such a table: names
// of letters, digits, spaces, '_', '.' and '-', in quotes or not; else 0.
std::size_t count_names(std::string_view line, char separator) {
  std::size_t count = 0;
  for (std::size_t begin = 0; begin <= line.size(); ++count) {
    const std::size_t end = std::min(line.find(separator, begin), line.size());
    std::string_view name = trimmed(line.substr(begin, end - begin));
    if (name.size() > 1 && name.front() == '"' && name.back() == '"')
      name = name.substr(1, name.size() - 2);
    const bool is_name = std::all_of(name.begin(), name.end(), [](char c) {
      return is_ascii_alphanumeric(c) || c == '_' || c == '.' || c == '-' ||
             c == ' ';
    });
    if (name.empty() || !is_name) return 0;
    begin = end + 1;
  }
  return count;
}

// A row may be longer than its first line, which need not have all separators.
bool is_table(std::string_view head, std::string_view row, char separator) {
  return count_names(head, separator) > 1 && !row.starts_with('{') &&
         row.find(separator) != row.npos;
}

}  // namespace

std::optional<std::string> is_not_json_lines(std::string_view lines) {
  const std::size_t end = std::min(lines.find('\n'), lines.size());
  const std::string_view first = trimmed(lines.substr(0, end));
  const std::string_view after = lines.substr(end);
  const std::string_view second = trimmed(after.substr(0, after.find('\n', 1)));
  if (first.starts_with('[')) {
    const std::string_view inside = trimmed(first.substr(1));
    // Among records, an array of one is a bad record.
    const bool goes_on =
        second.empty() || inside.empty() || inside.ends_with(',');
    if (goes_on && (inside.empty() || inside.starts_with('{')))
      return "is a JSON array, not an object a line; write it so: "
             "jq -c '.[]' FILE";
    return std::nullopt;
  }
  if (first == "{" && (second.starts_with('"') || second.starts_with('}')))
    return "is JSON over several lines, not an object a line; write it so: "
           "jq -c . FILE";
  if (is_table(first, second, ','))
    return "is CSV, not JSON; write it so: mlr --icsv --ojsonl cat FILE";
  if (is_table(first, second, '\t'))
    return "is TSV, not JSON; write it so: mlr --itsv --ojsonl cat FILE";
  return std::nullopt;
}

}  // namespace mill
