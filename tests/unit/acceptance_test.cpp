#include "lib/version/acceptance.h"

#include <string>

#include "lib/base/sha256.h"
#include "lib/cli/command_line.h"
#include "lib/record/example.h"
#include "lib/record/record_text.h"
#include "tests/unit/catch.h"

namespace {

std::string example(const std::string& id, const std::string& question,
                    const std::string& answer,
                    const std::string& more = "\"confidence\":0.8") {
  return R"({"messages":[{"role":"user","content":")" + question +
         R"("},{"role":"assistant","content":")" + answer +
         R"("}],"metadata":{"id":")" + id + R"(",)" + more + "}}";
}

struct Line {
  const char* part;
  std::string text;
};

mill::Inspection inspect(const std::vector<Line>& lines,
                         const mill::Marks& marks = {}) {
  mill::Inspection inspection(mill::TokenCounter(mill::Encoding::kWords),
                              marks);
  mill::JsonReader reader;
  std::uint64_t number = 0;
  for (const Line& line : lines) {
    REQUIRE_FALSE(reader.parse(line.text));
    inspection.add(reader.root(), line.text, line.part, "f", ++number);
  }
  inspection.finish();
  return inspection;
}

// The check of that name, as "VALUE pass", "VALUE FAIL" or "VALUE not checked";
// or "none".
std::string check(const std::vector<mill::Check>& checks, const char* name) {
  for (const mill::Check& check : checks)
    if (check.name == name)
      return check.value + (!check.passed   ? " not checked"
                            : *check.passed ? " pass"
                                            : " FAIL");
  return "none";
}

// What a baseline's manifest says; as many tokens at every figure.
mill::Figures baseline(double confidence, double tokens) {
  mill::Figures figures;
  figures.mean_confidence = figures.median_confidence = confidence;
  figures.tokens = {100, tokens, tokens, tokens, tokens};
  figures.interaction_types = {{"combat", 1}, {"timing", 3}};
  return figures;
}

}  // namespace

TEST_CASE("a leak is an id, a question or a text in two parts, counted once") {
  const std::string first = example("1", "Does it die?", "Yes, at once.");
  const struct {
    const char* what;
    std::string second;
    const char* kind;
  } cases[] = {
      {"all the same", first, "same id"},
      {"the id", example("1", "What else?", "Nothing."), "same id"},
      {"the question, as words",
       example("2", "DOES it -- die", "Not before the next step, it seems."),
       "same question"},
      {"neither", example("2", "Does it live?", "For a while, at the least."),
       ""},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const auto leaks = inspect({{"train", first}, {"test", c.second}}).leaks();
    CHECK(leaks.count == (c.kind[0] ? 1 : 0));
    CHECK(leaks.kinds.contains(c.kind) == (c.kind[0] != 0));
    CHECK(inspect({{"train", first}, {"train", c.second}}).leaks().count == 0);
  }
  // Each of the later part counts; and so does a third part's.
  CHECK(inspect({{"train", first}, {"val", first}, {"test", first}})
            .leaks()
            .count == 2);
}

TEST_CASE("a duplicate has the content of another of its part") {
  const std::string one = example("1", "Q?", "A."),
                    other_id = example("2", "Q?", "A.");
  CHECK(inspect({{"train", one}, {"train", other_id}}).duplicates().count == 1);
  CHECK(inspect({{"train", one}, {"test", other_id}}).duplicates().count == 0);
  const auto merged = inspect({{"", one}, {"", other_id}});
  CHECK(merged.duplicates().first == "f:2");
  CHECK_FALSE(merged.has_parts());
  CHECK(check(judge(merged, {}, {}), "leaks") == "none");
}

