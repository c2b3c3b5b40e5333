#include "lib/version/columns.h"

#include <initializer_list>
#include <string>

#include "tests/unit/catch.h"

namespace {

using Type = mill::ColumnType;

Type learned(std::initializer_list<const char*> lines) {
  Type type;
  mill::JsonReader reader;
  for (const char* line : lines) {
    REQUIRE(!reader.parse(line));
    type.add(reader.root());
  }
  return type;
}

}  // namespace

TEST_CASE("ColumnType joins the types of a column's values") {
  const struct {
    const char* what;
    std::initializer_list<const char*> values;
    Type::Kind kind;
  } cases[] = {
      {"none", {}, Type::kNull},
      {"null alone", {"null"}, Type::kNull},
      {"null and another", {"null", "1", "null"}, Type::kInteger},
      {"truths", {"true", "false"}, Type::kBool},
      {"a fraction among whole numbers", {"1", "0.5", "2"}, Type::kFloat},
      {"1.0 is a fraction to Arrow", {"1.0"}, Type::kFloat},
      {"more than 64 bits", {"9223372036854775808"}, Type::kFloat},
      {"text and number", {"\"a\"", "1"}, Type::kMixed},
      {"mixed stays mixed", {"\"a\"", "1", "\"a\""}, Type::kMixed},
      {"times", {"\"2024-05-28T11:20:00Z\"", "\"2024-05-28\""}, Type::kTime},
      {"a time and text", {"\"2024-05-28\"", "\"May\""}, Type::kString},
      {"seconds are no time", {"\"1716895200\""}, Type::kString},
      {"list and object", {"[]", "{}"}, Type::kMixed},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(learned(c.values).kind == c.kind);
  }
}

TEST_CASE("ColumnType looks into lists and objects") {
  const Type row = learned({R"({"b":[],"a":{"x":1}})",
                            R"({"a":{"y":"t","x":null},"b":[{"k":true}]})"});
  CHECK(row.kind == Type::kStruct);
  REQUIRE(row.members.size() == 2);
  CHECK(row.members[0].first == "b");  // in order of first appearance
  CHECK(row.members[0].second.element().kind == Type::kStruct);
  CHECK(row.find("a")->find("x")->kind == Type::kInteger);
  CHECK(row.find("a")->find("y")->kind == Type::kString);
  CHECK(row.find("c") == nullptr);
  CHECK(row.is_plain());
  CHECK(!learned({R"({"a":[1,["x"]]})"}).is_plain());
  CHECK(learned({"[]"}).element().kind == Type::kNull);
}

TEST_CASE("ColumnType takes an object of very many keys for data") {
  std::string wide = R"({"k":{"first":1)";
  for (int i = 0; i < 300; ++i) {
    wide += ",\"";
    wide += std::to_string(i);
    wide += "\":1";
  }
  const Type row = learned({(wide + "}}").c_str()});
  CHECK(row.find("k")->kind == Type::kMixed);
  CHECK(!row.is_plain());
}
