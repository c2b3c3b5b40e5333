#include "lib/record/example.h"

#include <map>
#include <string>
#include <vector>

#include "lib/base/sha256.h"
#include "lib/examples/to_messages.h"
#include "lib/record/kind.h"
#include "tests/unit/catch.h"

namespace {

struct Converted {
  mill::Outcome outcome;
  std::string example, metadata;
};

Converted convert(std::string_view json, std::string_view format) {
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(json));
  mill::ToMessages to_messages(*mill::example_format(format), "Unused.", {});
  Converted got{};
  got.outcome = to_messages(reader.root(), got.example, got.metadata);
  if (got.outcome.kind == mill::Outcome::kKeep) got.example = json;
  if (got.example.ends_with('\n')) got.example.pop_back();
  return got;
}

// One question with its answer, as each format has it.
const std::map<std::string_view, std::string> kExamples = {
    {"openai",
     R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"q\u0021\n"},{"role":"assistant","content":"a"}],"metadata":{"id":"x","confidence":0.50}})"},
    {"together",
     R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"q\u0021\n"},{"role":"assistant","content":"a"}]})"},
    {"sharegpt",
     R"({"system":"s","conversations":[{"from":"human","value":"q\u0021\n"},{"from":"gpt","value":"a"}],"metadata":{"id":"x","confidence":0.50}})"},
    {"alpaca",
     R"({"system":"s","instruction":"q\u0021\n","input":"","output":"a","metadata":{"id":"x","confidence":0.50}})"},
    {"vertex",
     R"({"systemInstruction":{"role":"system","parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"q\u0021\n"}]},{"role":"model","parts":[{"text":"a"}]}]})"},
    {"bedrock",
     R"({"schemaVersion":"bedrock-conversation-2024","system":[{"text":"s"}],"messages":[{"role":"user","content":[{"text":"q\u0021\n"}]},{"role":"assistant","content":[{"text":"a"}]}]})"},
    {"bedrock-claude",
     R"({"system":"s","messages":[{"role":"user","content":"q\u0021\n"},{"role":"assistant","content":"a"}]})"},
    {"openai-rft",
     R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"q\u0021\n"}],"reference_answer":"a","metadata":{"id":"x","confidence":0.50}})"},
    {"trl",
     R"({"prompt":[{"role":"system","content":"s"},{"role":"user","content":"q\u0021\n"}],"completion":[{"role":"assistant","content":"a"}],"metadata":{"id":"x","confidence":0.50}})"},
};

// The same with another answer, which is not preferred.
const std::map<std::string_view, std::string> kPairs = {
    {"openai-preference",
     R"({"input":{"messages":[{"role":"system","content":"s"},{"role":"user","content":"q\u0021\n"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}],"metadata":{"id":"x","confidence":0.50}})"},
    {"together-preference",
     R"({"input":{"messages":[{"role":"system","content":"s"},{"role":"user","content":"q\u0021\n"}]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})"},
    {"vertex-preference",
     R"({"system_instruction":{"role":"system","parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"q\u0021\n"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"a"}]}},{"score":0,"completion":{"role":"model","parts":[{"text":"b"}]}}]})"},
    {"sharegpt-preference",
     R"({"system":"s","conversations":[{"from":"human","value":"q\u0021\n"}],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"},"metadata":{"id":"x","confidence":0.50}})"},
    {"alpaca-preference",
     R"({"system":"s","instruction":"q\u0021\n","input":"","chosen":"a","rejected":"b","metadata":{"id":"x","confidence":0.50}})"},
    {"axolotl-preference",
     R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"q\u0021\n"}],"chosen":{"role":"assistant","content":"a"},"rejected":{"role":"assistant","content":"b"},"metadata":{"id":"x","confidence":0.50}})"},
    {"trl-preference",
     R"({"prompt":[{"role":"system","content":"s"},{"role":"user","content":"q\u0021\n"}],"chosen":[{"role":"assistant","content":"a"}],"rejected":[{"role":"assistant","content":"b"}],"metadata":{"id":"x","confidence":0.50}})"},
};

