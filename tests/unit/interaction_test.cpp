#include "lib/record/interaction.h"

#include <string>

#include "lib/base/sha256.h"
#include "tests/unit/catch.h"

namespace {

struct Result {
  mill::Outcome outcome;
  mill::Document document;
};

Result convert(const std::string& text) {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(text));
  mill::Document document;
  mill::Outcome outcome = mill::to_document(
      reader.root(), mill::from_unix_seconds(86400), document);
  return {std::move(outcome), std::move(document)};
}

constexpr char kWhole[] =
    R"({"id":"x","question":"q","answer":"a","confidence":0.50,)"
    R"("subreddit":"mtg","collected_at":"2026-01-02T00:00:00Z",)"
    R"("timestamp":"2026-01-01T00:00:00+01:00"})";

}  // namespace

TEST_CASE("A whole interaction is kept byte for byte") {
  const Result result = convert(std::string(" ") + kWhole + " \r");
  CHECK(result.outcome.kind == mill::Outcome::kKeep);
  CHECK(result.document.id == "x");
  CHECK(result.document.body == kWhole);
  CHECK(result.document.confidence == 0.5);
  CHECK(result.document.subreddit == "mtg");
  CHECK(mill::format_timestamp(*result.document.timestamp) ==
        "2025-12-31T23:00:00Z");
}

TEST_CASE("A title is the question of what has an answer and no question") {
  const struct {
    const char *record, *body;
  } cases[] = {
      {R"({"id":"x","title":"t","answer":"a","confidence":1,"k":2,)"
       R"("collected_at":"2026-01-02","timestamp":"2026-01-01"})",
       R"({"id":"x","question":"t","answer":"a","confidence":1,)"
       R"("collected_at":"2026-01-02","timestamp":"2026-01-01","k":2})"},
      {R"({"question":null,"title":"t","topAnswer":"a","confidence":1,)"
       R"("id":"x","collected_at":"2026-01-02","timestamp":"2026-01-01"})",
       R"({"id":"x","question":"t","answer":"a","confidence":1,)"
       R"("collected_at":"2026-01-02","timestamp":"2026-01-01"})"},
      {R"({"id":"x","question":"q","title":"t","answer":"a","confidence":1,)"
       R"("collected_at":"2026-01-02","timestamp":"2026-01-01"})",
       R"({"id":"x","question":"q","title":"t","answer":"a","confidence":1,)"
       R"("collected_at":"2026-01-02","timestamp":"2026-01-01"})"},
  };
  for (const auto& c : cases) {
    const Result result = convert(c.record);
    CHECK(result.outcome.kind == mill::Outcome::kKeep);
    CHECK(result.document.body == c.body);
  }
  const Result none = convert(R"({"title":"t","confidence":1})");
  CHECK(none.outcome.kind == mill::Outcome::kDrop);
  CHECK(none.outcome.reason == "no_question");
  const Result wrong = convert(R"({"title":1,"answer":"a","confidence":1})");
  CHECK(wrong.outcome.kind == mill::Outcome::kBad);
}

TEST_CASE("The collector's names become ours, in our order") {
  const Result result = convert(
      R"({"extra":{"k":1.0},"timestamp":"2026-01-01","topAnswer":"a\u0041",)"
      R"("confidenceScore":5e-1,"question":"q","interactionType":"combat",)"
      R"("ruleReferences":["1.2"],"cardsMentioned":[],"answeredByJudge":true,)"
      R"("sourceUrl":"https://reddit.com/x","collectedAt":"2026-01-02",)"
      R"("extra":2,"sourceTags":null,"upvotes":-3})");
  REQUIRE(result.outcome.kind == mill::Outcome::kKeep);
  const std::string id = mill::hex(mill::sha256("https://reddit.com/x"));
  CHECK(result.document.id == id);
  CHECK(result.document.body ==
        R"({"id":")" + id +
            R"(","question":"q","answer":"a\u0041","confidence":5e-1,)"
            R"("upvotes":-3,"answered_by_judge":true,)"
            R"("rule_references":["1.2"],"cards_mentioned":[],)"
            R"("interaction_type":"combat",)"
            R"("source_url":"https://reddit.com/x",)"
            R"("collected_at":"2026-01-02","timestamp":"2026-01-01",)"
            R"("extra":2})");
}

