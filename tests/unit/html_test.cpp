#include "lib/report/html.h"

#include "lib/base/numbers.h"
#include "tests/unit/catch.h"

TEST_CASE("html() escapes what markup is made of and shows what is unseen") {
  const struct {
    const char* what;
    std::string text;
    std::string wanted;
  } cases[] = {
      {"plain text stays", "a b\tc\nd é 🤔", "a b\tc\nd é 🤔"},
      {"markup", "<a href='x'>\"&amp;\"</a>",
       "&lt;a href=&#39;x&#39;&gt;&quot;&amp;amp;&quot;&lt;/a&gt;"},
      {"control characters", std::string("\0\x07\r\x1B\x7F", 5),
       "\\u0000\\u0007\\u000d\\u001b\\u007f"},
      {"C1 control characters", "\u0085\u009F", "\\u0085\\u009f"},
      {"what turns direction", "\u202E\u2066\u200F\u061C",
       "\\u202e\\u2066\\u200f\\u061c"},
      {"joiners stay", "\u200D\u200B\uFEFF", "\u200D\u200B\uFEFF"},
      {"no characters", "\uFFFE\U0001FFFF\uFDD0", "\\ufffe\\u1ffff\\ufdd0"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(mill::html(c.text) == c.wanted);
  }
}

TEST_CASE("numbers as people read them") {
  CHECK(mill::grouped(0) == "0");
  CHECK(mill::grouped(999) == "999");
  CHECK(mill::grouped(1000) == "1,000");
  CHECK(mill::grouped(1234567) == "1,234,567");

  CHECK(mill::abbreviated(999) == "999");
  CHECK(mill::abbreviated(1000) == "1.0k");
  CHECK(mill::abbreviated(9949) == "9.9k");
  CHECK(mill::abbreviated(9950) == "10k");
  CHECK(mill::abbreviated(999'499) == "999k");
  CHECK(mill::abbreviated(999'500) == "1.0M");
  CHECK(mill::abbreviated(~std::uint64_t{0}).ends_with("T"));

  CHECK(mill::percent(0, 0) == "0%");
  CHECK(mill::percent(0, 5) == "0%");
  CHECK(mill::percent(5, 5) == "100%");
  CHECK(mill::percent(1, 3) == "33.3%");
  CHECK(mill::percent(1, 10'000) == "under 0.1%");
  CHECK(mill::percent(9'999, 10'000) == "over 99.9%");

  CHECK(mill::decimal(0.8, 3) == "0.8");
  CHECK(mill::decimal(2, 1) == "2");
  CHECK(mill::decimal(100, 0) == "100");
  CHECK(mill::counted(1, "row", "rows") == "1 row");
  CHECK(mill::counted(0, "row", "rows") == "0 rows");
}
