#include "lib/base/regex.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

TEST_CASE("Regex finds in either case and counts in UTF-8") {
  const mill::Regex regex("[a-z\u00e9]+");
  CHECK(regex.find("12 \u00c9t\u00e9!") == "\u00c9t\u00e9");
  CHECK(!regex.is_in("12"));
  CHECK(mill::Regex("\\A.\\z").is_in("\U0001F600"));
  CHECK(!mill::Regex("(?-i:a)").is_in("A"));
}

TEST_CASE("Regex hands on each match that is not empty") {
  const auto all = [](const char* pattern, std::string_view text) {
    std::vector<std::string> found;
    mill::Regex(pattern).for_each(
        text, [&](std::string_view match) { found.emplace_back(match); });
    return found;
  };
  using List = std::vector<std::string>;
  CHECK(all("\\d+", "1, 22 and 333") == List{"1", "22", "333"});
  CHECK(all("x*", "\u20acxx\u20acx") == List{"xx", "x"});
  CHECK(all("<\\Kb(?=>)", "<b><b>") == List{"b", "b"});
  CHECK(all("a", "").empty());
}

TEST_CASE("Regex says what is wrong, and gives up rather than hang") {
  CHECK_THROWS_AS(mill::Regex("(a"), mill::RegexError);
  const mill::Regex hard("(a+)+\\d");
  CHECK_THROWS_AS(hard.is_in(std::string(64, 'a') + "b"), mill::RegexGaveUp);
  CHECK(hard.is_in("aa1"));
}
