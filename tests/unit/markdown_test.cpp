#include "lib/reddit/markdown.h"

#include "tests/unit/catch.h"

TEST_CASE("clean_text undoes the API's escapes and the editor's traces") {
  const struct {
    const char* what;
    const char* text;
    const char* clean;
  } cases[] = {
      {"plain", "a *b* [c](d)", "a *b* [c](d)"},
      {"escaped", "&gt; a &amp; b &lt; c", "> a & b < c"},
      {"escaped once, &amp; last", "&amp;lt;b&amp;gt; &amp;amp;",
       "&lt;b&gt; &amp;"},
      {"a raw < : not escaped", "a < b, written &lt;", "a < b, written &lt;"},
      {"a bare & : not escaped", "R&D &amp; more", "R&D &amp; more"},
      {"an entity of the writer's", "a&nbsp;b &lt;", "a b &lt;"},
      {"escaped entity of the editor's", "&amp;#x200B;\n\na&amp;nbsp;b", "a b"},
      {"zero-width space", "&#x200B;\n\na\u200Bb", "ab"},
      {"joiners and bidi marks stay", "\u200D\u200E\u2019",
       "\u200D\u200E\u2019"},
      {"line ends", " \r\na\r\n\r\nb\n\t ", "a\n\nb"},
      {"nothing", "&#x200B; \n", ""},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(mill::clean_text(c.text) == c.clean);
  }
}