TEST_CASE("limits hold at their very number") {
  const auto four = inspect({
      {"", example("1", "a", "b c",
                   R"("confidence":0.7,"interaction_type":"combat")")},
      {"", example("2", "d", "e f",
                   R"("confidence":0.8,"interaction_type":"combat")")},
      {"", example("3", "g", "h i",
                   R"("confidence":0.9,"interaction_type":"timing")")},
      {"", example("4", "j", "k l",
                   R"("confidence":1,"interaction_type":"timing")")},
  });
  mill::AcceptanceLimits limits{.min_drift_sample = 0};
  const auto value = [&](const mill::Figures& before, const char* name) {
    return check(judge(four, before, limits), name);
  };
  CHECK(value(baseline(0.9, 3), "confidence_drop") == "0.05 pass");
  CHECK(value(baseline(0.900000001, 3), "confidence_drop") ==
        "0.050000001 FAIL");
  CHECK(value(baseline(0.5, 3), "confidence_drop") == "0 pass");
  CHECK(value(baseline(0.9, 2.5), "token_drift_percent") == "20 pass");
  CHECK(value(baseline(0.9, 2.49), "token_drift_percent") == "20.48 FAIL");
  CHECK(value(baseline(0.9, 3.75), "token_drift_percent") == "20 pass");
  CHECK(value(baseline(0.9, 0), "token_drift_percent") == "100 FAIL");
  CHECK(value(baseline(0.9, 3), "type_drift_percent") == "25 FAIL");
  limits.max_type_drift = 25;
  CHECK(value(baseline(0.9, 3), "type_drift_percent") == "25 pass");
  CHECK(value(baseline(0.9, 3), "total_token_drift_percent") == "none");
  limits.max_total_token_drift = 80;
  CHECK(value(baseline(0.9, 3), "total_token_drift_percent") == "88 FAIL");

  // What was accepted does not fail; but only what is drift.
  limits.accepted = {"ana", "a new subreddit"};
  limits.min_examples = 5;
  const auto accepted = judge(four, baseline(0.9, 2.49), limits);
  CHECK(check(accepted, "token_drift_percent") == "20.48 pass");
  CHECK(check(accepted, "examples") == "4 FAIL");
  for (const mill::Check& one : accepted)
    CHECK(one.is_accepted == (one.name == "token_drift_percent" ||
                              one.name == "total_token_drift_percent"));

  // Of too few examples, here or there, nothing is said to have drifted.
  limits.accepted.reset();
  mill::Figures before = baseline(0.9, 2.49);
  before.examples = 1000;
  limits.min_drift_sample = 4;
  CHECK(value(before, "token_drift_percent") == "20.48 FAIL");
  limits.min_drift_sample = 5;
  CHECK(value(before, "token_drift_percent") == "20.48 not checked");
  before.examples = 3;
  limits.min_drift_sample = 4;
  CHECK(value(before, "token_drift_percent") == "20.48 not checked");

  limits.min_examples = 4;
  limits.min_confidence = 0.7;
  limits.min_mean_confidence = limits.min_median_confidence = 0.85;
  const auto checks = judge(four, {}, limits);
  CHECK(check(checks, "examples") == "4 pass");
  CHECK(check(checks, "least_confidence") == "0.7 pass");
  CHECK(check(checks, "mean_confidence") == "0.85 pass");
  CHECK(check(checks, "median_confidence") == "0.85 pass");
  for (const char* name :
       {"confidence_drop", "token_drift_percent", "type_drift_percent"})
    CHECK(check(checks, name) == " not checked");
}

TEST_CASE(
    "what has no limit or no baseline is not checked, and fails nothing") {
  const mill::Inspection one = inspect({{"train", example("1", "q", "a")}});
  const mill::Verdict verdict{.version = "v1",
                              .checks = mill::judge(one, {}, {})};
  CHECK(verdict.passed());
  for (const char* name : {"mean_confidence", "total_tokens", "near_questions"})
    CHECK(check(verdict.checks, name).ends_with(" not checked"));
  const std::string table = mill::verdict_table(verdict);
  CHECK(table.find("not checked") != table.npos);
  const std::string json = mill::verdict_json(verdict);
  CHECK(json.find(R"("passed":null,"sentence":"no limit is given")") !=
        json.npos);
  CHECK(json.find(R"("passed":null,"sentence":"there is no version to compare )"
                  R"(with")") != json.npos);
}

TEST_CASE("a verdict tells how the mix of types and subreddits has changed") {
  mill::Verdict verdict{.version = "v2"};
  mill::Figures before, now;
  before.subreddits = {{"a", 2}, {"b", 1}};
  now.subreddits = {{"b", 3}, {"c", 4}};
  verdict.compare(before, now);
  CHECK(mill::verdict_json(verdict).ends_with(
      R"("subreddits":[{"name":"a","before":2,"now":0},)"
      R"({"name":"b","before":1,"now":3},{"name":"c","before":0,"now":4}]})"));
}

TEST_CASE("a wanted confidence that no example has is not reached") {
  const auto checks = judge(inspect({{"", R"({"question":"q","answer":"a"})"}}),
                            {}, {.min_mean_confidence = 0.5});
  CHECK(check(checks, "mean_confidence") == " FAIL");
  CHECK(check(checks, "examples") == "1 pass");
  const std::string json = mill::verdict_json({"v1", "", checks});
  CHECK(json.find(R"({"verdict":"fail","version":"v1","checks":[{"name":)"
                  R"("examples","value":1,"limit":1,"baseline":null,)"
                  R"("passed":true})") == 0);
  CHECK(json.find(R"("value":null,"limit":0.5,"baseline":null,"passed":false,)"
                  R"("sentence":"no example has a confidence; a mean of 0.5 )"
                  R"(is required")") != json.npos);
}

