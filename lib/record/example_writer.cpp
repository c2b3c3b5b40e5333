#include "lib/record/example_writer.h"

#include <algorithm>
#include <span>

#include "lib/json/json_writer.h"

namespace mill {

namespace {

using Said = Conversation::Said;
using Turns = std::span<const Said>;

std::string_view name_in(const ExampleFormat& format, Role role) {
  if (role == Role::kSystem) return "system";
  return role == Role::kUser ? format.user : format.assistant;
}

void append_key(std::string& out, std::string_view key) {
  if (!out.ends_with('{')) out += ',';
  out += '"';
  out += key;
  out += "\":";
}

void append_turn(std::string& out, const ExampleFormat& format,
                 const Said& said) {
  if (!said.turn.empty()) {
    out += said.turn;
    return;
  }
  out += '{';
  append_key(out, format.role_key);
  append_json_string(out, name_in(format, said.role));
  append_key(out, format.content_key);
  if (format.has_parts) out += "[{\"text\":";
  out += said.text;
  if (format.has_parts) out += "}]";
  out += '}';
}

void append_turns(std::string& out, const ExampleFormat& format, Turns turns) {
  out += '[';
  for (const Said& said : turns) {
    if (&said != turns.data()) out += ',';
    append_turn(out, format, said);
  }
  out += ']';
}

void append_pairs(std::string& out, Turns turns) {
  out += '[';
  for (std::size_t i = 0; i + 1 < turns.size(); i += 2) {
    if (i > 0) out += ',';
    out += '[' + turns[i].text + ',' + turns[i + 1].text + ']';
  }
  out += ']';
}

void append_scored(std::string& out, const ExampleFormat& format,
                   const Said& answer, const Said& rejected) {
  out += "[{\"score\":1,\"completion\":";
  append_turn(out, format, answer);
  out += "},{\"score\":0,\"completion\":";
  append_turn(out, format, rejected);
  out += "}]";
}

// A column's turns, of all but the system message, where that has a column.
Turns turns_of(Part part, Turns system, Turns turns, Turns rejected) {
  switch (part) {
    case Part::kWhole: return turns;
    case Part::kPrompt: return turns.first(turns.size() - 1);
    case Part::kSystem: return system;
    case Part::kHistory: return turns.first(turns.size() - 2);
    case Part::kQuestion: return turns.subspan(turns.size() - 2, 1);
    case Part::kAnswer: return turns.last(1);
    case Part::kRejected: return rejected;
    case Part::kInput:
    case Part::kText: break;
  }
  return {};
}

}  // namespace

bool holds(const ExampleFormat& format, Part part) {
  return std::any_of(
      format.columns.begin(), format.columns.end(),
      [&](const ExampleColumn& column) { return column.part == part; });
}

void write_example(const ExampleFormat& format, const Conversation& said,
                   std::string& out) {
  const bool splits_system =
      holds(format, Part::kSystem) && said.turns.front().role == Role::kSystem;
  const Turns all = said.turns;
  const Turns system = all.first(splits_system ? 1 : 0);
  const Turns rejected = said.rejected ? Turns(&*said.rejected, 1) : Turns();
  out += '{';
  if (!format.schema_key.empty()) {
    append_key(out, format.schema_key);
    append_json_string(out, format.schema);
  }
  for (const ExampleColumn& column : format.columns) {
    const Turns turns =
        turns_of(column.part, system, all.subspan(system.size()), rejected);
    if (turns.empty() && column.is_optional && column.part != Part::kInput)
      continue;
    if (column.holds == ExampleColumn::kScored) {
      if (column.part == Part::kRejected) continue;  // written already
      append_key(out, column.path);
      append_scored(out, format, turns.front(), rejected.front());
      continue;
    }
    const std::size_t dot = column.path.find('.');
    if (dot != column.path.npos) {
      append_key(out, column.path.substr(0, dot));
      out += '{';
    }
    append_key(out, column.path.substr(dot + 1));  // npos + 1 is 0
    switch (column.holds) {
      case ExampleColumn::kString:
        out += turns.empty() ? "\"\"" : turns.front().text;
        break;
      case ExampleColumn::kTurns:
      case ExampleColumn::kEither: append_turns(out, format, turns); break;
      case ExampleColumn::kTurn:
      case ExampleColumn::kContent:
        append_turn(out, format, turns.front());
        break;
      case ExampleColumn::kTexts:
        out += "[{\"text\":" + turns.front().text + "}]";
        break;
      case ExampleColumn::kPairs: append_pairs(out, turns); break;
      case ExampleColumn::kScored: break;
    }
    if (dot != column.path.npos) out += '}';
  }
  if (format.takes_others) {
    if (!said.metadata.empty()) {
      append_key(out, "metadata");
      out += said.metadata;
    }
    for (const auto& [key, value] : said.others) {
      out += ',';
      out += key;
      out += ':';
      out += value;
    }
  }
  out += '}';
}

}  // namespace mill
