#include "lib/version/dataset_folder.h"

#include "lib/version/stages.h"
#include "tests/unit/catch.h"

namespace {

std::uint64_t of(const mill::ExampleFacts::PiiCounts& counts,
                 mill::PiiType type) {
  return counts[static_cast<std::size_t>(type)];
}

}  // namespace

TEST_CASE("ExampleFacts measures texts, months and personal data") {
  mill::ExampleFacts facts;
  mill::JsonReader reader;
  const std::string file = "x.jsonl";
  std::uint64_t number = 0;
  for (
      const std::string line : {
          R"({"messages":[{"role":"user","content":"é?"},
               {"role":"assistant","content":"a"},
               {"role":"user","content":"longer"},
               {"role":"assistant","content":"to jo@example.org or [USERNAME:abcdefgh] [x]"}],
               "metadata":{"id":"1","timestamp":"2024-05-31T23:59:59Z","note":"al@example.org"}})",
          R"({"messages":[{"role":"user","content":[{"type":"text","text":"[EMAIL_ADDRESS]"}]}],
               "metadata":{"timestamp":"2024-05-01"}})",
          R"({"messages":"none","metadata":{"timestamp":7}})", R"({})"}) {
    REQUIRE(!reader.parse(line));
    facts.add(reader.root(), {file, ++number, line});
  }
  CHECK(facts.examples == 4);
  CHECK(facts.question_length.records() == 2);
  CHECK(facts.question_length.min() == 2);  // code points, of the first
  CHECK(facts.answer_length.min() == 44);   // of the last
  CHECK(facts.months == std::map<std::string, std::uint64_t>{{"2024-05", 2}});
  CHECK(of(facts.residue, mill::PiiType::kEmailAddress) == 1);
  CHECK(of(facts.tags, mill::PiiType::kUsername) == 1);
  CHECK(of(facts.tags, mill::PiiType::kEmailAddress) == 1);
  CHECK(facts.to_read.take().size() == 4);
}

TEST_CASE("a stage accounts for every record that it read") {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(
      R"({"stages":[{"stage":"s","tool":"fs-put","records_read":20,)"
      R"("records_written":9,"bad":1,"dropped":{"exists":3,"of_my_own":5}}]})"));
  const auto stages = mill::stages_of(reader.root());
  REQUIRE(stages.size() == 1);
  CHECK(stages[0].left_out() == 11);
  using Reason = std::pair<std::string, std::uint64_t>;
  CHECK(stages[0].reasons ==
        std::vector<Reason>{{"of my own", 5},
                            {"in the store already", 3},
                            {"for a reason that the account does not tell", 2},
                            {"bad records, which could not be read", 1}});
}
