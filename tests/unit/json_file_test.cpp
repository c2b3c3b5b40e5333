#include "lib/json/json_file.h"

#include "lib/cli/command_line.h"
#include "lib/io/output.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch_folder.h"

namespace {

bool is_same(std::string_view a, std::string_view b) {
  mill::JsonReader left, right;
  REQUIRE(!left.parse(a));
  REQUIRE(!right.parse(b));
  return mill::is_same_json(left.root(), right.root());
}

std::string compact(std::string_view text) {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(text));
  return mill::compact_json(reader.root());
}

int exit_code(std::string_view text) {
  const ScratchFolder scratch;
  mill::AtomicFile file("json_file_test.tmp");
  file.write(text);
  file.commit();
  int code = EX_OK;
  try {
    mill::JsonFile("json_file_test.tmp");
  } catch (const mill::Exit& exit) {
    code = exit.code;
  }
  return code;
}

}  // namespace

TEST_CASE("compact_json takes out space between values only") {
  CHECK(compact(" { \"a b\" : [ 1 ,\t2.50 ] ,\r\n \"c\" : \"x \\\" y\" } ") ==
        R"({"a b":[1,2.50],"c":"x \" y"})");
  CHECK(compact(R"({"a":"\\" , "b":" "})") == R"({"a":"\\","b":" "})");
}

TEST_CASE("is_same_json looks at what is said") {
  const struct {
    const char *a, *b;
    bool same;
  } cases[] = {
      {R"({"a":1,"b":[true,null]})", R"({ "b":[true,null], "a":1.0 })", true},
      {R"("\u0061")", R"("a")", true},
      {R"({"a":1,"a":2})", R"({"a":2})", true},
      {R"({"a":1})", R"({"a":1,"b":1})", false},
      {R"({"a":1,"b":1})", R"({"a":1})", false},
      {"[1,2]", "[1]", false},
      {"[1]", "[1,2]", false},
      {"[1,2]", "[2,1]", false},
      {"1", "2", false},
      {"true", "false", false},
      {"null", "{}", false},
  };
  for (const auto& c : cases) {
    INFO(c.a << " " << c.b);
    CHECK(is_same(c.a, c.b) == c.same);
  }
}

TEST_CASE("JsonFile takes one object") {
  CHECK(exit_code("{\n}\n") == EX_OK);
  CHECK(exit_code("") == EX_DATAERR);
  CHECK(exit_code("[]") == EX_DATAERR);
  CHECK(exit_code("{}{}") == EX_DATAERR);
}
