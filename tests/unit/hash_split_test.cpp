#include "lib/examples/hash_split.h"

#include "lib/cli/command_line.h"
#include "tests/unit/catch.h"

using mill::parse_split;
using mill::part_of;
using mill::seeded_digest;

TEST_CASE("seeded_digest hashes the seed in decimal, a colon and the key") {
  CHECK(mill::hex(seeded_digest(42, "a")) == mill::hex(mill::sha256("42:a")));
  // hashlib.sha256(b"42:a").hexdigest()[:16]
  CHECK(mill::first_64_bits(seeded_digest(42, "a")) == 0x971344798D4F4AC7);
}

TEST_CASE("part_of compares the digest's beginning, as a fraction") {
  const auto digest_of = [](std::uint8_t first) {
    mill::Sha256Digest digest{};
    digest[0] = first;
    return digest;
  };
  const std::array<double, 3> split{0.5, 0.25, 0.25};
  CHECK(part_of(digest_of(0x00), split) == 0);
  CHECK(part_of(digest_of(0x7F), split) == 0);
  CHECK(part_of(digest_of(0x80), split) == 1);  // exactly 0.5
  CHECK(part_of(digest_of(0xBF), split) == 1);
  CHECK(part_of(digest_of(0xC0), split) == 2);
  // The largest digests round to 1, which is less than no sum.
  mill::Sha256Digest largest;
  largest.fill(0xFF);
  CHECK(part_of(largest, {0, 1, 0}) == 2);
  CHECK(part_of(digest_of(0x00), {0, 1, 0}) == 1);
  CHECK(part_of(digest_of(0x00), {0, 0, 1}) == 2);
}

TEST_CASE("parse_split takes three fractions that sum to 1") {
  CHECK(parse_split("0.8,0.1,0.1") == std::array<double, 3>{0.8, 0.1, 0.1});
  CHECK(parse_split("1,0,0") == std::array<double, 3>{1, 0, 0});
  CHECK(parse_split("0.333333333,0.333333333,0.333333334")[0] == 0.333333333);
  for (const char* wrong :
       {"", "1", "0.5,0.5", "0.25,0.25,0.25,0.25", "0.8,0.1,0.2", "2,-1,0",
        "0.8,0.1,0.1x", "0.8,,0.2", "nan,0,1", "inf,0,0"}) {
    INFO(wrong);
    CHECK_THROWS_AS(parse_split(wrong), mill::Exit);
  }
}

TEST_CASE("split_key looks for an id, then for the question") {
  const struct {
    const char* what;
    const char* json;
    const char* field;
    const char* key;  // null: none
  } cases[] = {
      {"id", R"({"metadata":{"id":"x"}})", "", "x"},
      {"escaped id", R"({"metadata":{"id":"\u0078\n"}})", "", "x\n"},
      {"number", R"({"metadata":{"id":1.50}})", "", "1.50"},
      {"no id", R"({"messages":[{"role":"user","content":"q"}]})", "", "q"},
      {"first user message",
       R"({"messages":[{"role":"system","content":"s"},7,
           {"role":"user","content":"q"},{"role":"user","content":"r"}],
           "metadata":{"id":null}})",
       "", "q"},
      {"an id that is no key", R"({"metadata":{"id":[]}})", "", nullptr},
      {"content of parts", R"({"messages":[{"role":"user","content":[]}]})", "",
       nullptr},
      {"field", R"({"a":{"b":"c"},"metadata":{"id":"x"}})", "a.b", "c"},
      {"missing field", R"({"metadata":{"id":"x"}})", "a", nullptr},
      {"null field", R"({"a":null})", "a", nullptr},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(c.json));
    std::string scratch;
    const auto key = mill::split_key(reader.root(), c.field, scratch);
    CHECK(key.has_value() == (c.key != nullptr));
    if (c.key && key) CHECK(*key == c.key);
  }
}
