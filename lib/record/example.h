// example.h - what a training example looks like, in every format.
//
// example_formats() has a row for each format, and whatever reads or writes
// examples goes by it: a new format is a new row, in example.cpp, and all
// programs read and write it. What is said in an example is its turns:
//
//   mill::ExampleReader example;
//   if (!example.read(record)) return "no text: " + ...;
//   for (const mill::Turn& turn : example.turns())
//     mill::for_each_text(turn.content, [&](mill::JsonValue text) { ... });
//
// Interactions and plain texts have turns, too, so that one loop does for all
// records that hold something to learn.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"

namespace mill {

// Whose text it is. Roles have several names: developer counts as system, human
// as user, gpt, model and function_call as assistant, function and observation
// as tool. Text without a role is kText; kOverhead is nobody's: the tokens of a
// chat's frame.
enum class Role { kSystem, kUser, kAssistant, kTool, kOther, kText, kOverhead };

// Which part of a conversation a column holds.
enum class Part {
  kWhole,     // all turns, the answer last
  kPrompt,    // all turns but the answer
  kSystem,    // the system message
  kHistory,   // the turns between the system message and the last question
  kQuestion,  // the last question
  kInput,     // what else belongs to it
  kAnswer,    // the answer; of a pair the preferred one
  kRejected,  // of a pair the other answer
  kText,      // no conversation, but a text
};

struct ExampleColumn {
  enum Holds {
    kString,   // "text"
    kTurns,    // a list of turns, as the format spells them
    kEither,   // one of these two
    kTurn,     // one turn
    kContent,  // one turn; its role is the part's
    kTexts,    // one turn's content: [{"text": "..."}]; its role is the part's
    kPairs,    // [["question", "answer"], ...]
    // [{"score": 1, "completion": a turn}, {"score": 0, "completion": a turn}],
    // the answer and the rejected one: two columns of one path.
    kScored,
  };
  std::string_view path;  // dots descend
  Holds holds;
  Part part;
  bool is_optional = false;
  std::string_view other_path = {};  // where it stands if not at path
};

struct ExampleFormat {
  std::string_view name;  // as --format has it
  // A record with one of these keys is of this format, unless of one before it.
  std::span<const std::string_view> marks;
  // If not empty, it must have this key, too: then it is of this format rather
  // than of one that asks for less.
  std::string_view beside = {};
  std::span<const ExampleColumn> columns;  // in the order of the conversation
  // How a turn is spelled: its keys, and its names for user and assistant.
  std::string_view role_key = "role";
  std::string_view content_key = "content";
  std::string_view user = "user";
  std::string_view assistant = "assistant";
  bool has_parts = false;    // the content is [{"text": "..."}]
  bool takes_others = true;  // metadata, and columns besides its own
  // A column that is the same in all examples; empty: there is none.
  std::string_view schema_key = {};
  std::string_view schema = {};
};

// The formats that to-messages writes. A mark that several share stands for the
// first of them.
std::span<const ExampleFormat> example_formats();

// The format of that name, such as "openai"; null if there is none.
const ExampleFormat* example_format(std::string_view name);

// The first format that has a mark in the record; null if none has.
const ExampleFormat* example_format(JsonValue record);

// The same for interactions and plain texts, whose columns are read alike.
extern const ExampleFormat& kInteractionFormat;  // question, answer, rejected
extern const ExampleFormat& kTextFormat;         // text

// True if key is at the top of one of the format's columns.
bool has_column(const ExampleFormat& format, std::string_view key);
// True if key is a turn's role in some format.
bool is_role_key(std::string_view key);
// True if key is at the top of a format's column, an interaction's or a text's.
bool is_text_column(std::string_view key);
// What the column at path holds, such as "the conversation"; empty: no column.
std::string_view meaning_of_column(std::string_view path);

// The Role that a name, such as "human", stands for.
Role role_named(std::string_view name);

struct Turn {
  Part part;
  Role role;
  bool continues = false;  // this is more of the turn before
  JsonValue name = {};     // the role as written; missing: told by the column
  JsonValue content = {};  // a string, a list of parts, null, or what is wrong
  JsonValue turn = {};     // the object around; missing: there is none
};

// The role as it is written; where it is told by the column, "system", "user"
// or "assistant"; "no role" where it is missing.
std::string role_name(const Turn& turn);

// Reads records one after the other. What it gives is valid as long as the
// record's values are, and until the next read().
class ExampleReader {
 public:
  // Takes the turns of an example, an interaction or a text; false if the
  // record is none of these. Turns of the wrong types are included, for callers
  // that take what there is; others check problem().
  bool read(JsonValue record);

  const ExampleFormat& format() const { return *format_; }
  std::span<const Turn> turns() const { return turns_; }
  // The first thing that does not fit the format, such as "messages[0].role:
  // missing"; empty: everything fits.
  const std::string& problem() const { return problem_; }

 private:
  void read_column(const ExampleColumn& column, JsonValue record);
  void read_turns(const ExampleColumn& column, JsonValue list);
  void read_turn(const ExampleColumn& column, JsonValue turn,
                 const std::string& where);
  void read_scored(const ExampleColumn& column, JsonValue list);
  void read_pairs(const ExampleColumn& column, JsonValue list);
  void check_parts(JsonValue content, std::string_view where);
  void add_text(const ExampleColumn& column, Role role, JsonValue text);
  void note(std::string_view where, std::string_view wanted, JsonValue value);

  const ExampleFormat* format_ = nullptr;
  std::vector<Turn> turns_;
  std::string problem_;
};

// Calls use with each string of a turn's content: itself, or its parts' texts.
template <typename Use>
void for_each_text(JsonValue content, const Use& use) {
  if (content.is_string()) return use(content);
  for (const JsonValue part : content.elements())
    if (const JsonValue text = part["text"]; text.is_string()) use(text);
}

// What is asked first, in an example or an interaction: the first of the user's
// turns, its parts joined by newlines. Views the parsed bytes or scratch.
std::optional<std::string_view> question_of(JsonValue record,
                                            std::string& scratch);

// The key that examples are split and sampled by: metadata.id, else what is
// asked first. A string's text or a number's spelling; nothing where there is
// none. It must never change: rows of published versions are in the parts where
// it put them.
std::optional<std::string_view> example_key(JsonValue example,
                                            std::string& scratch);

// An example's or an interaction's own id: metadata.id, else id; empty if it
// has none.
std::string record_id(JsonValue record);

// What identifies an example from version to version: record_id(), else the
// SHA-256 of what is asked first. Empty if it has neither.
std::string example_id(JsonValue example);

}  // namespace mill
