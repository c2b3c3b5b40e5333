// to_messages.h - turns interactions into training examples.
//
//   mill::ToMessages convert(mill::ExampleFormat::kOpenai, "You are ...", {});
//   mill::Outcome outcome = convert(record, example, metadata);
//
// Questions, answers and all other values are taken over as they are spelt in
// the interaction: no escape and no number changes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"
#include "lib/json/json_writer.h"
#include "lib/record/stage.h"

namespace mill {

enum class ExampleFormat {
  kOpenai,    // {"messages":[{"role","content"}...],"metadata"}
  kTogether,  // the same without metadata
  kSharegpt,  // {"system","conversations":[{"from","value"}...],"metadata"}
  kAlpaca,    // {"system","instruction","input":"","output","metadata"}
  kVertex,    // {"systemInstruction","contents":[{"role","parts"}...]}
  kTrl,       // {"prompt":[...],"completion":[...],"metadata"}
  // {"prompt":[...],"chosen":[...],"rejected":[...],"metadata"}
  kTrlPreference,
};

// The format of that name, as "openai".
std::optional<ExampleFormat> example_format(std::string_view name);

class ToMessages {
 public:
  enum class Type { kString, kNumber, kStrings, kAny };  // of a field

  // A blank system prompt means that examples have none. include_fields are
  // interaction fields that go into the metadata besides id, confidence,
  // interaction_type and rule_references.
  ToMessages(ExampleFormat format, std::string_view system_prompt,
             const std::vector<std::string>& include_fields);

  // Appends the example, as a line, to example, and its metadata, an object,
  // to metadata, whether or not the format has a place for it. Drops
  // ("no_question", "no_answer"; for preferences "no_rejected") what has none,
  // or a blank one; bad if a field is of the wrong type. A field is found under
  // its own name, else under its name in camel case; null is the same as
  // missing.
  Outcome operator()(JsonValue interaction, std::string& example,
                     std::string& metadata);

  // True if the format's examples carry their metadata.
  bool has_metadata() const { return has_metadata_; }

  static constexpr std::string_view kDefaultSystemPrompt =
      "You are an expert on the rules of Magic: The Gathering. Answer the "
      "question clearly and correctly, explain which rules decide it, and "
      "give the numbers of the Comprehensive Rules where they apply.";

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
  void find_fields(JsonValue interaction);

  // The constant bytes of an example around question and answer.
  std::string before_question_, before_answer_, behind_answer_;
  std::string before_rejected_;  // empty: the format has none
  bool has_metadata_ = true;
  std::vector<Field> fields_;
};

}  // namespace mill
