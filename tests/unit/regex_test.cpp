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

TEST_CASE("Regex gives up after so many steps of a whole text") {
  // Each '[' begins a search to the end, which no limit of PCRE2 counts.
  const std::string hostile = std::string(200'000, '[') + "](";
  CHECK(mill::Regex("\\[[^x]*x").is_in(hostile + "x"));
  CHECK_THROWS_AS(mill::Regex("\\[[^x]*xy").is_in(hostile + "xz y"),
                  mill::RegexGaveUp);
  std::size_t found = 0;
  CHECK_THROWS_AS(
      mill::Regex("\\[[^x]*xy|]")
          .for_each(hostile + "xz y", [&](std::string_view) { ++found; }),
      mill::RegexGaveUp);
  // Many matches in a long text are not many steps.
  const std::string text(1'000'000, 'a');
  found = 0;
  mill::Regex("a").for_each(text, [&](std::string_view) { ++found; });
  CHECK(found == text.size());
}

TEST_CASE("Regex refuses what matches within a character") {
  CHECK_THROWS_AS(mill::Regex("a\\C"), mill::RegexError);
}
