#include "lib/reddit/withdraw.h"

#include "tests/unit/catch.h"

namespace {

// The reason for an interaction of t3_p and t1_a; "malformed" if the answer
// tells nothing.
std::string reason(const std::string& answer) {
  mill::JsonReader reader;
  if (reader.parse(answer)) return "not JSON";
  const auto fates = mill::read_fates(reader.root(), {"t3_p", "t1_a"});
  if (!fates) return "malformed";
  return mill::withdrawal_reason({"id", "t3_p", "t1_a"}, *fates);
}

std::string listing(const std::string& children) {
  return R"({"kind":"Listing","data":{"after":null,"children":[)" + children +
         "]}}";
}

constexpr char kPost[] =
    R"({"kind":"t3","data":{"name":"t3_p","title":"T","selftext":"",)"
    R"("author":"a","removed_by_category":null}})";
constexpr char kAnswer[] = R"({"kind":"t1","data":{"name":"t1_a","body":"B"}})";

}  // namespace

TEST_CASE("What was deleted or removed is withdrawn") {
  const std::string post = kPost + std::string(",");
  auto with_post = [](const std::string& members) {
    return listing(R"({"data":{"name":"t3_p",)" + members + "}}," + kAnswer);
  };
  auto with_answer = [&](const std::string& body) {
    return listing(post + R"({"data":{"name":"t1_a","body":")" + body + "\"}}");
  };
  const struct {
    const char* what;
    std::string answer;
    const char* reason;
  } cases[] = {
      {"both are there", listing(post + kAnswer), ""},
      {"no post", listing(kAnswer), "post_missing"},
      {"an account that is gone",
       with_post(R"("title":"T","selftext":"x","author":"[deleted]")"),
       "post_deleted"},
      {"a moderator's view",
       with_post(R"("title":"T","selftext":"x","banned_by":"mod")"),
       "post_removed"},
      {"no answer", listing(kPost), "answer_missing"},
      {"by its author",
       with_post(
           R"("title":"T","selftext":"","removed_by_category":"deleted")"),
       "post_deleted"},
      {"by a moderator",
       with_post(R"("title":"T","selftext":"x",)"
                 R"("removed_by_category":"moderator")"),
       "post_removed"},
      {"marker", with_post(R"("title":"T","selftext":"[deleted]")"),
       "post_deleted"},
      {"marker in the title",
       with_post(R"("title":"[deleted by user]","selftext":"")"),
       "post_deleted"},
      {"deleted answer", with_answer("[deleted]"), "answer_deleted"},
      {"removed answer", with_answer("[removed]"), "answer_removed"},
      {"by Reddit", with_answer("[ Removed by Reddit ]"), "answer_removed"},
      {"text about it", with_answer("it says [deleted] there"), ""},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(reason(c.answer) == c.reason);
  }
}

TEST_CASE("An answer that is not whole tells nothing") {
  const std::string answers[] = {
      "{}",
      "[]",
      R"({"error":500})",
      R"({"kind":"Listing","data":{}})",
      R"({"kind":"Listing","data":{"after":"t3_q","children":[]}})",
      R"({"kind":"more","data":{"children":[]}})",
      listing(""),  // as from an index that is down
      listing("{}"),
      listing(R"({"data":{"name":"t3_other","title":"","selftext":""}})"),
      listing(R"({"data":{"name":"t3_p"}})"),
      listing(R"({"data":{"name":"t1_a","body":null}})"),
  };
  for (const std::string& answer : answers) {
    INFO(answer);
    CHECK(reason(answer) == "malformed");
  }
}

TEST_CASE("a pair is withdrawn with its rejected answer") {
  mill::JsonReader reader;
  REQUIRE_FALSE(
      reader.parse(R"({"id":"i","answer_id":"t1_b2","rejected_id":"t1_c3"})"));
  const auto source = mill::interaction_source("i", reader.root());
  CHECK(source.rejected == "t1_c3");
  using mill::Fate;
  CHECK(mill::withdrawal_reason(
            source, {{"t1_b2", Fate::kAlive}, {"t1_c3", Fate::kDeleted}}) ==
        "rejected_deleted");
}

TEST_CASE("interaction_source falls back to the post in the URL") {
  const struct {
    const char* record;
    const char* post;
    const char* answer;
  } cases[] = {
      {R"({"id":"i","post_id":"t3_a1","answer_id":"t1_b2"})", "t3_a1", "t1_b2"},
      {R"({"id":"i","sourceUrl":"https://reddit.com/r/s/comments/a1/title/"})",
       "t3_a1", ""},
      {R"({"id":"i","source_url":"https://reddit.com/r/s/comments/a1"})",
       "t3_a1", ""},
      {R"({"id":"i","post_id":"t3_a,t3_b","answer_id":7})", "", ""},
      {R"({"id":"i","source_url":"https://example.com/comments/"})", "", ""},
  };
  for (const auto& c : cases) {
    INFO(c.record);
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(c.record));
    const auto source = mill::interaction_source("i", reader.root());
    CHECK(source.id == "i");
    CHECK(source.post == c.post);
    CHECK(source.answer == c.answer);
  }
}
