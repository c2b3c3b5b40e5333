#include "lib/base/timestamp.h"

#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"

namespace mill {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kDay = 24 * 60 * kMinute;

// Takes exactly `digits` digits off the front of text.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

// A number of two digits, at most max.
std::optional<int> take_two(std::string_view& text, int max) {
  const auto number = take_digits(text, 2);
  return number && *number <= max ? number : std::nullopt;
}

std::optional<std::int64_t> parse_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(
      std::chrono::year(*year),
      std::chrono::month(static_cast<unsigned>(*month)),
      std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *year == 0) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kDay;
}

// The decimals after the seconds, in microseconds.
std::optional<std::int64_t> parse_decimals(std::string_view& text) {
  std::int64_t value = 0, unit = kSecond;
  std::size_t digits = 0;
  for (; digits < text.size() && is_ascii_digit(text[digits]); ++digits) {
    unit /= 10;
    value += unit * (text[digits] - '0');
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

// "Z", or "+01:30" as the microseconds to subtract.
std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-'))
    return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = take_two(text, 23);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_two(text, 59);
  if (!minutes) return std::nullopt;
  return sign * (*hours * 60 + *minutes) * kMinute;
}

// Appends a number with at least so many characters, zeros before its digits.
void append_digits(std::string& text, std::int64_t number, std::size_t least) {
  if (number < 0) {
    text += '-';
    --least;
  }
  const std::string digits = std::to_string(std::abs(number));
  text.append(least - std::min(least, digits.size()), '0').append(digits);
}

}  // namespace

std::string format_timestamp(Timestamp time) {
  using std::chrono::microseconds;
  const std::chrono::sys_time<microseconds> point{
      microseconds(time.microseconds)};
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  std::string text;
  text.reserve(sizeof "2006-01-02T03:04:05.000000Z");
  append_digits(text, static_cast<int>(date.year()), 4);
  append_digits(text += '-', unsigned{date.month()}, 2);
  append_digits(text += '-', unsigned{date.day()}, 2);
  append_digits(text += 'T', clock.hours().count(), 2);
  append_digits(text += ':', clock.minutes().count(), 2);
  append_digits(text += ':', clock.seconds().count(), 2);
  const auto fraction = clock.subseconds().count();
  if (fraction % 1000 != 0)
    append_digits(text += '.', fraction, 6);
  else if (fraction != 0)
    append_digits(text += '.', fraction / 1000, 3);
  return text += 'Z';
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t kFirst = -62135596800, kLast = 253402300799;
  if (error == std::errc() && end == text.data() + text.size())
    return seconds >= kFirst && seconds <= kLast
               ? std::optional(from_unix_seconds(seconds))
               : std::nullopt;

  const auto day = parse_date(text);
  if (!day) return std::nullopt;
  if (text.empty()) return Timestamp{*day};
  if (!take(text, 'T') && !take(text, 't') && !take(text, ' '))
    return std::nullopt;
  const auto hours = take_two(text, 23);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_two(text, 59);
  if (!minutes || !take(text, ':')) return std::nullopt;
  const auto whole = take_two(text, 60);  // 60: a leap second
  if (!whole) return std::nullopt;
  std::optional<std::int64_t> fraction = 0;
  if (take(text, '.')) fraction = parse_decimals(text);
  const auto offset = parse_offset(text);
  if (!fraction || !offset) return std::nullopt;
  return Timestamp{*day + (*hours * 60 + *minutes) * kMinute +
                   *whole * kSecond + *fraction - *offset};
}

Timestamp now() {
  if (const char* epoch = ::getenv("SOURCE_DATE_EPOCH"); epoch && *epoch) {
    std::int64_t seconds = 0;
    const std::string_view text = epoch;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size())
      throw Exit(EX_CONFIG, "SOURCE_DATE_EPOCH: not a whole number");
    return from_unix_seconds(seconds);
  }
  using std::chrono::duration_cast;
  return {duration_cast<std::chrono::microseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace mill
