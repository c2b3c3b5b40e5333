#include "lib/examples/anonymize.h"

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include "lib/io/lines.h"
#include "tests/unit/catch.h"
#include "tests/unit/top_folder.h"

namespace {

std::string anonymized(mill::Anonymizer& anonymizer, const std::string& line) {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(line));
  std::string out;
  if (anonymizer({reader.root(), line}, out).kind == mill::Outcome::kKeep)
    return line;
  REQUIRE(out.back() == '\n');
  out.pop_back();
  REQUIRE(!reader.parse(out));
  return out;
}

std::string anonymized(const std::string& line) {
  mill::Anonymizer anonymizer({});
  return anonymized(anonymizer, line);
}

}  // namespace

TEST_CASE("an edit touches nothing but the finding's bytes") {
  const struct {
    const char* line;
    const char* result;
  } cases[] = {
      {R"( { "b" : 1.50, "a":"x jo@example.org" } )",
       R"( { "b" : 1.50, "a":"x [EMAIL_ADDRESS]" } )"},
      {R"({"a":"\u00e9\n\ud83d\ude00 jo\u0040example.org\/ \"u\/some_one\""})",
       R"({"a":"\u00e9\n\ud83d\ude00 [EMAIL_ADDRESS]\/ \"[USERNAME]\""})"},
      {R"({"a":["u/one1",{"b":"u/two2"}]})",
       R"({"a":["[USERNAME]",{"b":"[USERNAME]"}]})"},
      {R"({"id":"u/some_one","metadata":{"id":"a@b.org","source_url":"@some_one"}})",
       nullptr},
      {R"({"author":"Jo","user_id":17,"userName":"","n":null,"ip":[null,"::1"]})",
       R"({"author":"[USERNAME]","user_id":"[USERNAME]","userName":"","n":null,"ip":[null,"[IP_ADDRESS]"]})"},
      {R"({"author":"[USERNAME]","email":"[EMAIL_ADDRESS:abcdefgh]"})",
       nullptr},
      // Found only when its neighbor is gone.
      {R"({"a":"415-555-0132https://reddit.com/u/some_one"})",
       R"({"a":"[PHONE_NUMBER][USERNAME]"})"},
  };
  for (const auto& c : cases) {
    INFO(c.line);
    CHECK(anonymized(c.line) == (c.result ? c.result : c.line));
  }
}

TEST_CASE("replacements are told in bytes of the field's text") {
  mill::Anonymizer anonymizer({});
  const std::string line =
      R"({"m":[{"c":"\ud83d\ude00 u\/some_one"}],"author":"Jo"})";
  mill::JsonReader reader;
  REQUIRE(!reader.parse(line));
  std::string out;
  anonymizer({reader.root(), line}, out);
  const auto& all = anonymizer.replacements();
  REQUIRE(all.size() == 2);
  CHECK(anonymizer.field(all[0]) == "m[0].c");
  CHECK(all[0].start == 5);
  CHECK(all[0].end == 15);
  CHECK(all[0].type == mill::PiiType::kUsername);
  CHECK(anonymizer.field(all[1]) == "author");
  CHECK(all[1].end == 2);
}

TEST_CASE("Option --fields goes through arrays and takes what is beneath") {
  mill::Anonymizer anonymizer({.fields = {"m.c", "x"}});
  CHECK(
      anonymized(
          anonymizer,
          R"({"m":[{"c":"u/one1","d":"u/one1"},{"c":{"t":["u/one1"]}}],"cc":"u/one1"})") ==
      R"({"m":[{"c":"[USERNAME]","d":"u/one1"},{"c":{"t":["[USERNAME]"]}}],"cc":"u/one1"})");
  CHECK(anonymizer.unseen_fields() == std::vector<std::string>{"x"});
}

