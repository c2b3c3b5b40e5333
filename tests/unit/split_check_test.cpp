#include "lib/version/split_check.h"

#include "tests/unit/catch.h"

using mill::SplitCheck;

namespace {

const std::string kText = "What happens if both creatures die at the same time";

}  // namespace

TEST_CASE("SplitCheck lets what is in one part meet") {
  SplitCheck check(0.8);
  CHECK_FALSE(check.add(0, "a", kText));
  CHECK_FALSE(check.add(0, "a", kText));
  CHECK_FALSE(check.add(0, "b", kText + " now"));
  CHECK_FALSE(check.add(1, "c", "Something else entirely"));
  CHECK_FALSE(check.add(2, "", "Another thing that is new"));
  CHECK_FALSE(check.add(1, "", "And one more without an id"));
}

TEST_CASE("SplitCheck names the row that should not be elsewhere") {
  const struct {
    const char* what;
    const char* id;
    std::string text;
    SplitCheck::Fault fault;
    std::size_t row, part;
  } cases[] = {
      {"an id, whatever the text", "now", "Nothing of the kind is said here",
       SplitCheck::kIdInTwoParts, 2, 1},
      {"an id of before", "before", "Nothing of the kind is said here",
       SplitCheck::kIdMoved, 0, 0},
      {"a text", "new", kText + " now", SplitCheck::kNearDuplicateInTwoParts, 2,
       1},
      {"a text of before", "new", "the stack is a zone that players share",
       SplitCheck::kNearDuplicateMoved, 1, 0},
      {"the id before the text", "before", kText, SplitCheck::kIdMoved, 0, 0},
      {"a text without an id", "", kText, SplitCheck::kNearDuplicateInTwoParts,
       2, 1},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    SplitCheck check(0.8);
    check.add_earlier(0, "before", "One that was in the first version, too");
    check.add_earlier(0, "old", "The stack is a zone that players share.");
    REQUIRE_FALSE(check.add(1, "now", kText));
    const auto finding = check.add(2, c.id, c.text);
    REQUIRE(finding);
    CHECK(finding->fault == c.fault);
    CHECK(finding->other_row == c.row);
    CHECK(finding->other_part == c.part);
  }
}
