#include "lib/pii/pii.h"

#include <algorithm>
#include <array>

#include "lib/base/utf8.h"
#include "lib/pii/scan.h"

namespace mill {

namespace {

using internal::Scan;

constexpr std::array<std::string_view,
                     static_cast<std::size_t>(PiiType::kNothing)>
    kNames = {"EMAIL_ADDRESS", "PHONE_NUMBER",
              "IP_ADDRESS",    "MAC_ADDRESS",
              "CREDIT_CARD",   "IBAN_CODE",
              "US_SSN",        "USERNAME",
              "SOCIAL_HANDLE", "URL_CREDENTIALS",
              "API_KEY",       "PRIVATE_KEY",
              "CRYPTO",        "LOCATION_COORDINATES",
              "NAME"};

// What a byte may anchor depends on the byte behind it: a full stop at a
// sentence's end is none. Each kind of anchor is a bit; a byte is looked at if
// its kind is among those that the next byte lets through.
enum Anchor : std::uint8_t {
  kAny = 1,        // digits, 'J' of "eyJ"
  kJoin = 2,       // '@' '/' '.' '_' before a letter, digit or escape
  kDash = 4,       // '-' before a letter, a digit or a dash
  kColon = 8,      // ':' before '/', ':' or a hexadecimal digit
  kBracket = 16,   // '[' before a capital
  kNumbered = 32,  // '#' '%' '&' before a digit, "#64;" or "commat;"
  kLetterD = 64,   // 'd' before 'o': "dot"
  kKeyPair = 128,  // "KI", "SI" and "Iz" of keys
};

struct AnchorTables {
  std::array<std::uint8_t, 256> first{};
  std::array<std::uint8_t, 256> second{};
};

constexpr AnchorTables make_anchors() {
  AnchorTables tables;
  auto& first = tables.first;
  for (char c = '0'; c <= '9'; ++c) first[static_cast<unsigned char>(c)] = kAny;
  first['J'] = kAny;
  first['@'] = first['/'] = first['.'] = first['_'] = kJoin;
  first['-'] = kDash;
  first[':'] = kColon;
  first['['] = kBracket;
  first['#'] = first['%'] = first['&'] = kNumbered;
  first['d'] = first['D'] = kLetterD;
  first['K'] = first['S'] = first['I'] = kKeyPair;
  for (std::size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    int bits = kAny;
    if (internal::is_word(c) || i >= 0x80 || c == '[' || c == '\\')
      bits |= kJoin;
    if (internal::is_alnum(c) || c == '-') bits |= kDash;
    if (internal::is_hex(c) || c == '/' || c == ':') bits |= kColon;
    if (internal::is_upper(c)) bits |= kBracket;
    if (internal::is_digit(c) || c == '#' || c == 'c') bits |= kNumbered;
    if (c == 'o' || c == 'O') bits |= kLetterD;
    if (c == 'I' || c == 'z') bits |= kKeyPair;
    tables.second[i] = static_cast<std::uint8_t>(bits);
  }
  return tables;
}

constexpr AnchorTables kAnchors = make_anchors();

// The next anchor at i or behind it; text's last byte anchors nothing.
std::size_t next_anchor(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) {
    return static_cast<unsigned char>(text[k]);
  };
  while (i + 1 < text.size() &&
         !(kAnchors.first[byte(i)] & kAnchors.second[byte(i + 1)]))
    ++i;
  return i;
}

// The first of the finders that finds.
template <typename... Finders>
internal::MaybeSpan first_of(const Scan& scan, std::size_t i,
                             Finders... finders) {
  internal::MaybeSpan span;
  (void)((span = finders(scan, i)) || ...);
  return span;
}

// True if the number at i stands alone, as "2 lands", too short for anything.
bool is_lone(const Scan& scan, std::size_t i) {
  constexpr std::size_t kShort = 6;
  const std::size_t end = scan.run_after(i, internal::is_digit);
  const char next = scan.at(end), after = scan.at(end + 1);
  if (end - i > kShort || internal::is_letter(scan.before(i))) return false;
  if (internal::is_alnum(next) || next == '-' || next == ')' || next == '@' ||
      static_cast<unsigned char>(next) >= 0x80)
    return false;
  return !internal::is_digit(after) && after != '(' && after != ' ' &&
         after != '-';
}

internal::MaybeSpan find_number(const Scan& scan, std::size_t i) {
  using namespace internal;
  if (is_lone(scan, i)) return std::nullopt;
  // In a URL digits are ids; only what cannot be one is looked for.
  auto span = scan.in_url(i)
                  ? first_of(scan, i, find_ipv4, find_coordinates)
                  : first_of(scan, i, find_crypto, find_iban, find_ipv4,
                             find_coordinates, find_bot_token, find_card,
                             find_ssn, find_phone);
  // A number before '@' may be the beginning of an e-mail address.
  if (span && scan.at(span->end) == '@')
    if (auto email = find_email(scan, span->end)) return email;
  return span;
}

internal::MaybeSpan look(Scan& scan, std::size_t i) {
  using namespace internal;
  const char anchor = scan.text[i];
  switch (anchor) {
    case '@': return first_of(scan, i, find_email, find_at_handle);
    case '/': return find_reddit_name(scan, i);
    case ':':
      if (scan.at(i + 1) == '/') return find_url_credentials(scan, i);
      return first_of(scan, i, find_mac, find_ipv6);
    case '#': return find_numbered_handle(scan, i);
    case '[': {
      const std::size_t length = tag_length(scan.text.substr(i));
      if (length == 0) return std::nullopt;
      return PiiSpan{i, i + length, PiiType::kNothing};
    }
    case '-': return first_of(scan, i, find_private_key, find_key, find_mac);
    case '.':
      return first_of(scan, i, find_bot_token, find_key, find_mac,
                      find_obfuscated_email);
    case 'd':
    case 'D': return find_obfuscated_email(scan, i);
    case 'J': return find_jwt(scan, i);
    case '%':
    case '&': return find_escaped_email(scan, i);
    default: return is_digit(anchor) ? find_number(scan, i) : find_key(scan, i);
  }
}

// Upper case to lower case in Latin, Greek and Cyrillic, where one letter
// stays one letter.
char32_t fold(char32_t c) {
  if (c < 0x80)
    return static_cast<char32_t>(internal::lower(static_cast<char>(c)));
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
    return c % 2 ? c + 1 : c;
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  return c;
}

// The character of valid UTF-8 at i.
char32_t code_point(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) {
    return static_cast<unsigned char>(text[i + k]);
  };
  switch (utf8_length(text[i])) {
    case 1: return byte(0);
    case 2: return (byte(0) & 31U) << 6 | (byte(1) & 63U);
    case 3:
      return (byte(0) & 15U) << 12 | (byte(1) & 63U) << 6 | (byte(2) & 63U);
    default:
      return (byte(0) & 7U) << 18 | (byte(1) & 63U) << 12 |
             (byte(2) & 63U) << 6 | (byte(3) & 63U);
  }
}

