#include "lib/pii/pii.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace {

// What is found in text, each as "TYPE text".
std::vector<std::string> found_in(std::string_view text,
                                  const std::vector<std::string>& names = {}) {
  mill::PiiFinder finder(mill::kDefaultPiiTypes, {.names = names});
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

TEST_CASE("Markdown's escapes are seen through") {
  const std::string tail = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";  // 36
  const struct {
    std::string text;
    Found found;
  } cases[] = {
      {R"(jo\_smith@example.org)", {R"(EMAIL_ADDRESS jo\_smith@example.org)"}},
      {R"(jo\_q\_smith@my\-mail.org)",
       {R"(EMAIL_ADDRESS jo\_q\_smith@my\-mail.org)"}},
      {R"(on \@some\_one\_77.)", {R"(SOCIAL_HANDLE \@some\_one\_77)"}},
      {R"(some\_one\#1234)", {R"(SOCIAL_HANDLE some\_one\#1234)"}},
      {R"(555\-123\-4567, \(415\) 555\-0132)",
       {R"(PHONE_NUMBER 555\-123\-4567)", R"(PHONE_NUMBER \(415\) 555\-0132)"}},
      {R"(\+49 30 1234567)", {R"(PHONE_NUMBER \+49 30 1234567)"}},
      {R"(u/some\-one\-)", {R"(USERNAME u/some\-one\-)"}},
      {R"(81\.2\.69\.160)", {R"(IP_ADDRESS 81\.2\.69\.160)"}},
      {R"(536\-90\-4399)", {R"(US_SSN 536\-90\-4399)"}},
      {"ghp\\_" + tail, {"API_KEY ghp\\_" + tail}},
      // A backslash before anything else is itself.
      {R"(a\b@example.org)", {"EMAIL_ADDRESS b@example.org"}},
      {R"(\\@some_one)", {"SOCIAL_HANDLE @some_one"}},
      {R"(jo\[EMAIL_ADDRESS])", {}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text) == c.found);
  }
  CHECK(found_in(R"(Jo\_Smith x)", {"jo_smith"}) == Found{R"(NAME Jo\_Smith)"});
}

TEST_CASE("spaces, dashes and digits of every kind are the same") {
  // Each is put for the spaces or dashes of each number.
  const std::string spaces[] = {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x87",
                                "\xE2\x80\x89", "\xE3\x80\x80"};
  const std::string dashes[] = {"\xE2\x80\x90", "\xE2\x80\x91", "\xE2\x80\x92",
                                "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95",
                                "\xEF\xBC\x8D", "\\-"};
  const std::string joiners[] = {"\xE2\x81\xA0", "\xE2\x80\x8B"};
  const struct {
    std::string type;
    std::vector<std::string> groups;
  } numbers[] = {{"CREDIT_CARD ", {"4111", "1111", "1111", "1111"}},
                 {"IBAN_CODE ", {"GB82", "WEST", "1234", "5698", "7654", "32"}},
                 {"US_SSN ", {"536", "90", "4399"}},
                 {"PHONE_NUMBER ", {"415", "555", "0132"}}};
  auto check = [&](const auto& separators) {
    for (const std::string& separator : separators)
      for (const auto& number : numbers) {
        std::string text;
        for (const std::string& group : number.groups)
          text += (text.empty() ? "" : separator) + group;
        INFO(text);
        CHECK(found_in("x " + text + ", x") == Found{number.type + text});
      }
  };
  check(spaces);
  check(dashes);
  const std::string card = std::string("4111")
                               .append(joiners[0])
                               .append("11111111")
                               .append(joiners[1])
                               .append("1111");
  CHECK(found_in(card) == Found{"CREDIT_CARD " + card});

  const struct {
    std::string text;
    Found found;
  } cases[] = {
      // Fullwidth: 415-555-0132, jo@example.org, 81.2.69.160.
      {"\xEF\xBC\x94\xEF\xBC\x91\xEF\xBC\x95-555-0132",
       {"PHONE_NUMBER \xEF\xBC\x94\xEF\xBC\x91\xEF\xBC\x95-555-0132"}},
      {"jo\xEF\xBC\xA0"
       "example.org",
       {"EMAIL_ADDRESS jo\xEF\xBC\xA0"
        "example.org"}},
      // Arabic-Indic: +49 30 123456 7.
      {"+\xD9\xA4\xD9\xA9 30 \xD9\xA1\xDB\xB2"
       "34567",
       {"PHONE_NUMBER +\xD9\xA4\xD9\xA9 30 \xD9\xA1\xDB\xB2"
        "34567"}},
      // Beside letters of scripts that put no spaces between words.
      {"IP\xE6\x98\xAF"
       "81.2.69.160\xE7\x9A\x84",
       {"IP_ADDRESS 81.2.69.160"}},
      {"\xE6\x98\xAF"
       "jo@example.org\xE7\x9A\x84",
       {"EMAIL_ADDRESS jo@example.org"}},
      {"\xE6\x98\xAF"
       "4111111111111111\xE3\x80\x82",
       {"CREDIT_CARD 4111111111111111"}},
      // A dash is none of an address's.
      {"mail\xE2\x80\x94jo@example.org", {"EMAIL_ADDRESS jo@example.org"}},
      {"+1 415\xE2\x80\x8E 555 0132\xE2\x80\x8E.",
       {"PHONE_NUMBER +1 415\xE2\x80\x8E 555 0132"}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text) == c.found);
  }
}