TEST_CASE("An id and times are added where there are none") {
  const Result result =
      convert(R"({"answer":"a","question":"q\n","confidence":1})");
  REQUIRE(result.outcome.kind == mill::Outcome::kKeep);
  CHECK(result.document.id == mill::hex(mill::sha256("q\n")));
  CHECK(result.document.body ==
        R"({"id":")" + result.document.id +
            R"(","question":"q\n","answer":"a","confidence":1,)"
            R"("collected_at":"1970-01-02T00:00:00Z",)"
            R"("timestamp":"1970-01-02T00:00:00Z"})");
  CHECK(result.document.timestamp == mill::from_unix_seconds(86400));
  CHECK(!result.document.subreddit);

  const Result dated =
      convert(R"({"id":"x","answer":"a","question":"q","confidence":1,)"
              R"("collected_at":"2026-01-01T00:00:00.5Z"})");
  CHECK(dated.document.body.find(R"("timestamp":"2026-01-01T00:00:00.5Z")") !=
        std::string::npos);
}

TEST_CASE("Our name wins over the collector's, and null is none") {
  const Result ours = convert(
      R"({"answer":"ours","topAnswer":"theirs","question":"q","confidence":1})");
  CHECK(ours.document.body.find("theirs") == std::string::npos);
  const Result null = convert(
      R"({"answer":null,"topAnswer":"theirs","question":"q","confidence":1})");
  CHECK(null.document.body.find(R"("answer":"theirs")") != std::string::npos);
}

TEST_CASE("What cannot be stored is dropped or bad, and says why") {
  const struct {
    const char* record;
    mill::Outcome::Kind kind;
    std::string reason;
  } cases[] = {
      {"{}", mill::Outcome::kDrop, "no_question"},
      {R"({"question":"","answer":"a","confidence":1})", mill::Outcome::kDrop,
       "no_question"},
      {R"({"question":"q","confidence":1})", mill::Outcome::kDrop, "no_answer"},
      {R"({"question":"q","answer":"a","subreddit":"u_jo","confidence":1})",
       mill::Outcome::kDrop, "post_on_profile"},
      {R"({"question":"q","topAnswer":"a","confidenceScore":1,)"
       R"("sourceUrl":"https://www.reddit.com/user/jo/comments/p/q/"})",
       mill::Outcome::kDrop, "post_on_profile"},
      {R"({"question":"q","answer":"a"})", mill::Outcome::kBad,
       "confidence: missing"},
      {R"({"question":1})", mill::Outcome::kBad, "question: not a string"},
      {R"({"confidence":"1"})", mill::Outcome::kBad,
       "confidence: not a number from 0 to 1"},
      {R"({"confidence":1.01})", mill::Outcome::kBad,
       "confidence: not a number from 0 to 1"},
      {R"({"confidence":-1e-9})", mill::Outcome::kBad,
       "confidence: not a number from 0 to 1"},
      {R"({"upvotes":1.5})", mill::Outcome::kBad,
       "upvotes: not a whole number"},
      {R"({"answeredByJudge":1})", mill::Outcome::kBad,
       "answered_by_judge: not a boolean"},
      {R"({"rule_references":"1"})", mill::Outcome::kBad,
       "rule_references: not a list of strings"},
      {R"({"cards_mentioned":["a",1]})", mill::Outcome::kBad,
       "cards_mentioned: not a list of strings"},
      {R"({"timestamp":"yesterday"})", mill::Outcome::kBad,
       "timestamp: not a time as RFC 3339 writes it"},
      {R"({"id":"a/b","question":"q","answer":"a","confidence":1})",
       mill::Outcome::kBad, "id: has a slash in it"},
      {R"({"id":"","question":"q","answer":"a","confidence":1})",
       mill::Outcome::kBad, "id: is empty"},
      {R"({"question":"x","question":2})", mill::Outcome::kBad,
       "question: not a string"},
  };
  for (const auto& c : cases) {
    INFO(c.record);
    const Result result = convert(c.record);
    CHECK(result.outcome.kind == c.kind);
    CHECK(result.outcome.reason == c.reason);
  }
}
