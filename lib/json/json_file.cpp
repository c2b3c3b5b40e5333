#include "lib/json/json_file.h"

#include "lib/base/exit.h"
#include "lib/io/input.h"
#include "lib/io/lines.h"

namespace mill {

namespace {

// Whether each member of a has an equal in b.
bool has_members(JsonValue b, JsonValue a) {
  std::string key;
  for (const auto& [name, value] : a.members()) {
    const std::string_view text = name.string(key);
    if (!is_same_json(a[text], b[text])) return false;
  }
  return true;
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
  while (const auto line = lines.next()) {
    if (line->text.empty() || line->text == "\r") continue;
    const LineOfFile place{lines.input().name(), line->number, line->text};
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
    case JsonKind::kObject: return has_members(a, b) && has_members(b, a);
    default: return true;
  }
}

}  // namespace mill
