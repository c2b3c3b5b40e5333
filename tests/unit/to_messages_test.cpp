#include "lib/examples/to_messages.h"

#include <string>

#include "tests/unit/catch.h"

namespace {

struct Result {
  mill::Outcome outcome;
  std::string example, metadata;
};

Result convert(std::string_view json) {
  mill::ToMessages to_messages(*mill::example_format("together"), "",
                               {"n", "id"});
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(json));
  Result result{};
  result.outcome = to_messages(reader.root(), result.example, result.metadata);
  return result;
}

}  // namespace

TEST_CASE("ToMessages copies values as they are spelled") {
  const auto result = convert(
      R"({"id":"\u0078","question":"\u0041\/","answer":"b","n":[1E+2, null],)"
      R"("confidence":0.5000000000000000001})");
  CHECK(result.outcome.kind == mill::Outcome::kReplace);
  CHECK(result.example ==
        R"({"messages":[{"role":"user","content":"\u0041\/"},)"
        R"({"role":"assistant","content":"b"}]})"
        "\n");
  CHECK(result.metadata == R"({"id":"\u0078",)"
                           R"("confidence":0.5000000000000000001,)"
                           R"("n":[1E+2, null]})");
}

TEST_CASE("ToMessages finds fields whose keys are escaped") {
  const auto result =
      convert(R"({"\u0069d":"x","questio\u006e":"q","top\u0041nswer":"a"})");
  CHECK(result.outcome.kind == mill::Outcome::kReplace);
  CHECK(result.metadata == R"({"id":"x"})");
}

TEST_CASE("ToMessages judges wrong types before what is missing") {
  CHECK(convert(R"({"confidence":"high"})").outcome.kind ==
        mill::Outcome::kBad);
  const auto missing = convert(R"({"confidence":0.5})");
  CHECK(missing.outcome.kind == mill::Outcome::kDrop);
  CHECK(missing.outcome.reason == "no_question");
  CHECK(missing.example.empty());
}

TEST_CASE("ToMessages prefers a field's own name, unless it is null") {
  const std::string tail = R"(,"question":"q","id":"x"})";
  CHECK(convert(R"({"answer":"own","topAnswer":"other")" + tail)
            .example.find("own") != std::string::npos);
  CHECK(convert(R"({"answer":null,"topAnswer":"other")" + tail)
            .example.find("other") != std::string::npos);
}
