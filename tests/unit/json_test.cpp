#include "lib/json/json.h"

#include <cctype>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json_keys.h"
#include "lib/json/json_writer.h"
#include "tests/unit/catch.h"

namespace {

bool accepts(const std::string& text) {
  mill::JsonReader reader;
  return !reader.parse(text);
}

// RFC 8259 once more, by recursive descent and with nothing of simdjson, to
// compare with. At a wrong byte `p` stays and the check fails.
class PlainChecker {
 public:
  explicit PlainChecker(const std::string& text)
      : p_(text.c_str()), end_(p_ + text.size()) {}
  bool accepts() { return value() && (space(), p_ == end_); }

 private:
  void space() { skip(" \t\n\r"); }
  void skip(const char* set) {
    while (p_ < end_ && *p_ != '\0' && std::strchr(set, *p_)) ++p_;
  }
  bool take(const char* word) {
    const std::size_t size = std::strlen(word);
    if (static_cast<std::size_t>(end_ - p_) < size ||
        std::memcmp(p_, word, size) != 0)
      return false;
    p_ += size;
    return true;
  }
  bool digits() {
    const char* const start = p_;
    skip("0123456789");
    return p_ > start;
  }
  bool value() {
    space();
    if (take("{"))
      return list("}", [&] {
        space();
        return string() && (space(), take(":")) && value();
      });
    if (take("[")) return list("]", [&] { return value(); });
    if (p_ < end_ && *p_ == '"') return string();
    if (take("true") || take("false") || take("null")) return true;
    take("-");
    if (!take("0") && !digits()) return false;
    if (take(".") && !digits()) return false;
    if (take("e") || take("E")) return take("+") || take("-"), digits();
    return true;
  }
  template <typename Item>
  bool list(const char* closing, Item item) {
    space();
    if (take(closing)) return true;
    do {
      if (!item()) return false;
      space();
    } while (take(","));
    return take(closing);
  }
  long hex() {
    long unit = 0;
    for (int i = 0; i < 4; ++i, ++p_) {
      if (p_ == end_ || !std::isxdigit(static_cast<unsigned char>(*p_)))
        return -1;
      unit = unit * 16 + std::stol(std::string(1, *p_), nullptr, 16);
    }
    return unit;
  }
  bool string() {
    if (!take("\"")) return false;
    while (p_ < end_ && *p_ != '"') {
      if (take("\\u")) {
        const long unit = hex();
        if (unit < 0 || (unit >= 0xDC00 && unit < 0xE000)) return false;
        if (unit < 0xD800 || unit >= 0xE000) continue;
        if (!take("\\u")) return false;
        const long low = hex();
        if (low < 0xDC00 || low >= 0xE000) return false;
      } else if (take("\\")) {
        if (p_ == end_ || *p_ == '\0' || !std::strchr("\"\\/bfnrt", *p_))
          return false;
        ++p_;
      } else if (!character()) {
        return false;
      }
    }
    return take("\"");
  }
  // A UTF-8 sequence that is no control character.
  bool character() {
    const auto byte = [&](int i) {
      return p_ + i < end_ ? static_cast<unsigned char>(p_[i]) : 0U;
    };
    const unsigned lead = byte(0);
    const int size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned point = size == 1 ? lead : lead & (0xFFU >> (size + 1));
    if (lead >= 0x80 && (lead < 0xC0 || lead > 0xF7)) return false;
    for (int i = 1; i < size; ++i) {
      if ((byte(i) & 0xC0) != 0x80) return false;
      point = point << 6 | (byte(i) & 0x3F);
    }
    constexpr unsigned kLeast[] = {0, 0x20, 0x80, 0x800, 0x10000};
    if (point < kLeast[size] || point > 0x10FFFF ||
        (point >= 0xD800 && point < 0xE000))
      return false;
    p_ += size;
    return true;
  }