// A letter or digit of a name. Scripts that put no spaces between words are
// not: there a name may begin and end anywhere.
bool is_name_letter(char32_t c) {
  if (c < 0x80) return internal::is_word(static_cast<char>(c));
  return c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7;
}

// Appends the folded word at i to word; returns where it ends. A character
// that is no letter is a word by itself.
std::size_t fold_word(std::string_view text, std::size_t i, std::string& word) {
  bool is_first = true;
  while (i < text.size()) {
    const char32_t c = code_point(text, i);
    if (!is_name_letter(c) && !is_first) break;
    append_utf8(word, fold(c));
    i += utf8_length(text[i]);
    if (!is_name_letter(c)) break;
    is_first = false;
  }
  return i;
}

// Where name, folded and with single spaces, ends if text has it at i; else 0.
std::size_t match_name(std::string_view text, std::size_t i,
                       std::string_view name) {
  std::size_t k = 0;
  std::string folded;
  while (k < name.size()) {
    if (i >= text.size()) return 0;
    if (name[k] == ' ') {
      const std::size_t start = i;
      while (i < text.size() && internal::is_space(text[i])) ++i;
      if (i == start) return 0;
      ++k;
      continue;
    }
    folded.clear();
    append_utf8(folded, fold(code_point(text, i)));
    if (name.substr(k, folded.size()) != folded) return 0;
    k += folded.size();
    i += utf8_length(text[i]);
  }
  return i;
}

