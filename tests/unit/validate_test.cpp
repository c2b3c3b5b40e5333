#include "lib/examples/validate.h"

#include <string>

#include "lib/examples/vendor_profiles.h"
#include "tests/unit/catch.h"

namespace {

mill::ContentHash content(std::string_view json) {
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(json));
  return mill::content_hash(reader.root());
}

// The codes of all findings about example, with "?" after those of warnings.
std::string codes(mill::Vendor vendor, std::string_view example) {
  mill::JsonReader reader;
  REQUIRE_FALSE(reader.parse(example));
  mill::Findings findings;
  mill::check_example(vendor, reader.root(), findings);
  std::string list;
  for (const mill::Finding& finding : findings.all()) {
    if (!list.empty()) list += ' ';
    list += finding.code;
    if (finding.severity == mill::Severity::kWarning) list += '?';
  }
  return list;
}

}  // namespace

TEST_CASE("path_to names keys as they are, and quotes what is no word") {
  CHECK(mill::path_to("", "a") == "a");
  CHECK(mill::path_to("a", "b_c-1") == "a.b_c-1");
  CHECK(mill::path_to("a", 0) == "a[0]");
  CHECK(mill::path_to("a", "") == "a[\"\"]");
  CHECK(mill::path_to("a", "x.y\n") == "a[\"x.y\\n\"]");
  CHECK(mill::path_to("", std::string(50, 'x')) ==
        "[\"" + std::string(40, 'x') + "\"...]");
  // A character is not cut in two.
  CHECK(mill::path_to("", std::string(39, 'x') + "\u00E9y") ==
        "[\"" + std::string(39, 'x') + "\"...]");
}

TEST_CASE("content_hash is one for all spellings of an example") {
  const mill::ContentHash whole = content(
      R"({"messages":[{"role":"user","content":"a\nb"}],"metadata":{"id":1}})");
  for (
      const char* same :
      {R"({ "messages" : [ {"content":"\u0061\u000ab","role":"user"} ] })",
       R"({"id":7,"messages":[{"role":"x","role":"user","content":"a\nb"}]})"}) {
    INFO(same);
    CHECK((content(same) == whole));
  }
  for (const char* other :
       {R"({"messages":[{"role":"user","content":"a\nB"}]})",
        R"({"messages":[{"role":"user","content":"a\nb","weight":1}]})",
        R"({"messages":[{"role":"user"},{"content":"a\nb"}]})",
        R"({"prompt":[{"role":"user","content":"a\nb"}]})",
        R"({"messages":{"role":"user","content":"a\nb"}})"}) {
    INFO(other);
    CHECK_FALSE((content(other) == whole));
  }
  const struct {
    const char* a;
    const char* b;
  } apart[] = {
      {R"({"prompt":[1,12]})", R"({"prompt":[11,2]})"},
      {R"({"prompt":"1"})", R"({"prompt":1})"},
      {R"({"prompt":[[],1]})", R"({"prompt":[[1]]})"},
      {R"({"prompt":{"a":"b"}})", R"({"prompt":{"b":"a"}})"},
      {R"({"prompt":"a","completion":"b"})",
       R"({"prompt":"b","completion":"a"})"},
      {"{\"prompt\":\"a\\u0000\"}", R"({"prompt":"a"})"},
      {R"({"prompt":null})", R"({"prompt":false})"},
  };
  for (const auto& c : apart) {
    INFO(c.a << " " << c.b);
    CHECK_FALSE((content(c.a) == content(c.b)));
  }
}

TEST_CASE("max_tokens counts a tokenizer's tokens, of all texts") {
  const std::string word = "tiktoken is great!";  // 6 tokens, 3 words
  const std::string chat = R"({"messages":[{"role":"system","content":"s"},)"
                           R"({"role":"user","content":")" +
                           word + R"("},{"role":"assistant","content":")" +
                           word + R"("}]})";
  const struct {
    const char* what;
    std::string example;
    mill::Vendor vendor;
    mill::Encoding encoding;
    std::uint64_t tokens;
  } cases[] = {
      {"a chat", chat, mill::Vendor::kOpenai, mill::Encoding::kO200k, 13},
      {"words", chat, mill::Vendor::kOpenai, mill::Encoding::kWords, 7},
      {"escapes are resolved", R"({"text":"tiktoken\u0020is great!"})",
       mill::Vendor::kHf, mill::Encoding::kO200k, 6},
      {"a preference",
       R"({"prompt":"s","chosen":")" + word + R"(","rejected":")" + word +
           R"("})",
       mill::Vendor::kHf, mill::Encoding::kCl100k, 13},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(c.example));
    for (const bool fits : {true, false}) {
      mill::Validator validator({.vendor = c.vendor,
                                 .max_tokens = c.tokens - !fits,
                                 .encoding = c.encoding});
      mill::Findings findings;
      const auto verdict = validator.check(reader.root(), "in", 1, findings);
      CHECK((verdict == mill::Validator::Verdict::kValid) == fits);
    }
  }
}

