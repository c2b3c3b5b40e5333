#include "lib/answers/accounts.h"

#include "tests/unit/catch.h"

TEST_CASE("the thread's accounts are hidden where a text names them") {
  mill::Accounts accounts;
  for (const char* name : {"jane_roe_77", "KeyserSoze", "Infra-Red", "gravity",
                           "the", "AlanWJ2", "19840412", "ps5", "_Jo_Poe_"})
    accounts.add(name);
  const struct {
    const char* what;
    const char* text;
    const char* hidden;
  } cases[] = {
      {"as a word", "As jane_roe_77 pointed out.",
       "As [USERNAME] pointed out."},
      {"in any case", "JANE_ROE_77: no", "[USERNAME]: no"},
      {"escaped", "ask jane\\_roe\\_77!", "ask [USERNAME]!"},
      {"not within a word", "jane_roe_772, xjane_roe_77",
       "jane_roe_772, xjane_roe_77"},
      {"not beside a letter with an accent", "\xC3\xA9jane_roe_77",
       "\xC3\xA9jane_roe_77"},
      {"emphasized", "*jane_roe_77* and __jane_roe_77__",
       "*[USERNAME]* and __[USERNAME]__"},
      {"its own marks at its ends", "_jo_poe_ said", "[USERNAME] said"},
      {"a possessive", "jane_roe_77's deck", "[USERNAME]'s deck"},
      {"u/", "see /u/gravity, u/the", "see [USERNAME], [USERNAME]"},
      {"somebody else", "see u/some_other", "see u/some_other"},
      {"a link, with all of it",
       "[me](https://old.reddit.com/user/jane_roe_77/comments/ab12/x/)",
       "[me]([USERNAME])"},
      {"a link's text", "[gravity](https://reddit.com/u/gravity)",
       "[[USERNAME]]([USERNAME])"},
      {"@", "@gravity, look", "[USERNAME], look"},
      {"no address", "mail a@gravity.com", "mail a@gravity.com"},
      {"its own case", "KeyserSoze, keysersoze", "[USERNAME], keysersoze"},
      {"a word with a dash", "Infra-Red and infra-red",
       "[USERNAME] and infra-red"},
      {"a word", "It is gravity. Gravity pulls.",
       "It is gravity. Gravity pulls."},
      {"a word that spoke", "As gravity said, and gravity already wrote",
       "As [USERNAME] said, and [USERNAME] already wrote"},
      {"a word whose comment it is", "see gravity's comment",
       "see [USERNAME]'s comment"},
      {"a word by its name", "he is AlanWJ2, aka gravity",
       "he is [USERNAME], aka [USERNAME]"},
      {"no word that spoke", "as the said rule, the wrote",
       "as the said rule, the wrote"},
      {"a number", "19840412 votes, as 19840412 said",
       "19840412 votes, as [USERNAME] said"},
      {"short", "my ps5", "my ps5"},
      {"tags", "[USERNAME] jane_roe_77", "[USERNAME] [USERNAME]"},
      {"nothing", "", ""},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(accounts.hidden_in(mill::Subject(c.text), "") == c.hidden);
  }
}

TEST_CASE("a signature is its own writer's") {
  mill::Accounts accounts;
  accounts.add("Alienth");
  CHECK(accounts.hidden_in(mill::Subject("It is up.\n\ncheers,\n\nalienth"),
                           "alienth") == "It is up.\n\ncheers,\n\n[USERNAME]");
  CHECK(accounts.hidden_in(mill::Subject("It is up.\n\xE2\x80\x94"
                                         "alienth \n"),
                           "alienth") ==
        "It is up.\n\xE2\x80\x94[USERNAME] \n");
  CHECK(accounts.hidden_in(mill::Subject("It is up.\n\nalienth"), "other") ==
        "It is up.\n\nalienth");
  CHECK(accounts.hidden_in(mill::Subject("alienth"), "alienth") == "alienth");
}
