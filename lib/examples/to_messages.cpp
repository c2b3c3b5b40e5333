#include "lib/examples/to_messages.h"

#include <algorithm>

#include "lib/base/hash.h"
#include "lib/base/utf8.h"
#include "lib/json/json_writer.h"
#include "lib/record/stage.h"

namespace mill {

namespace {

// The fields that every conversion looks at, at the front of fields_; those
// from kConfidence on, and what is included besides, go into the metadata.
enum : std::size_t {
  kQuestion,
  kAnswer,
  kRejected,
  kId,
  kSourceUrl,
  kConfidence
};

// "source_url" as "sourceUrl".
std::string camel_case(std::string_view name) {
  std::string camel;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool capital = name[i] == '_' && i + 1 < name.size() &&
                         name[i + 1] >= 'a' && name[i + 1] <= 'z';
    camel += capital ? static_cast<char>(name[++i] - 'a' + 'A') : name[i];
  }
  return camel;
}

bool is_array_of_strings(JsonValue value) {
  if (!value.is_array()) return false;
  for (const JsonValue element : value.elements())
    if (!element.is_string()) return false;
  return true;
}

bool is_blank_string(JsonValue value) {
  const std::string_view raw = value.raw_string();
  if (!raw.empty() && raw[0] > ' ' && raw[0] != '\\' && raw[0] < 0x7F)
    return false;  // nearly all of them, without a copy
  std::string scratch;
  return is_blank(value.string(scratch));
}

using Type = ToMessages::Type;

std::string_view describe(Type type) {
  switch (type) {
    case Type::kString: return "a string";
    case Type::kNumber: return "a number";
    case Type::kStrings: return "an array of strings";
    case Type::kAny: break;
  }
  return "";
}

bool is_of_type(JsonValue value, Type type) {
  switch (type) {
    case Type::kString: return value.is_string();
    case Type::kNumber: return value.is_number();
    case Type::kStrings: return is_array_of_strings(value);
    case Type::kAny: break;
  }
  return true;
}

}  // namespace

std::optional<ExampleFormat> example_format(std::string_view name) {
  if (name == "openai") return ExampleFormat::kOpenai;
  if (name == "together") return ExampleFormat::kTogether;
  if (name == "sharegpt") return ExampleFormat::kSharegpt;
  if (name == "alpaca") return ExampleFormat::kAlpaca;
  if (name == "vertex") return ExampleFormat::kVertex;
  if (name == "trl") return ExampleFormat::kTrl;
  if (name == "trl-preference") return ExampleFormat::kTrlPreference;
  return std::nullopt;
}

