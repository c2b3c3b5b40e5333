#include "lib/reddit/subreddit_scan.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/base/numbers.h"

namespace mill {

namespace {

constexpr std::string_view kKey = "\"subreddit\"";

bool is_name_character(char c) {
  return is_ascii_alphanumeric(c) || c == ':' || c == '_' || c == '-' ||
         c == '.';
}

// a before b, case aside.
bool is_before(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(),
      [](char x, char y) { return ascii_lower(x) < ascii_lower(y); });
}

// Sixteen bytes at once: SSE2 on x86-64, NEON on arm64. In a comparison's
// result a byte is 0xFF where it holds.
using Bytes = std::uint8_t __attribute__((vector_size(16)));
constexpr std::size_t kWidth = sizeof(Bytes);

Bytes load(const char* from) {
  Bytes bytes;
  std::memcpy(&bytes, from, kWidth);
  return bytes;
}

bool any(Bytes bytes) {
  std::uint64_t halves[2];
  std::memcpy(halves, &bytes, kWidth);
  return (halves[0] | halves[1]) != 0;
}

// Where `"subreddit"` may begin. Looks at kReach bytes from p.
Bytes may_begin_key(const char* p) {
  return (load(p) == '"') & (load(p + 1) == 's') &
         (load(p + kKey.size() - 1) == '"');
}

// Where \u00 begins.
Bytes begins_escape(const char* p) {
  return (load(p) == '\\') & (load(p + 1) == 'u') & (load(p + 2) == '0') &
         (load(p + 3) == '0');
}

constexpr std::size_t kReach = kWidth + kKey.size() - 1;

}  // namespace

SubredditScan::SubredditScan(std::vector<std::string> names)
    : names_(std::move(names)) {
  for (const std::string& name : names_)
    if (name.empty() ||
        !std::all_of(name.begin(), name.end(), is_name_character))
      throw Exit(EX_USAGE, "'" + name +
                               "' is not a subreddit's name (letters, digits "
                               "and _.:- only, without r/)");
  std::sort(names_.begin(), names_.end(), is_before);
}

bool SubredditScan::is_name(std::string_view text) const {
  return std::binary_search(names_.begin(), names_.end(), text, is_before);
}

bool SubredditScan::is_in(JsonValue value) const {
  std::string scratch;
  return value.is_string() && is_name(value.string(scratch));
}

// Looks closer at a candidate.
bool SubredditScan::is_worth_parsing(const char* at, const char* end) const {
  const std::string_view rest(at, static_cast<std::size_t>(end - at));
  if (*at == '\\') {
    if (rest.size() < 6 || rest.substr(0, 4) != "\\u00") return false;
    const auto code = parse_number<unsigned char>(rest.substr(4, 2), 16);
    return code && is_name_character(static_cast<char>(*code));
  }
  if (rest.substr(0, kKey.size()) != kKey) return false;
  constexpr std::string_view kSpace = " \t\n\r";
  const std::size_t colon = rest.find_first_not_of(kSpace, kKey.size());
  if (colon == rest.npos || rest[colon] != ':') return false;
  const std::size_t quote = rest.find_first_not_of(kSpace, colon + 1);
  if (quote == rest.npos || rest[quote] != '"') return false;
  const std::size_t close = rest.find('"', quote + 1);
  return close != rest.npos &&
         is_name(rest.substr(quote + 1, close - quote - 1));
}

bool SubredditScan::may_be_in(std::string_view line) const {
  if (takes_all()) return true;
  std::string_view object = line;
  if (object.ends_with('\r')) object.remove_suffix(1);
  if (!object.starts_with('{') || !object.ends_with('}')) return true;

  const char* const end = line.data() + line.size();
  auto any_worth_parsing = [&](Bytes found, const char* p) {
    std::uint64_t halves[2];
    std::memcpy(halves, &found, kWidth);
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::uint64_t half = halves[i]; half != 0;) {
        const int byte = std::countr_zero(half) / 8;  // little-endian
        if (is_worth_parsing(p + i * 8 + byte, end)) return true;
        half &= ~(std::uint64_t{0xFF} << byte * 8);
      }
    }
    return false;
  };
  const char* p = line.data();
  for (; end - p >= static_cast<std::ptrdiff_t>(kWidth + kReach);
       p += 2 * kWidth) {
    const char* const q = p + kWidth;
    const Bytes first = may_begin_key(p), second = may_begin_key(q);
    if (!any(first | second | (load(p) == '\\') | (load(q) == '\\'))) continue;
    if (any_worth_parsing(first | begins_escape(p), p) ||
        any_worth_parsing(second | begins_escape(q), q))
      return true;
  }
  for (; p < end; ++p)
    if ((*p == '"' || *p == '\\') && is_worth_parsing(p, end)) return true;
  return false;
}

}  // namespace mill
