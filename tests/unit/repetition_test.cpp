#include "lib/text/repetition.h"

#include <string>

#include "lib/text/language.h"
#include "lib/text/profanity.h"
#include "tests/unit/catch.h"

TEST_CASE("a text repeats itself by Gopher's limits") {
  const std::string ten = "one two three four five six seven eight nine ten ";
  const std::string others =
      "eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen ";
  const struct {
    const char* what;
    std::string text;
    bool is_repetitive;
  } cases[] = {
      {"nothing", "", false},
      {"a sentence", "It looks back in time, so you do draw the card.", false},
      {"ten words twice", ten + ten, true},
      {"ten words once", ten + others, false},
      {"a passage among many", ten + others + others + others, true},
      {"the question quoted in the answer",
       "> Do I draw? You do draw, since it looks back in time.", false},
      {"lines, half of them twice", "a b\nc d\na b\nc d", true},
      {"lines without letters", "It is\n---\nso\n---\nalways", false},
      {"two words, a fifth of a long text",
       [] {
         std::string text;
         for (int i = 0; i < 20; ++i)
           text += "really big w" + std::to_string(i) + " x" +
                   std::to_string(i) + " ";
         return text;
       }(),
       true},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(mill::is_repetitive(c.text) == c.is_repetitive);
  }
}

TEST_CASE("a text of symbols is told from words") {
  const struct {
    const char* what;
    const char* text;
    bool is_symbols;
  } cases[] = {
      {"a sentence", "It looks back in time, so you do draw.", false},
      {"nothing but blanks", "  \n ", true},
      {"numbers", "1 2 3 4 5 words here", true},
      {"hashes", "#mtg #rules #judge #help look at this", true},
      {"thoughts that trail off", "Well...\nI mean...\nit does work", true},
      {"other scripts", "Это обычный ответ на вопрос", false},
      {"long words", "pneumonoultramicroscopic silicovolcanoconiosis", true},
      {"a link counts as none",
       "Look here: https://example.com/a-very-long-address/of-a-page", false},
      {"filler", "Lorem ipsum dolor sit amet and so it goes on", true},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(mill::is_mostly_symbols(c.text) == c.is_symbols);
  }
}

TEST_CASE("listed words and phrases are counted as whole words") {
  const mill::Profanity profanity;
  CHECK(profanity.share_in("What the FUCK is that?") == 0.2);
  CHECK(profanity.share_in("an alabama hot pocket") == 0.75);
  CHECK(profanity.share_in("The class in Scunthorpe") == 0);
  CHECK(profanity.share_in("") == 0);
}

TEST_CASE("a language is told where there are words enough") {
  CHECK(mill::language_of("It looks back in time, so you do draw the card.") ==
        "en");
  CHECK(mill::language_of("Das ist eine ganz gewöhnliche Antwort darauf.") ==
        "de");
  CHECK(mill::language_of("").empty());
  CHECK(mill::language_of(std::string(70000, 'x') + "\u00e9").empty());
  CHECK(mill::is_language("en"));
  CHECK_FALSE(mill::is_language("english"));
}
