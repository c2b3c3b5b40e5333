// anonymize.h - replaces personal data in a record by tags.
//
//   mill::Anonymizer anonymizer({.types = mill::kDefaultPiiTypes});
//   mill::Outcome outcome = anonymizer({record, line}, out);  // a Stage
//
// The line is edited, not rewritten: each finding's bytes are replaced by
// "[TYPE]", or to "[TYPE:abcdefgh]" with eight letters made from a key and the
// value; escapes, key order, spacing and numbers around it stay. A line without
// findings is kept as it came in.
//
// A second run changes nothing: what a replacement uncovers is found, too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"
#include "lib/pii/pii.h"
#include "lib/record/stage.h"

namespace mill {

struct AnonymizeOptions {
  PiiTypes types = kDefaultPiiTypes;
  // The values to search, such as "messages.content": a path goes through
  // arrays, and stands for all strings below its end. Empty: every string but
  // those of structural keys.
  std::vector<std::string> fields = {};
  PiiLists lists = {};   // names, and what to keep
  std::string key = {};  // empty: no pseudonyms
};

// One edit: bytes start to end of the field's text, escapes resolved; if the
// value is not a string, of its bytes in the line.
struct Replacement {
  std::size_t place;  // of the field, for Anonymizer::field()
  std::size_t start;
  std::size_t end;
  PiiType type;
};

class Anonymizer {
 public:
  explicit Anonymizer(AnonymizeOptions options);

  // Keeps the record, or appends its edited line to out.
  Outcome operator()(const Record& record, std::string& out);
  // What was replaced in the last record, in the line's order.
  const std::vector<Replacement>& replacements() const { return replacements_; }
  // Where that was: "messages[1].content", arrays by index. REQUIRES: the last
  // record's line is still there.
  std::string field(const Replacement& replacement) const;
  // The options' fields that no record has had so far.
  std::vector<std::string> unseen_fields() const;

 private:
  struct Edit {  // of a text, or with begin and end in the line
    std::size_t begin;
    std::size_t end;
    PiiType type;
    std::string tag;
  };
  // A step on the path from the record to a value, shared by all the values
  // below it, so that a line's findings take memory in proportion to the line.
  struct Step {
    std::size_t parent;
    JsonValue key;      // of a member; missing for an element
    std::size_t index;  // of an element
  };
  template <typename Visit>
  void enter(JsonValue key, std::size_t index, Visit visit);
  void walk(JsonValue value, bool is_selected);
  void walk_member(std::string_view key, JsonValue value, bool is_selected);
  void search(JsonValue string, PiiTypes types);
  void redact_all(JsonValue value, PiiType type);
  void redact_profile(std::string_view key, JsonValue string);
  void add_line_edits(JsonValue string, const std::vector<Edit>& edits);
  std::string tag(PiiType type, std::string_view value) const;
  bool selects(std::string_view path);

  AnonymizeOptions options_;
  PiiFinder finder_;
  std::vector<bool> is_seen_;  // of options_.fields
  std::vector<Replacement> replacements_;
  std::vector<Edit> line_edits_;
  // The first is the record itself; place_ is of the value walk() is at.
  std::vector<Step> steps_;
  std::size_t place_ = 0;
  std::string keys_;  // of the value, without array indices
  // Scratch, kept for its memory.
  std::string text_;
  std::string key_text_;
  std::vector<PiiSpan> found_;
  std::vector<Edit> edits_;
};

// The key in a file: its bytes without a newline at the end. Throws Exit:
// EX_NOINPUT if it cannot be read, EX_CONFIG if it is shorter than 16 bytes or
// everyone may read it.
std::string read_key_file(const std::string& path);

}  // namespace mill
