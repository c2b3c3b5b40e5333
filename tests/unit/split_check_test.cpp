#include "lib/version/split_check.h"

#include "tests/unit/catch.h"

using mill::SplitCheck;

namespace {

const std::string kText = "What happens if both creatures die at the same time";

}  // namespace

TEST_CASE("SplitCheck lets what is in one part meet") {
  SplitCheck check(0.8);
  check.add({0, "a", kText, "one"});
  check.add({0, "a", kText, "one"});
  check.add({0, "b", kText + " now", "one"});
  check.add({1, "c", "Something else entirely", "two"});
  check.add({2, "", "Another thing that is new"});
  check.add({1, "", "And one more without an id"});
  CHECK(check.findings().empty());
}

TEST_CASE("SplitCheck names the row that should not be elsewhere") {
  const std::string asked = "Who wins a fight between these two?";
  const struct {
    const char* what;
    SplitCheck::Row row;
    SplitCheck::Fault fault;
    std::size_t other, part;
  } cases[] = {
      {"an id, whatever the text",
       {2, "now", "Nothing of the kind is said here"},
       SplitCheck::kIdInTwoParts,
       2,
       1},
      {"an id of before",
       {2, "before", "Nothing of the kind is said here"},
       SplitCheck::kIdMoved,
       0,
       0},
      {"a text",
       {2, "new", "what happens if both creatures die at the same time now"},
       SplitCheck::kNearDuplicateInTwoParts,
       2,
       1},
      {"a text of before",
       {2, "new", "the stack is a zone that players share"},
       SplitCheck::kNearDuplicateMoved,
       1,
       0},
      {"the id before the text",
       {2, "before", kText},
       SplitCheck::kIdMoved,
       0,
       0},
      {"a text without an id",
       {2, "", kText},
       SplitCheck::kNearDuplicateInTwoParts,
       2,
       1},
      {"a question with another answer",
       {2, "new", "An answer of its own", "who wins a fight between these two"},
       SplitCheck::kSameQuestionInTwoParts,
       2,
       1},
      {"a question of before",
       {2, "new", "An answer of its own", "Which zone do all players share?"},
       SplitCheck::kSameQuestionMoved,
       1,
       0},
      {"nearly a question",
       {2, "new", "An answer of its own",
        "So who wins a fight between these two?"},
       SplitCheck::kNearQuestionInTwoParts,
       2,
       1},
      {"nearly a question of before",
       {2, "new", "An answer of its own", "Which zone do the players share?"},
       SplitCheck::kNearQuestionMoved,
       1,
       0},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    SplitCheck check(0.8);
    check.add_earlier({0, "before", "One that was in the first version, too"});
    check.add_earlier({0, "old", "The stack is a zone that players share.",
                       "Which zone do all players share?"});
    check.add({1, "now", kText, asked});
    check.add(c.row);
    const auto findings = check.findings();
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].row == 3);
    CHECK(findings[0].fault == c.fault);
    CHECK(findings[0].other_row == c.other);
    CHECK(findings[0].other_part == c.part);
  }
}

TEST_CASE("SplitCheck finds what leaks into and out of the largest part") {
  // As many texts as in a part that is indexed in part only.
  const auto text = [](int i) {
    std::string words;
    for (int k = 0; k < 20; ++k)
      words += std::string("w") +
               static_cast<char>('a' + (i * 7 + k * 3) % 26) +
               static_cast<char>('a' + (i / 26 + k) % 26) + ' ';
    return words;
  };
  SplitCheck check(0.8);
  for (int i = 0; i < 200; ++i) check.add({0, "", text(i), text(i + 1000)});
  check.add({1, "", text(120) + "now"});
  check.add({1, "", "Another text", text(1150)});
  check.add({2, "", text(5)});
  check.add({2, "", text(120) + "then"});
  const auto findings = check.findings();
  REQUIRE(findings.size() == 4);
  const std::size_t others[] = {120, 150, 5, 120};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(findings[i].row == 200 + i);
    CHECK(findings[i].other_row == others[i]);
  }
}
