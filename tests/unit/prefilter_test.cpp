#include "lib/base/prefilter.h"

#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "lib/answers/embedded_profiles.h"
#include "lib/base/ascii.h"
#include "lib/base/regex.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"
#include "tests/unit/catch.h"
#include "tests/unit/top_folder.h"

namespace {

bool may_match(std::string_view pattern, std::string_view text) {
  return mill::Prefilter(pattern).may_match(mill::Trigrams(text));
}

// All matches, and where they are.
template <typename Text>
std::vector<std::string> matches_in(const mill::Regex& regex,
                                    const Text& text) {
  std::vector<std::string> all;
  const char* before = nullptr;
  regex.for_each(text, [&](std::string_view found) {
    const auto distance = before ? found.data() - before : 0;
    all.push_back(std::to_string(distance) + ":" + std::string(found));
    before = found.data();
  });
  return all;
}

// A text or a pattern, put together at random of parts.
class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  std::string text() {
    static const std::vector<std::string> parts = {
        "a",  "b",    "ab",     "s",      "k",      "S",      "K",
        "A",  "B",    " ",      ".",      "-",      "\n",     "1",
        "é",  "É",    "\u017F", "\u212A", "\u0130", "\u0131", "abc",
        "sk", "bask", "]",      "(",      "{",      "'",      "ask a"};
    std::string text;
    for (std::size_t n = below(12); n > 0; --n)
      text += parts[below(parts.size())];
    return text;
  }

  std::string pattern(int depth = 0) {
    std::string all;
    for (std::size_t n = below(depth == 0 ? 6 : 4); n > 0; --n)
      all += item(depth) + quantifier();
    if (below(4) == 0) all += "|" + pattern(depth + 1);
    return all;
  }

 private:
  std::string item(int depth) {
    static const std::vector<std::string> plain = {"a",
                                                   "b",
                                                   "s",
                                                   "k",
                                                   "K",
                                                   "ask",
                                                   "abc",
                                                   "bask a",
                                                   " ",
                                                   "-",
                                                   "é",
                                                   "\\.",
                                                   "\\n",
                                                   "\\x61",
                                                   "\\x{e9}",
                                                   "\\x{17f}",
                                                   "\\x{212A}",
                                                   "\\b",
                                                   "\\w",
                                                   "\\s",
                                                   "\\d",
                                                   ".",
                                                   "^",
                                                   "$",
                                                   "\\A",
                                                   "\\z",
                                                   "[ab]",
                                                   "[^a]",
                                                   "[]a]",
                                                   "[a-c]",
                                                   "[-.]",
                                                   "[.é]",
                                                   "[\\x{212A}.]",
                                                   "[[:alpha:]]",
                                                   "[\\w']",
                                                   "\\p{Lu}",
                                                   "(?i)",
                                                   "(?-i)",
                                                   "(?s)",
                                                   "(?#ask)",
                                                   "\\K",
                                                   "[[:]",
                                                   "[^]ab]",
                                                   "\\W",
                                                   "(*SKIP)",
                                                   "(*F)",
                                                   "]",
                                                   "'",
                                                   "\\]",
                                                   "\\-",
                                                   "\u0130",
                                                   "\\R",
                                                   "\\X",
                                                   "\\bask",
                                                   "\\b(?:ab|s)\\b",
                                                   "(?<![\\w'])",
                                                   "(?<!\\w|-)k"};
    static const std::vector<std::string> groups = {
        "(",   "(?:",  "(?>",  "(?i:", "(?-i:", "(?=",
        "(?!", "(?<=", "(?<!", "(?|",  "(?s-i:"};
    if (depth > 3 || below(3) > 0) return plain[below(plain.size())];
    return groups[below(groups.size())] + pattern(depth + 1) + ")";
  }
  std::string quantifier() {
    static const std::vector<std::string> all = {
        "?", "*", "+", "{2}", "{0,2}", "{1,}", "+?", "*+", "{0}"};
    return below(3) == 0 ? all[below(all.size())] : "";
  }