ToMessages::ToMessages(ExampleFormat format, std::string_view system_prompt,
                       const std::vector<std::string>& include_fields) {
  const bool has_system = !is_blank(system_prompt);
  const std::string system = json_string(system_prompt);
  auto with_system = [&](std::string_view head, std::string_view tail) {
    return has_system ? std::string(head) + system + std::string(tail) : "";
  };
  switch (format) {
    case ExampleFormat::kTogether: has_metadata_ = false; [[fallthrough]];
    case ExampleFormat::kOpenai:
      before_question_ = R"({"messages":[)" +
                         with_system(R"({"role":"system","content":)", "},") +
                         R"({"role":"user","content":)";
      before_answer_ = R"(},{"role":"assistant","content":)";
      behind_answer_ = "}]";
      break;
    case ExampleFormat::kSharegpt:
      before_question_ = "{" + with_system(R"("system":)", ",") +
                         R"("conversations":[{"from":"human","value":)";
      before_answer_ = R"(},{"from":"gpt","value":)";
      behind_answer_ = "}]";
      break;
    case ExampleFormat::kAlpaca:
      before_question_ =
          "{" + with_system(R"("system":)", ",") + R"("instruction":)";
      before_answer_ = R"(,"input":"","output":)";
      break;
    case ExampleFormat::kVertex:
      has_metadata_ = false;
      before_question_ =
          "{" +
          with_system(
              R"("systemInstruction":{"role":"system","parts":[{"text":)",
              "}]},") +
          R"("contents":[{"role":"user","parts":[{"text":)";
      before_answer_ = R"(}]},{"role":"model","parts":[{"text":)";
      behind_answer_ = "}]}]";
      break;
    case ExampleFormat::kTrl:
    case ExampleFormat::kTrlPreference:
      before_question_ = R"({"prompt":[)" +
                         with_system(R"({"role":"system","content":)", "},") +
                         R"({"role":"user","content":)";
      before_answer_ = R"(}],"completion":[{"role":"assistant","content":)";
      behind_answer_ = "}]";
      if (format == ExampleFormat::kTrl) break;
      before_answer_ = R"(}],"chosen":[{"role":"assistant","content":)";
      before_rejected_ = R"(}],"rejected":[{"role":"assistant","content":)";
      break;
  }
  behind_answer_ += has_metadata_ ? R"(,"metadata":)" : "}\n";

  fields_ = {{"question", "question", Type::kString},
             {"answer", "topAnswer", Type::kString},
             {"rejected", "rejected", Type::kString},
             {"id", "id", Type::kString},
             {"source_url", "sourceUrl", Type::kString},
             {"confidence", "confidenceScore", Type::kNumber},
             {"interaction_type", "interactionType", Type::kString},
             {"rule_references", "ruleReferences", Type::kStrings}};
  for (const std::string& name : include_fields) {
    const bool is_there =
        name == "id" ||
        std::any_of(fields_.begin() + kConfidence, fields_.end(),
                    [&](const Field& field) { return field.name == name; });
    if (!is_there) fields_.push_back({name, camel_case(name), Type::kAny});
  }
}

// One walk over the members, since there are more of them than of fields.
void ToMessages::find_fields(JsonValue interaction) {
  for (Field& field : fields_) field.value = field.other_value = JsonValue();
  std::string scratch;
  for (const auto [key, value] : interaction.members()) {
    const std::string_view name = key.string(scratch);
    const JsonValue found = value.is_null() ? JsonValue() : value;
    for (Field& field : fields_) {
      if (name == field.name)
        field.value = found;
      else if (name == field.other_name)
        field.other_value = found;
    }
  }
}

Outcome ToMessages::operator()(JsonValue interaction, std::string& example,
                               std::string& metadata) {
  find_fields(interaction);
  for (const Field& field : fields_) {
    const JsonValue value = field.found();
    if (value && !is_of_type(value, field.type))
      return Outcome::bad((field.value ? field.name : field.other_name) +
                          ": not " + std::string(describe(field.type)));
  }
  const JsonValue question = fields_[kQuestion].found();
  const JsonValue answer = fields_[kAnswer].found();
  if (!question || is_blank_string(question))
    return Outcome::drop("no_question");
  if (!answer || is_blank_string(answer)) return Outcome::drop("no_answer");
  const JsonValue rejected = fields_[kRejected].found();
  if (!before_rejected_.empty() && (!rejected || is_blank_string(rejected)))
    return Outcome::drop("no_rejected");

  metadata += R"({"id":)";
  const JsonValue id = fields_[kId].found();
  const JsonValue url = fields_[kSourceUrl].found();
  if (id && !is_blank_string(id)) {
    metadata += id.raw();
  } else {
    const bool has_url = url && !is_blank_string(url);
    metadata += '"';
    metadata += hex(sha256((has_url ? url : question).string()));
    metadata += '"';
  }
  for (std::size_t i = kConfidence; i < fields_.size(); ++i) {
    if (!fields_[i].found()) continue;
    metadata += ',';
    metadata += fields_[i].json_name;
    metadata += ':';
    metadata += fields_[i].found().raw();
  }
  metadata += '}';

  example += before_question_;
  example += question.raw();
  example += before_answer_;
  example += answer.raw();
  if (!before_rejected_.empty()) {
    example += before_rejected_;
    example += rejected.raw();
  }
  example += behind_answer_;
  if (has_metadata_) {
    example += metadata;
    example += "}\n";
  }
  return Outcome::replace();
}

}  // namespace mill
