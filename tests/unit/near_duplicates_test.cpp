#include "lib/text/near_duplicates.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "lib/text/alignment.h"
#include "tests/unit/catch.h"

using mill::NearDuplicates;

namespace {

using Words = std::vector<std::string>;

// A word of letters for each number.
std::string spelled(std::size_t number) {
  std::string word = "w";
  for (; number > 0; number /= 20) word += static_cast<char>('a' + number % 20);
  return word;
}

Words random_words(std::mt19937& random, std::size_t count) {
  Words words;
  for (std::size_t i = 0; i < count; ++i)
    words.push_back(spelled(random() % 5000));
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
      case 0: *at = 'x' + spelled(random()); break;
      case 1: words.erase(at); break;
      default: words.insert(at, 'x' + spelled(random()));
    }
  }
  return words;
}

// A set that is signed, and an index of it, of these texts.
struct Seen {
  explicit Seen(const std::vector<std::string>& all, double threshold = 0.8)
      : near(texts, threshold) {
    for (const std::string& text : all) texts.add(text);
    texts.sign();
  }
  // What text `number` repeats of those before it, if anything.
  std::optional<NearDuplicates::Match> find(std::size_t number) {
    while (admitted < number) near.admit(admitted++);
    return near.find(number);
  }
  mill::TextSet texts;
  NearDuplicates near;
  std::size_t admitted = 0;
};

// 0 if they are not near.
double similarity(const std::string& a, const std::string& b,
                  double threshold = 0.8) {
  Seen seen({a, b});
  return seen.texts.near(0, 1, threshold).value_or(0);
}

bool is_same(const std::string& a, const std::string& b) {
  return Seen({a, b}).texts.is_same(0, 1);
}

std::size_t words_of(const std::string& text) {
  std::vector<mill::Word> words;
  mill::read_words(text, words);
  return words.size();
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
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(is_same(c.a, c.b));
    CHECK(similarity(c.a, c.b) == 1);
    CHECK(mill::spell_words(c.a) == mill::spell_words(c.b));
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
    CHECK_FALSE(is_same(c.a, c.b));
    CHECK(similarity(c.a, c.b) < 1);
    CHECK(mill::spell_words(c.a) != mill::spell_words(c.b));
  }
}

TEST_CASE("a text without words is similar to nothing") {
  for (const char* text : {"", " ", "?!", "\U0001F605", "\u200B"}) {
    INFO(text);
    CHECK(similarity(text, text) == 0);
    CHECK(similarity(text, "word") == 0);
    Seen seen({text, text});
    CHECK_FALSE(seen.find(1));
    CHECK(mill::spell_words(text) == "");
  }
}

TEST_CASE("in scripts without spaces a character is a word") {
  CHECK(words_of("起動しません。") == 6);
  CHECK(words_of("ไทย") == 3);
  CHECK(words_of("한국어 문장") == 2);  // Hangul has spaces
  CHECK(words_of("\U00020000\U00020001") == 2);
  CHECK(words_of("mana起動cost") == 4);
  const std::string text =
      "呪文を唱えるときに対象を選び、そのあとでコストを支払う";
  std::string other = text;
  other.replace(other.find("コスト"), 9, "マナ");
  CHECK(similarity(text, other) > 0.8);
}

TEST_CASE("similarity is the share of words in common, in their order") {
  const struct {
    const char* what;
    const char* a;
    const char* b;
    double similarity;
  } cases[] = {
      {"a word put in", "a b c d e f g h i", "a b c d x e f g h i", 0.9},
      {"a word left out", "a b c d e f g h i j", "a b c d e g h i j", 0.9},
      {"a word substituted", "a b c d e f g h i j", "a b c d x f g h i j", 0.9},
      {"a word moved", "a b c d e f g h i j", "b c d e f g h i a j", 0.9},
      {"repeated", "a a a a a b b b b b", "a a a a b b b b b", 0.9},
      {"below the threshold", "a b c d e f g h i j", "a b c d e f g x y z", 0},
      {"a word more is not the same", "a b", "a b b", 0},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(std::abs(similarity(c.a, c.b) - c.similarity) < 1e-9);
    CHECK(std::abs(similarity(c.b, c.a) - c.similarity) < 1e-9);
  }
}

TEST_CASE("a common subsequence is found as the textbook finds it") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<mill::Word> a(random() % 200), b(random() % 200);
    const std::uint64_t vocabulary = 2 + random() % 60;
    for (auto* text : {&a, &b})
      for (mill::Word& word : *text)
        word = {(random() % vocabulary) << 40, mill::WordKind::kPlain};
    std::vector<std::vector<std::size_t>> best(
        a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 1; i <= a.size(); ++i)
      for (std::size_t j = 1; j <= b.size(); ++j)
        best[i][j] = a[i - 1].id() == b[j - 1].id()
                         ? best[i - 1][j - 1] + 1
                         : std::max(best[i - 1][j], best[i][j - 1]);
    const auto common = mill::common_words(a, b);
    CHECK(common.size() == best[a.size()][b.size()]);
    for (std::size_t k = 0; k < common.size(); ++k) {
      CHECK(a[common[k].first].id() == b[common[k].second].id());
      if (k > 0) {
        CHECK(common[k - 1].first < common[k].first);
        CHECK(common[k - 1].second < common[k].second);
      }
    }
  }
}

TEST_CASE("texts that are too long to be aligned are compared by pairs") {
  std::mt19937 random(8);
  Words words = random_words(random, 6000), other = words;
  for (std::size_t i = 0; i < other.size(); i += 40) other[i] = "other";
  CHECK(std::abs(similarity(joined(words), joined(other)) - 0.95) < 0.01);
  for (std::size_t i = 0; i < other.size(); i += 8) other[i] = "other";
  CHECK(similarity(joined(words), joined(other)) == 0);
  CHECK(similarity(joined(words), joined(random_words(random, 6000))) == 0);
}

