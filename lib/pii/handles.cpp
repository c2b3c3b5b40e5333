// Names of accounts: Reddit's, others', and those in a URL's authority.

#include <algorithm>

#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

constexpr std::size_t kMinRedditName = 3;
constexpr std::size_t kMaxRedditName = 20;

// Where the user name at i ends, or 0. In a URL '_' and '-' may be escaped.
std::size_t reddit_name_end(const Scan& scan, std::size_t i) {
  if (scan.text.compare(i, 9, "[deleted]") == 0) return i + 9;
  std::size_t length = 0;
  for (;; ++length) {
    if (is_token(scan.at(i)))
      ++i;
    else if (starts_with_word(scan.text, i, "%5f") ||
             starts_with_word(scan.text, i, "%2d"))
      i += 3;
    else
      break;
    if (length > kMaxRedditName + 4) return 0;  // too long for a name
  }
  return length >= kMinRedditName ? i : 0;
}

// The length of "u/", "user/" or "r/u_" at i, after a slash, in any case; 0 if
// none is there.
std::size_t profile_mark(const Scan& scan, std::size_t i) {
  for (const std::string_view mark : {"u/", "user/", "r/u_"})
    if (starts_with_word(scan.text, i, mark)) return mark.size();
  return 0;
}

// Where the host that ends at `end` begins, if it is Reddit's; else `end`.
std::size_t reddit_host_begin(const Scan& scan, std::size_t end) {
  std::size_t begin = scan.run_before(
      end, 40, [](char c) { return is_alnum(c) || c == '.' || c == '-'; });
  // "%2Fwww.reddit.com" in a parameter.
  if (scan.before(begin) == '%') begin = std::min(begin + 2, end);
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
// do not exist; after a capital U, which Reddit does not link, the name must
// look like one: a digit, '_' or '-', or a capital within.
bool looks_like_name(std::string_view name) {
  for (std::size_t i = 0; i < name.size(); ++i)
    if (!is_letter(name[i]) ||
        (i > 0 && is_upper(name[i]) && is_lower(name[i - 1])))
      return true;
  return false;
}

// True if what is right before a name makes it a part of a path or a word. A
// dash is a signature's or a list's, unless it joins two words.
bool joins_name(const Scan& scan, std::size_t begin) {
  const char c = scan.before(begin);
  if (c == '-') return is_word(scan.before(begin - 1));
  return scan.has_word_before(begin) || c == '.' || c == '/';
}

// A link to the profile whose path begins at the slash at i, with what comes
// before the slash and after the name, which could lead back to it.
PiiSpan whole_link(const Scan& scan, std::size_t host, std::size_t name_end) {
  std::size_t begin = host;
  if (begin >= scan.floor + 3 && scan.slice(begin - 3, begin) == "://")
    begin = scan.run_before(begin - 3, 8, is_letter);
  std::size_t end = std::max(name_end, scan.run_after(name_end, is_url));
  constexpr std::string_view kSentence = ".,!?:;*'";
  while (end > name_end && kSentence.find(scan.text[end - 1]) != kSentence.npos)
    --end;
  return PiiSpan{begin, end, PiiType::kUsername};
}

// True if "@name" from i to `end` is a line by itself before one that defines
// something: a decorator.
bool is_decorator(const Scan& scan, std::size_t i, std::size_t end) {
  constexpr std::size_t kDeepest = 32;
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  const std::size_t line = scan.run_before(i, kDeepest, is_blank);
  if ((line > 0 && scan.before(line) != '\n') || scan.at(end) != '\n')
    return false;
  const std::size_t next = scan.run_after(end + 1, is_blank);
  constexpr std::string_view kDefines[] = {
      "def ",     "class ",  "async ",     "export ", "function ", "public ",
      "private ", "static ", "protected ", "fun ",    "func ",     "final "};
  return std::any_of(std::begin(kDefines), std::end(kDefines),
                     [&](std::string_view word) {
                       return scan.text.compare(next, word.size(), word) == 0;
                     });
}

}  // namespace

