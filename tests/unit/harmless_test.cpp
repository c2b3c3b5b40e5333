#include "lib/base/harmless.h"

#include <string>

#include "tests/unit/catch.h"

TEST_CASE("harmless shows what a terminal would obey") {
  const struct {
    const char* text;
    const char* shown;
  } rows[] = {
      {"plain, \u00e4\u20ac\U0001F600", "plain, \u00e4\u20ac\U0001F600"},
      {"\x1b[2J\a\b", "\\u001b[2J\\u0007\\u0008"},
      {"\x7f\u0080\u009b", "\\u007f\\u0080\\u009b"},
      {"\u202e\u2066\u200f\u061c\u2028", "\\u202e\\u2066\\u200f\\u061c\\u2028"},
      {"a\xff\xc0\x80z", "a\\xff\\xc0\\x80z"},
      {"\xe2\x82", "\\xe2\\x82"},
      {"\u200d\ufe0f", "\u200d\ufe0f"},  // emoji are joined by them
      {"tab\t", "tab\t"},
  };
  for (const auto& row : rows) {
    CHECK(mill::harmless(row.text) == row.shown);
    CHECK(mill::harmless_line(row.text) == row.shown);
  }
  CHECK(mill::harmless("a\r\nb\n") == "a\\u000d\nb\n");
  CHECK(mill::harmless_line("a\nb") == "a\\nb");
}