TEST_CASE("in a short text no telling word may be another") {
  const struct {
    const char* what;
    const char* a;
    const char* b;
    bool is_near;
  } cases[] = {
      {"a number", "does it cost 3 mana to cast that now",
       "does it cost 4 mana to cast that now", false},
      {"a number with a letter", "that is what rule 702a says of it all",
       "that is what rule 702b says of it all", false},
      {"a number in letters", "does it cost three mana to cast that now",
       "does it cost four mana to cast that now", false},
      {"a name", "what does the card Fog do in all that mess",
       "what does the card Naturalize do in all that mess", false},
      {"a name put in", "what does that card do in all of this mess",
       "what does that card Fog do in all of this mess", false},
      {"a linked name", "what does [[fog]] do in all of that big mess",
       "what does [[mist]] do in all of that big mess", false},
      {"no", "you can do that now and then if you want to",
       "you can not do that now and then if you want to", false},
      {"a long word", "when does a blocker with protection take any damage",
       "when does a blocker with indestructible take any damage", false},
      {"a long word put in", "when does a blocker with that take any damage",
       "when does a blocker with that really unbelievably take any damage",
       true},
      {"the beginning of a sentence", "does it work. It does and that is all",
       "does it work. That does and that is all", true},
      {"I", "what happens if I do that now to all of them",
       "what happens if you do that now to all of them", true},
      {"a common word", "what happens if he does that now to all of them",
       "what happens if it does that now to all of them", true},
      {"a name in other case", "what does the card Fog do in all that mess",
       "what did the card fog do in all that mess", true},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK((similarity(c.a, c.b) > 0) == c.is_near);
    CHECK((similarity(c.b, c.a) > 0) == c.is_near);
  }
  std::mt19937 random(9);
  const std::string rest = joined(random_words(random, 40));
  CHECK(similarity(rest + "for 3 mana", rest + "for 4 mana") > 0.9);
}

TEST_CASE("a footer of many texts makes none near another") {
  std::mt19937 random(10);
  const std::string footer = joined(random_words(random, 100));
  for (const std::size_t texts : {15U, 400U}) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < texts; ++i)
      all.push_back(joined(random_words(random, 20)) + footer);
    const std::size_t original = all.size();
    const Words own = random_words(random, 40);
    all.push_back(joined(own) + footer);
    all.push_back(joined(edited(random, own, 3)) + footer);
    Seen seen(all);
    for (std::size_t i = 0; i <= original; ++i) CHECK_FALSE(seen.find(i));
    const auto match =
        seen.find(original + 1);  // repeats are found all the same
    REQUIRE(match);
    CHECK(match->number == original);
  }
}

TEST_CASE("a template filled in otherwise is another text") {
  std::mt19937 random(11);
  const Words before = random_words(random, 30),
              after = random_words(random, 30);
  std::vector<std::string> all;
  for (int i = 0; i < 12; ++i)
    all.push_back(joined(before) + "fill" + std::string(1, char('a' + i)) +
                  ' ' + joined(after));
  Seen seen(all);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK_FALSE(seen.find(i));
}

TEST_CASE("many edited copies of one text are near") {
  std::mt19937 random(12);
  const Words words = random_words(random, 120);
  std::vector<std::string> all = {joined(words)};
  for (int i = 0; i < 40; ++i) all.push_back(joined(edited(random, words, 4)));
  Seen seen(all);
  std::size_t found = 0;
  for (std::size_t i = 1; i < all.size(); ++i)
    found += seen.find(i).has_value();
  CHECK(found >= 38);
}

TEST_CASE("texts with up to a tenth of their words changed are found") {
  std::mt19937 random(2);
  std::vector<Words> originals;
  std::vector<std::string> all;
  for (int i = 0; i < 3000; ++i) {
    originals.push_back(random_words(random, 10 + random() % 200));
    all.push_back(joined(originals.back()));
  }
  for (const Words& words : originals)
    all.push_back(
        joined(edited(random, words, 1 + random() % (words.size() / 10))));
  for (int i = 0; i < 3000; ++i)
    all.push_back(joined(random_words(random, 10 + random() % 200)));
  Seen seen(all);
  std::size_t found = 0, wrong = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (const auto match = seen.find(i))
      ++(i >= 3000 && match->number == i - 3000 ? found : wrong);
  CHECK(found >= 2980);
  CHECK(wrong == 0);
}

TEST_CASE("find gives the most similar, and of equals the first") {
  const std::string text = "a text of ten words that says nothing of note";
  Seen seen({text + " really now", text + " really", text + " truly", text,
             text, text + "!"});
  CHECK_FALSE(seen.find(0));
  CHECK(seen.find(2)->number == 1);
  CHECK(seen.find(3)->number == 1);
  CHECK(seen.find(4)->number == 3);
  const auto match = seen.find(5);
  REQUIRE(match);
  CHECK(match->number == 3);
  CHECK(match->similarity == 1);
  CHECK(seen.near.candidates(5) == std::vector<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("what was admitted first is found first") {
  const std::string text = "a text of ten words that says nothing of note";
  Seen seen({text + " truly", text + " really", text});
  seen.near.admit(1);
  seen.near.admit(0);
  CHECK(seen.near.find(2)->number == 1);
}

TEST_CASE("a threshold of 1 finds the same words only") {
  const std::string text = joined(Words(300, "word")) + " end";
  Seen seen({text, text + "!", text + " end"}, 1);
  CHECK(seen.find(1));
  CHECK_FALSE(seen.find(2));
}