  std::mt19937 random_;
};

// Calls use(pattern, regex) with as many patterns, but for those that PCRE2
// refuses.
template <typename Use>
void for_each_pattern(Maker& make, int count, Use use) {
  for (int i = 0; i < count; ++i) {
    const std::string pattern = make.pattern();
    CAPTURE(pattern);
    try {
      use(pattern, mill::Regex(pattern));
    } catch (const mill::RegexError&) {
    } catch (const mill::RegexGaveUp&) {
    }
  }
}

}  // namespace

TEST_CASE("Prefilter knows what every match must hold") {
  const struct {
    const char* pattern;
    const char* text;
    bool may_match;
  } rows[] = {
      {"not sure", "I am NOT SURE", true},
      {"not sure", "I am not  sure", false},
      {"(?:im|i am) not", "i am a knot", false},
      {"(?:im|i am) not", "i am not", true},
      {"abc|xyz", "wxyz", true},
      {"abc|xyz", "abxyz", true},
      {"abc|xyz", "ab xy", false},
      {"abc|x*", "", true},
      {"ab+c", "abbc", true},
      {"abcd?e", "abce", true},
      {"abcd?e", "abe", false},
      {"\\bedit(?:ed)?\\b.*redact", "edited by redact", true},
      {"\\bedit(?:ed)?\\b.*redact", "edited", false},
      {"[?!]{2}", "what?!", true},
      {"[?!]{2}", "what", false},
      {"[\u00e9\u00e8]", "caf\u00e9", true},
      {"[\u00e9\u00e8]", "cafe", false},
      {"(?<=\\])\\(", "](", true},
      {"(?<=\\])\\(", "(", false},
      {"ask", "a\u017F\u212A", true},  // either case of s and k
      {"(?x) a b c", "abc", true},     // not understood: anything may match
      {"(a)bcd\\1", "x", true},
      {"abc(*ACCEPT)def", "abc", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pattern, row.text);
    CHECK(may_match(row.pattern, row.text) == row.may_match);
  }
}