TEST_CASE("in code only what is certain is found") {
  const char* const kept[] = {
      "Use:\n\n    @Override\n    public void run() {}",
      "```\n@app.route('/')\ndef f(): pass\n@some_one\n```",
      "~~~\ncall 5550132\n~~~",
      "`@some_one` and ``415-555-0132``",
      "DECLARE @some INT; SELECT @rows = 1",
      "npm install @some/thing@1.2.3 @angular/core",
      "git clone git@example.net:jo/repo.git",
      "ssh jo@example.net, scp a jo@example.net:b",
      "rsync -a jo@example.net:/x y",
      "numpy#12345, pandas#1234",
      "2**34 = 17179869184 then 14159265359; Boston, MA 02110-1301",
      "rng = f(2435908729190400); x = [39.3228, 46.1663]",
      "order number 0123456780, tracking 0301234567, ISBN 0306406157",
      "\tself.x = a@b.py\n\tself.y = (\"c@d.method\")\n\tjo@example.com",
      "1-800-273-8255 or abuse@example.net",
      "```\nu = \"415-555-0132\"\n",
      "It has\n@frozen_one\nclass Version:",
      "@some.one\n  def f(x):",
      "a {@some_one <}",
      "rw-p 00023000 fc:01 1180217",
      "ObjectIdentifier(\"2.5.4.16\")",
  };
  for (const char* text : kept) {
    INFO(text);
    CHECK(found_in(text) == Found{});
  }
  const struct {
    const char* text;
    Found found;
  } cases[] = {
      {"```\nto(\"jo@host.net\", 81.2.69.160, 'GB82WEST12345698765432')\n```",
       {"EMAIL_ADDRESS jo@host.net", "IP_ADDRESS 81.2.69.160",
        "IBAN_CODE GB82WEST12345698765432"}},
      {"`key = sk-a1B2c3D4e5F6g7H8i9J0`", {"API_KEY sk-a1B2c3D4e5F6g7H8i9J0"}},
      {"```\ncard = 4111111111111111; x(\"5555555555554444\")\n```",
       {"CREDIT_CARD 4111111111111111", "CREDIT_CARD 5555555555554444"}},
      {"```\nphone: 415-555-0132\n```", {"PHONE_NUMBER 415-555-0132"}},
      // Code has an end.
      {"```\nx\n```\n@some_one", {"SOCIAL_HANDLE @some_one"}},
      {"* a list\n\n    its text, by @some_one", {"SOCIAL_HANDLE @some_one"}},
      {"a `b` @some_one", {"SOCIAL_HANDLE @some_one"}},
      {"@some_one\ndefinitely, class", {"SOCIAL_HANDLE @some_one"}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text) == c.found);
  }
}

