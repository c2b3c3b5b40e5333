// json.h - reads one JSON text in place, checked whole.
//
//   mill::JsonReader reader;
//   if (auto error = reader.parse(line)) return report(*error);
//   mill::JsonValue record = reader.root();
//   std::string scratch;
//   std::string_view id = record["metadata"]["id"].string(scratch);
//
// A first pass (structural_index.h) finds the structural characters and checks
// UTF-8, at several bytes a cycle; one walk over them then checks the grammar
// of everything, read or not, and notes where each value begins and ends.
// Nothing is copied or converted until it is asked for, so that a value can be
// handed on byte for byte, and a part of it replaced without touching the rest.
//
// Grammar: RFC 8259. Numbers may have any size. Duplicate keys are allowed;
// look-ups take the last, as Python, jq and JavaScript do. An escape that is
// half a surrogate pair is an error, since no UTF-8 text could hold it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mill {

class StructuralIndex;

enum class JsonKind : std::uint8_t {
  kMissing,  // what a look-up gives that found nothing
  kNull,
  kTrue,
  kFalse,
  kNumber,
  kString,
  kArray,
  kObject,
};

// The kind in a message's words: "a string", "an object", "missing".
std::string_view describe(JsonKind kind);

// Why a text is not JSON, for the end of a sentence, such as "not valid UTF-8",
// and the byte at which that was seen, counted from 0.
struct JsonError {
  std::string_view what;
  std::size_t byte;
  // "byte 17: not valid UTF-8"; the byte is counted from 1.
  std::string message() const;
};

namespace internal {

// A value: its kind, its bytes, and where the next value beside it stands.
struct JsonNode {
  std::uint32_t begin;
  std::uint32_t end;  // one past the last byte
  std::uint32_t next;
  JsonKind kind;
  bool escaped;  // a string with a backslash in it
};

// Some bytes, a text that begins somewhere in them, and its nodes in document
// order: a container is followed by its members, an object's as key, value,
// key, value. Nodes count bytes from `bytes`.
struct JsonTape {
  const char* bytes = nullptr;
  std::uint32_t begin = 0;
  std::vector<JsonNode> nodes;
};

}  // namespace internal

// A view of one value; as cheap to copy as a pointer. Valid until the next
// parse() of its reader, and while the parsed bytes stay where they are.
class JsonValue {
 public:
  JsonValue() = default;

  JsonKind kind() const { return tape_ ? node().kind : JsonKind::kMissing; }
  explicit operator bool() const { return tape_ != nullptr; }
  bool is_string() const { return kind() == JsonKind::kString; }
  bool is_number() const { return kind() == JsonKind::kNumber; }
  bool is_object() const { return kind() == JsonKind::kObject; }
  bool is_array() const { return kind() == JsonKind::kArray; }
  bool is_null() const { return kind() == JsonKind::kNull; }
  bool is_bool() const {
    return kind() == JsonKind::kTrue || kind() == JsonKind::kFalse;
  }
  bool is_true() const { return kind() == JsonKind::kTrue; }

  // The value's bytes as they stand in the text, quotes included.
  std::string_view raw() const {
    return {tape_->bytes + node().begin, node().end - node().begin};
  }
  // Where raw() begins, counted from the text's beginning.
  std::size_t offset() const { return node().begin - tape_->begin; }
  // A string's bytes between its quotes, escapes as written.
  std::string_view raw_string() const {
    return {tape_->bytes + node().begin + 1, node().end - node().begin - 2};
  }
  // True if raw_string() holds escapes.
  bool is_escaped() const { return node().escaped; }
  // A string's text in UTF-8. Views the parsed bytes where there are no
  // escapes, else scratch, which is overwritten.
  std::string_view string(std::string& scratch) const;
  std::string string() const;
  // The same; empty if the value is no string, or missing.
  std::string string_or_empty() const {
    return is_string() ? string() : std::string();
  }
  // A number as the nearest double; nothing if this is no number. One that is
  // too large for a double gives an infinity.
  std::optional<double> number() const;
  // A number that is whole and fits; 1.0 and 1e3 count as whole.
  std::optional<std::int64_t> integer() const;

  // An object's member; the missing value if this is no object or has no such
  // key. Of duplicate keys the last.
  JsonValue operator[](std::string_view key) const;
  // operator[] for each key of a path such as "metadata.id".
  JsonValue at_path(std::string_view path) const;

  struct Member;
  class Members;
  class Elements;
  // An object's members or an array's elements, in order, for range-for;
  // nothing if this is neither.
  Members members() const;
  Elements elements() const;
  std::size_t size() const;  // how many of them

 private:
  friend class JsonReader;
  JsonValue(const internal::JsonTape* tape, std::uint32_t index)
      : tape_(tape), index_(index) {}
  const internal::JsonNode& node() const { return tape_->nodes[index_]; }
  JsonValue beside() const { return {tape_, node().next}; }
  // The next node: a container's first member, a key's value.
  JsonValue after() const { return {tape_, index_ + 1}; }

  const internal::JsonTape* tape_ = nullptr;
  std::uint32_t index_ = 0;
};

struct JsonValue::Member {
  JsonValue key;
  JsonValue value;
};

class JsonValue::Members {
 public:
  struct Iterator {
    JsonValue key;
    Member operator*() const { return {key, key.after()}; }
    Iterator& operator++() {
      key = key.after().beside();
      return *this;
    }
    bool operator!=(const Iterator& other) const {
      return key.index_ != other.key.index_;
    }
  };
  Iterator begin() const { return {begin_}; }
  Iterator end() const { return {end_}; }

 private:
  friend class JsonValue;
  JsonValue begin_, end_;
};

class JsonValue::Elements {
 public:
  struct Iterator {
    JsonValue value;
    JsonValue operator*() const { return value; }
    Iterator& operator++() {
      value = value.beside();
      return *this;
    }
    bool operator!=(const Iterator& other) const {
      return value.index_ != other.value.index_;
    }
  };
  Iterator begin() const { return {begin_}; }
  Iterator end() const { return {end_}; }

 private:
  friend class JsonValue;
  JsonValue begin_, end_;
};

// Parses texts one after the other, with one set of buffers that grows to the
// longest text. Texts are limited to 4 GiB, nesting to 1024.
class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // Checks text whole and takes hold of it; it must stay in place while values
  // are used. After an error root() is the missing value.
  std::optional<JsonError> parse(std::string_view text);
  JsonValue root() const;

  // Announces lines, one text each, that parse() will be given in turn, so that
  // their structure is found in one go; this changes only the time taken. They
  // must stay as they are until the next call.
  void look_ahead(std::string_view lines);

 private:
  bool find_structure(std::string_view text);
  std::optional<JsonError> walk(std::string_view text);

  std::unique_ptr<StructuralIndex> structure_;
  std::string_view ahead_;       // lines whose structure has been found
  std::uint32_t size_ = 0;       // of what find_structure() was given
  std::uint32_t at_ = 0;         // the next structural character of that
  std::uint32_t backslash_ = 0;  // and the next backslash, else size_
  internal::JsonTape tape_;
  bool is_parsed_ = false;
};

// What is wrong with a value that is not what was wanted, such as "a number":
// "not a number but a string", or "missing".
std::string mismatch(std::string_view wanted, JsonValue value);

// Appends the text of a string's raw bytes, escapes resolved. REQUIRES: raw is
// from a parsed text.
void append_unescaped(std::string& out, std::string_view raw);

}  // namespace mill