TEST_CASE("marks are judged at the lower bound of their interval") {
  const std::string other = R"("answer_id":"t1_b")";
  const mill::Marks marks = {{{"1", ""}, "good"},
                             {{"2", ""}, "good"},
                             {{"3", "t1_a"}, "bad"},
                             {{"4", "t1_b"}, "bad"},
                             {{"5", ""}, "good"}};
  const auto some = inspect({{"", example("1", "a", "b c")},
                             {"", example("2", "d", "e f")},
                             {"", example("3", "g", "h i", other)},
                             {"", example("4", "j", "k l", other)}},
                            marks);
  CHECK(some.marked().good == 2);
  CHECK(some.marked().all == 3);  // of 3 another answer is marked
  const auto good_share = [](const mill::Inspection& of, double least) {
    return check(judge(of, {}, {.min_good = least}), "good_share");
  };
  CHECK(good_share(some, 0.207) == "0.208 pass");  // by hand: 2 of 3
  CHECK(good_share(some, 0.209) == "0.208 FAIL");
  CHECK(check(judge(some, {}, {}), "good_share") == "none");
  CHECK(good_share(inspect({{"", example("9", "a", "b")}}, marks), 0.5) ==
        "0 FAIL");
}

TEST_CASE("an example without text ends the inspection") {
  CHECK_THROWS_AS(inspect({{"", R"({"id":"1"})"}}), mill::Exit);
}

TEST_CASE("tokens are compared if they were counted in the same way") {
  const std::string tokens =
      R"({"total":10,"mean":5,"median":5,"p95":6,"max":6,"min":4}})";
  mill::JsonReader reader;
  const std::string plain =
      R"({"tokens":{"encoding":"cl100k_base","tokens":)" + tokens + "}";
  REQUIRE_FALSE(reader.parse(plain));
  const auto counting = mill::token_counting(reader.root());
  CHECK(counting == mill::TokenCounting{"cl100k_base"});
  CHECK(mill::figures_of(reader.root(), counting).tokens->p95 == 6);
  CHECK_FALSE(mill::figures_of(reader.root(), {}).tokens);
  const std::string framed =
      R"({"tokens":{"encoding":"cl100k_base","roles":{"overhead":9},"tokens":)" +
      tokens + "}";
  REQUIRE_FALSE(reader.parse(framed));
  CHECK_FALSE(mill::figures_of(reader.root(), counting).tokens);
}

TEST_CASE("a pair's text holds both answers") {
  for (const char* pair :
       {R"({"question":"q","answer":"a","rejected":"b"})",
        R"({"prompt":"q","chosen":"a","rejected":"b"})",
        R"({"prompt":[{"role":"user","content":"q"}],)"
        R"("chosen":[{"role":"assistant","content":"a"}],)"
        R"("rejected":[{"role":"assistant","content":"b"}]})"}) {
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(pair));
    std::string text;
    CHECK(mill::append_record_text(text, reader.root()));
    CHECK(text == "q\na\nb\n");
  }
}

TEST_CASE("an example without id is called by its question, in every format") {
  const std::string called = mill::hex(mill::sha256("q"));
  for (const char* example :
       {R"({"question":"q","answer":"a"})",
        R"({"messages":[{"role":"system","content":"s"},)"
        R"({"role":"user","content":"q"}]})",
        R"({"conversations":[{"from":"human","value":"q"}]})",
        R"({"instruction":"q","input":"","output":"a"})",
        R"({"contents":[{"role":"user","parts":[{"text":"q"}]}]})",
        R"({"prompt":[{"role":"user","content":"q"}],"chosen":[]})",
        R"({"prompt":"q","completion":"a"})"}) {
    INFO(example);
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(example));
    CHECK(mill::example_id(reader.root()) == called);
  }
}

TEST_CASE("a split that goes by another key than the baseline's is refused") {
  const struct {
    const char* what;
    const char* now;
    std::optional<std::string> before;
    std::optional<bool> passed;
  } cases[] = {
      {"the same", R"({"split":{"group_by":"question"}})", "question", true},
      {"another", R"({"split":{"group_by":"question"}})", "", false},
      {"no longer", R"({"split":{"seed":42}})", "question", false},
      {"the id, said or not", R"({"split":{"group_by":"metadata.id"}})", "",
       true},
      {"no split before", R"({"split":{"seed":42}})", std::nullopt, {}},
      {"no split now", R"({"version":"v2"})", "question", {}},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(c.now));
    mill::Figures before;
    before.group_by = c.before;
    const auto check = mill::changed_split(reader.root(), before);
    CHECK(check.passed == c.passed);
  }
  CHECK_FALSE(mill::changed_split({}, std::nullopt).passed);
}
