// json_writer.h - writes JSON text into a string, with RapidJSON.
//
//   std::string text;
//   mill::JsonWriter json(text);
//   json.begin_object();
//   json.member("id", id);
//   json.raw_member("confidence", record["confidence"].raw());
//   json.end_object();   // text: {"id":"...","confidence":0.85}
//
// Text is UTF-8 and stays so; only what JSON demands is escaped. raw() takes a
// value's bytes as they stood in a parsed text, so that no number or escape
// changes its spelling on the way through.
#pragma once

#include <rapidjson/writer.h>

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace mill {

namespace internal {

// A std::string as RapidJSON's output stream.
struct StringStream {
  using Ch = char;
  std::string& text;
  void Put(char c) { text += c; }
  void Flush() {}
};

}  // namespace internal

// Appends text as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

class JsonWriter {
 public:
  // Appends to out, which must outlive the writer.
  explicit JsonWriter(std::string& out) : stream_{out}, writer_(stream_) {}

  void begin_object() { writer_.StartObject(); }
  void end_object() { writer_.EndObject(); }
  void begin_array() { writer_.StartArray(); }
  void end_array() { writer_.EndArray(); }
  void key(std::string_view name) { string(name); }

  void null() { writer_.Null(); }
  void value(std::string_view text) { string(text); }
  void value(const char* text) { string(text); }
  void value(const std::string& text) { string(text); }
  void value(bool truth) { writer_.Bool(truth); }
  void value(double number) { writer_.Double(number); }
  template <std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>) void value(Number number) {
    writer_.Uint64(number);
  }
  template <std::signed_integral Number>
  void value(Number number) {
    writer_.Int64(number);
  }
  // Bytes that already are JSON.
  void raw(std::string_view json) {
    begin_value();
    stream_.text += json;
  }

  template <typename Value>
  void member(std::string_view name, const Value& v) {
    key(name);
    value(v);
  }
  void raw_member(std::string_view name, std::string_view json) {
    key(name);
    raw(json);
  }

 private:
  void string(std::string_view text) {
    begin_value();
    append_json_string(stream_.text, text);
  }
  // Writes what is between values. A text follows, which RapidJSON would append
  // byte after byte.
  void begin_value() { writer_.RawValue("", 0, rapidjson::kStringType); }

  internal::StringStream stream_;
  rapidjson::Writer<internal::StringStream> writer_;
};

// text as a JSON string, quotes included.
std::string json_string(std::string_view text);

// JSON over several lines, indented by two spaces a level, for people to
// read. Keys, strings and the spelling of numbers stay. REQUIRES: valid JSON.
std::string indent_json(std::string_view json);

}  // namespace mill
