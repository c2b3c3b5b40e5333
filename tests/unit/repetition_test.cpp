#include "lib/text/repetition.h"

#include <algorithm>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/text/language.h"
#include "lib/text/profanity.h"
#include "tests/unit/catch.h"

TEST_CASE("words stand between blanks, tabs and line ends, and nothing else") {
  std::mt19937 random(5);
  constexpr std::string_view kBytes = " \n\t\ra\x01\v\x80";
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t size = random() % 200; size > 0; --size)
      text += kBytes[random() % kBytes.size()];
    std::vector<std::string_view> words;
    const std::string_view all = text;
    constexpr std::string_view kBlanks = " \n\t\r";
    for (std::size_t at = 0, end = 0;
         (at = all.find_first_not_of(kBlanks, end)) != all.npos;) {
      end = std::min(all.find_first_of(kBlanks, at), all.size());
      words.push_back(all.substr(at, end - at));
    }
    REQUIRE(mill::split_words(text) == words);
  }
}

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
      {"five words, and again right at the end",
       "two three four five six " + others + "two three four five six", true},
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
    CHECK(mill::is_repetitive(c.text, mill::split_words(c.text)) ==
          c.is_repetitive);
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
    CHECK(mill::is_mostly_symbols(mill::Subject(c.text),
                                  mill::split_words(c.text)) == c.is_symbols);
  }
}

TEST_CASE("listed words and phrases are counted as whole words") {
  const mill::Profanity profanity;
  CHECK(profanity.share_in(mill::Subject("What the FUCK is that?")) == 0.2);
  CHECK(profanity.share_in(mill::Subject("an alabama hot pocket")) == 0.75);
  CHECK(profanity.share_in(mill::Subject("The class in Scunthorpe")) == 0);
  CHECK(profanity.share_in(mill::Subject("")) == 0);
  CHECK(profanity.share_in(mill::Subject("_shit_ happens")) == 0.5);
}

TEST_CASE("no listed word is missed for what stands around it") {
  // The same, word by word.
  const auto words_of = [](std::string_view text) {
    std::vector<std::string> words(1);
    for (const char c : text)
      if (mill::is_ascii_alphanumeric(c) || c == '\'' ||
          static_cast<unsigned char>(c) >= 0x80)
        words.back() += mill::ascii_lower(c);
      else if (!words.back().empty())
        words.emplace_back();
    if (words.back().empty()) words.pop_back();
    return words;
  };
  std::vector<std::vector<std::string>> listed;
  std::istringstream lines{std::string(mill::embedded_profanity())};
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && line[0] != '#') listed.push_back(words_of(line));
  const auto share_in = [&](const std::string& text) {
    const std::vector<std::string> words = words_of(text);
    std::size_t found = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::size_t shortest = 0;
      for (const auto& phrase : listed)
        if (phrase.size() <= words.size() - i &&
            std::equal(phrase.begin(), phrase.end(), &words[i]) &&
            (shortest == 0 || phrase.size() < shortest))
          shortest = phrase.size();
      found += shortest;
      i += shortest > 0 ? shortest - 1 : 0;
    }
    return static_cast<double>(found) /
           static_cast<double>(std::max<std::size_t>(words.size(), 1));
  };
  const mill::Profanity profanity;
  const std::vector<std::string> between = {" ",  "_",   "-",  "'", "\u2019",
                                            "\n", "_ _", ". ", "*", ""};
  std::mt19937 random(5);
  const auto below = [&](std::size_t n) { return random() % n; };
  std::size_t with_some = 0;
  for (int i = 0; i < 3'000; ++i) {
    std::string text;
    for (std::size_t n = 1 + below(4); n > 0; --n) {
      text += between[below(between.size())];
      if (below(3) > 0) {
        text +=
            std::vector<std::string>{"how", "s", "to", "class", "a"}[below(5)];
        continue;
      }
      for (const std::string& word : listed[below(listed.size())])
        text += word + (below(3) > 0 ? " " : between[below(between.size())]);
    }
    if (below(2) == 0)
      for (char& c : text)
        if (mill::is_ascii_lower(c)) c = static_cast<char>(c - 'a' + 'A');
    CAPTURE(text);
    const double share = share_in(text);
    with_some += share > 0;
    CHECK(profanity.share_in(mill::Subject(text)) == share);
  }
  CHECK(with_some > 1'000);
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