TEST_CASE("Reddit's accounts are found in every form") {
  const struct {
    std::string text;
    Found found;
  } cases[] = {
      {"u/-some-one-, -u/some_one",
       {"USERNAME u/-some-one-", "USERNAME u/some_one"}},
      {"https://www.reddit.com/r/u_some_one/comments/ab1/x/",
       {"USERNAME https://www.reddit.com/r/u_some_one/comments/ab1/x/"}},
      {"WWW.REDDIT.COM/USER/SOME_ONE",
       {"USERNAME WWW.REDDIT.COM/USER/SOME_ONE"}},
      {"https://np.reddit.com/U/Some_One",
       {"USERNAME https://np.reddit.com/U/Some_One"}},
      {"old.reddit.com/user/some%5Fone",
       {"USERNAME old.reddit.com/user/some%5Fone"}},
      {"https://a.org/?u=https%3A%2F%2Fwww.reddit.com%2Fuser%2Fsome_one&x=1",
       {"USERNAME www.reddit.com%2Fuser%2Fsome_one"}},
      {"/U/Some_One and /U/B/R", {"USERNAME /U/Some_One"}},
      {"https://www.reddit.com/r/userexperience/comments/x", {}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text) == c.found);
  }
}

TEST_CASE("a phone number's form may be anyone's after a word for it") {
  const char* const numbers[] = {"971.4.123.4567", "0176/12345678",
                                 "668 5702",       "2 3456 7890",
                                 "98765 43210",    "3141592653"};
  for (const std::string number : numbers) {
    INFO(number);
    CHECK(found_in("call me: " + number) == Found{"PHONE_NUMBER " + number});
  }
  CHECK(found_in("SSN: 536904399, 536-904399").size() == 2);
  CHECK(found_in("536-904399") == Found{"US_SSN 536-904399"});
  CHECK(found_in("part 536-904399") == Found{});
  CHECK(found_in("SSN 53690-4399") == Found{"US_SSN 53690-4399"});
  CHECK(found_in("I lost my SSN in Beverly Hills, CA 90210-1234") == Found{});
  CHECK(found_in("Tel. 030 / 123456") == Found{"PHONE_NUMBER 030 / 123456"});
}

TEST_CASE("people who tell their names are believed") {
  const struct {
    const char* text;
    Found found;
  } cases[] = {
      {"Hi, my name is Jane and", {"NAME Jane"}},
      {"my full name\xE2\x80\x99s Jane Q. Roe.", {"NAME Jane Q. Roe"}},
      {"I'm Jane Roe, a nurse", {"NAME Jane Roe"}},
      {"I am Jos\xC3\xA9 O\xE2\x80\x99Roe from Leeds",
       {"NAME Jos\xC3\xA9 O\xE2\x80\x99Roe"}},
      {"text\n\nKind regards,\nJane Roe\n", {"NAME Jane Roe"}},
      {"text\nThanks!\n\n- Jane", {"NAME Jane"}},
      {"my name is on it, My Name Is Earl is a show", {}},
      {"I'm Native American. I'm Roman Catholic, I am Legend", {}},
      {"I'm Jane, I am Going Home tonight", {}},
      {"I'm New York born, I'm Jane Roe's sister", {}},
      {"```\nI'm Jane Roe.\n```", {}},
      {"Thanks, Jane", {}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text) == c.found);
  }
}

