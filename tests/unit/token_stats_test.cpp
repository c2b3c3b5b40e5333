#include "lib/examples/token_stats.h"

#include <string>

#include "tests/unit/catch.h"

namespace {

// Counts in words, so that the numbers can be read off, as "user 2, other 1";
// or why the record is bad.
std::string count(
    const std::string& record,
    mill::TokenCounter::Overhead overhead = mill::TokenCounter::kTextOnly) {
  mill::JsonReader reader;
  if (reader.parse(record)) return "not JSON";
  mill::TokenCounter counter(mill::Encoding::kWords, overhead);
  if (const auto why = counter.count(reader.root())) return *why;
  std::string text;
  for (std::size_t i = 0; i < mill::kRoles; ++i) {
    if (counter.tokens().of[i] == 0) continue;
    if (!text.empty()) text += ", ";
    text += mill::name_of(static_cast<mill::Role>(i));
    text += ' ' + std::to_string(counter.tokens().of[i]);
  }
  return text;
}

}  // namespace

TEST_CASE("TokenCounter counts every shape's texts by role") {
  const struct {
    const char* record;
    const char* counts;
  } cases[] = {
      {R"({"messages":[{"role":"system","content":"a"},{"role":"user","content":"b c"},{"role":"assistant","content":"d e\nf"}],"metadata":{"id":"x y"}})",
       "system 1, user 2, assistant 3"},
      {R"({"messages":[{"role":"developer","content":[{"type":"text","text":"a b"},{"type":"image_url"}]},{"role":"assistant","content":null}]})",
       "system 2"},
      {R"({"messages":[{"role":"narrator","content":"a b"}]})", "other 2"},
      {R"({"messages":[]})", ""},
      {R"({"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b c"},{"from":"observation","value":"d"}],"system":"s s s"})",
       "system 3, user 1, assistant 2, tool 1"},
      {R"({"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"}]},{"role":"model","parts":[{"text":"c"}]}]})",
       "system 1, user 2, assistant 1"},
      {R"({"instruction":"a b","input":"c","output":"d","system":"s","history":[["q","r r"]]})",
       "system 1, user 4, assistant 3"},
      {R"({"instruction":"a b","output":"d"})", "user 2, assistant 1"},
      {R"({"prompt":"a b","completion":"c"})", "user 2, assistant 1"},
      {R"({"prompt":[{"role":"user","content":"a"}],"completion":[{"role":"assistant","content":"b c"}]})",
       "user 1, assistant 2"},
      {R"({"question":"a b","answer":"c"})", "user 2, assistant 1"},
      {R"({"question":"a b","topAnswer":"c"})", "user 2, assistant 1"},
      {R"({"text":"a b"})", "text 2"},
      {R"({"question":"\u0061\u3000b","answer":"c"})", "user 2, assistant 1"},
  };
  for (const auto& c : cases) {
    INFO(c.record);
    CHECK(count(c.record) == c.counts);
  }
}

TEST_CASE("TokenCounter says what is wrong with a record") {
  const struct {
    const char* record;
    const char* why;
  } cases[] = {
      {R"({})",
       "no text: none of messages, conversations, contents, "
       "instruction, prompt, question, text"},
      {R"({"messages":{}})", "messages: not an array but an object"},
      {R"({"messages":[1]})", "messages[0]: not an object but a number"},
      {R"({"messages":[{"content":"a"}]})", "messages[0].role: missing"},
      {R"({"messages":[{"role":"user","content":"a"},{"role":"user"}]})",
       "messages[1].content: missing"},
      {R"({"messages":[{"role":"user","content":[{"text":1}]}]})",
       "messages[0].content[0].text: not a string but a number"},
      {R"({"conversations":[{"from":"gpt","value":7}]})",
       "conversations[0].value: not text but a number"},
      {R"({"contents":[],"systemInstruction":"s"})",
       "systemInstruction.parts: missing"},
      {R"({"instruction":"a"})", "output: missing"},
      {R"({"prompt":"a"})", "completion: missing"},
      {R"({"question":"a","answer":null})", "answer: not a string but null"},
      {R"({"text":[]})", "text: not a string but an array"},
  };
  for (const auto& c : cases) {
    INFO(c.record);
    CHECK(count(c.record) == c.why);
  }
}

TEST_CASE("a chat's frame costs what the cookbook says") {
  const auto frame = mill::TokenCounter::kChatFrame;
  // 3, and 3 and the role's one word for each message.
  CHECK(
      count(
          R"({"messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"c"}]})",
          frame) == "user 2, assistant 1, overhead 11");
  // 3, 3 and 1, and 2 and 1 for the name.
  CHECK(count(R"({"messages":[{"role":"user","name":"x y","content":"a"}]})",
              frame) == "user 1, overhead 10");
  CHECK(count(R"({"question":"a","answer":"b"})", frame) ==
        "user 1, assistant 1, overhead 11");
  CHECK(count(R"({"text":"a"})", frame) == "text 1");
}

TEST_CASE("TokenSummary is exact") {
  mill::TokenSummary summary;
  for (const std::uint64_t tokens : {4U, 1U, 3U, 2U}) summary.add(tokens);
  CHECK(summary.records() == 4);
  CHECK(summary.total() == 10);
  CHECK(summary.mean() == 2.5);
  CHECK(summary.min() == 1);
  CHECK(summary.max() == 4);
  CHECK(summary.percentile(50) == 2);
  CHECK(summary.percentile(95) == 4);
  summary.add(100);
  CHECK(summary.percentile(50) == 3);

  mill::TokenSummary hundred;
  for (std::uint64_t tokens = 1; tokens <= 100; ++tokens) hundred.add(tokens);
  CHECK(hundred.percentile(50) == 50);
  CHECK(hundred.percentile(95) == 95);
}

TEST_CASE("the histogram's ranges double") {
  mill::TokenSummary summary;
  for (const std::uint64_t tokens : {0U, 1U, 1U, 8U, 15U}) summary.add(tokens);
  std::string text;
  for (const auto& range : summary.histogram())
    text += std::to_string(range.from) + '-' + std::to_string(range.to) + ':' +
            std::to_string(range.records) + ' ';
  CHECK(text == "0-0:1 1-1:2 2-3:0 4-7:0 8-15:2 ");
  CHECK(mill::TokenSummary().histogram().empty());
}
