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
      {"escaped once, &amp; last", "&amp;lt;b&amp;gt; &amp;amp;", "<b> &"},
      {"a raw < : not escaped", "a < b, written &amp;lt;",
       "a < b, written &lt;"},
      {"a bare & : not escaped", "R&D &amp;amp; more", "R&D &amp; more"},
      {"an entity of the writer's", "a&nbsp;b &lt;", "a b <"},
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

TEST_CASE("clean_text undoes what Reddit shows as characters") {
  const struct {
    const char* what;
    const char* text;
    const char* clean;
  } cases[] = {
      {"numbers", "70&#37; of it&#32;&#x2014; it&#039;s &#X41;",
       "70% of it \u2014 it's A"},
      {"names", "a &mdash; b&hellip; &quot;c&quot; &frac12; &apos;",
       "a \u2014 b\u2026 \"c\" \u00BD '"},
      {"in an escaped text once", "&amp;mdash; &amp;amp;lt; &gt;",
       "\u2014 &lt; >"},
      {"names that are none", "&nbs; &Mdash; &; &#; &#x; &#0; &#xD800; &#7;",
       "&nbs; &Mdash; &; &#; &#x; &#0; &#xD800; &#7;"},
      {"what is too great", "&#1114112; &#99999999999;",
       "&#1114112; &#99999999999;"},
      {"not in spans of code", "`&mdash;` &mdash; ``a ` &lt;`` &lt; R&D",
       "`&mdash;` \u2014 ``a ` &lt;`` < R&D"},
      {"an open span is none", "`a &mdash; R&D", "`a \u2014 R&D"},
      {"not in fences", "&copy;\n```\n&copy;\n~~~\n&copy;\n```\n&copy; R&D",
       "\u00A9\n```\n&copy;\n~~~\n&copy;\n```\n\u00A9 R&D"},
      {"not in indented code", "a\n\n    &copy;\n    &copy;\n&copy; R&D",
       "a\n\n    &copy;\n    &copy;\n\u00A9 R&D"},
      {"a paragraph's indented line is prose", "a\n    &copy; R&D",
       "a\n    \u00A9 R&D"},
      {"control characters",
       "\x01"
       "a\x1F"
       "b\tc\x0B\n\x0C",
       "ab\tc"},
      {"line ends of all kinds", "a\r\nb\rc", "a\nb\nc"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(mill::clean_text(c.text) == c.clean);
  }
  using namespace std::string_literals;
  CHECK(mill::clean_text("[deleted]\0"s) == "[deleted]");
  CHECK(mill::clean_text("an answer.\n\0 \n"s) == "an answer.");
}

TEST_CASE("a title is no Markdown") {
  CHECK(mill::clean_title("Why &lt; for <?\x01 ") == "Why &lt; for <?");
  CHECK(mill::clean_title("Why &amp;lt; for &lt;?") == "Why &lt; for <?");
  CHECK(mill::clean_title("Why &lt;?", mill::ApiEscapes::kNone) == "Why &lt;?");
}

TEST_CASE("a raw text is not unescaped as the API's") {
  constexpr auto kNone = mill::ApiEscapes::kNone;
  CHECK(mill::clean_text("`a &lt; b` &amp;lt;", kNone) == "`a &lt; b` &lt;");
  CHECK(mill::clean_text("`a &lt; b`") == "`a < b`");
  CHECK(mill::clean_text("x &gt; y", kNone) == "x > y");
}

TEST_CASE("without_media leaves words") {
  const struct {
    const char* what;
    const char* text;
    const char* words;
  } cases[] = {
      {"giphy", "So it is.\n\n![gif](giphy|3o7abKhOpu0NwenH3O)", "So it is."},
      {"giphy, small", "![gif](giphy|a|downsized) yes", "yes"},
      {"emotes", "no ![img](emote|t5_2th52|4271) way", "no  way"},
      {"a picture", "see\n\n![img](7xk1)\n\nthere", "see\n\nthere"},
      {"a picture with words", "![img](7xk1 \"my (old) deck\")", ""},
      {"a picture by its address",
       "![deck](https://preview.redd.it/a.png?width=1&s=b)", ""},
      {"being processed", "*Processing img 7xk1...*\n\nWhy?", "Why?"},
      {"a line of its own", "a\nhttps://i.redd.it/a.png\nb", "a\nb"},
      {"a line's link to itself",
       "[https://preview.redd.it/a.png](https://preview.redd.it/a.png)", ""},
      {"several on a line",
       "![gif](giphy|a) ![gif](giphy|b)\nhttps://v.redd.it/abc\nc", "c"},
      {"within a line", "as in https://preview.redd.it/a.jpg?s=1 here",
       "as in [image] here"},
      {"a poll", "[View Poll](https://www.reddit.com/poll/abc)", ""},
      {"links with words stay", "[this](https://i.redd.it/a.png) one",
       "[this](https://i.redd.it/a.png) one"},
      {"other pictures stay", "![a](https://i.imgur.com/a.png)",
       "![a](https://i.imgur.com/a.png)"},
      {"nothing", "a ![] b", "a ![] b"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(mill::without_media(c.text) == c.words);
  }
}
