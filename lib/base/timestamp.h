// timestamp.h - points in time, as RFC 3339 text in UTC and as numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mill {

// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted: what
// Firestore keeps. Reaches from year 1 to 9999.
struct Timestamp {
  std::int64_t microseconds = 0;
  auto operator<=>(const Timestamp&) const = default;
};

inline Timestamp from_unix_seconds(std::int64_t seconds) {
  return {seconds * 1'000'000};
}

// "2026-01-02T03:04:05Z", with 3 or 6 decimals where they are needed.
std::string format_timestamp(Timestamp time);

// Reads RFC 3339 with "Z" or an offset and up to 9 decimals (rounded down), a
// date "2026-01-02" (its midnight, UTC), or Unix seconds "1767323045". Nothing
// if text is none of these or names no real date.
std::optional<Timestamp> parse_timestamp(std::string_view text);

// The present time; or SOURCE_DATE_EPOCH's, where that is set, so that a run
// can be repeated to the byte. Throws Exit(EX_CONFIG) if it is no whole number.
Timestamp now();

}  // namespace mill
