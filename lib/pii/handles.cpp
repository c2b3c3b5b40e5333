// Names of accounts: Reddit's, others', and those in a URL's authority.

#include <algorithm>

#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

constexpr std::size_t kMinRedditName = 3;
constexpr std::size_t kMaxRedditName = 20;

// Where the user name at i ends, or 0. Reddit's editor writes "\_" for '_'.
std::size_t reddit_name_end(const Scan& scan, std::size_t i) {
  std::size_t length = 0;
  if (scan.text.compare(i, 9, "[deleted]") == 0) return i + 9;
  for (;; ++length) {
    if (scan.at(i) == '\\' && scan.at(i + 1) == '_') ++i;
    if (!is_token(scan.at(i))) break;
    if (length > kMaxRedditName + 4) return 0;  // no name: nobody's is as long
    ++i;
  }
  return length >= kMinRedditName ? i : 0;
}

// The length of "u/", "user/" or "u_" of "r/u_NAME" behind the slash at i - 1.
std::size_t profile_mark(const Scan& scan, std::size_t i) {
  if (scan.at(i) == 'u' && scan.at(i + 1) == '/') return 2;
  if (scan.text.compare(i, 5, "user/") == 0) return 5;
  return 0;
}

// Where the host that ends at `end` begins, if it is Reddit's; else `end`.
std::size_t reddit_host_begin(const Scan& scan, std::size_t end) {
  const std::size_t begin = scan.run_before(
      end, 40, [](char c) { return is_alnum(c) || c == '.' || c == '-'; });
  constexpr std::string_view kHost = "reddit.com";
  const std::string_view host = scan.slice(begin, end);
  if (host.size() < kHost.size() ||
      !equals_ignoring_case(host.substr(host.size() - kHost.size()), kHost) ||
      (host.size() > kHost.size() &&
       host[host.size() - kHost.size() - 1] != '.'))
    return end;
  return begin;
}

// "u/NAME" is also how Magic players write "blue or": u/w, U/Tron. Short names
// do not exist; behind a capital U, which Reddit does not link, the name must
// look like one: a digit, '_' or '-', or a capital within.
bool looks_like_name(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i)
    if (!is_letter(name[i]) ||
        (i > 0 && is_upper(name[i]) && is_lower(name[i - 1])))
      return true;
  return false;
}

}  // namespace

MaybeSpan find_reddit_name(const Scan& scan, std::size_t i) {
  const std::size_t mark = profile_mark(scan, i + 1);
  const char before = scan.before(i);
  if (mark > 0) {
    std::size_t end = reddit_name_end(scan, i + 1 + mark);
    if (end == 0) return std::nullopt;
    const std::size_t host = reddit_host_begin(scan, i);
    if (host < i) {
      std::size_t begin = host;
      if (begin >= scan.floor + 3 && scan.slice(begin - 3, begin) == "://")
        begin = scan.run_before(begin - 3, 8, is_letter);
      // What follows (a post's id, a page) would lead back to the name.
      end = std::max(end, scan.run_after(end, is_url));
      while (end > i &&
             (scan.text[end - 1] == '.' || scan.text[end - 1] == ',' ||
              scan.text[end - 1] == '!' || scan.text[end - 1] == '?' ||
              scan.text[end - 1] == ':' || scan.text[end - 1] == ';' ||
              scan.text[end - 1] == '*' || scan.text[end - 1] == '\''))
        --end;
      return PiiSpan{begin, end, PiiType::kUsername};
    }
    if (is_word(before) || is_accented(before) || before == '.' ||
        before == '/' || before == '-' || scan.in_url(i))
      return std::nullopt;
    return PiiSpan{i, end, PiiType::kUsername};
  }
  // "u/NAME", and "r/u_NAME", a user's own subreddit.
  if (i == scan.floor || scan.in_url(i)) return std::nullopt;
  std::size_t begin = i - 1;
  std::size_t name = i + 1;
  if (before == 'r' && scan.at(i + 1) == 'u' && scan.at(i + 2) == '_')
    name += 2;
  else if (before != 'u' && before != 'U')
    return std::nullopt;
  if (scan.before(begin) == '/' && begin > scan.floor) --begin;
  const char outside = scan.before(begin);
  if (is_word(outside) || is_accented(outside) || outside == '/' ||
      outside == '.' || outside == '-')
    return std::nullopt;
  const std::size_t end = reddit_name_end(scan, name);
  if (end == 0) return std::nullopt;
  if (before == 'U' && !looks_like_name(scan.slice(name, end)))
    return std::nullopt;
  return PiiSpan{begin, end, PiiType::kUsername};
}

MaybeSpan find_link_text(const Scan& scan, const PiiSpan& span) {
  if (span.begin < scan.floor + 4 ||
      scan.slice(span.begin - 2, span.begin) != "](")
    return std::nullopt;
  const std::size_t end = span.begin - 2;
  const std::size_t begin = scan.run_before(
      end, kMaxRedditName + 8, [](char c) { return is_token(c) || c == '\\'; });
  if (begin == end || scan.before(begin) != '[' || begin == scan.floor)
    return std::nullopt;
  if (normalized(PiiType::kUsername, scan.slice(begin, end)) !=
      normalized(PiiType::kUsername, scan.slice(span.begin, span.end)))
    return std::nullopt;
  return PiiSpan{begin, end, PiiType::kUsername};
}