TEST_CASE("Prefilter loses no match of any pattern in any text") {
  Maker make(7);
  std::size_t matches = 0, passed_over = 0;
  for_each_pattern(make, 20'000, [&](const auto& pattern, const auto& regex) {
    for (int k = 0; k < 20; ++k) {
      const std::string text = make.text();
      CAPTURE(text);
      const bool may = may_match(pattern, text);
      const bool is_in = regex.is_in(text);
      if (is_in && !may) FAIL_CHECK("a match is lost");
      // Longer than what is searched at once, so that alternatives are tried.
      const std::string longer = text + "\n" + std::string(64, 'q');
      const bool is_in_longer = regex.is_in(longer);
      const bool by_alternatives = regex.is_in(mill::Subject(longer));
      CHECK(by_alternatives == is_in_longer);
      const auto by_words = matches_in(regex, mill::Subject(longer));
      const auto all = matches_in(regex, std::string_view(longer));
      CHECK(by_words == all);
      matches += is_in;
      passed_over += !may;
    }
  });
  CHECK(matches > 100'000);
  CHECK(passed_over > 30'000);
}

TEST_CASE("Regex tells how much its matches leave") {
  Maker make(23);
  std::size_t enough = 0, not_enough = 0;
  for_each_pattern(make, 20'000, [&](const auto&, const auto& regex) {
    for (int k = 0; k < 5; ++k) {
      const mill::Subject text(make.text() + make.text());
      CAPTURE(text.text());
      std::size_t left = mill::count_code_points(text.text());
      // A match that \K begins within a lookahead may reach into the next.
      bool overlap = false;
      const char* end = nullptr;
      regex.for_each(text.text(), [&](std::string_view found) {
        overlap = overlap || (end && found.data() < end);
        end = found.data() + found.size();
        left -= mill::count_code_points(found);
      });
      if (overlap) continue;
      const std::size_t asked = make.below(10);
      const bool leaves = regex.leaves(text, asked);
      CHECK(leaves == (left >= asked));
      (leaves ? enough : not_enough) += 1;
    }
  });
  CHECK(enough > 10'000);
  CHECK(not_enough > 5'000);
}

TEST_CASE("Trigrams know what a text may have") {
  const mill::Trigrams trigrams("So Jane_Roe\u2026 said");
  for (const char* part : {"", "j", "ja", "jane_roe", "e\u2026 s", "\u2026"})
    CHECK(trigrams.may_have(part));
  CHECK(trigrams.may_have("q"));  // a letter
  for (const char* part : {"7", "q7", "-r", "jane-roe", "roe.", "..."})
    CHECK(!trigrams.may_have(part));
}

TEST_CASE("Prefilter knows no more words than it can count") {
  std::string pattern = "\\bw";
  for (int i = 0; i < 1 << 16; ++i) pattern += "|\\bw" + std::to_string(i);
  const mill::Prefilter prefilter(pattern);
  CHECK(prefilter.first_words().empty());
}

TEST_CASE("Prefilter knows the words that matches begin with") {
  const struct {
    const char* pattern;
    const char* text;
    bool stand_there;  // or it is not known
  } rows[] = {
      {"\\bask\\b", "to ask, to Ask", true},
      {"\\bask\\b", "to asking, task, ask_", false},
      {"\\bask", "asking", true},
      {"\\bask", "task", false},
      {"\\b(?:any|some) advice", "some words", true},
      {"\\b(?:any|some) advice", "something", false},
      {"\\bi['\u2019]?m\\b", "i am", true},
      {"\\bi['\u2019]?m\\b", "im", true},
      {"\\bi['\u2019]?m\\b", "it", false},
      {"\\b(?:ha){2,}h?\\b", "hum", false},
      {"\\b(?:ha){2,}h?\\b", "hahah", true},
      {"\\bshit\\w*", "shitty", true},
      {"\\bcolou?r", "color", true},
      {"\\bcolou?r", "colony", false},
      {"\\b[io]f\\b", "of", true},
      {"\\b[io]f\\b", "a", false},
      {"(?<![\\w'])me\\b", "me", true},
      {"(?<![\\w'])me\\b", "men", false},
      {"(?<!\\w|-)me\\b", "men", false},
      {"ask", "x", true},  // within a word, too
      {"\\b(?:ask|\\w+s)", "x", true},
      {"(?<![\\w][x])ask", "x", true},
      {"(?<![^\\w])ask", "x", true},
      {"\\bask(*SKIP)(*F)|\\bme", "x", true},
      {"\\G\\bask", "x", true},
      {"\\b-?ask", "x", true},
      {"\\b\u00e9", "x", true},
      {"(?:\\b)?ask", "x", true},
      {"(?x) \\b a", "x", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pattern, row.text);
    const mill::Prefilter prefilter(row.pattern);
    const mill::FirstWords& first_words = prefilter.first_words();
    bool stand_there = first_words.empty();
    for (const mill::TextWord& word : mill::words_of(row.text))
      stand_there |= first_words.stand_at(word, row.text);
    CHECK(stand_there == row.stand_there);
  }
}

TEST_CASE("A text's words are those that a pattern sees") {
  const mill::Regex runs("\\w+");
  Maker make(11);
  for (int i = 0; i < 2'000; ++i) {
    std::string text = make.text() + "_9" + make.text();
    if (i == 0)
      text = std::string(5'000, 'a') + "\n" + std::string(70'000, 'b');
    std::vector<std::string> expected, found;
    runs.for_each(std::string_view(text),
                  [&](std::string_view run) { expected.emplace_back(run); });
    for (const mill::TextWord& word : mill::words_of(text)) {
      const std::size_t size = word.size < mill::TextWord::kMostSize
                                   ? word.size
                                   : text.size() - word.begin;
      found.push_back(text.substr(word.begin, size));
      const std::string_view last = found.back();
      std::string head(last.substr(0, 8));
      for (char& c : head) c = c == '_' ? '\x7F' : mill::ascii_lower(c);
      head.resize(8, '\0');
      for (std::size_t k = 0; k < 8; ++k)
        CHECK(static_cast<char>(word.head >> 8 * k) == head[k]);
    }
    CHECK(found == expected);
  }
}

TEST_CASE("Prefilter tells alternatives apart that are so") {
  const struct {
    const char* pattern;
    std::vector<std::string> alternatives;
  } rows[] = {
      {"abc", {"abc"}},
      {"abc|xyz", {"abc", "xyz"}},
      {"(?:abc|(?:def))|(?:xyz)", {"abc", "def", "xyz"}},
      {"(?:abc|def)?|xyz", {"xyz", "(?:(?:abc|def)?)"}},
      {"(?:abc|d)|\\bx|xyz", {"abc", "xyz", "(?:d)|(?:\\bx)"}},
      {"(?:(?m)^abc|def)|xyz", {"(?m)^abc|def", "xyz"}},
      {"(?i)abc|xyz", {"(?i)abc|xyz"}},
      {"abc(*SKIP)(*F)|xyz", {}},
      {"(abc)|xyz\\1", {}},  // not understood
      {"a|b", {}},           // nothing to look for
      {"[|]abc|\\|xyz", {"[|]abc", "\\|xyz"}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.pattern);
    const mill::Prefilter prefilter(row.pattern);
    std::vector<std::string> found;
    for (const auto& one : prefilter.alternatives())
      found.push_back(one.pattern);
    CHECK(found == row.alternatives);
  }
}

TEST_CASE("Prefilter loses no match of the profiles' patterns") {
  std::vector<std::string> patterns;
  const std::function<void(mill::JsonValue)> collect =
      [&](mill::JsonValue value) {
        if (value.is_string()) patterns.push_back(value.string());
        for (const mill::JsonValue one : value.elements()) collect(one);
        for (const auto& [key, one] : value.members()) collect(one);
      };
  for (const auto& [name, json] : mill::embedded_profiles()) {
    mill::JsonReader reader;
    REQUIRE(!reader.parse(json));
    collect(reader.root());
  }
  std::vector<std::string> texts;
  std::ifstream threads(top_folder() / "share/sample/threads.jsonl");
  for (std::string line; std::getline(threads, line);) {
    mill::JsonReader reader;
    if (reader.parse(line)) continue;
    for (const mill::JsonValue comment : reader.root()["comments"].elements())
      texts.push_back(comment["body"].string_or_empty());
    const mill::JsonValue post = reader.root()["post"];
    texts.push_back(post["title"].string_or_empty());
    texts.push_back(post["selftext"].string_or_empty());
  }
  // The patterns themselves hold what they look for.
  for (const std::string& pattern : patterns) texts.push_back(pattern);
  REQUIRE(texts.size() > 300);
  std::size_t useful = 0, matches = 0;
  for (const std::string& pattern : patterns) {
    CAPTURE(pattern);
    try {
      const mill::Regex regex(pattern);
      const mill::Prefilter prefilter(pattern);
      useful += prefilter.is_of_use();
      for (const std::string& text : texts) {
        const bool is_in = regex.is_in(text);
        const mill::Subject subject(text);
        CHECK(regex.is_in(subject) == is_in);
        CHECK(matches_in(regex, subject) ==
              matches_in(regex, std::string_view(text)));
        if (!is_in) continue;
        ++matches;
        if (!prefilter.may_match(mill::Trigrams(text))) FAIL_CHECK(text);
      }
    } catch (const mill::RegexError&) {  // a description
    } catch (const mill::RegexGaveUp&) {
    }
  }
  CHECK(useful > 150);
  CHECK(matches > 2'000);
}
