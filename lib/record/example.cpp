#include "lib/record/example.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <iterator>

#include "lib/record/interaction.h"

namespace mill {

namespace {

using Column = ExampleColumn;
using Key = std::string_view;

constexpr Key kMessagesMarks[] = {"messages"};
constexpr Column kMessagesColumns[] = {
    {"messages", Column::kTurns, Part::kWhole},
};

constexpr Key kSharegptMarks[] = {"conversations"};
constexpr Column kSharegptColumns[] = {
    {"system", Column::kString, Part::kSystem, true},
    {"conversations", Column::kTurns, Part::kWhole},
};

constexpr Key kVertexMarks[] = {"contents"};
constexpr Column kVertexColumns[] = {
    {"systemInstruction", Column::kContent, Part::kSystem, true,
     "system_instruction"},
    {"contents", Column::kTurns, Part::kWhole},
};

constexpr Key kAlpacaMarks[] = {"instruction"};
constexpr Column kAlpacaColumns[] = {
    {"system", Column::kString, Part::kSystem, true},
    {"history", Column::kPairs, Part::kHistory, true},
    {"instruction", Column::kString, Part::kQuestion},
    {"input", Column::kString, Part::kInput, true},
    {"output", Column::kString, Part::kAnswer},
};

constexpr Column kSharegptPreferenceColumns[] = {
    {"system", Column::kString, Part::kSystem, true},
    {"conversations", Column::kTurns, Part::kPrompt},
    {"chosen", Column::kTurn, Part::kAnswer},
    {"rejected", Column::kTurn, Part::kRejected},
};

constexpr Column kAlpacaPreferenceColumns[] = {
    {"system", Column::kString, Part::kSystem, true},
    {"history", Column::kPairs, Part::kHistory, true},
    {"instruction", Column::kString, Part::kQuestion},
    {"input", Column::kString, Part::kInput, true},
    {"chosen", Column::kString, Part::kAnswer},
    {"rejected", Column::kString, Part::kRejected},
};

constexpr Column kAxolotlPreferenceColumns[] = {
    {"messages", Column::kTurns, Part::kPrompt},
    {"chosen", Column::kTurn, Part::kAnswer},
    {"rejected", Column::kTurn, Part::kRejected},
};

constexpr Column kVertexPreferenceColumns[] = {
    {"system_instruction", Column::kContent, Part::kSystem, true,
     "systemInstruction"},
    {"contents", Column::kTurns, Part::kPrompt},
    {"completions", Column::kScored, Part::kAnswer},
    {"completions", Column::kScored, Part::kRejected},
};

constexpr Key kOpenaiPreferenceMarks[] = {"preferred_output"};
constexpr Column kOpenaiPreferenceColumns[] = {
    {"input.messages", Column::kTurns, Part::kPrompt},
    {"preferred_output", Column::kTurns, Part::kAnswer},
    {"non_preferred_output", Column::kTurns, Part::kRejected},
};

constexpr Column kRftColumns[] = {
    {"messages", Column::kTurns, Part::kPrompt},
    {"reference_answer", Column::kString, Part::kAnswer},
};

constexpr Column kBedrockColumns[] = {
    {"system", Column::kTexts, Part::kSystem, true},
    {"messages", Column::kTurns, Part::kWhole},
};

constexpr Column kBedrockClaudeColumns[] = {
    {"system", Column::kString, Part::kSystem, true},
    {"messages", Column::kTurns, Part::kWhole},
};

constexpr Key kPreferenceMarks[] = {"chosen"};
constexpr Column kPreferenceColumns[] = {
    {"prompt", Column::kEither, Part::kPrompt, true},
    {"chosen", Column::kEither, Part::kAnswer},
    {"rejected", Column::kEither, Part::kRejected},
};

constexpr Key kTrlMarks[] = {"prompt"};
constexpr Column kTrlColumns[] = {
    {"prompt", Column::kEither, Part::kPrompt},
    {"completion", Column::kEither, Part::kAnswer},
};

constexpr Key kInteractionMarks[] = {"question", "answer", "topAnswer"};
constexpr Column kInteractionColumns[] = {
    {"question", Column::kString, Part::kQuestion},
    {"answer", Column::kString, Part::kAnswer, false, "topAnswer"},
    {"rejected", Column::kString, Part::kRejected, true},
};

constexpr Key kTextMarks[] = {"text"};
constexpr Column kTextColumns[] = {{"text", Column::kString, Part::kText}};

// Marks are looked for from the first row to the last, in two rounds: first in
// the rows that ask for another key beside the mark. The last two are not
// examples, but are read in the same way.
constexpr ExampleFormat kRows[] = {
    {.name = "openai", .marks = kMessagesMarks, .columns = kMessagesColumns},
    {.name = "together",
     .marks = kMessagesMarks,
     .columns = kMessagesColumns,
     .takes_others = false},
    {.name = "sharegpt",
     .marks = kSharegptMarks,
     .columns = kSharegptColumns,
     .role_key = "from",
     .content_key = "value",
     .user = "human",
     .assistant = "gpt"},
    {.name = "alpaca", .marks = kAlpacaMarks, .columns = kAlpacaColumns},
    {.name = "vertex",
     .marks = kVertexMarks,
     .columns = kVertexColumns,
     .content_key = "parts",
     .assistant = "model",
     .has_parts = true,
     .takes_others = false},
    {.name = "bedrock",
     .marks = kMessagesMarks,
     .beside = "schemaVersion",
     .columns = kBedrockColumns,
     .has_parts = true,
     .takes_others = false,
     .schema_key = "schemaVersion",
     .schema = "bedrock-conversation-2024"},
    {.name = "bedrock-claude",
     .marks = kMessagesMarks,
     .beside = "system",
     .columns = kBedrockClaudeColumns,
     .takes_others = false},
    {.name = "openai-rft",
     .marks = kMessagesMarks,
     .beside = "reference_answer",
     .columns = kRftColumns},
    {.name = "openai-preference",
     .marks = kOpenaiPreferenceMarks,
     .columns = kOpenaiPreferenceColumns},
    {.name = "together-preference",
     .marks = kOpenaiPreferenceMarks,
     .columns = kOpenaiPreferenceColumns,
     .takes_others = false},
    {.name = "vertex-preference",
     .marks = kVertexMarks,
     .beside = "completions",
     .columns = kVertexPreferenceColumns,
     .content_key = "parts",
     .assistant = "model",
     .has_parts = true,
     .takes_others = false},
    {.name = "sharegpt-preference",
     .marks = kSharegptMarks,
     .beside = "chosen",
     .columns = kSharegptPreferenceColumns,
     .role_key = "from",
     .content_key = "value",
     .user = "human",
     .assistant = "gpt"},
    {.name = "alpaca-preference",
     .marks = kAlpacaMarks,
     .beside = "chosen",
     .columns = kAlpacaPreferenceColumns},
    {.name = "axolotl-preference",
     .marks = kMessagesMarks,
     .beside = "chosen",
     .columns = kAxolotlPreferenceColumns},
    {.name = "trl-preference",
     .marks = kPreferenceMarks,
     .columns = kPreferenceColumns},
    {.name = "trl", .marks = kTrlMarks, .columns = kTrlColumns},
    {.name = "interaction",
     .marks = kInteractionMarks,
     .columns = kInteractionColumns},
    {.name = "text", .marks = kTextMarks, .columns = kTextColumns},
};
constexpr std::size_t kFormats = std::size(kRows) - 2;
constexpr std::span<const ExampleFormat> kExampleFormats{kRows, kFormats};

// Whose text a column is that has no roles in it.
Role role_of(Part part) {
  switch (part) {
    case Part::kSystem: return Role::kSystem;
    case Part::kAnswer:
    case Part::kRejected: return Role::kAssistant;
    case Part::kText: return Role::kText;
    case Part::kWhole:
    case Part::kPrompt:
    case Part::kHistory:
    case Part::kQuestion:
    case Part::kInput: break;
  }
  return Role::kUser;
}

std::string element(std::string_view list, std::size_t index) {
  return std::string(list) + '[' + std::to_string(index) + ']';
}

// Bit N: a mark, or a key beside one, is N bytes long. By their length alone
// most of an interaction's keys are none.
constexpr std::uint64_t mark_sizes() {
  std::uint64_t sizes = 0;
  for (const ExampleFormat& row : kRows) {
    for (const Key mark : row.marks) sizes |= std::uint64_t{1} << mark.size();
    if (!row.beside.empty()) sizes |= std::uint64_t{1} << row.beside.size();
  }
  return sizes;
}

// The first row that has a mark in the record, of those that also have the key
// beside it if there are any; null if none has.
const ExampleFormat* row_of(JsonValue record) {
  static_assert(std::size(kRows) <= 32);
  std::uint32_t marked = 0, beside = 0;  // bit N: row N
  std::string scratch;
  for (const auto [key, value] : record.members()) {
    constexpr std::uint64_t kSizes = mark_sizes();
    const std::string_view name = key.string(scratch);
    if (name.size() >= 64 || !(kSizes >> name.size() & 1)) continue;
    std::uint32_t bit = 1;
    for (const ExampleFormat& row : kRows) {
      for (const Key mark : row.marks)
        if (mark == name) marked |= bit;
      if (row.beside == name) beside |= bit;
      bit <<= 1;
    }
  }
  constexpr std::uint32_t kAskMore = [] {
    std::uint32_t rows = 0, bit = 1;
    for (const ExampleFormat& row : kRows) {
      if (!row.beside.empty()) rows |= bit;
      bit <<= 1;
    }
    return rows;
  }();
  std::uint32_t found = marked & beside & kAskMore;
  if (!found) found = marked & ~kAskMore;
  return found ? kRows + std::countr_zero(found) : nullptr;
}

}  // namespace

const ExampleFormat& kInteractionFormat = kRows[kFormats];
const ExampleFormat& kTextFormat = kRows[kFormats + 1];

std::span<const ExampleFormat> example_formats() { return kExampleFormats; }

const ExampleFormat* example_format(std::string_view name) {
  for (const ExampleFormat& format : kExampleFormats)
    if (format.name == name) return &format;
  return nullptr;
}

const ExampleFormat* example_format(JsonValue record) {
  const ExampleFormat* const found = row_of(record);
  return found < kRows + kFormats ? found : nullptr;
}

bool is_role_key(std::string_view key) {
  return std::any_of(
      kExampleFormats.begin(), kExampleFormats.end(),
      [&](const ExampleFormat& format) { return format.role_key == key; });
}

bool has_column(const ExampleFormat& format, std::string_view key) {
  // A path begins with a key: "input.messages".
  const bool is_one = key.find('.') == std::string_view::npos;
  return std::any_of(format.columns.begin(), format.columns.end(),
                     [&](const Column& column) {
                       return column.other_path == key ||
                              (is_one && column.path.starts_with(key) &&
                               (column.path.size() == key.size() ||
                                column.path[key.size()] == '.'));
                     });
}

bool is_text_column(std::string_view key) {
  return std::any_of(
      std::begin(kRows), std::end(kRows),
      [&](const ExampleFormat& row) { return has_column(row, key); });
}

std::string_view meaning_of_column(std::string_view path) {
  for (const ExampleFormat& format : kExampleFormats)
    for (const Column& column : format.columns)
      if (column.path == path) switch (column.part) {
          case Part::kWhole:
            return "the conversation: system, question, answer";
          case Part::kPrompt: return "the conversation up to the answer";
          case Part::kSystem: return "the system message";
          case Part::kHistory: return "earlier questions and answers";
          case Part::kQuestion: return "the question";
          case Part::kInput: return "what else belongs to the question";
          case Part::kAnswer: return "the answer";
          case Part::kRejected: return "an answer that is not preferred";
          case Part::kText: return "the text";
        }
  return "";
}

Role role_named(std::string_view name) {
  constexpr struct {
    std::string_view name;
    Role role;
  } kNames[] = {
      {"user", Role::kUser},        {"assistant", Role::kAssistant},
      {"system", Role::kSystem},    {"developer", Role::kSystem},
      {"human", Role::kUser},       {"gpt", Role::kAssistant},
      {"model", Role::kAssistant},  {"function_call", Role::kAssistant},
      {"tool", Role::kTool},        {"function", Role::kTool},
      {"observation", Role::kTool},
  };
  for (const auto& known : kNames)
    if (known.name == name) return known.role;
  return Role::kOther;
}

std::string role_name(const Turn& turn) {
  if (turn.name.is_string()) return turn.name.string();
  switch (turn.role) {
    case Role::kSystem: return "system";
    case Role::kUser: return "user";
    case Role::kAssistant: return "assistant";
    case Role::kText: return "text";
    case Role::kTool:
    case Role::kOther:
    case Role::kOverhead: break;
  }
  return "no role";
}

bool ExampleReader::read(JsonValue record) {
  turns_.clear();
  problem_.clear();
  format_ = row_of(record);
  if (!format_) return false;
  turns_.reserve(8);
  for (const Column& column : format_->columns) read_column(column, record);
  return true;
}

void ExampleReader::read_column(const Column& column, JsonValue record) {
  JsonValue value = record.at_path(column.path);
  if (!column.other_path.empty() && (!value || value.is_null()))
    if (const JsonValue other = record.at_path(column.other_path))
      value = other;
  if (column.is_optional && (!value || value.is_null())) return;
  const Role role = role_of(column.part);
  switch (column.holds) {
    case Column::kTurns: return read_turns(column, value);
    case Column::kPairs: return read_pairs(column, value);
    case Column::kEither:
      if (value.is_array()) return read_turns(column, value);
      return add_text(column, role, value);
    case Column::kString: return add_text(column, role, value);
    case Column::kTurn:
      return read_turn(column, value, std::string(column.path));
    case Column::kScored: return read_scored(column, value);
    case Column::kTexts:
      check_parts(value, column.path);
      turns_.push_back({column.part, role, false, {}, value, {}});
      return;
    case Column::kContent: break;
  }
  const JsonValue content = value[format_->content_key];
  check_parts(content, std::string(column.path) + '.' +
                           std::string(format_->content_key));
  turns_.push_back({column.part, role, false, {}, content, value});
}

void ExampleReader::add_text(const Column& column, Role role, JsonValue text) {
  if (!text.is_string()) return note(column.path, "a string", text);
  const bool continues = column.part == Part::kInput;
  if (continues && text.raw_string().empty()) return;
  turns_.push_back({column.part, role, continues, {}, text, {}});
}

void ExampleReader::read_turns(const Column& column, JsonValue list) {
  if (!list.is_array()) return note(column.path, "an array", list);
  std::size_t index = 0;
  for (const JsonValue turn : list.elements())
    read_turn(column, turn, element(column.path, index++));
}

void ExampleReader::read_turn(const Column& column, JsonValue turn,
                              const std::string& where) {
  const auto member = [&](std::string_view key) {
    return where + '.' + std::string(key);
  };
  const JsonValue name = turn[format_->role_key];
  const JsonValue content = turn[format_->content_key];
  std::string scratch;
  const Role role =
      name.is_string() ? role_named(name.string(scratch)) : Role::kOther;
  if (!turn.is_object())
    note(where, "an object", turn);
  else if (!name.is_string())
    note(member(format_->role_key), "a string", name);
  else if (!content.is_string() && !content.is_null())
    check_parts(content, member(format_->content_key));
  turns_.push_back({column.part, role, false, name, content, turn});
}

void ExampleReader::read_scored(const Column& column, JsonValue list) {
  const double score = column.part == Part::kAnswer ? 1 : 0;
  std::size_t index = 0;
  for (const JsonValue each : list.elements()) {
    const std::string where = element(column.path, index++);
    if (each["score"].number() == score)
      return read_turn(column, each["completion"], where + ".completion");
  }
  note(column.path, "a list with a score of " + std::to_string(int(score)),
       list);
}

void ExampleReader::read_pairs(const Column& column, JsonValue list) {
  std::size_t index = 0;
  for (const JsonValue pair : list.elements()) {
    Role role = Role::kUser;
    for (const JsonValue text : pair.elements()) {
      if (!text.is_string())
        note(element(column.path, index), "a string", text);
      else
        turns_.push_back({column.part, role, false, {}, text, {}});
      role = Role::kAssistant;
    }
    ++index;
  }
}

void ExampleReader::check_parts(JsonValue content, std::string_view where) {
  if (!content.is_array()) return note(where, "text", content);
  std::size_t index = 0;
  for (const JsonValue part : content.elements()) {
    const JsonValue text = part["text"];
    if (text && !text.is_string())
      note(element(where, index) + ".text", "a string", text);
    ++index;
  }
}

void ExampleReader::note(std::string_view where, std::string_view wanted,
                         JsonValue value) {
  if (!problem_.empty()) return;
  problem_ = std::string(where) + ": " + mismatch(wanted, value);
}

std::optional<std::string_view> question_of(JsonValue record,
                                            std::string& scratch) {
  ExampleReader example;
  if (!example.read(record)) return std::nullopt;
  std::optional<std::string_view> question;
  std::string text;
  for (const Turn& turn : example.turns()) {
    if (question && !turn.continues) break;
    if (turn.role != Role::kUser) continue;
    for_each_text(turn.content, [&](JsonValue piece) {
      if (!question) {
        question = piece.string(scratch);
        return;
      }
      text = *question;  // which may view scratch
      text += '\n';
      text += piece.string();
      scratch = text;
      question = scratch;
    });
    if (!question) break;
  }
  return question;
}

namespace {

// A string's text or a number's spelling.
std::optional<std::string_view> key_text(JsonValue value,
                                         std::string& scratch) {
  if (value.is_string()) return value.string(scratch);
  if (value.is_number()) return value.raw();
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> example_key(JsonValue example,
                                            std::string& scratch) {
  const JsonValue id = example["metadata"]["id"];
  if (id && !id.is_null()) return key_text(id, scratch);
  if (!example_format(example)) return std::nullopt;
  return question_of(example, scratch);
}

std::string record_id(JsonValue record) {
  JsonValue id = record["metadata"]["id"];
  if (!id || id.is_null()) id = record["id"];
  std::string scratch;
  return std::string(key_text(id, scratch).value_or(""));
}

}  // namespace mill