// text with each `from` replaced by `to`.
std::string replaced(std::string_view text, std::string_view from,
                     std::string_view to) {
  std::string result;
  for (std::size_t at; (at = text.find(from)) != text.npos;) {
    result += text.substr(0, at);
    result += to;
    text.remove_prefix(at + from.size());
  }
  result += text;
  return result;
}

// Passes over scan's text from i on, and gives each finding to add().
template <typename Add>
void scan_from(Scan& scan, std::size_t i, Add add) {
  const std::string_view text = scan.text;
  auto take = [&](PiiSpan span) {
    // A finding never begins or ends within a character.
    while (span.begin < span.end && internal::is_continuation(text[span.begin]))
      ++span.begin;
    while (span.end < text.size() && internal::is_continuation(text[span.end]))
      ++span.end;
    add(span);
    scan.floor = span.end;
  };
  for (;;) {
    i = next_anchor(text, i);
    if (i + 1 >= text.size()) return;
    if (const auto span = look(scan, i)) {
      if (span->type == PiiType::kUsername)
        if (const auto link = internal::find_link_text(scan, *span))
          take(*link);
      take(*span);
      i = std::max(i + 1, span->end);
    } else if (internal::is_digit(text[i])) {
      i = scan.run_after(i, internal::is_digit);
    } else {
      ++i;
    }
  }
}

// Looks once more at what is right before a finding at `end`: with a tag in
// its place it no longer goes on there. What that finds is the next such end,
// so that a row of findings, each of which hid the one before it, takes one
// pass and not as many as there are.
void find_again(const Scan& before, std::size_t end,
                std::vector<PiiSpan>& found) {
  constexpr std::size_t kReach = 128;
  std::vector<PiiSpan> again;  // from right to left
  for (std::size_t size = 0;; size = again.size()) {
    Scan scan{before.text.substr(0, end), before.floor, before.url_end};
    std::size_t start = scan.run_before(end, kReach, [](char) { return true; });
    start = scan.run_before(start, kReach, internal::is_word);
    scan_from(scan, start, [&](const PiiSpan& span) {
      again.insert(again.begin() + static_cast<std::ptrdiff_t>(size), span);
    });
    if (again.size() == size) break;
    end = again.back().begin;
  }
  found.insert(found.end(), again.rbegin(), again.rend());
}

}  // namespace

std::string_view name(PiiType type) {
  return kNames[static_cast<std::size_t>(type)];
}

std::optional<PiiType> pii_type(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<PiiType>(found - kNames.begin());
}

std::size_t tag_length(std::string_view text) {
  if (text.size() < 3 || text[0] != '[' || !internal::is_upper(text[1]))
    return 0;
  std::size_t end = 1;
  while (end < text.size() && end < 32 &&
         (internal::is_upper(text[end]) || text[end] == '_'))
    ++end;
  if (!pii_type(text.substr(1, end - 1))) return 0;
  if (end < text.size() && text[end] == ':') {
    const std::size_t start = ++end;
    while (end < text.size() && internal::is_lower(text[end])) ++end;
    if (end - start != 8) return 0;
  }
  return end < text.size() && text[end] == ']' ? end + 1 : 0;
}

PiiFinder::PiiFinder(PiiTypes types, const std::vector<std::string>& names)
    : types_(types) {
  for (const std::string& name : names) {
    std::string folded;
    for (std::size_t i = 0; i < name.size();) {
      if (internal::is_space(name[i])) {
        if (!folded.empty() && folded.back() != ' ') folded += ' ';
        ++i;
      } else {
        append_utf8(folded, fold(code_point(name, i)));
        i += utf8_length(name[i]);
      }
    }
    while (!folded.empty() && folded.back() == ' ') folded.pop_back();
    if (folded.empty()) continue;
    std::string first;
    fold_word(folded, 0, first);
    names_[first].push_back(folded);
  }
  // The longest of the names that begin alike is tried first.
  for (auto& [first, list] : names_)
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
}

