#include "lib/base/utf8.h"

#include <string>

#include "tests/unit/catch.h"

TEST_CASE("take_code_point reads sequences of each length") {
  const std::string_view text = "A\u00E9\u20AC\U0001F409z";
  std::size_t i = 0;
  for (const char32_t wanted :
       {U'A', U'\u00E9', U'\u20AC', U'\U0001F409', U'z'})
    CHECK(mill::take_code_point(text, i) == wanted);
  CHECK(i == text.size());
}

TEST_CASE("is_blank tells text from white space and zero-width characters") {
  for (const char* blank : {"", " ", "\t\r\n\v\f", "\u00A0", "\u2003\u3000",
                            "\u200B", "\uFEFF \u2060"}) {
    INFO('"' << blank << '"');
    CHECK(mill::is_blank(blank));
  }
  for (const char* text : {"a", "  .", "\u200Bx", "\u2014", "\U0001F409"}) {
    INFO('"' << text << '"');
    CHECK_FALSE(mill::is_blank(text));
  }
  CHECK_FALSE(mill::is_blank(std::string_view("\0", 1)));
}
