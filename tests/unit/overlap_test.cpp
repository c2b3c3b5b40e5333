#include "lib/text/overlap.h"

#include <string>

#include "tests/unit/catch.h"

using mill::Overlap;

namespace {

// Words, each another: "w5 w6 w7" are of(5, 3).
std::string of(int first, int count) {
  std::string text;
  for (int i = first; i < first + count; ++i)
    text += 'w' + std::to_string(i) + ' ';
  return text;
}

}  // namespace

TEST_CASE("a text is found by so many of its words in a row") {
  Overlap tests(13);
  CHECK(tests.add(of(100, 40), 7));
  CHECK(tests.add(of(200, 10), 8));
  CHECK(tests.add(of(300, 13), 9));
  CHECK_FALSE(tests.add(of(400, 7), 10));
  const struct {
    const char* what;
    std::string text;
    int number;  // 0: nothing
  } cases[] = {
      {"the whole text", of(100, 40), 7},
      {"within another", of(1, 50) + of(100, 40) + of(60, 30), 7},
      {"its first 13 words", of(1, 5) + of(100, 13) + of(1, 5), 7},
      {"its last 13 words", of(127, 13), 7},
      {"some in the middle", of(1, 5) + of(111, 13), 7},
      {"only 12 of them", of(1, 5) + of(111, 12) + of(1, 5), 0},
      {"with a word between", of(111, 6) + "x " + of(117, 7), 0},
      {"in another order", of(112, 7) + of(105, 7), 0},
      {"all words of a shorter one", of(1, 30) + of(200, 10) + of(50, 9), 8},
      {"nine of its ten", of(1, 30) + of(200, 9) + of(50, 9), 0},
      {"just so many", of(300, 13), 9},
      {"one that is too short", of(1, 9) + of(400, 7) + of(1, 9), 0},
      {"two: the first", of(200, 10) + of(100, 40), 8},
      {"in other spelling",
       "W200, w201; W202 - w203 (w204) w205 w206. w207 "
       "w208 w209",
       8},
      {"nothing", "", 0},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(tests.find(c.text).value_or(0) == static_cast<unsigned>(c.number));
  }
  CHECK_FALSE(Overlap(8).find(of(1, 20)));
}

TEST_CASE("of texts that share words the first is named") {
  Overlap tests(8);
  tests.add(of(1, 20), 5);
  tests.add(of(1, 20), 3);
  tests.add(of(1, 20), 4);
  CHECK(tests.find(of(5, 10)).value_or(0) == 3U);
}