  const char* p_;
  const char* end_;
};

// Texts that are JSON, and then a few bytes of them changed, left out or
// doubled; most of them are JSON no more.
class Mutator {
 public:
  std::string next() {
    static const char* const kTexts[] = {
        R"({"id":"a1","n":-1.5e+10,"list":[1,2,[true,null]],"o":{"k":"v"}})",
        R"({ "question" : "a \"b\"\n\u00e9\ud83d\ude00" , "x" : [ ] })",
        "{\"text\":\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\",\"y\":{}}",
        R"([0,0.25,12345678901234567890,1E9,"",[],{}])",
        R"({"messages":[{"role":"user","content":"how\t?\\"}],"c":0.87})",
        R"("\u0041\/\b")",
        "false"};
    static const std::string kBytes =
        std::string(
            "\"\\{}[]:,0159.-+eEtfnu \t\r/x\x1f\x7f\x80\xc0\xe2\xed"
            "\xf0\xff") +
        '\0';
    std::string text = kTexts[pick(std::size(kTexts))];
    for (std::size_t changes = pick(4); changes > 0 && !text.empty();
         --changes) {
      const std::size_t at = pick(text.size());
      switch (pick(4)) {
        case 0: text[at] = kBytes[pick(kBytes.size())]; break;
        case 1: text.erase(at, 1 + pick(3)); break;
        case 2: text.insert(at, 1, kBytes[pick(kBytes.size())]); break;
        case 3: text.insert(at, text.substr(at, pick(9))); break;
      }
    }
    return text;
  }
  std::size_t pick(std::size_t count) { return random_() % count; }

 private:
  std::minstd_rand random_;
};

// All that a parse gave: the error, or the kind and place of every value.
std::string outcome_of(mill::JsonReader& reader, std::string_view text) {
  if (const auto error = reader.parse(text)) return error->message();
  std::string outcome;
  const auto describe_all = [&](const auto& self,
                                mill::JsonValue value) -> void {
    outcome += std::string(mill::describe(value.kind())) + "@" +
               std::to_string(value.offset()) + " " + std::string(value.raw()) +
               "\n";
    for (const auto member : value.members()) {
      self(self, member.key);
      self(self, member.value);
    }
    for (const mill::JsonValue element : value.elements()) self(self, element);
  };
  describe_all(describe_all, reader.root());
  return outcome;
}

}  // namespace

TEST_CASE("JsonReader and a plain parser accept the same texts") {
  Mutator mutator;
  std::size_t accepted = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = mutator.next();
    const bool wanted = PlainChecker(text).accepts();
    accepted += wanted;
    if (accepts(text) == wanted) continue;
    INFO(text);
    REQUIRE(accepts(text) == wanted);
  }
  CHECK(accepted > 20'000);
  CHECK(accepted < 80'000);
}

TEST_CASE("looking ahead changes nothing") {
  Mutator mutator;
  mill::JsonReader alone, ahead;
  for (int i = 0; i < 5'000; ++i) {
    // Some runs hold good lines only, so that the short way is taken too.
    std::vector<std::string> lines;
    const bool good_only = i % 2;
    while (lines.size() < 1 + mutator.pick(12)) {
      std::string line = mutator.next();
      if (!good_only || accepts(line)) lines.push_back(std::move(line));
    }
    std::string run;
    for (const std::string& line : lines) run += line + '\n';
    ahead.look_ahead(run);
    std::size_t begin = 0;
    for (const std::string& line : lines) {
      const std::string_view text(run.data() + begin, line.size());
      begin += line.size() + 1;
      if (mutator.pick(8) == 0) continue;  // a line may be passed over
      INFO(run);
      REQUIRE(outcome_of(ahead, text) == outcome_of(alone, line));
    }
  }
}

TEST_CASE("a value does not reach over the end of its line") {
  const std::string run = "{\"a\"\n:1}\n[1,\n2]\n{\"a\":1}\n";
  mill::JsonReader reader;
  reader.look_ahead(run);
  const auto line = [&](std::size_t begin, std::size_t size) {
    return outcome_of(reader, std::string_view(run).substr(begin, size));
  };
  CHECK(line(0, 4) == "byte 5: cut off before its end");
  CHECK(line(5, 3) == "byte 1: a value is missing");
  CHECK(line(9, 3) == "byte 4: cut off before its end");
  CHECK(line(13, 2) == "byte 2: text after the end");
  CHECK(line(16, 7).substr(0, 9) == "an object");
}

TEST_CASE("JsonReader accepts what RFC 8259 allows") {
  const char* const texts[] = {"{}",
                               " { } ",
                               "[]",
                               "[ ]",
                               "0",
                               "-0",
                               "-1.5e+10",
                               "1E400",
                               "true",
                               "false",
                               "null",
                               R"("")",
                               R"("\"\\\/\b\f\n\r\t\u0041")",
                               R"("\ud83d\ude00")",
                               R"({"a":1,"a":2})",
                               R"({"":[{}]})",
                               "\t[1 ,\r\n2]",
                               R"([[],{},[{}]])",
                               "123456789012345678901234567890",
                               "\"\x7f\"",
                               "\"\xf0\x9f\x98\x80\""};
  for (const char* text : texts) {
    INFO(text);
    CHECK(accepts(text));
  }
}