MaybeSpan find_reddit_name(const Scan& scan, std::size_t i) {
  if (const std::size_t mark = profile_mark(scan, i + 1); mark > 0) {
    // "/u/NAME", perhaps with a host before it.
    const std::size_t end = reddit_name_end(scan, i + 1 + mark);
    if (end == 0) return std::nullopt;
    const std::size_t host = reddit_host_begin(scan, i);
    if (host < i) return whole_link(scan, host, end);
    if (joins_name(scan, i) || scan.in_url(i) ||
        (is_upper(scan.at(i + 1)) &&
         !looks_like_name(scan.slice(i + 1 + mark, end))) ||
        (mark == 5 && scan.in_code(i)))
      return std::nullopt;
    return PiiSpan{i, end, PiiType::kUsername};
  }
  // "u/NAME", and "r/u_NAME", a user's own subreddit.
  if (i == scan.floor || scan.in_url(i)) return std::nullopt;
  const char before = scan.before(i);
  std::size_t name = i + 1;
  if (before == 'r' && scan.at(i + 1) == 'u' && scan.at(i + 2) == '_')
    name += 2;
  else if (before != 'u' && before != 'U')
    return std::nullopt;
  const std::size_t begin = i - 1;
  if (joins_name(scan, begin)) return std::nullopt;
  const std::size_t end = reddit_name_end(scan, name);
  if (end == 0) return std::nullopt;
  if (before == 'U' && !looks_like_name(scan.slice(name, end)))
    return std::nullopt;
  return PiiSpan{begin, end, PiiType::kUsername};
}

// "reddit.com%2Fuser%2FNAME", anchored at the first of the two escapes.
MaybeSpan find_escaped_profile(const Scan& scan, std::size_t i) {
  constexpr std::string_view kSlash = "%2f";
  if (!starts_with_word(scan.text, i, kSlash)) return std::nullopt;
  const std::size_t host = reddit_host_begin(scan, i);
  if (host == i) return std::nullopt;
  for (const std::string_view mark : {"u%2f", "user%2f", "r%2fu_"}) {
    if (!starts_with_word(scan.text, i + kSlash.size(), mark)) continue;
    const std::size_t end =
        reddit_name_end(scan, i + kSlash.size() + mark.size());
    if (end > 0) return PiiSpan{host, end, PiiType::kUsername};
  }
  return std::nullopt;
}

MaybeSpan find_link_text(const Scan& scan, const PiiSpan& span) {
  if (span.begin < scan.floor + 4 ||
      scan.slice(span.begin - 2, span.begin) != "](")
    return std::nullopt;
  const std::size_t end = span.begin - 2;
  const std::size_t begin = scan.run_before(end, kMaxRedditName + 8, is_token);
  if (begin == end || scan.before(begin) != '[' || begin == scan.floor)
    return std::nullopt;
  if (normalized(PiiType::kUsername, scan.slice(begin, end)) !=
      normalized(PiiType::kUsername, scan.slice(span.begin, span.end)))
    return std::nullopt;
  return PiiSpan{begin, end, PiiType::kUsername};
}

