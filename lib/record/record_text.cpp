#include "lib/record/record_text.h"

#include "lib/record/example.h"
#include "lib/record/interaction.h"

namespace mill {

bool append_record_text(std::string& out, JsonValue record,
                        std::string_view field) {
  std::string scratch;
  if (field == "question") {
    const auto question = question_of(record, scratch);
    if (!question) return false;
    out += *question;
    out += '\n';
    return true;
  }
  if (!field.empty()) {
    const JsonValue value = record.at_path(field);
    if (!value.is_string() && !value.is_number()) return false;
    out += value.is_string() ? value.string(scratch) : value.raw();
    out += '\n';
    return true;
  }
  ExampleReader example;
  if (!example.read(record)) return false;
  bool found = false;
  for (const Turn& turn : example.turns()) {
    if (turn.role != Role::kUser && turn.role != Role::kAssistant &&
        turn.role != Role::kText)
      continue;
    for_each_text(turn.content, [&](JsonValue text) {
      out += text.string(scratch);
      out += '\n';
      found = true;
    });
  }
  return found;
}

JsonValue record_value(JsonValue record, std::string_view name) {
  const JsonValue value = record["metadata"][name];
  return value && !value.is_null() ? value : interaction_field(record, name);
}

}  // namespace mill