void check_all_ways(const std::map<std::string_view, std::string>& examples) {
  for (const auto& [from, example] : examples)
    for (const auto& [to, other] : examples) {
      INFO(from << " to " << to);
      const Converted there = convert(example, to);
      const auto forbids = [](std::string_view name) {
        return !mill::example_format(name)->takes_others;
      };
      // Together's examples are OpenAI's without metadata, and read as those.
      if (from == to || (from.starts_with("together") &&
                         to.starts_with("openai") && to != "openai-rft")) {
        CHECK(there.example == example);
        continue;
      }
      REQUIRE(there.outcome.kind == mill::Outcome::kReplace);
      const bool has_none = forbids(from), loses = forbids(to);
      CHECK(there.metadata ==
            (has_none ? "null" : R"({"id":"x","confidence":0.50})"));
      if (has_none == loses || loses) CHECK(there.example == other);
      if (loses && !has_none) continue;
      CHECK(convert(there.example, from).example == example);
    }
}

}  // namespace

TEST_CASE("each format becomes each other one, and comes back") {
  check_all_ways(kExamples);
  check_all_ways(kPairs);
  CHECK(kExamples.size() + kPairs.size() == mill::example_formats().size());
}

TEST_CASE("longer conversations, pairs and other columns come back, too") {
  const struct {
    const char* from;
    const char* example;
    std::vector<const char*> through;
  } cases[] = {
      {"openai",
       R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":"r"},{"role":"assistant","content":"b"}],"source":{"n":1}})",
       {"sharegpt", "alpaca", "trl"}},
      {"alpaca",
       R"({"history":[["q","a"],["r","b"]],"instruction":"t","input":"","output":"c","n":[1.0]})",
       {"openai", "sharegpt", "trl"}},
      {"openai",
       R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[]},{"role":"tool","content":"t","tool_call_id":"1"},{"role":"assistant","content":"a","weight":1}],"tools":[]})",
       {"trl"}},
      {"vertex",
       R"({"contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"a"}]},{"role":"user","parts":[{"text":"r"}]},{"role":"model","parts":[{"text":"b"}]}]})",
       {"openai", "together", "sharegpt", "alpaca", "trl"}},
  };
  for (const auto& c : cases)
    for (const char* through : c.through) {
      INFO(c.example << " through " << through);
      const Converted there = convert(c.example, through);
      CHECK(there.outcome.reason == "");
      CHECK(convert(there.example, c.from).example == c.example);
    }
}

TEST_CASE("what does not come back is said in to_messages.h") {
  CHECK(
      convert(R"({"instruction":"q","input":"\u0069","output":"a"})", "openai")
          .example ==
      R"({"messages":[{"role":"user","content":"q\n\u0069"},{"role":"assistant","content":"a"}]})");
  CHECK(
      convert(R"({"prompt":"q","completion":"a"})", "sharegpt").example ==
      R"({"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}]})");
}

TEST_CASE("what a format has no place for makes a bad record") {
  const struct {
    const char* example;
    const char* to;
    const char* why;
  } cases[] = {
      {R"({"messages":[{"role":"user","content":"q"},{"role":"tool","content":"t"}]})",
       "sharegpt", "turn 2: sharegpt has no place for the role 'tool'"},
      {R"({"messages":[{"role":"developer","content":"q"}]})", "vertex",
       "turn 1: vertex has no place for the role 'developer'"},
      {R"({"messages":[{"role":"user","content":"q","name":"n"}]})", "sharegpt",
       "turn 1: sharegpt has no place for 'name'"},
      {R"({"messages":[{"role":"user","content":[{"type":"text","text":"q"}]}]})",
       "sharegpt",
       "turn 1: sharegpt has no place for content that is no one text"},
      {R"({"messages":[{"role":"user","content":"q"},{"role":"system","content":"s"}]})",
       "sharegpt",
       "turn 2: sharegpt has no place for a system message that is not the "
       "first"},
      {R"({"messages":[{"role":"user","content":"q"}]})", "trl",
       "the last turn is not the assistant's"},
      {R"({"messages":[{"role":"user","content":"q"},{"role":"user","content":"q"},{"role":"assistant","content":"a"}]})",
       "alpaca", "user and assistant do not take turns"},
      {R"({"messages":[]})", "sharegpt", "there are no turns"},
      {R"({"messages":[{"role":"user","content":"q"}],"tools":[]})", "vertex",
       "tools: vertex has no place for it"},
      {R"({"messages":[{"role":"user","content":"q"}],"instruction":"s"})",
       "alpaca", "the last turn is not the assistant's"},
      {R"({"input":{"messages":[{"role":"user","content":"q"}],"tools":[]},"preferred_output":[{"role":"assistant","content":"a"}],"non_preferred_output":[{"role":"assistant","content":"b"}]})",
       "trl-preference", "input.tools: trl-preference has no place for it"},
      {R"({"contents":[{"role":"user","parts":[{"text":"q"}]}],"completions":[{"score":1,"completion":{"role":"model","parts":[{"text":"a"}]}}]})",
       "trl-preference",
       "completions: not a list with a score of 0 but an array"},
      {R"({"conversations":[{"from":"human","value":"q"}],"chosen":"a","rejected":"b"})",
       "trl-preference", "chosen: not an object but a string"},
      {R"({"prompt":"q","chosen":"a","rejected":"b"})", "openai",
       "openai has no place for a rejected answer"},
      {R"({"prompt":"q","completion":[{"role":"assistant","content":"a"},{"role":"user","content":"b"}]})",
       "openai", "the answer is not one turn"},
      {R"({"messages":[{"content":"q"}]})", "openai",
       "messages[0].role: missing"},
      {R"({"post":{},"comments":[]})", "openai",
       "a thread, not an interaction or an example"},
      {R"({"text":"t"})", "openai",
       "a plain text, not an interaction or an example"},
  };
  for (const auto& c : cases) {
    INFO(c.example);
    const Converted got = convert(c.example, c.to);
    CHECK(got.outcome.kind == mill::Outcome::kBad);
    CHECK(got.outcome.reason == c.why);
    CHECK(got.example.empty());
  }
  const Converted unpaired = convert(kExamples.at("openai"), "trl-preference");
  CHECK(unpaired.outcome.kind == mill::Outcome::kDrop);
  CHECK(unpaired.outcome.reason == "no_rejected");
}

