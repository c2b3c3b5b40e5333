#include "lib/examples/to_messages.h"

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/base/sha256.h"
#include "lib/base/utf8.h"
#include "lib/json/json_members.h"
#include "lib/json/json_writer.h"
#include "lib/record/example_writer.h"
#include "lib/record/interaction.h"
#include "lib/record/kind.h"
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

// Bytes that no JSON text holds, as placeholders of what differs.
constexpr std::string_view kPlaces = "\1\2\3\4";

// An example's turns and columns in another format; or why that cannot hold
// them.
class Reshaping {
 public:
  Reshaping(const ExampleReader& example, const ExampleFormat& format)
      : example_(example), source_(example.format()), format_(format) {
    copies_ = source_.role_key == format.role_key &&
              source_.content_key == format.content_key &&
              source_.user == format.user &&
              source_.assistant == format.assistant &&
              source_.has_parts == format.has_parts &&
              std::all_of(format.columns.begin(), format.columns.end(),
                          [](const ExampleColumn& column) {
                            return column.holds == ExampleColumn::kTurns ||
                                   column.holds == ExampleColumn::kTurn ||
                                   column.holds == ExampleColumn::kEither;
                          });
  }

  bool take(JsonValue record) {
    for (const Turn& turn : example_.turns())
      if (!take_turn(turn)) return false;
    return check_answer() && check_system() && check_history() &&
           take_others(record);
  }
  const Conversation& said() const { return said_; }
  const std::string& why() const { return why_; }

 private:
  bool fail(std::string_view what) {
    why_ = what;
    return false;
  }
  bool fail_turn(std::string_view what) {
    why_ = "turn " + std::to_string(turn_) + ": " + std::string(format_.name) +
           " has no place for " + std::string(what);
    return false;
  }

  bool take_turn(const Turn& turn) {
    ++turn_;
    Conversation::Said said{turn.role, {}, {}};
    if (copies_ && turn.turn.is_object())
      said.turn = turn.turn.raw();
    else if (!take_text(turn, said.text))
      return false;
    if (turn.continues) {
      std::string& question = said_.turns.back().text;
      question.pop_back();
      question += "\\n" + said.text.substr(1);
      return true;
    }
    if (turn.part == Part::kAnswer) ++answers_;
    if (turn.part != Part::kRejected) {
      said_.turns.push_back(std::move(said));
      return true;
    }
    if (said_.rejected) return fail("rejected: not one turn");
    said_.rejected = std::move(said);
    return true;
  }

  // A turn's text, as a JSON string, if it has nothing else.
  bool take_text(const Turn& turn, std::string& text) {
    const std::string name = role_name(turn);
    if (turn.role > Role::kAssistant || name == "developer" ||
        name == "function_call")
      return fail_turn("the role '" + name + "'");
    for (const auto [key, value] : turn.turn.members()) {
      const std::string member = key.string();
      if (member != source_.role_key && member != source_.content_key &&
          !value.is_null())
        return fail_turn("'" + member + "'");
    }
    JsonValue content = turn.content;
    if (content.is_array() && content.size() == 1)
      if (const JsonValue part = *content.elements().begin(); part.size() == 1)
        content = part["text"];
    if (!content.is_string()) return fail_turn("content that is no one text");
    text = content.raw();
    return true;
  }

  bool check_answer() {
    if (answers_ > 1) return fail("the answer is not one turn");
    if (said_.turns.empty()) return fail("there are no turns");
    if (said_.rejected && !holds(format_, Part::kRejected))
      return fail(std::string(format_.name) +
                  " has no place for a rejected answer");
    if (holds(format_, Part::kAnswer) &&
        said_.turns.back().role != Role::kAssistant)
      return fail("the last turn is not the assistant's");
    return true;
  }

  bool check_system() {
    if (!holds(format_, Part::kSystem)) return true;
    for (turn_ = 2; turn_ <= said_.turns.size(); ++turn_)
      if (said_.turns[turn_ - 1].role == Role::kSystem)
        return fail_turn("a system message that is not the first");
    return true;
  }

  bool check_history() {
    if (!holds(format_, Part::kHistory)) return true;
    const std::size_t first = said_.turns[0].role == Role::kSystem ? 1 : 0;
    bool takes_turns = (said_.turns.size() - first) % 2 == 0;
    for (std::size_t i = first; i < said_.turns.size(); ++i)
      takes_turns &= said_.turns[i].role ==
                     ((i - first) % 2 == 0 ? Role::kUser : Role::kAssistant);
    return takes_turns && said_.turns.size() > first
               ? true
               : fail("user and assistant do not take turns");
  }

  bool take_others(JsonValue record) {
    for (const NamedMember& member : unique_members(record)) {
      const std::string& name = member.name;
      if (name == source_.schema_key) continue;
      if (has_column(source_, name)) {
        if (!take_others_within(member.value, name)) return false;
        continue;
      }
      if (name == "metadata")
        said_.metadata = member.value.raw();
      else if (!format_.takes_others || has_column(format_, name))
        return fail(name + ": " + std::string(format_.name) +
                    " has no place for it");
      else
        said_.others.emplace_back(member.key.raw(), member.value.raw());
    }
    return true;
  }

