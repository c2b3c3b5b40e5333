#include "lib/record/record_text.h"

#include "lib/record/interaction.h"

namespace mill {

namespace {

bool append_text(std::string& out, JsonValue value) {
  if (!value.is_string()) return false;
  std::string scratch;
  out += value.string(scratch);
  out += '\n';
  return true;
}

bool is_asked_or_answered(JsonValue turn) {
  const JsonValue role = turn["role"] ? turn["role"] : turn["from"];
  if (!role.is_string()) return false;
  std::string scratch;
  const std::string_view name = role.string(scratch);
  return name == "user" || name == "assistant" || name == "human" ||
         name == "gpt" || name == "model";
}

// What turns of a conversation say: {"role","content"}, {"from","value"}, or
// {"role","parts"}; content may be a list of parts, too.
bool append_turns(std::string& out, JsonValue turns) {
  bool found = false;
  for (const JsonValue turn : turns.elements()) {
    if (!is_asked_or_answered(turn)) continue;
    for (const std::string_view key : {"content", "value", "parts"}) {
      const JsonValue content = turn[key];
      found |= append_text(out, content);
      for (const JsonValue part : content.elements())
        found |= append_text(out, part["text"]);
    }
  }
  return found;
}

// What the first turn of the user's says.
std::string first_question(JsonValue turns) {
  std::string scratch;
  for (const JsonValue turn : turns.elements()) {
    const JsonValue role = turn["role"] ? turn["role"] : turn["from"];
    if (!role.is_string()) continue;
    const std::string_view name = role.string(scratch);
    if (name != "user" && name != "human") continue;
    std::string text;
    for (const std::string_view key : {"content", "value", "parts"}) {
      const JsonValue content = turn[key];
      if (content.is_string()) return content.string();
      for (const JsonValue part : content.elements()) {
        if (!part["text"].is_string()) continue;
        if (!text.empty()) text += '\n';
        text += part["text"].string();
      }
    }
    return text;
  }
  return "";
}

}  // namespace

bool append_record_text(std::string& out, JsonValue record,
                        std::string_view field) {
  if (!field.empty()) {
    const JsonValue value = record.at_path(field);
    if (value.is_number()) {
      out += value.raw();
      out += '\n';
    }
    return value.is_number() || append_text(out, value);
  }
  bool found = append_text(out, interaction_field(record, "question"));
  found |= append_text(out, interaction_field(record, "answer"));
  if (found) {
    append_text(out, record["rejected"]);
    return true;
  }
  for (const std::string_view key :
       {"messages", "conversations", "contents", "prompt", "completion",
        "chosen", "rejected"})
    found |= append_turns(out, record[key]);
  for (const std::string_view key :
       {"prompt", "completion", "chosen", "rejected", "instruction", "input",
        "output"}) {
    const JsonValue value = record[key];
    if (value.is_string() && !value.raw_string().empty())
      found |= append_text(out, value);
  }
  return found;
}

JsonValue record_value(JsonValue record, std::string_view name) {
  const JsonValue value = record["metadata"][name];
  return value && !value.is_null() ? value : interaction_field(record, name);
}

std::string record_id(JsonValue record) {
  const JsonValue id = record_value(record, "id");
  if (id.is_string()) return id.string();
  return id.is_number() ? std::string(id.raw()) : std::string();
}

std::string record_question(JsonValue record) {
  for (const std::string_view key : {"question", "prompt", "instruction"}) {
    const JsonValue value = interaction_field(record, key);
    if (value.is_string()) return value.string();
  }
  for (const std::string_view key :
       {"messages", "conversations", "contents", "prompt"})
    if (const JsonValue turns = record[key]) return first_question(turns);
  return "";
}

}  // namespace mill
