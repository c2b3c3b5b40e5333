#include "lib/reddit/subreddit_scan.h"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cli/command_line.h"
#include "tests/unit/catch.h"

namespace {

const mill::SubredditScan kScan({"magicTCG", "AskHistorians", "u_Some-One"});

// Whether the parsed line is in one of the subreddits: the truth.
bool is_in(const std::string& line) {
  mill::JsonReader reader;
  const auto error = reader.parse(line);
  INFO(line);
  REQUIRE(!error);
  return kScan.is_in(reader.root()["subreddit"]);
}

// Makes up lines that try to be in a subreddit without looking so, and the
// other way round. The same numbers on every machine.
class Spelling {
 public:
  explicit Spelling(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  bool once_in(std::size_t n) { return below(n) == 0; }

  std::string space() {
    std::string text;
    while (once_in(4)) text += " \t\r"[below(3)];
    return text;
  }
  // A string in JSON: characters at times escaped, letters at times turned.
  std::string string(std::string_view text, bool may_turn_case) {
    const bool escapes = once_in(4), turns = may_turn_case && once_in(2);
    std::string out = "\"";
    for (char c : text) {
      const bool is_letter = (c | 32) >= 'a' && (c | 32) <= 'z';
      if (turns && is_letter && once_in(2)) c = static_cast<char>(c ^ 32);
      if (c == '"' || c == '\\') {
        out += {'\\', c};
      } else if (escapes && once_in(5)) {
        char code[8];
        ::snprintf(code, sizeof code, once_in(2) ? "\\u%04x" : "\\u%04X", c);
        out += code;
      } else {
        out += c;
      }
    }
    return out + "\"";
  }
  std::string member(std::string_view key, const std::string& value) {
    return space() + string(key, false) + space() + ":" + space() + value +
           space();
  }
  std::string name() {
    static const std::vector<std::string> names = {
        "magicTCG",  "AskHistorians", "u_Some-One", "magicTCGs", "magic",
        "AskReddit", "magicTCG ",     "",           "pics",      "subreddit"};
    return string(names[below(names.size())], true);
  }
  std::string value(int depth) {
    switch (below(depth > 2 ? 5 : 7)) {
      case 0: return name();
      case 1: return once_in(2) ? "null" : "-12.5e3";
      case 2:
        return string("about \"subreddit\":\"magicTCG\" \\u006d and so on",
                      false);
      case 3: return "\"\\u00e9\\ud83d\\ude00 \xC3\xA9\xE6\x98\xA5\\n\\/\"";
      case 4: return string(std::string(below(70), 'x'), false);
      case 5: return object(depth + 1);
      default: return std::string("[").append(value(depth + 1)).append("]");
    }
  }
  std::string object(int depth) {
    static const std::vector<std::string> keys = {
        "subreddit", "subreddit", "subreddit_id", "Subreddit", "body", "id"};
    std::string out = "{";
    for (std::size_t n = below(6); n > 0; --n)
      out += member(keys[below(keys.size())], value(depth)) + ",";
    return out + member("id", string("abc", false)) + "}";
  }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("SubredditScan passes over what is surely another subreddit's") {
  const std::string letters(200, 'x');
  const struct {
    const char* what;
    bool may_be_in;
    std::string line;
  } cases[] = {
      {"plain", true, R"({"subreddit":"magicTCG"})"},
      {"case aside", true, R"({"subreddit":"MAGICtcg"})"},
      {"another", false, R"({"subreddit":"magictcgs"})"},
      {"a part", false, R"({"subreddit":"magic"})"},
      {"spaces", true, "{\"subreddit\" \t:\r \"magictcg\" }"},
      {"escaped value", true, R"({"subreddit":"\u006dagictcg"})"},
      {"escape in capitals", true, R"({"subreddit":"u_some\u002Done"})"},
      {"escaped key", true, R"({"\u0073ubreddit":"magictcg"})"},
      {"other escapes", false,
       R"({"subreddit":"pics","body":"\u00e9\u003c\u0026\u2014\n\"\\"})"},
      {"a letter escaped elsewhere", true,
       R"({"subreddit":"pics","body":"\u0041"})"},
      {"after another escape", true,
       R"({"subreddit":"pics","body":"\u00e9\u0041"})"},
      {"key twice", true, R"({"subreddit":"pics","subreddit":"magictcg"})"},
      {"key without the value", false,
       R"({"subreddit":"pics","also":"magictcg"})"},
      {"value as text", false,
       R"({"subreddit":"pics","body":"\"subreddit\":\"magictcg\""})"},
      {"nested only", true,
       R"({"subreddit":"pics","parent":{"subreddit":"magictcg"}})"},
      {"not a string", false, R"({"subreddit":null,"id":5})"},
      {"no subreddit", false, R"({"id":"abc"})"},
      {"after much text", true,
       "{\"body\":\"" + letters + R"(","subreddit":"magictcg"})"},
      {"before much text", true,
       R"({"subreddit":"magictcg","body":")" + letters + "\"}"},
      {"carriage return", false, "{\"subreddit\":\"pics\"}\r"},
      {"cut off", true, R"({"subreddit":"pics","body":"ab)"},
      {"no object", true, "\x1F\x8B"},
      {"empty", true, ""},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    // At every place among the sixteen bytes looked at together.
    for (std::size_t shift = 0; shift < 40; ++shift) {
      std::string line = c.line;
      if (line.starts_with('{'))
        line.insert(1, std::string("\"a\":\"").append(shift, 'y') + "\",");
      CHECK(kScan.may_be_in(line) == c.may_be_in);
    }
    CHECK(kScan.may_be_in(c.line) == c.may_be_in);
  }
}

TEST_CASE("SubredditScan never passes over a line that belongs") {
  Spelling spelling(20150131);
  int belong = 0, passed_over = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string line = spelling.object(0);
    const bool may_be_in = kScan.may_be_in(line);
    passed_over += !may_be_in;
    if (!is_in(line)) continue;
    ++belong;
    INFO(line);
    REQUIRE(may_be_in);
  }
  CHECK(belong > 1'000);  // else the lines above show nothing
  CHECK(passed_over > 1'000);
}

TEST_CASE("SubredditScan takes names only") {
  CHECK(mill::SubredditScan({}).may_be_in(R"({"subreddit":"pics"})"));
  CHECK(mill::SubredditScan({"reddit.com", "t:1337"})
            .may_be_in(R"({"subreddit":"T:1337"})"));
  for (const char* name : {"", "r/pics", "p\"ics", "pi cs", "\xC3\xA9"}) {
    INFO(name);
    CHECK_THROWS_AS(mill::SubredditScan({name}), mill::Exit);
  }
}