TEST_CASE("kind_of tells records by their fields") {
  using Kind = mill::RecordKind;
  const struct {
    const char* json;
    Kind kind;
  } cases[] = {
      {R"({"post":{},"comments":[]})", Kind::kThread},
      {R"({"question":"q","answer":"a"})", Kind::kInteraction},
      {R"({"topAnswer":"a"})", Kind::kInteraction},
      {R"({"messages":[]})", Kind::kExample},
      {R"({"messages":[],"question":"q"})", Kind::kExample},
      {R"({"chosen":"a","rejected":"b"})", Kind::kExample},
      {R"({"instru\u0063tion":"q"})", Kind::kExample},
      {R"({"text":"t"})", Kind::kText},
      {R"({"version":"v1","files":[]})", Kind::kManifest},
      {R"({"id":"i","withdrawn":true})", Kind::kTombstone},
      {R"({"count":0,"metrics":{},"interactions":[]})", Kind::kCollected},
      {R"({"id":"i","confidence":1})", Kind::kUnknown},
  };
  for (const auto& c : cases) {
    INFO(c.json);
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(c.json));
    CHECK(mill::kind_of(reader.root()) == c.kind);
  }
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(R"({"question":"q"})"));
  CHECK(mill::wrong_kind(reader.root(), {Kind::kThread}) ==
        "an interaction, not a thread");
  CHECK(mill::wrong_kind(reader.root(), {Kind::kInteraction}).empty());
  REQUIRE_FALSE(reader.parse("{}"));
  CHECK(mill::wrong_kind(reader.root(), {Kind::kInteraction}).empty());
}

TEST_CASE("an example's question is its key and, hashed, its id") {
  const struct {
    const char* what;
    const char* json;
    const char* key;  // null: none
  } cases[] = {
      {"vertex", R"({"contents":[{"role":"user","parts":[{"text":"q"}]}]})",
       "q"},
      {"several parts",
       R"({"contents":[{"role":"user","parts":[{"text":"\u0071"},{"text":"r"}]}]})",
       "q\nr"},
      {"alpaca's input",
       R"({"instruction":"q\t","input":"\u0072","output":"a"})", "q\t\nr"},
      {"the first of two",
       R"({"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"},{"from":"human","value":"r"}]})",
       "q"},
      {"a text", R"({"prompt":"q","completion":"a"})", "q"},
      {"an interaction is no example", R"({"question":"q","answer":"a"})",
       nullptr},
      {"no question", R"({"messages":[{"role":"system","content":"s"}]})",
       nullptr},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(c.json));
    std::string scratch;
    const auto key = mill::example_key(reader.root(), scratch);
    CHECK(key.has_value() == (c.key != nullptr));
    if (!key || !c.key) continue;
    CHECK(*key == c.key);
    CHECK(mill::example_id(reader.root()) == mill::hex(mill::sha256(c.key)));
  }
}