  // Of a column that lies within another object, what else that has: a
  // preference's tools, say.
  bool take_others_within(JsonValue object, const std::string& name) {
    for (const ExampleColumn& column : source_.columns) {
      if (!column.path.starts_with(name + '.')) continue;
      for (const auto [key, value] : object.members())
        if (name + '.' + key.string() != column.path && !value.is_null())
          return fail(name + '.' + key.string() + ": " +
                      std::string(format_.name) + " has no place for it");
    }
    return true;
  }

  const ExampleReader& example_;
  const ExampleFormat& source_;
  const ExampleFormat& format_;
  bool copies_;  // turns are spelled alike, and can be taken over whole
  Conversation said_;
  std::size_t turn_ = 0;  // counted from 1
  std::size_t answers_ = 0;
  std::string why_;
};

}  // namespace

std::string ToMessages::other_name(std::string_view field) {
  std::string camel;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const bool capital =
        field[i] == '_' && i + 1 < field.size() && is_ascii_lower(field[i + 1]);
    camel += capital ? static_cast<char>(field[++i] - 'a' + 'A') : field[i];
  }
  return camel;
}

ToMessages::ToMessages(const ExampleFormat& format,
                       std::string_view system_prompt,
                       const std::vector<std::string>& include_fields)
    : format_(format) {
  Conversation said;
  if (!is_blank(system_prompt))
    said.turns.push_back({Role::kSystem, json_string(system_prompt)});
  const auto place = [&](std::size_t i) {
    return std::string(kPlaces.substr(i, 1));
  };
  said.turns.push_back({Role::kUser, place(Piece::kQuestion)});
  said.turns.push_back({Role::kAssistant, place(Piece::kAnswer)});
  said.rejected = {Role::kAssistant, place(Piece::kRejected)};
  said.metadata = kPlaces.substr(Piece::kMetadata, 1);
  std::string example;
  write_example(format, said, example);
  for (std::string_view rest = example;;) {
    const std::size_t at = rest.find_first_of(kPlaces);
    Piece piece{std::string(rest.substr(0, at)), Piece::kEnd};
    if (at == rest.npos) {
      pieces_.push_back(std::move(piece));
      pieces_.back().bytes += '\n';
      break;
    }
    piece.then = static_cast<decltype(piece.then)>(kPlaces.find(rest[at]));
    pieces_.push_back(std::move(piece));
    rest.remove_prefix(at + 1);
  }

  fields_ = {{"question", kTitle, Type::kString},
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
    if (!is_there) fields_.push_back({name, other_name(name), Type::kAny});
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
  // A title is a question only beside an answer.
  if (!fields_[kAnswer].found()) fields_[kQuestion].other_value = JsonValue();
}

Outcome ToMessages::operator()(JsonValue record, std::string& example,
                               std::string& metadata) {
  find_fields(record);
  const JsonValue question = fields_[kQuestion].found();
  const JsonValue answer = fields_[kAnswer].found();
  if (!question) switch (kind_of(record)) {
      case RecordKind::kExample:
        return convert_example(record, example, metadata);
      case RecordKind::kInteraction:
      case RecordKind::kUnknown: break;
      default:
        return Outcome::bad(wrong_kind(
            record, {RecordKind::kInteraction, RecordKind::kExample}));
    }
  for (const Field& field : fields_) {
    const JsonValue value = field.found();
    if (value && !is_of_type(value, field.type))
      return Outcome::bad((field.value ? field.name : field.other_name) +
                          ": not " + std::string(describe(field.type)));
  }
  if (!question || is_blank_string(question))
    return Outcome::drop("no_question");
  if (!answer || is_blank_string(answer)) return Outcome::drop("no_answer");
  const JsonValue rejected = fields_[kRejected].found();
  if (holds(format_, Part::kRejected) &&
      (!rejected || is_blank_string(rejected)))
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

  for (const Piece& piece : pieces_) {
    example += piece.bytes;
    switch (piece.then) {
      case Piece::kQuestion: example += question.raw(); break;
      case Piece::kAnswer: example += answer.raw(); break;
      case Piece::kRejected: example += rejected.raw(); break;
      case Piece::kMetadata: example += metadata; break;
      case Piece::kEnd: break;
    }
  }
  return Outcome::replace();
}

Outcome ToMessages::convert_example(JsonValue record, std::string& out,
                                    std::string& metadata) {
  example_.read(record);
  if (!example_.problem().empty()) return Outcome::bad(example_.problem());
  Reshaping reshaping(example_, format_);
  if (&example_.format() == &format_) {
    const JsonValue its = record["metadata"];
    metadata += its ? its.raw() : "null";
    return Outcome::keep();
  }
  if (!reshaping.take(record)) return Outcome::bad(reshaping.why());
  const Conversation& said = reshaping.said();
  if (holds(format_, Part::kRejected) && !said.rejected)
    return Outcome::drop("no_rejected");
  metadata += said.metadata.empty() ? "null" : said.metadata;
  write_example(format_, said, out);
  out += '\n';
  return Outcome::replace();
}

}  // namespace mill