TEST_CASE("each vendor takes the examples of its vendor's kind") {
  using mill::Vendor;
  const std::string chat =
      R"("messages":[{"role":"system","content":"s"},)"
      R"({"role":"user","content":"q"},{"role":"assistant","content":"a"}])";
  const std::string vertex =
      R"({"contents":[{"role":"user","parts":[{"text":"q"}]},)"
      R"({"role":"model","parts":[{"text":"a"}]}]})";
  const std::string plain = "{" + chat + "}";
  for (const Vendor vendor :
       {Vendor::kOpenai, Vendor::kTogether, Vendor::kMistral, Vendor::kHf})
    CHECK(codes(vendor, plain) == "");
  CHECK(codes(Vendor::kVertex, vertex) == "");
  CHECK(codes(Vendor::kVertex, plain) ==
        "unrecognized_key missing_messages_list");

  const std::string ours = "{" + chat + R"(,"metadata":{"id":"x"}})";
  CHECK(codes(Vendor::kOpenai, ours) == "");
  CHECK(codes(Vendor::kMistral, ours) == "");
  CHECK(codes(Vendor::kHf, ours) == "");
  CHECK(codes(Vendor::kTogether, ours) == "extra_column");
}

TEST_CASE("each profile has a name, and takes examples of its own formats") {
  const std::string turns =
      R"([{"role":"user","content":"q"},{"role":"assistant","content":"a"}])";
  const std::string asked = R"([{"role":"user","content":"q"}])";
  const std::string a = R"({"role":"assistant","content":"a"})";
  const struct {
    const char* profile;
    std::string example;
    const char* codes = "";
  } cases[] = {
      {"openai", R"({"input":{"messages":)" + asked +
                     R"(},"preferred_output":[)" + a +
                     R"(],"non_preferred_output":[)" + a + "]}"},
      {"openai-rft", R"({"messages":)" + asked + R"(,"reference_answer":"a"})"},
      {"openai-rft", R"({"messages":)" + turns + R"(,"reference_answer":"a"})",
       "last_message_not_user"},
      {"together", R"({"messages":[{"role":"user","content":"q"},)"
                   R"({"role":"assistant","tool_calls":[]},)"
                   R"({"role":"tool","content":"t"},)" +
                       a + R"(],"tools":[]})"},
      {"together",
       R"({"messages":[{"role":"tool","tool_calls":[]},)" + a + "]}",
       "message_missing_key"},
      {"fireworks", R"({"messages":)" + turns + "}"},
      {"bedrock", R"({"schemaVersion":"bedrock-conversation-2024","messages":)"
                  R"([{"role":"user","content":[{"text":"q"}]},)"
                  R"({"role":"assistant","content":[{"text":"a"}]}]})"},
      {"bedrock-claude", R"({"system":"s","messages":)" + turns + "}"},
      {"sharegpt", R"({"conversations":[{"from":"human","value":"q"},)"
                   R"({"from":"gpt","value":"a"}]})"},
      {"sharegpt", R"({"conversations":[{"from":"human","value":"q"}]})",
       "last_message_not_assistant"},
      {"alpaca", R"({"instruction":"q","input":"","output":"a"})"},
      {"alpaca", R"({"instruction":"q","chosen":"a"})", "preference_output"},
      {"axolotl", R"({"messages":)" + asked + R"(,"chosen":)" + a +
                      R"(,"rejected":)" + a + "}"},
  };
  for (const auto& c : cases) {
    INFO(c.profile << " " << c.example);
    REQUIRE(mill::vendor_named(c.profile));
    CHECK(codes(*mill::vendor_named(c.profile), c.example) == c.codes);
  }
  for (const std::string& name : mill::vendor_names())
    CHECK(mill::vendor_named(name));
  CHECK_FALSE(mill::vendor_named("axolotls"));
}

TEST_CASE("a profile's limits are those of share/vendor-limits.tsv") {
  const auto limits = [](std::string_view profile) {
    return mill::file_limits(*mill::vendor_named(profile));
  };
  CHECK(limits("openai").max_bytes == 512'000'000);
  CHECK(limits("openai").min_examples == 10);
  CHECK(limits("openai").too_few == mill::Severity::kWarning);
  CHECK(limits("openai-rft").min_examples == 0);  // another's, not openai's
  CHECK(limits("together").max_bytes == 53'794'465'382);  // 50.1 GiB
  CHECK(limits("together").too_few == mill::Severity::kError);
  CHECK(limits("fireworks").max_examples == 3'000'000);
  CHECK(limits("vertex").min_examples == 100);
  CHECK(limits("bedrock").min_examples == 100);  // the table's last line
  CHECK(limits("hf").max_bytes == 0);
}

TEST_CASE("a message's weight is judged as its vendor does") {
  using mill::Vendor;
  auto with = [](std::string user, std::string assistant) {
    return R"({"messages":[{"role":"system","content":"s"},)"
           R"({"role":"user","content":"q")" +
           user + R"(},{"role":"assistant","content":"a")" + assistant + "}]}";
  };
  const std::string one = R"(,"weight":1)", two = R"(,"weight":2)",
                    real = R"(,"weight":1.0)", yes = R"(,"weight":true)";
  for (const Vendor vendor :
       {Vendor::kOpenai, Vendor::kTogether, Vendor::kMistral}) {
    CHECK(codes(vendor, with("", one)) == "");
    CHECK(codes(vendor, with("", two)) == "invalid_weight");
  }
  CHECK(codes(Vendor::kOpenai, with(one, "")) == "invalid_weight");
  CHECK(codes(Vendor::kTogether, with(one, "")) == "");
  CHECK(codes(Vendor::kTogether, with("", real)) == "invalid_weight");
  CHECK(codes(Vendor::kMistral, with("", real)) == "");
  CHECK(codes(Vendor::kTogether, with("", yes)) == "");
  CHECK(codes(Vendor::kOpenai, with("", yes)) == "invalid_weight");
}
