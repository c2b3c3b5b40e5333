#include "lib/json/json_writer.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>

#include <array>
#include <utility>

namespace mill {

namespace {

// What follows the backslash in place of a byte: 'u' is a code; 0, the byte
// stands as it is.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (std::size_t c = 0; c < 0x20; ++c) escapes[c] = 'u';
  for (const auto& [byte, escape] : {std::pair('"', '"'),
                                     {'\\', '\\'},
                                     {'\b', 'b'},
                                     {'\f', 'f'},
                                     {'\n', 'n'},
                                     {'\r', 'r'},
                                     {'\t', 't'}})
    escapes[static_cast<unsigned char>(byte)] = escape;
  return escapes;
}();

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const char* const end = text.data() + text.size();
  for (const char* run = text.data();;) {
    const char* p = run;
    char escape = 0;
    while (p != end && (escape = kEscapes[static_cast<unsigned char>(*p)]) == 0)
      ++p;
    out.append(run, p);
    if (p == end) break;
    (out += '\\') += escape;
    if (escape == 'u') {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(*p);
      ((out += "00") += kDigits[byte >> 4]) += kDigits[byte & 15];
    }
    run = p + 1;
  }
  out += '"';
}

std::string json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
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