TEST_CASE("JsonReader refuses everything else and says where") {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"", "byte 1: empty"},
      {"   ", "byte 1: empty"},
      {R"({"a":})", "byte 6: a value is missing"},
      {R"({"a":1,})", "byte 8: a key is missing"},
      {R"({"a" 1})", "byte 6: a colon is missing"},
      {R"({"a":1 "b":2})", "byte 8: a comma or a closing bracket is missing"},
      {R"({"a":"x" "y"})", "byte 10: a comma or a closing bracket is missing"},
      {R"({"a":"x"y})", "byte 9: a comma or a closing bracket is missing"},
      {"[1,]", "byte 4: a value is missing"},
      {"[1]]", "byte 4: text after the end"},
      {"{}{}", "byte 3: text after the end"},
      {"[1", "byte 3: cut off before its end"},
      {"[1}", "byte 3: a comma or a closing bracket is missing"},
      {"{1:2}", "byte 2: a key is missing"},
      {"01", "byte 1: not a valid number"},
      {"1.", "byte 1: not a valid number"},
      {"+1", "byte 1: a value is missing"},
      {"NaN", "byte 1: a value is missing"},
      {"truex", "byte 1: a value is missing"},
      {R"("\x")", "byte 2: unknown escape in a string"},
      {R"("\u12g4")", "byte 2: \\u without four hexadecimal digits"},
      {R"("\ud800")", "byte 2: \\u escape is half a surrogate pair"},
      {R"("\ude00x")", "byte 2: \\u escape is half a surrogate pair"},
      {"\"a\nb\"", "byte 3: control character in a string"},
      {"\"a", "byte 1: unterminated string"},
      {"\"\xff\"", "byte 2: not valid UTF-8"},
      {"\"\xc0\x80\"", "byte 2: not valid UTF-8"},
      {"\"\xed\xa0\x80\"", "byte 2: not valid UTF-8"},
      {"\xef\xbb\xbf{}", "byte 1: a value is missing"},
      {R"({\"a":1})", "byte 2: a backslash outside a string"},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    mill::JsonReader reader;
    const auto error = reader.parse(c.text);
    REQUIRE(error);
    CHECK(error->message() == c.message);
    CHECK(!reader.root());
  }
}

TEST_CASE("nesting is limited, not the machine's stack") {
  CHECK(accepts(std::string(1024, '[') + std::string(1024, ']')));
  CHECK(!accepts(std::string(1025, '[') + std::string(1025, ']')));
  CHECK(!accepts(std::string(1'000'000, '[')));
}