// "@name" as Twitter and most others have it: 1 to 20 of letters, digits and
// '_', and "/list" behind. Not a quantity ("@3pm", "@1080p"), not a part of an
// address, not within a URL.
MaybeSpan find_at_handle(const Scan& scan, std::size_t i) {
  if (scan.in_url(i)) return std::nullopt;
  const char before = scan.before(i);
  if (is_word(before)) {
    // "RT@name" is a custom of its own.
    const bool is_retweet = i >= scan.floor + 2 && lower(before) == 't' &&
                            lower(scan.text[i - 2]) == 'r' &&
                            !is_word(scan.before(i - 2));
    if (!is_retweet) return std::nullopt;
  }
  constexpr std::string_view kJoining = "!#$%&*@.-+]";
  // After "**" or a tag's ']' the '@' is the beginning of emphasized text, or
  // the rest of an address.
  if (before != '\0' && kJoining.find(before) != kJoining.npos &&
      !(before == '*' && i >= 2 && scan.text[i - 2] == '*'))
    return std::nullopt;
  const std::size_t begin = i + 1;
  std::size_t end = scan.run_after(begin, is_word);
  const std::size_t length = end - begin;
  if (length == 0 || length > 20) return std::nullopt;
  const char after = scan.at(end);
  if (is_accented(after) || scan.text.compare(end, 3, "://") == 0)
    return std::nullopt;
  // "@name@host.org" of the fediverse.
  if (after == '@')
    if (const auto address = find_email(scan, end))
      return PiiSpan{i, address->end, PiiType::kSocialHandle};
  const std::size_t digits = scan.run_after(begin, is_digit) - begin;
  const std::string_view name = scan.slice(begin, end);
  if (name.find_first_not_of('_') == name.npos) return std::nullopt;
  if (digits > 0 && (digits == length ? digits < 5 : length - digits <= 3))
    return std::nullopt;
  if (digits > 0 && after == '.' && is_digit(scan.at(end + 1)))
    return std::nullopt;
  // "@name/list"
  if (after == '/' && is_letter(scan.at(end + 1))) {
    const std::size_t list = scan.run_after(end + 1, is_token);
    if (list - end <= 26) end = list;
  }
  // "name@" of Instagram may have full stops within.
  while (scan.at(end) == '.' && is_word(scan.at(end + 1)) &&
         scan.run_after(end + 1, is_word) - begin <= 30)
    end = scan.run_after(end + 1, is_word);
  return PiiSpan{i, end, PiiType::kSocialHandle};
}

// "name#1234" of Discord, "Name#12345" of Battle.net and MTG Arena.
MaybeSpan find_numbered_handle(const Scan& scan, std::size_t i) {
  if (scan.in_url(i)) return std::nullopt;
  const std::size_t end = scan.run_after(i + 1, is_digit);
  if (end < i + 5 || end > i + 6 || is_word(scan.at(end)) ||
      is_accented(scan.at(end)))
    return std::nullopt;
  const std::size_t begin = scan.run_before(
      i, 32, [](char c) { return is_word(c) || is_accented(c) || c == '.'; });
  const std::string_view name = scan.slice(begin, i);
  const char before = scan.before(begin);
  if (name.size() < 2 || is_digit(name[0]) || before == '/' || before == '#' ||
      before == '=' || before == '-')
    return std::nullopt;
  // What is numbered and is no person.
  constexpr std::string_view kThings =
      "|art|bug|card|case|comment|episode|issue|item|no|number|order|part|pr|"
      "rule|post|room|round|seed|ticket|";
  std::string entry = "|";
  for (const char c : name) entry += lower(c);
  if (kThings.find(entry + "|") != kThings.npos) return std::nullopt;
  return PiiSpan{begin, end, PiiType::kSocialHandle};
}

// "scheme://user:password@host": what is between "//" and '@'.
MaybeSpan find_url_credentials(Scan& scan, std::size_t i) {
  if (scan.at(i + 2) != '/' || scan.in_url(i)) return std::nullopt;
  if (i == scan.floor || !is_alnum(scan.text[i - 1])) return std::nullopt;
  const std::size_t begin = i + 3;
  // A tag in the place of credentials is a part of the URL, as they were.
  const std::size_t url_end =
      scan.run_after(begin + tag_length(scan.text.substr(begin)), is_url);
  scan.url_end = url_end;
  const std::size_t most = std::min(url_end, begin + 256);
  std::size_t at = 0;
  for (std::size_t k = begin; k < most; ++k) {
    const char c = scan.text[k];
    if (c == '/' || c == '?' || c == '#' || c == '[') break;
    if (c == '@') at = k;
  }
  if (at <= begin || at + 1 >= url_end || !is_alnum(scan.text[at + 1]))
    return std::nullopt;
  // The user of every public Git server.
  if (scan.slice(begin, at) == "git")
    return PiiSpan{begin, at + 1, PiiType::kNothing};
  return PiiSpan{begin, at, PiiType::kUrlCredentials};
}

}  // namespace mill::internal
