#include "lib/json/json_writer.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>

namespace mill {

std::string json_string(std::string_view text) {
  std::string json;
  JsonWriter(json).value(text);
  return json;
}

namespace {

// Hands numbers on as they were spelled.
struct NumbersAsSpelled : rapidjson::PrettyWriter<internal::StringStream> {
  using PrettyWriter::PrettyWriter;
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return RawValue(text, size, rapidjson::kNumberType);
  }
};

}  // namespace

std::string indent_json(std::string_view json) {
  std::string text;
  internal::StringStream out{text};
  NumbersAsSpelled writer(out);
  writer.SetIndent(' ', 2);
  rapidjson::MemoryStream in(json.data(), json.size());
  rapidjson::Reader().Parse<rapidjson::kParseNumbersAsStringsFlag>(in, writer);
  return text;
}

}  // namespace mill
