#include "lib/base/timestamp.h"

#include "tests/unit/catch.h"

TEST_CASE("timestamps read and written") {
  const struct {
    const char* text;
    const char* written;
  } cases[] = {
      {"2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
      {"2026-01-02", "2026-01-02T00:00:00Z"},
      {"1767323045", "2026-01-02T03:04:05Z"},
      {"-1", "1969-12-31T23:59:59Z"},
      {"2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.500Z"},
      {"2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456Z"},
      {"2026-01-02T03:04:05+01:30", "2026-01-02T01:34:05Z"},
      {"2024-02-29t23:59:59z", "2024-02-29T23:59:59Z"},
      {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
      {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    const auto time = mill::parse_timestamp(c.text);
    REQUIRE(time);
    CHECK(mill::format_timestamp(*time) == c.written);
  }
}

// No time that is read has such a year, but one that is computed may.
TEST_CASE("a year has all its digits") {
  CHECK(mill::format_timestamp(mill::from_unix_seconds(253402300800)) ==
        "10000-01-01T00:00:00Z");
  CHECK(mill::format_timestamp(mill::from_unix_seconds(-62167219201)) ==
        "-001-12-31T23:59:59Z");
}

TEST_CASE("what is no time is refused") {
  for (const char* text :
       {"", "yesterday", "2026-13-01", "2025-02-29", "2026-1-2", "2026-01-02T",
        "2026-01-02T24:00:00Z", "2026-01-02T03:04:05", "2026-01-02T03:04Z",
        "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05+0130", "12.5",
        "999999999999999", "0000-01-01"}) {
    INFO(text);
    CHECK(!mill::parse_timestamp(text));
  }
}
