#include "lib/json.h"

#include <random>
#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace {

bool accepts(const std::string& text) {
  mill::JsonReader reader;
  return !reader.parse(text);
}

}  // namespace

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
      {"\"a", "byte 1: string without an end"},
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
