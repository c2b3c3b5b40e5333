#include "lib/record/record_text.h"

#include "lib/examples/to_messages.h"
#include "lib/record/example.h"
#include "tests/unit/catch.h"

namespace {

std::string text_of(std::string_view json, std::string_view field = {}) {
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(json));
  std::string text;
  if (!mill::append_record_text(text, reader.root(), field)) return "none";
  return text;
}

}  // namespace

TEST_CASE("an interaction and its example say the same, in every format") {
  const std::string interaction =
      R"({"id":"i","question":"How\n\u00e9?","answer":"So.","confidence":1})";
  CHECK(text_of(interaction) == "How\né?\nSo.\n");
  CHECK(text_of(R"({"question":"How\né?","topAnswer":"So."})") ==
        "How\né?\nSo.\n");
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(interaction));
  for (const char* name :
       {"openai", "together", "sharegpt", "alpaca", "vertex", "trl"}) {
    INFO(name);
    mill::ToMessages convert(*mill::example_format(name), "You answer.", {});
    std::string example, metadata;
    convert(reader.root(), example, metadata);
    CHECK(text_of(example) == "How\né?\nSo.\n");
  }
}

TEST_CASE("append_record_text takes what there is") {
  const struct {
    const char* what;
    const char* json;
    const char* field;
    const char* text;
  } cases[] = {
      {"several turns",
       R"({"messages":[{"role":"system","content":"s"},
           {"role":"user","content":"a"},{"role":"assistant","content":"b"},
           {"role":"user","content":"c"}]})",
       "", "a\nb\nc\n"},
      {"parts",
       R"({"messages":[{"role":"user","content":[{"type":"text","text":"a"},
           {"type":"image"}]}]})",
       "", "a\n"},
      {"empty texts", R"({"question":"","answer":""})", "", "\n\n"},
      {"no answer", R"({"question":"a","answer":null})", "", "a\n"},
      {"prompt and completion", R"({"prompt":"a","completion":"b"})", "",
       "a\nb\n"},
      {"nothing", R"({"id":"a"})", "", "none"},
      {"wrong types", R"({"messages":[1,{"role":2,"content":3}]})", "", "none"},
      {"a field", R"({"question":"a","metadata":{"id":"b"}})", "metadata.id",
       "b\n"},
      {"a number", R"({"n":1.50})", "n", "1.50\n"},
      {"no such field", R"({"question":"a"})", "b", "none"},
      {"a field that is a list", R"({"b":[]})", "b", "none"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(text_of(c.json, c.field) == c.text);
  }
}

TEST_CASE("record_id looks into the metadata first") {
  const auto id_of = [](std::string_view json) {
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(json));
    return mill::record_id(reader.root());
  };
  CHECK(id_of(R"({"id":"a"})") == "a");
  CHECK(id_of(R"({"id":"a","metadata":{"id":"b"}})") == "b");
  CHECK(id_of(R"({"id":"a","metadata":{"id":null}})") == "a");
  CHECK(id_of(R"({"id":12})") == "12");
  CHECK(id_of(R"({"id":[]})").empty());
  CHECK(id_of("{}").empty());
}
