// json_file.h - files of JSON: small ones that hold one object, over any number
// of lines, and JSON Lines in which every line must be good.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lib/json/json.h"

namespace mill {

// Such a file, read whole. "-" is standard input.
class JsonFile {
 public:
  // Throws Exit: EX_NOINPUT if it cannot be opened, EX_DATAERR if it is not
  // one JSON object.
  explicit JsonFile(const std::string& path);

  const std::string& name() const { return name_; }
  JsonValue object() const { return reader_.root(); }

 private:
  std::string name_;
  std::string text_;
  JsonReader reader_;
};

// Where an object stands in a file of lines.
struct LineOfFile {
  const std::string& file;  // its name, for messages
  std::uint64_t number;
  std::string_view text;
  // Throws Exit(EX_DATAERR) that says what is wrong with the line.
  [[noreturn]] void fail(const std::string& what) const;
};

// Calls visit with each line's object; empty lines are passed over. Throws
// Exit: EX_NOINPUT, or EX_DATAERR at the first line that is no JSON object or
// is longer than 1 GiB.
void for_each_object(
    const std::string& path,
    const std::function<void(JsonValue object, const LineOfFile&)>& visit);

// A value on one line: its bytes without the space between them.
std::string compact_json(JsonValue value);

// True if both say the same, whatever their space, the order of their keys and
// the spelling of their strings and numbers.
bool is_same_json(JsonValue a, JsonValue b);

}  // namespace mill