TEST_CASE("JsonValue finds and converts") {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(
      R"({"a":1.50,"b":{"c":"x\ny"},"d":[1,"z",null],"a":2,"\u0065":7,)"
      R"("big":1e400,"whole":3e2,"half":0.5,"flag":true})"));
  const mill::JsonValue root = reader.root();
  std::string scratch;
  CHECK(root["a"].number() == 2.0);  // of duplicates the last
  CHECK(root["e"].integer() == 7);   // keys are compared unescaped
  CHECK(root.at_path("b.c").string(scratch) == "x\ny");
  CHECK(root.at_path("b.c").raw() == R"("x\ny")");
  CHECK(!root.at_path("b.x.y"));
  CHECK(root["d"].size() == 3);
  std::vector<std::string> kinds;
  for (const mill::JsonValue value : root["d"].elements())
    kinds.emplace_back(describe(value.kind()));
  CHECK(kinds == std::vector<std::string>{"a number", "a string", "null"});
  CHECK(root["big"].number() > 1e308);
  CHECK(root["whole"].integer() == 300);
  CHECK(!root["half"].integer());
  CHECK(root["flag"].is_true());
  CHECK(root["none"].kind() == mill::JsonKind::kMissing);
  CHECK(root.size() == 9);
}

TEST_CASE("parsing is right at every length and alignment") {
  // Strings of each length around the index's block sizes, with an escape or
  // a multi-byte character at every place.
  mill::JsonReader reader;
  for (std::size_t length = 0; length < 200; ++length) {
    for (const std::string& odd : {std::string("\\\""), std::string("\\\\"),
                                   std::string("\xe2\x82\xac")}) {
      for (std::size_t place = 0; place <= length; place += 7) {
        std::string body(length, 'x');
        body.insert(place, odd);
        const std::string text = "{\"k\":\"" + body + "\",\"n\":1}";
        REQUIRE(!reader.parse(text));
        REQUIRE(reader.root()["k"].raw_string() == body);
        REQUIRE(reader.root()["n"].integer() == 1);
      }
    }
  }
}

TEST_CASE("JsonKeys finds what operator[] finds") {
  const std::string objects[] = {
      R"({"id":1,"depth":{"id":2},"other":3})",
      R"({"id":1,"\u0069d":2,"":5})",
      R"({"\u0069d":2,"id":1,"idd":4})",
      R"({"i":1,"name":"id","depth":null,"depth":7})",
      R"({})",
      R"([{"id":1}])",
      R"("id")",
  };
  const std::vector<std::string_view> names = {"id", "depth", "", "a"};
  const mill::JsonKeys keys(names);
  mill::JsonReader reader;
  for (const std::string& text : objects) {
    INFO(text);
    REQUIRE(!reader.parse(text));
    mill::JsonValue found[4];
    keys.find(reader.root(),
              [&](std::size_t i, mill::JsonValue value) { found[i] = value; });
    for (std::size_t i = 0; i < names.size(); ++i) {
      const mill::JsonValue expected = reader.root()[names[i]];
      REQUIRE(!expected == !found[i]);
      if (expected) CHECK(found[i].offset() == expected.offset());
    }
  }
}

TEST_CASE("a string is escaped where JSON demands it, and nowhere else") {
  CHECK(mill::json_string("") == "\"\"");
  CHECK(mill::json_string("\"a\\/\b\f\n\r\t") == R"("\"a\\/\b\f\n\r\t")");
  CHECK(mill::json_string(std::string_view("\0\x1F\x7F", 3)) ==
        "\"\\u0000\\u001F\x7F\"");
  CHECK(mill::json_string("caf\u00e9 \u2028") == "\"caf\u00e9 \u2028\"");
  mill::JsonReader reader;
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = "x" + std::string(3, static_cast<char>(c)) + "y";
    const std::string json = mill::json_string(text);
    REQUIRE(!reader.parse(json));
    CHECK(reader.root().string() == text);
  }
}
