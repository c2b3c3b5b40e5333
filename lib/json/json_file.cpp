#include "lib/json/json_file.h"

#include <algorithm>
#include <utility>

#include "lib/base/exit.h"
#include "lib/io/input.h"
#include "lib/io/lines.h"
#include "lib/json/json_lines.h"
#include "lib/json/json_members.h"

namespace mill {

namespace {

bool are_same_members(JsonValue a, JsonValue b) {
  const auto by_name = [](const NamedMember& left, const NamedMember& right) {
    return left.name < right.name;
  };
  auto left = unique_members(a), right = unique_members(b);
  std::sort(left.begin(), left.end(), by_name);
  std::sort(right.begin(), right.end(), by_name);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const NamedMember& i, const NamedMember& j) {
                      return i.name == j.name && is_same_json(i.value, j.value);
                    });
}

bool are_same_elements(JsonValue a, JsonValue b) {
  const auto left = a.elements(), right = b.elements();
  auto i = left.begin(), j = right.begin();
  for (; i != left.end() && j != right.end(); ++i, ++j)
    if (!is_same_json(*i, *j)) return false;
  return !(i != left.end()) && !(j != right.end());
}

}  // namespace

JsonFile::JsonFile(const std::string& path) {
  Input input(path);
  name_ = input.name();
  char block[1 << 14];
  while (const std::size_t n = input.read(block, sizeof block))
    text_.append(block, n);
  if (const auto error = reader_.parse(text_))
    throw Exit(EX_DATAERR, name_ + ": " + error->message());
  if (!object().is_object())
    throw Exit(EX_DATAERR, name_ + ": " + mismatch("an object", object()));
}

void LineOfFile::fail(const std::string& what) const {
  throw Exit(EX_DATAERR, place_of(file, number) + ": " + what);
}

void for_each_object(
    const std::string& path,
    const std::function<void(JsonValue object, const LineOfFile&)>& visit) {
  constexpr std::size_t kMaxLine = 1 << 30;
  LineReader lines(Input(path), kMaxLine);
  JsonReader reader;
  bool is_first = true;
  while (const auto line = lines.next()) {
    if (line->is_empty()) continue;
    const LineOfFile place{lines.input().name(), line->number, line->text};
    if (std::exchange(is_first, false))
      if (const auto what = is_not_json_lines(line->and_more()))
        throw Exit(EX_DATAERR, place.file + ": " + *what);
    if (line->is_too_long) place.fail("longer than 1 GiB");
    if (const auto error = reader.parse(line->text))
      place.fail(error->message());
    if (!reader.root().is_object()) place.fail("not an object");
    visit(reader.root(), place);
  }
}

std::string compact_json(JsonValue value) {
  std::string text;
  bool in_string = false;
  const std::string_view raw = value.raw();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (in_string && c == '\\')
      text += raw[i++];
    else if (c == '"')
      in_string = !in_string;
    else if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t'))
      continue;
    text += raw[i];
  }
  return text;
}

bool is_same_json(JsonValue a, JsonValue b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case JsonKind::kString: return a.string() == b.string();
    case JsonKind::kNumber:
      return a.raw() == b.raw() || a.number() == b.number();
    case JsonKind::kArray: return are_same_elements(a, b);
    case JsonKind::kObject: return are_same_members(a, b);
    default: return true;
  }
}

}  // namespace mill
