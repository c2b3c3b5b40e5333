#include "lib/pii/pii.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace {

// What is found in text, each as "TYPE text".
std::vector<std::string> found_in(std::string_view text,
                                  const std::vector<std::string>& names = {}) {
  const mill::PiiFinder finder(mill::kAllPiiTypes, names);
  std::vector<mill::PiiSpan> spans;
  finder.find(text, spans);
  std::vector<std::string> found;
  std::size_t floor = 0;
  for (const mill::PiiSpan& span : spans) {
    CHECK(span.begin >= floor);
    CHECK(span.end > span.begin);
    floor = span.end;
    found.push_back(
        std::string(name(span.type)).append(" ") +
        std::string(text.substr(span.begin, span.end - span.begin)));
  }
  return found;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("each type is found, and no byte too many") {
  const struct {
    std::string text;
    Found found;
  } cases[] = {
      {"(jo.smith+x@mail.example.co.uk).",
       {"EMAIL_ADDRESS jo.smith+x@mail.example.co.uk"}},
      {"'jo@example.org'", {"EMAIL_ADDRESS jo@example.org"}},
      {"j\xC3\xB6rg@example.org", {"EMAIL_ADDRESS j\xC3\xB6rg@example.org"}},
      {"\xE9\x82\xAE\xE7\xAE\xB1jo@example.org\xE3\x80\x82",
       {"EMAIL_ADDRESS jo@example.org"}},
      {"8.8.8.8@example.org", {"EMAIL_ADDRESS 8.8.8.8@example.org"}},
      {"415-555-0132@example.org", {"EMAIL_ADDRESS 415-555-0132@example.org"}},
      {"?to=jo%40example.org", {"EMAIL_ADDRESS jo%40example.org"}},
      {"jo&#64;example.org", {"EMAIL_ADDRESS jo&#64;example.org"}},
      {"write jo at gmail dot com!", {"EMAIL_ADDRESS jo at gmail dot com"}},
      {"jo [at] example [dot] org",
       {"EMAIL_ADDRESS jo [at] example [dot] org"}},
      {"jo(at)example.org", {"EMAIL_ADDRESS jo(at)example.org"}},
      {"jo dot smith AT mail DOT example DOT co DOT uk",
       {"EMAIL_ADDRESS jo dot smith AT mail DOT example DOT co DOT uk"}},
      {"jo @ gmail.com", {"EMAIL_ADDRESS jo @ gmail.com"}},
      {"(415) 555-0132", {"PHONE_NUMBER (415) 555-0132"}},
      {"1-415-555-0132 ext. 12", {"PHONE_NUMBER 1-415-555-0132 ext. 12"}},
      {"+49 30 1234567, +1.415.555.0132",
       {"PHONE_NUMBER +49 30 1234567", "PHONE_NUMBER +1.415.555.0132"}},
      {"+44 (0)20 7946 0018", {"PHONE_NUMBER +44 (0)20 7946 0018"}},
      {"0049 30 1234567", {"PHONE_NUMBER 0049 30 1234567"}},
      {"030 - 12 34 56 78", {"PHONE_NUMBER 030 - 12 34 56 78"}},
      {"01.84.17.61.18", {"PHONE_NUMBER 01.84.17.61.18"}},
      {"(11) 91234-5678", {"PHONE_NUMBER (11) 91234-5678"}},
      {"\xE7\x94\xB5\xE8\xAF\x9D"
       "13812345678",
       {"PHONE_NUMBER 13812345678"}},
      {"call me: 5550132 99", {"PHONE_NUMBER 5550132 99"}},
      {"at 81.2.69.160:8080", {"IP_ADDRESS 81.2.69.160"}},
      {"81.2.69.0/24.", {"IP_ADDRESS 81.2.69.0/24"}},
      {"http://81.2.69.160/x", {"IP_ADDRESS 81.2.69.160"}},
      {"2a00:1450:4001:81b::200e.", {"IP_ADDRESS 2a00:1450:4001:81b::200e"}},
      {"::ffff:81.2.69.160", {"IP_ADDRESS ::ffff:81.2.69.160"}},
      {"00:1A:2b:3C:4D:5E", {"MAC_ADDRESS 00:1A:2b:3C:4D:5E"}},
      {"00-1A-2B-3C-4D-5E", {"MAC_ADDRESS 00-1A-2B-3C-4D-5E"}},
      {"001a.2b3c.4d5e", {"MAC_ADDRESS 001a.2b3c.4d5e"}},
      {"4111 1111 1111 1111 12/30", {"CREDIT_CARD 4111 1111 1111 1111"}},
      {"3782-822463-10005", {"CREDIT_CARD 3782-822463-10005"}},
      {"5555555555554444", {"CREDIT_CARD 5555555555554444"}},
      {"my card 6304000000000000", {"CREDIT_CARD 6304000000000000"}},
      {"GB82 WEST 1234 5698 7654 32",
       {"IBAN_CODE GB82 WEST 1234 5698 7654 32"}},
      {"de89370400440532013000", {"IBAN_CODE de89370400440532013000"}},
      {"536-90-4399", {"US_SSN 536-90-4399"}},
      {"SSN 536904399", {"US_SSN 536904399"}},
      {"u/some_one, /u/some-one",
       {"USERNAME u/some_one", "USERNAME /u/some-one"}},
      {"u/some\\_one\\_", {"USERNAME u/some\\_one\\_"}},
      {"u/AutoModerator u/[deleted]",
       {"USERNAME u/AutoModerator", "USERNAME u/[deleted]"}},
      {"(https://old.reddit.com/user/SomeOne/comments?x=1)",
       {"USERNAME https://old.reddit.com/user/SomeOne/comments?x=1"}},
      {"www.reddit.com/u/SomeOne.", {"USERNAME www.reddit.com/u/SomeOne"}},
      {"[SomeOne](/u/someone) [him](/user/someone)",
       {"USERNAME SomeOne", "USERNAME /u/someone", "USERNAME /user/someone"}},
      {"U/Some_One", {"USERNAME U/Some_One"}},
      {"r/u_someone", {"USERNAME r/u_someone"}},
      {"@some_one, RT @x: .", {"SOCIAL_HANDLE @some_one", "SOCIAL_HANDLE @x"}},
      {"\xE3\x81\xAE@some_one\xE3\x81\xAB", {"SOCIAL_HANDLE @some_one"}},
      {"add someone#1234 or Some#12345",
       {"SOCIAL_HANDLE someone#1234", "SOCIAL_HANDLE Some#12345"}},
      {"https://jo:secret@example.org/x", {"URL_CREDENTIALS jo:secret"}},
      {"postgres://jo:p%40ss@db.example.org", {"URL_CREDENTIALS jo:p%40ss"}},
      {"51.50735, -0.12776", {"LOCATION_COORDINATES 51.50735, -0.12776"}},
      {"51.5074\xC2\xB0 N, 0.1278\xC2\xB0 W",
       {"LOCATION_COORDINATES 51.5074\xC2\xB0 N, 0.1278\xC2\xB0 W"}},
      {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
       {"CRYPTO 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}},
      {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
       {"CRYPTO bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}},
      {"0x52908400098527886E0F7030069857D2E4169EE7",
       {"CRYPTO 0x52908400098527886E0F7030069857D2E4169EE7"}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text) == c.found);
  }
}

TEST_CASE("keys and tokens are found by their prefix") {
  // Put together here, so that no scanner takes this file for a leak.
  const std::string tail = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";  // 36
  const std::string keys[] = {
      "AKIA" + std::string("IOSFODNN7EXAMPLE"),
      "AIza" + tail.substr(1),
      "ghp_" + tail,
      "github_pat_" + tail,
      "glpat-" + tail.substr(16),
      "xoxb-" + tail,
      "sk_live_" + tail,
      "sk-" + tail,
      "sk-ant-api03-" + tail,
      "hf_" + tail,
      "npm_" + tail,
      "123456789:" + tail.substr(1),
      std::string("M").append(tail, 12) + ".a1B2c3." + tail.substr(8),
      "eyJ" + tail + ".eyJ" + tail + "." + tail,
  };
  for (const std::string& key : keys) {
    INFO(key);
    CHECK(found_in(key + ", so") == Found{std::string("API_KEY ").append(key)});
    CHECK(found_in(std::string("x").append(key)).empty());
  }
  CHECK(found_in("sk-learn-is-a-package-for-learning").empty());

  const std::string line = std::string(64, 'A') + "\n";
  const std::string begin = "-----BEGIN RSA PRIVATE KEY-----\n";
  const std::string block =
      begin + line + line + "-----END RSA PRIVATE KEY-----";
  CHECK(found_in("a\n" + block + "\nb") == Found{"PRIVATE_KEY " + block});
  // Cut off before its end.
  CHECK(found_in(begin + line + "words") ==
        Found{"PRIVATE_KEY " + begin + std::string(64, 'A')});
  CHECK(found_in(begin + "is how it begins").empty());
}

TEST_CASE("what is much like personal data stays") {
  const char* const texts[] = {
      "702.19e, 100.6b and 601.2a-b; rule 702.19.1.2",
      "{2}{W}{W/U}{G/P} 1/1, +1/+1, -3/-3, 20/20, +18/18/13/13/8/8/3",
      "[[Lightning Bolt]] [[Borrowing 100,000 Arrows]] [CARDNAME] [NAMES]",
      "$100.50, \xE2\x82\xAC 1.000.000,50, 4x @ $3, @2.50, @3pm, @1080p",
      "2013-04-26 26.04.2013 04/26/2013 1998-2003 2012 2013 12:34:56",
      "26.04.2013 18:30, 01.02.2013 1830",
      "r/magicTCG /r/EDH https://www.reddit.com/r/magicTCG/comments/abc123/x/",
      "u/w u/r W/U U/B/R U/Tron w/u/black",
      "https://example.org/user/4155550132?id=415-555-0132#a@b",
      "https://medium.com/@someone http://example.org/u/name",
      "ISBN 978-0-306-40615-7, 0-306-40615-2; 1 000 000 000 points",
      "192.168.1.1 10.0.0.0/8 127.0.0.1 169.254.1.1 172.16.0.1 255.255.255.0",
      "::1 fe80::1%eth0 fd00::1 ff02::1 std::vector a::b 12:34:56",
      "version 1.2.3.4, v1.2.3.4, 1.2.3.4.5, 1.2.3.4-beta, 256.1.1.1",
      "00:00:00:00:00:00 ff:ff:ff:ff:ff:ff 01-02-03-04-05-06",
      "4111 1111 1111 1112, 0000000000000000, 505874276692406272",
      "GB82 WEST 1234 5698 7654 33, XX82WEST12345698765432",
      "000-12-3456 666-12-3456 912-12-3456 078-05-1120",
      "0.1234, 0.5678; 12.3456, 23.4567, 34.5678; 95.1234, 12.3456",
      "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
      "look at example dot com, bought at amazon.com, at gmail.com",
      "dot product at a dot, jo at home dot",
      "jo@localhost @ @_ @@x a@b.1 x@ @-",
      "Bug#1234 issue#12345 #1234 page#123 C#2013 color:#123456",
      "git://git@example.org, http://@example.org, mailto:",
      "[EMAIL_ADDRESS] [EMAIL_ADDRESS:kqzvwmxt]@example.org",
      "https://[URL_CREDENTIALS]@example.org",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "550e8400-e29b-41d4-a716-446655440000",
      "deck: 4 3 2 1 4 4 2 1 1 1 24 15, 20 000 000 mana, 100 200 3000",
  };
  for (const char* text : texts) {
    INFO(text);
    CHECK(found_in(text) == Found{});
  }
}

TEST_CASE("given names are found as whole words in any case") {
  const std::vector<std::string> names = {"Jo Smith", "Jo", "\xC3\x85sa",
                                          "O'Neil",   " ",  "email"};
  const struct {
    std::string text;
    Found found;
  } cases[] = {
      {"JO  smith and jo", {"NAME JO  smith", "NAME jo"}},
      {"Jo\nSmith's", {"NAME Jo\nSmith"}},
      {"Jon, banjo, jo_, \xC3\xA9jo", {}},
      {"\xC3\xA5sa \xC3\x85SA", {"NAME \xC3\xA5sa", "NAME \xC3\x85SA"}},
      {"\xE2\x80\x9Co'neil\xE2\x80\x9D", {"NAME o'neil"}},
      {"jo@example.org", {"EMAIL_ADDRESS jo@example.org"}},
      {"[EMAIL_ADDRESS:abcdefgh] [NAME]", {}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text, names) == c.found);
  }
}

TEST_CASE("types that are not wanted are neither found nor taken apart") {
  const mill::PiiFinder finder(mill::kAllPiiTypes &
                               ~mill::bit(mill::PiiType::kEmailAddress));
  std::vector<mill::PiiSpan> spans;
  finder.find("81.2.69.160@example.org @some_one", spans);
  CHECK(spans ==
        std::vector<mill::PiiSpan>{{24, 33, mill::PiiType::kSocialHandle}});
}

TEST_CASE("time is linear in the worst of texts") {
  // A megabyte each: what is quadratic does not end.
  constexpr std::size_t kSize = 1 << 20;
  const mill::PiiFinder finder(mill::kAllPiiTypes, {"a b", "1"});
  const char* const units[] = {"a",
                               "1",
                               ".",
                               "@",
                               "-",
                               "/",
                               ":",
                               "#",
                               "_",
                               "[",
                               "u/",
                               "a@",
                               "a.",
                               "1.",
                               "1-",
                               "1 ",
                               "a:",
                               "::",
                               "://",
                               "a://",
                               "dot ",
                               " dot ",
                               " at ",
                               "eyJ",
                               "eyJ.",
                               "sk-",
                               "ghp_",
                               "-----BEGIN ",
                               "(",
                               "(at)",
                               "x@y.z",
                               "[NAME:a",
                               "+1",
                               "%40",
                               "&#64;",
                               "0x",
                               "bc1",
                               "GB11",
                               "/u/",
                               "reddit.com/u/",
                               "1a",
                               "\xC3\xA9",
                               "K",
                               "SI",
                               "KI",
                               "call 1",
                               "-----BEGIN PRIVATE KEY-----",
                               "a b ",
                               "1,1.11111"};
  for (const char* unit : units) {
    INFO(unit);
    std::string text;
    while (text.size() < kSize) text += unit;
    std::vector<mill::PiiSpan> spans;
    finder.find(text, spans);
    CHECK(spans.size() < text.size());
  }
}

TEST_CASE("two spellings of one value are the same") {
  using mill::normalized;
  using mill::PiiType;
  CHECK(normalized(PiiType::kUsername,
                   "https://www.reddit.com/user/Jo_x/about") == "jo_x");
  CHECK(normalized(PiiType::kUsername, "/u/Jo\\_x") == "jo_x");
  CHECK(normalized(PiiType::kUsername, "Jo_x") == "jo_x");
  CHECK(normalized(PiiType::kPhoneNumber, "+1 (415) 555-0132 x12") ==
        normalized(PiiType::kPhoneNumber, "415.555.0132"));
  CHECK(normalized(PiiType::kEmailAddress, "Jo [at] Example (dot) org") ==
        "jo@example.org");
  CHECK(normalized(PiiType::kEmailAddress, "mailto:jo%40example.org") ==
        "jo@example.org");
  CHECK(normalized(PiiType::kIbanCode, "GB82 WEST 1234") == "gb82west1234");
}