TEST_CASE("pseudonyms are the same for a value and a key") {
  mill::Anonymizer one({.key = "0123456789abcdef"});
  mill::Anonymizer other({.key = "0123456789abcdeg"});
  const std::string line =
      R"({"a":"u/Some_one /u/some_one","author":"Some_One"})";
  const std::string text = anonymized(one, line);
  // HMAC-SHA-256 of "USERNAME:some_one" under the key, the first 64 bits in
  // base 26, lowest digit first; computed with Python.
  const std::string tag = "[USERNAME:vjeqcqit]";
  CHECK(text ==
        R"({"a":")" + tag + " " + tag + R"(","author":")" + tag + "\"}");
  CHECK(anonymized(other, line) != text);
  CHECK(anonymized(other, text) == text);
}

TEST_CASE("a second run finds nothing, whatever the text") {
  // Random text of pieces that findings are made of, close together.
  const char* const pieces[] = {"jo",
                                "@",
                                "example.org",
                                ".",
                                "-",
                                " ",
                                "415",
                                "555",
                                "0132",
                                "+1",
                                "(",
                                ")",
                                "u/",
                                "/u/",
                                "some_one",
                                "https://",
                                ":",
                                "81.2.69.160",
                                "::",
                                "2001:db8::1",
                                " at ",
                                " dot ",
                                "gmail",
                                "com",
                                "#1234",
                                "[",
                                "]",
                                "[NAME]",
                                "\\_",
                                "\xC3\xA9",
                                "\xE3\x81\xAE",
                                "\xF0\x9F\x98\x80",
                                "4111111111111111",
                                "call ",
                                "00",
                                "1",
                                "x12",
                                "/user/",
                                "reddit.com",
                                "RT",
                                "536-90-4399",
                                "51.5074,",
                                "Jo Smith",
                                "sk-a1B2c3D4e5F6g7H8i9J0",
                                "GB82WEST12345698765432",
                                "00:1A:2B:3C:4D:5E",
                                "\"",
                                "\\",
                                "\n"};
  std::mt19937 random(1);
  mill::Anonymizer redact({.lists = {.names = {"Jo Smith", "name"}}});
  mill::Anonymizer pseudonym(
      {.lists = {.names = {"Jo"}}, .key = "0123456789abcdef"});
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::size_t n = random() % 24; n > 0; --n) {
      const std::string piece = pieces[random() % std::size(pieces)];
      for (const char c : piece) {
        if (c == '\n')
          text += "\\n";
        else if (c == '"' || c == '\\')
          text += std::string("\\") + c;
        else if (c == '@' && random() % 2)
          text += "\\u0040";
        else
          text += c;
      }
    }
    const std::string line = "{\"t\":\"" + text + "\"}";
    INFO(line);
    const std::string once = anonymized(redact, line);
    REQUIRE(anonymized(redact, once) == once);
    const std::string named = anonymized(pseudonym, line);
    REQUIRE(anonymized(pseudonym, named) == named);
  }
}

TEST_CASE("a second run finds nothing in real records") {
  namespace fs = std::filesystem;
  // The samples that all have; and real data where it is there.
  const auto [folder, at_least] = GENERATE(table<const char*, std::size_t>(
      {{"share/sample", 20}, {"../shared/data", 1000}}));
  const fs::path data = top_folder() / folder;
  if (!fs::exists(data)) {
    REQUIRE(folder[0] == '.');
    WARN("no " << folder);
    return;
  }
  mill::Anonymizer anonymizer({});
  mill::JsonReader reader;
  std::size_t records = 0;
  for (const auto& entry : fs::recursive_directory_iterator(data)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || (name.find("json") == name.npos)) continue;
    if (name.find("utf16") != name.npos || name.find("UTF-16") != name.npos)
      continue;  // refused whole
    mill::LineReader lines(mill::Input(entry.path().string()), 16 << 20);
    while (const auto line = lines.next()) {
      if (line->is_too_long || line->text.empty()) continue;
      std::string text(line->text), once, twice;
      if (reader.parse(text) || !reader.root().is_object()) continue;
      ++records;
      if (anonymizer({reader.root(), text}, once).kind == mill::Outcome::kKeep)
        continue;
      once.pop_back();
      INFO(name << ": " << line->number);
      REQUIRE(!reader.parse(once));
      REQUIRE(anonymizer({reader.root(), once}, twice).kind ==
              mill::Outcome::kKeep);
    }
  }
  CHECK(records > at_least);
}