// "@name" as Twitter and most others have it: 1 to 20 of letters, digits and
// '_', and "/list" after it. Not a quantity ("@3pm", "@1080p"), not a part of
// an address, not within a URL, and not code's: there '@' marks decorators,
// packages and variables.
MaybeSpan find_at_handle(const Scan& scan, std::size_t i) {
  constexpr std::size_t kRetweet = 3;
  if (scan.in_url(i)) return std::nullopt;
  const char before = scan.before(i);
  if (is_word(before)) {
    // "RT@name" is a custom of its own.
    const bool is_retweet = i >= scan.floor + 2 && lower(before) == 't' &&
                            lower(scan.text[i - 2]) == 'r' &&
                            !is_word(scan.before(i - 2));
    if (!is_retweet) return std::nullopt;
  }
  constexpr std::string_view kJoining = "!#$%&*@.-+]<{\x01";
  // After "**" the '@' is the beginning of emphasized text; after a tag it is
  // the rest of an address.
  if (before != '\0' && kJoining.find(before) != kJoining.npos &&
      !(before == '*' && i >= 2 && scan.text[i - 2] == '*'))
    return std::nullopt;
  const std::size_t begin = i + 1;
  std::size_t end = scan.run_after(begin, is_word);
  const std::size_t length = end - begin;
  if (length == 0 || length > 20) return std::nullopt;
  // Nobody's is a single letter, except in a retweet: "RT @x".
  if (length == 1 &&
      !starts_with_word(scan.text, i - std::min(i, kRetweet), "rt "))
    return std::nullopt;
  const char after = scan.at(end);
  if (scan.has_word_at(end) || scan.text.compare(end, 3, "://") == 0)
    return std::nullopt;
  // "@name@host.org" of the fediverse, but not "@scope/package@1.2".
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
  // "@app.route(...)", "@scope-name/package", "@name = value", "@{a=1}".
  if (after == '(' || after == '{' || after == '=' ||
      (after == '-' && is_word(scan.at(end + 1))) ||
      (after == ' ' && scan.at(end + 1) == '=' && scan.at(end + 2) == ' '))
    return std::nullopt;
  // "@name/list"
  if (after == '/' && is_letter(scan.at(end + 1))) {
    const std::size_t list = scan.run_after(end + 1, is_token);
    if (list - end <= 26) end = list;
    if (scan.at(end) == '@') return std::nullopt;  // a package's version
  }
  // "name@" of Instagram may have full stops within.
  while (scan.at(end) == '.' && is_word(scan.at(end + 1)) &&
         scan.run_after(end + 1, is_word) - begin <= 30)
    end = scan.run_after(end + 1, is_word);
  if (scan.at(end) == '(' || is_decorator(scan, i, end) || scan.in_code(i))
    return std::nullopt;
  return PiiSpan{i, end, PiiType::kSocialHandle};
}

// "name#1234" of Discord, "Name#12345" of Battle.net and MTG Arena: a name that
// looks like an account's, or one near a word such as "discord". Repositories
// number their issues in the same way.
MaybeSpan find_numbered_handle(const Scan& scan, std::size_t i) {
  if (scan.in_url(i)) return std::nullopt;
  const std::size_t end = scan.run_after(i + 1, is_digit);
  if (end < i + 5 || end > i + 6 || scan.has_word_at(end)) return std::nullopt;
  const std::size_t begin = scan.run_before(
      i, 32, [](char c) { return is_word(c) || is_accented(c) || c == '.'; });
  const std::string_view name = scan.slice(begin, i);
  const char before = scan.before(begin);
  if (name.size() < 2 || is_digit(name[0]) || before == '/' || before == '#' ||
      before == '=' || before == '-')
    return std::nullopt;
  // Things that are numbered and are no people.
  constexpr std::string_view kThings =
      "|art|bug|card|case|comment|episode|gh|issue|item|no|number|order|part|"
      "pr|rule|post|room|round|seed|ticket|";
  if (is_listed(kThings, name) || scan.in_code(i)) return std::nullopt;
  constexpr std::size_t kReach = 60;
  const bool is_account =
      end == i + 5 ? looks_like_name(name) : is_upper(name[0]);
  if (!is_account && !scan.has_cue(Cue::kHandle, begin, kReach))
    return std::nullopt;
  return PiiSpan{begin, end, PiiType::kSocialHandle};
}

// "scheme://user:password@host": what is between "//" and '@'.
MaybeSpan find_url_credentials(Scan& scan, std::size_t i) {
  if (scan.at(i + 2) != '/' || scan.in_url(i)) return std::nullopt;
  if (i == scan.floor || !is_alnum(scan.text[i - 1])) return std::nullopt;
  const std::size_t begin = i + 3;
  // A tag is a part of the URL, as what it stands for was.
  const std::size_t url_end =
      scan.run_after(begin, [](char c) { return is_url(c) || c == kTag; });
  scan.url_end = url_end;
  const std::size_t most = std::min(url_end, begin + 256);
  std::size_t at = 0;
  for (std::size_t k = begin; k < most; ++k) {
    const char c = scan.text[k];
    if (c == '/' || c == '?' || c == '#' || c == '[') break;
    if (c == '@') at = k;
  }
  if (at <= begin || at + 1 >= url_end || !is_alnum(scan.text[at + 1]) ||
      scan.slice(begin, at).find(kTag) != std::string_view::npos)
    return std::nullopt;
  // The user of every public Git server.
  if (scan.slice(begin, at) == "git")
    return PiiSpan{begin, at + 1, PiiType::kNothing};
  return PiiSpan{begin, at, PiiType::kUrlCredentials};
}

}  // namespace mill::internal
