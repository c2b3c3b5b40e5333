#include "lib/text/near_duplicates.h"

#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/catch.h"

using mill::NearDuplicates;

namespace {

using Words = std::vector<std::string>;

Words random_words(std::mt19937& random, std::size_t count) {
  Words words;
  for (std::size_t i = 0; i < count; ++i)
    words.push_back('w' + std::to_string(random() % 5000));
  return words;
}

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

// With `count` words substituted, left out or put in.
Words edited(std::mt19937& random, Words words, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto at =
        words.begin() + static_cast<std::ptrdiff_t>(random() % words.size());
    switch (random() % 3) {
      case 0: *at = "new" + std::to_string(random()); break;
      case 1: words.erase(at); break;
      default: words.insert(at, "new" + std::to_string(random()));
    }
  }
  return words;
}

double similarity(std::string_view a, std::string_view b) {
  const mill::TextSigner sign;
  return mill::similarity(sign(a), sign(b));
}

}  // namespace

TEST_CASE("the same words are the same text") {
  const struct {
    const char* what;
    const char* a;
    const char* b;
  } cases[] = {
      {"case", "Does Trample work?", "DOES trample WORK"},
      {"white space", " a\tb\r\nc ", "a b c"},
      {"punctuation", "it's [[Fog]] -- really!", "it s Fog really"},
      {"no-break and wide spaces", "a\u00A0b\u3000c", "a b c"},
      {"Latin letters beyond ASCII", "ÄRGER ÉTÉ", "ärger été"},
      {"final sigma folds", "οδος", "οδοσ"},
      {"Cyrillic", "ВОПРОС", "вопрос"},
      {"Cherokee, which folds upwards", "\uAB70", "\u13A0"},
      {"beyond the first plane", "\U00010400", "\U00010428"},
      {"emoji count for nothing", "yes \U0001F605 sure", "yes sure"},
  };
  const mill::TextSigner sign;
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(mill::is_same_text(sign(c.a), sign(c.b)));
    CHECK(similarity(c.a, c.b) == 1);
  }
}

TEST_CASE("other words, or another order, are another text") {
  const struct {
    const char* what;
    const char* a;
    const char* b;
  } cases[] = {
      {"a letter", "one two three", "one two tree"},
      {"a digit", "rule 702.19a", "rule 702.19b"},
      {"order", "a blocks b", "b blocks a"},
      {"a turn", "a b c", "b c a"},
      {"where words end", "ab c", "a bc"},
      {"repetition", "no no", "no"},
      {"an accent", "resume", "résumé"},
      {"an accent of its own", "\u00E9", "e\u0301"},
      {"dotless i", "ı", "i"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(similarity(c.a, c.b) < 1);
  }
}

TEST_CASE("a text without words is similar to nothing") {
  for (const char* text : {"", " ", "?!", "\U0001F605", "\u200B"}) {
    INFO(text);
    CHECK(similarity(text, text) == 0);
    CHECK(similarity(text, "word") == 0);
    NearDuplicates seen(0.8);
    seen.add(text);
    CHECK_FALSE(seen.find(text));
  }
}

TEST_CASE("in scripts without spaces a character is a word") {
  const mill::TextSigner sign;
  CHECK(sign("起動しません。").words == 6);
  CHECK(sign("ไทย").words == 3);
  CHECK(sign("한국어 문장").words == 2);  // Hangul has spaces
  CHECK(sign("\U00020000\U00020001").words == 2);
  CHECK(sign("mana起動cost").words == 4);
  const std::string text =
      "呪文を唱えるときに対象を選び、そのあとでコストを支払う";
  std::string other = text;
  other.replace(other.find("コスト"), 9, "マナ");
  CHECK(similarity(text, other) > 0.8);
}

TEST_CASE("similarity is about the share of words in common") {
  std::mt19937 random(1);
  for (const std::size_t length : {20U, 100U, 400U})
    for (const unsigned percent : {5U, 10U, 20U}) {
      INFO(length << " words, " << percent << " % substituted");
      double sum = 0;
      for (int i = 0; i < 200; ++i) {
        const Words words = random_words(random, length);
        Words other = words;
        std::set<std::size_t> places;
        while (places.size() < length * percent / 100)
          places.insert(random() % length);
        for (const std::size_t place : places) other[place] = "other";
        sum += similarity(joined(words), joined(other));
      }
      CHECK(std::abs(sum / 200 - (1 - percent / 100.0)) < 0.02);
    }
}

TEST_CASE("similarity is never more than the ratio of the lengths") {
  std::string once = "spam spam spam spam", often;
  for (int i = 0; i < 10; ++i) often += once + " ";
  CHECK(similarity(once, often) == 0.1);
  CHECK(similarity("a", "b") == 0);
}

TEST_CASE("texts with up to a tenth of their words changed are found") {
  std::mt19937 random(2);
  NearDuplicates seen(0.8);
  std::vector<Words> originals;
  for (int i = 0; i < 3000; ++i) {
    originals.push_back(random_words(random, 10 + random() % 200));
    seen.add(joined(originals.back()));
  }
  std::size_t found = 0, wrong = 0;
  for (std::size_t i = 0; i < originals.size(); ++i) {
    const std::size_t most = originals[i].size() / 10;
    const auto match =
        seen.find(joined(edited(random, originals[i], 1 + random() % most)));
    if (match) ++(match->number == i ? found : wrong);
  }
  CHECK(found >= 2990);
  CHECK(wrong == 0);
  for (int i = 0; i < 3000; ++i)
    if (seen.find(joined(random_words(random, 10 + random() % 200)))) ++wrong;
  CHECK(wrong == 0);
}

TEST_CASE("find gives the most similar, and of equals the first") {
  const std::string text = "a text of ten words that says nothing of note";
  NearDuplicates seen(0.8);
  CHECK_FALSE(seen.find(text));
  CHECK(seen.add(text + " really now") == 0);
  CHECK(seen.add(text + " really") == 1);
  CHECK(seen.add(text + " truly") == 2);
  CHECK(seen.add(text) == 3);
  CHECK(seen.add(text) == 4);
  const auto match = seen.find(text + "!");
  REQUIRE(match);
  CHECK(match->number == 3);
  CHECK(match->similarity == 1);
  const mill::TextSigner sign;
  const auto all = seen.find_all(sign(text));
  REQUIRE(all.size() == 4);  // of the last two the first
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].number == i);
}

TEST_CASE("what is held is found from when it is admitted") {
  NearDuplicates seen(0.8);
  const std::size_t first = seen.hold("one two three");
  const std::size_t second = seen.hold("four five six");
  CHECK_FALSE(seen.find("one two three"));
  seen.admit(second);
  CHECK_FALSE(seen.find("one two three"));
  CHECK(seen.find("four five six")->number == second);
  seen.admit(first);
  CHECK(seen.find("one two three")->number == first);
  CHECK(seen.size() == 2);
}

TEST_CASE("a threshold of 1 finds the same words only") {
  NearDuplicates seen(1);
  const std::string text = joined(Words(300, "word")) + " end";
  seen.add(text);
  CHECK(seen.find(text));
  CHECK_FALSE(seen.find(text + " end"));
}