void PiiFinder::find(std::string_view text, std::vector<PiiSpan>& found) const {
  const std::size_t first = found.size();
  Scan scan{text};
  scan_from(scan, 0, [&](const PiiSpan& span) {
    if (types_ & bit(span.type)) find_again(scan, span.begin, found);
    found.push_back(span);
  });
  if (!names_.empty()) find_names(text, found);
  found.erase(
      std::remove_if(
          found.begin() + static_cast<std::ptrdiff_t>(first), found.end(),
          [&](const PiiSpan& span) { return !(types_ & bit(span.type)); }),
      found.end());
}

// Looks between what was found already, found's spans of this text.
void PiiFinder::find_names(std::string_view text,
                           std::vector<PiiSpan>& found) const {
  std::vector<PiiSpan> all;
  std::string word;
  std::size_t i = 0;
  auto look_until = [&](std::size_t end) {
    const std::string_view part = text.substr(0, end);
    while (i < end) {
      word.clear();
      const std::size_t word_end = fold_word(part, i, word);
      std::size_t name_end = 0;
      if (const auto entry = names_.find(word); entry != names_.end()) {
        for (const std::string& name : entry->second) {
          const std::size_t stop = match_name(part, i, name);
          if (stop == 0) continue;
          // A name's last letter must be a word's last, too.
          std::size_t last = stop - 1;
          while (internal::is_continuation(part[last])) --last;
          if (stop < end && is_name_letter(code_point(part, last)) &&
              is_name_letter(code_point(part, stop)))
            continue;
          name_end = stop;
          break;
        }
      }
      if (name_end > 0) all.push_back({i, name_end, PiiType::kName});
      i = std::max(word_end, name_end);
    }
  };
  for (const PiiSpan& span : found) {
    look_until(span.begin);
    all.push_back(span);
    i = span.end;
  }
  look_until(text.size());
  found = std::move(all);
}

std::string normalized(PiiType type, std::string_view value) {
  std::string result;
  switch (type) {
    case PiiType::kPhoneNumber: {
      for (const char c : value) {
        // What follows is an extension.
        if (!result.empty() && internal::is_letter(c)) break;
        if (internal::is_digit(c)) result += c;
      }
      if (result.compare(0, 2, "00") == 0) result.erase(0, 2);
      if (result.size() == 11 && result[0] == '1') result.erase(0, 1);
      return result;
    }
    case PiiType::kCreditCard:
    case PiiType::kUsSsn:
      for (const char c : value)
        if (internal::is_digit(c)) result += c;
      return result;
    case PiiType::kIbanCode:
    case PiiType::kMacAddress:
      for (const char c : value)
        if (internal::is_alnum(c)) result += internal::lower(c);
      return result;
    case PiiType::kUsername: {
      // .../user/NAME/..., u/NAME or NAME itself, with Markdown's "\_".
      for (const char c : value)
        if (c != '\\') result += internal::lower(c);
      for (const std::string_view mark : {"/user/", "/u/", "u/", "r/u_"}) {
        const std::size_t at = result.find(mark);
        if (at == result.npos || (mark[0] != '/' && at != 0)) continue;
        result.erase(0, at + mark.size());
        result.erase(std::min(result.find_first_of("/?#"), result.size()));
        break;
      }
      return result;
    }
    case PiiType::kEmailAddress: {
      // "Jo (at) example dot org" is jo@example.org.
      std::string text;
      for (const char c : value) text += internal::lower(c);
      if (text.compare(0, 7, "mailto:") == 0) text.erase(0, 7);
      for (char& c : text) {
        if (c == '(' || c == '[' || c == '{' || c == '<') c = ' ';
        if (c == ')' || c == ']' || c == '}' || c == '>') c = ' ';
      }
      if (text.find('@') == text.npos) text = replaced(text, " at ", "@");
      for (const char* at : {"%40", "&#64;", "&#x40;", "&commat;"})
        text = replaced(text, at, "@");
      text = replaced(text, " dot ", ".");
      for (const char c : text)
        if (!internal::is_space(c)) result += c;
      return result;
    }
    case PiiType::kSocialHandle:
    case PiiType::kIpAddress:
    case PiiType::kName:
      for (const char c : value) result += internal::lower(c);
      return result;
    default: return std::string(value);
  }
}

}  // namespace mill
