// to_messages.h - turns interactions, and examples of any format, into training
// examples of one format.
//
//   mill::ToMessages convert(*mill::example_format("openai"), "You are", {});
//   mill::Outcome outcome = convert(record, example, metadata);
//
// Questions, answers and all other values are copied as they are spelled in the
// record: no escape and no number changes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"
#include "lib/record/stage.h"

namespace mill {

class ToMessages {
 public:
  enum class Type { kString, kNumber, kStrings, kAny };  // of a field

  // A blank system prompt means that examples have none. include_fields are
  // interaction fields that go into the metadata besides id, confidence,
  // interaction_type and rule_references.
  ToMessages(const ExampleFormat& format, std::string_view system_prompt,
             const std::vector<std::string>& include_fields);

  // Appends the example, as a line, to example, and its metadata, an object, to
  // metadata, whether or not the format has a place for it. An interaction
  // without a question or an answer (for preferences, a rejected answer), or
  // with a blank one, is dropped ("no_question", "no_answer", "no_rejected");
  // bad if a field has the wrong type. A field is found under its own name,
  // else under its name in camel case; null is the same as missing.
  //
  // An example keeps its turns, its own system message, its metadata (null if
  // it has none) and its other columns. One that has the format already is kept
  // as it is. Bad if it does not fit its own format, or if it holds what the
  // wanted format has no place for: only metadata is ever left out. A text in
  // two columns, such as Alpaca's instruction and input, becomes one text with
  // a newline between them; a prompt that is a text becomes a user's turn.
  Outcome operator()(JsonValue interaction, std::string& example,
                     std::string& metadata);

  // The collector's name of an interaction's field: sourceUrl for source_url.
  static std::string other_name(std::string_view field);

  // True if the format's examples carry their metadata.
  bool has_metadata() const { return format_.takes_others; }

 private:
  struct Field {
    std::string name;
    std::string other_name;
    Type type;
    std::string json_name = json_string(name);
    JsonValue value = {};  // of the interaction at hand, under name
    JsonValue other_value = {};
    JsonValue found() const { return value ? value : other_value; }
  };
  // The constant bytes of an example, and what follows them.
  struct Piece {
    std::string bytes;
    enum { kQuestion, kAnswer, kRejected, kMetadata, kEnd } then;
  };
  void find_fields(JsonValue interaction);
  Outcome convert_example(JsonValue record, std::string& out,
                          std::string& metadata);

  const ExampleFormat& format_;
  std::vector<Piece> pieces_;
  ExampleReader example_;
  std::vector<Field> fields_;
};

}  // namespace mill