TEST_CASE("common names count where a person is spoken of") {
  mill::PiiFinder finder(mill::kDefaultPiiTypes,
                         {.common_names = {"Jane", "roe", "Rose", "May"}});
  const struct {
    std::string_view text;
    std::vector<std::string_view> found;
  } cases[] = {
      {"with Jane Roe and", {"Jane Roe"}},
      {"Mr. Roe, Dear Jane, my sister Rose; my boss, Jane",
       {"Roe", "Jane", "Rose", "Jane"}},
      {"a rose in May, Jane Doe, jane roe, Rose Garden", {}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    std::vector<mill::PiiSpan> spans;
    finder.find(c.text, spans);
    std::vector<std::string_view> found;
    for (const mill::PiiSpan& span : spans)
      found.push_back(c.text.substr(span.begin, span.end - span.begin));
    CHECK(found == c.found);
  }
}

TEST_CASE("what one tells of oneself is found if asked for") {
  const struct {
    std::string_view text;
    Found found;
  } cases[] = {
      {"I was born on March 3, 1990 in", {"DATE_OF_BIRTH March 3, 1990"}},
      {"DOB: 03/12/1990", {"DATE_OF_BIRTH 03/12/1990"}},
      {"my birthday is 3rd of May 1990", {"DATE_OF_BIRTH 3rd of May 1990"}},
      {"born in 1990; on March 3, 1990 it rained", {}},
      {"at 12 Old Mill Road, Springfield, IL 62704.",
       {"STREET_ADDRESS 12 Old Mill Road, Springfield, IL 62704"}},
      {"221B Baker Street, Apt 4", {"STREET_ADDRESS 221B Baker Street, Apt 4"}},
      {"3 Way tie, 20 St. Louis, 4 roads", {}},
      {"I'm 23F from Leeds and", {"SELF_DESCRIPTION 23F from Leeds"}},
      {"I (34M) and", {"SELF_DESCRIPTION (34M)"}},
      {"I'm a 19 year old male", {"SELF_DESCRIPTION 19 year old male"}},
      {"I, 19F, am", {"SELF_DESCRIPTION 19F"}},
      {"me(F24)", {"SELF_DESCRIPTION (F24)"}},
      {"it was 23F outside, I'm 23 from the top", {}},
      {"if 45 come, im 22 of them, IF16", {}},
  };
  mill::PiiFinder all(mill::kAllPiiTypes);
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text) == Found{});
    std::vector<mill::PiiSpan> spans;
    all.find(c.text, spans);
    Found found;
    for (const mill::PiiSpan& span : spans)
      found.push_back(
          std::string(name(span.type)) + " " +
          std::string(c.text.substr(span.begin, span.end - span.begin)));
    CHECK(found == c.found);
  }
}

TEST_CASE("what the allow list has is kept") {
  mill::PiiFinder finder(
      mill::kDefaultPiiTypes,
      {.allowed = {"# a comment", "jo@example.org", "help@", "@SomeOne",
                   "u/some_one", "415 555 0132", "81.2.69.160", "Jane Roe"}});
  const std::string_view kept =
      "jo@example.org help@x.org @SomeOne /u/Some_One (415) 555-0132 "
      "81.2.69.160 my name is Jane Roe";
  std::vector<mill::PiiSpan> spans;
  finder.find(kept, spans);
  CHECK(spans.empty());
  finder.find("mo@example.org @someone 415-555-0133", spans);
  CHECK(spans.size() == 3);
}

TEST_CASE("no finding reaches over another or over a tag") {
  // A private key's block begins before a profile's link and ends after it.
  const std::string begin = "-----BEGIN PRIVATE KEY-----";
  const std::string end = "-----END PRIVATE KEY-----";
  CHECK(found_in(begin + "[USERNAME]" + end).empty());
  CHECK(found_in("-----BEGIN reddit.com/user/some_1-----BEGIN PRIVATE KEY-----"
                 "MIIE-----END -----") ==
        Found{"USERNAME reddit.com/user/some_1-----BEGIN"});
  CHECK(found_in("jo[NAME]@example.org 415-[NAME]555-0132").empty());
  CHECK(found_in("https://jo:[API_KEY]@example.org").empty());
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
      // Accents as characters of their own, and white space of any kind.
      {"A\xCC\x8Asa, a\xCC\x8Asa", {"NAME A\xCC\x8Asa", "NAME a\xCC\x8Asa"}},
      {"A\xCC\x8As", {}},
      {"Jo\xC2\xA0Smith", {"NAME Jo\xC2\xA0Smith"}},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(found_in(c.text, names) == c.found);
  }
}

TEST_CASE("types that are not wanted are neither found nor taken apart") {
  mill::PiiFinder finder(mill::kDefaultPiiTypes &
                         ~mill::bit(mill::PiiType::kEmailAddress));
  std::vector<mill::PiiSpan> spans;
  finder.find("81.2.69.160@example.org @some_one", spans);
  CHECK(spans ==
        std::vector<mill::PiiSpan>{{24, 33, mill::PiiType::kSocialHandle}});
}

TEST_CASE("time is linear in the worst of texts") {
  // A megabyte each: what is quadratic does not end.
  constexpr std::size_t kSize = 1 << 20;
  mill::PiiFinder finder(mill::kAllPiiTypes, {.names = {"a b", "1"}});
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
                               "1,1.11111",
                               "00 ",
                               "call 00 ",
                               "` ",
                               "\\_",
                               "\n    x",
                               "my name is ",
                               "I'm Jane ",
                               "\xE2\x80\x94",
                               "\xC2\xA0",
                               "415-555-0132https://reddit.com/u/abc "};
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
