// Texts made to confuse the finders: fragments of all they look for, tags and
// tags within tags, escapes, broken code, dashes and digits of all scripts,
// close together. HOSTILE_TEXTS says how many (default 60,000).

#include <cstdlib>
#include <random>
#include <string>

#include "lib/examples/anonymize.h"
#include "tests/unit/catch.h"

namespace {

const char* const kPieces[] = {
    // addresses and accounts
    "jo", "@", "example.org", ".", "u/", "/u/", "r/u_", "/user/", "reddit.com",
    "some_one", "https://", "://", ":", "//", "%2F", "%40", "&#64;", "%5F",
    " at ", " [at] ", " dot ", "(dot)", "gmail", "com", "#1234", "#12345",
    "[deleted]", "](", "RT ", "@x", "mailto:", "git@", "ssh ", "x:p@",
    // numbers
    "415", "555", "0132", "+1", "+49 ", "(", ")", "0", "00", "1", "12 ", "x12",
    "ext. ", "4111", "4111111111111111", "1111 ", "GB82", "WEST", "1234",
    "GB82WEST12345698765432", "536", "-90-", "4399", "51.5074,", "-0.1278",
    "81.2.69.160", "8.8.8.8", "/24", "2001:db8::1", "::", "::ffff:", "%eth0",
    "00:1A:2B:3C:4D:5E", "00-1A", "001a.2b3c.4d5e",
    // keys
    "-----BEGIN ", "PRIVATE KEY", "-----", "-----END ", "sk-", "ghp_",
    "a1B2c3D4e5F6g7H8i9J0", "eyJ", "AKIA", "123456789:", "0x", "bc1",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "TUFBQUFBQUFBQUFBQUFBQUFB",
    // words
    "call ", "phone ", "card ", "SSN ", "version ", "my name is ", "I'm ",
    "I am ", "Jane", " Roe", "Jo Smith", "Mr. ", "Regards,\n", "born on ",
    "March 3, 1990", "12 Mill Road", "23F", " from Leeds", "MA ",
    // tags, whole and not
    "[NAME]", "[EMAIL_ADDRESS]", "[NAME:abcdefgh]", "[", "]", "[NAME",
    "[PHONE_NUMBER:", "abcdefgh]", "[[NAME]]", "\\[NAME]", "[\\NAME]",
    // Markdown and code
    "\\", "\\_", "\\\\", "\\-", "\\@", "\\[", "`", "```\n", "\n    ", "\n",
    "\t", "*", "**", "_", "-", "{", "}", ";", " = ", "\"", "'", "<", ">", ",",
    // characters of more bytes
    "\xC3\xA9", "e\xCC\x81", "\xE3\x81\xAE", "\xE7\x94\xB5\xE8\xAF\x9D",
    "\xF0\x9F\x98\x80", "\xC2\xA0", "\xE2\x80\x94", "\xE2\x80\x91",
    "\xE2\x80\x8B", "\xE2\x81\xA0", "\xEF\xBC\xA0", "\xEF\xBC\x94", "\xD9\xA1",
    "\xE2\x80\x99", "\xEF\xBB\xBF", "\x01", "\x02", "\x7F"};

// text as a JSON string, its characters written in one of the ways there are.
std::string as_json(const std::string& text, std::mt19937_64& random) {
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' && random() % 2) {
      json += "\\n";
    } else if (byte < 0x20 || (byte < 0x80 && random() % 16 == 0)) {
      constexpr char kDigits[] = "0123456789abcdef";
      json += "\\u00";
      json += kDigits[byte >> 4];
      json += kDigits[byte & 15];
    } else {
      if (c == '"' || c == '\\') json += '\\';
      json += c;
    }
  }
  return json + '"';
}

std::string text_of(const std::string& line) {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(line));
  return reader.root()["t"].string();
}

// Anonymizes line and holds the result against the promises; gives it.
std::string checked(mill::Anonymizer& anonymizer, const std::string& line,
                    bool is_redacted) {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(line));
  std::string out;
  if (anonymizer({reader.root(), line}, out).kind == mill::Outcome::kKeep) {
    REQUIRE(anonymizer.replacements().empty());
    return line;
  }
  REQUIRE(out.back() == '\n');
  out.pop_back();
  // Its text is the line's with tags in the places of what was replaced.
  const std::string text = text_of(line), result = text_of(out);
  std::size_t at = 0, in_result = 0;
  for (const mill::Replacement& found : anonymizer.replacements()) {
    REQUIRE(found.start >= at);
    REQUIRE(found.end > found.start);
    REQUIRE(found.end <= text.size());
    REQUIRE(result.compare(in_result, found.start - at, text, at,
                           found.start - at) == 0);
    in_result += found.start - at;
    const std::size_t tag =
        mill::tag_length(std::string_view(result).substr(in_result));
    REQUIRE(tag > 0);
    if (is_redacted) REQUIRE(tag == name(found.type).size() + 2);
    in_result += tag;
    at = found.end;
  }
  REQUIRE(result.substr(in_result) == text.substr(at));
  return out;
}

}  // namespace

TEST_CASE("hostile texts: one run is enough, and no other byte changes") {
  const char* const wanted = std::getenv("HOSTILE_TEXTS");
  const std::uint64_t texts =
      wanted ? std::strtoull(wanted, nullptr, 10) : 60000;
  const char* const seed = std::getenv("HOSTILE_SEED");
  std::mt19937_64 random(seed ? std::strtoull(seed, nullptr, 10) : 1);
  mill::Anonymizer redact({});
  mill::Anonymizer all(
      {.types = mill::kAllPiiTypes,
       .lists = {.names = {"Jo Smith", "name", "\xC3\xA9"},
                 .common_names = {"Jane", "Roe"},
                 .allowed = {"8.8.8.8", "jo@", "+49 415 555 0132"}}});
  mill::Anonymizer pseudonym({.key = "0123456789abcdef"});
  std::uint64_t changed = 0;
  for (std::uint64_t round = 0; round < texts; ++round) {
    std::string text;
    for (std::uint64_t n = random() % 24; n > 0; --n)
      text += kPieces[random() % std::size(kPieces)];
    const std::string line = "{\"t\":" + as_json(text, random) + ",\"n\":1.50}";
    INFO(line);
    const std::string once = checked(redact, line, true);
    REQUIRE(checked(redact, once, true) == once);
    const std::string everything = checked(all, line, true);
    REQUIRE(checked(all, everything, true) == everything);
    const std::string named = checked(pseudonym, line, false);
    REQUIRE(checked(pseudonym, named, false) == named);
    // What one key's tags stand for is nothing to another's.
    REQUIRE(checked(redact, named, true) == named);
    changed += once != line;
  }
  CHECK(changed > texts / 5);
}
