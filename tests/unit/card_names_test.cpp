#include "lib/answers/card_names.h"

#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "tests/unit/catch.h"

namespace {

std::vector<std::string> cards_in(std::string_view text) {
  static const mill::CardNames names(
      "Lightning Bolt\nOpt\nUrza's Tower\r\nUrza's Tower of Sand\n\n"
      "Fire Wall // Ice Wall\n\"Ach! Hans, Run!\"\nJace, the Sculptor\n",
      "list");
  std::vector<std::string> found;
  names.for_each(text,
                 [&](std::string_view name) { found.emplace_back(name); });
  return found;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("CardNames finds names of two words or more, whole, in their case") {
  const struct {
    const char* text;
    List cards;
  } cases[] = {
      {"Lightning Bolt", {"Lightning Bolt"}},
      {"I (Lightning Bolt) you; **Lightning Bolt**'s fine",
       {"Lightning Bolt", "Lightning Bolt"}},
      {"lightning bolt, Lightning bolt", {}},
      {"Opt in", {}},
      {"Lightning Bolts and xLightning Bolt", {}},
      {"Lightning Bolt\u00e9", {}},
      {"Lightning  Bolt", {}},
      {"Urza\u2019s Tower of Sand", {"Urza's Tower of Sand"}},
      {"Urza's Tower of sand", {"Urza's Tower"}},
      {"Ice Wall or Fire Wall // Ice Wall",
       {"Ice Wall", "Fire Wall // Ice Wall"}},
      {"shout \"Ach! Hans, Run!\" now", {"\"Ach! Hans, Run!\""}},
      {"Jace, the Sculptor", {"Jace, the Sculptor"}},
      {"Peter Van Dyke", {}},
      {"", {}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(cards_in(c.text) == c.cards);
  }
}

TEST_CASE("CardNames reads catalogs and knows each name's spelling") {
  const mill::CardNames array(R"(["Dark Rit", "Opt"])", "a");
  const mill::CardNames object(R"({"data": ["Dark Rit", "Opt"]})", "b");
  for (const mill::CardNames* names : {&array, &object}) {
    CHECK(names->spelling("DARK rit") == "Dark Rit");
    CHECK(names->spelling("opt") == "Opt");
    CHECK(names->spelling("other") == "other");
  }
  CHECK_THROWS_AS(mill::CardNames("{}", "c"), mill::Exit);
  CHECK_THROWS_AS(mill::CardNames("[1]", "c"), mill::Exit);
  CHECK_THROWS_AS(mill::CardNames("[", "c"), mill::Exit);
  CHECK_THROWS_AS(mill::CardNames("\xff", "c"), mill::Exit);
}
