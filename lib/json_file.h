// json_file.h - small files that hold one JSON object, over any number of
// lines.
#pragma once

#include <string>

#include "lib/json.h"

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

// A value on one line: its bytes without the space between them.
std::string compact_json(JsonValue value);

// True if both say the same, whatever their space, the order of their keys and
// the spelling of their strings and numbers.
bool is_same_json(JsonValue a, JsonValue b);

}  // namespace mill
