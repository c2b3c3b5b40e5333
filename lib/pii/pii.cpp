#include "lib/pii/pii.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "lib/pii/allow_list.h"
#include "lib/pii/names.h"
#include "lib/pii/scan.h"

namespace mill {

namespace {

using internal::Scan;

constexpr std::array<std::string_view,
                     static_cast<std::size_t>(PiiType::kNothing)>
    kNames = {"EMAIL_ADDRESS",  "PHONE_NUMBER",
              "IP_ADDRESS",     "MAC_ADDRESS",
              "CREDIT_CARD",    "IBAN_CODE",
              "US_SSN",         "USERNAME",
              "SOCIAL_HANDLE",  "URL_CREDENTIALS",
              "API_KEY",        "PRIVATE_KEY",
              "CRYPTO",         "LOCATION_COORDINATES",
              "NAME",           "DATE_OF_BIRTH",
              "STREET_ADDRESS", "SELF_DESCRIPTION"};

// What a byte may anchor depends on the byte after it: a full stop at the end
// of a sentence anchors nothing. Each kind of anchor is a bit; a byte is looked
// at if its kind is among those that the next byte lets through.
enum Anchor : std::uint16_t {
  kAny = 1,        // digits, 'J' of "eyJ"
  kJoin = 2,       // '@' '/' '.' '_' before a letter, digit or escape
  kDash = 4,       // '-' before a letter, a digit or a dash
  kColon = 8,      // ':' before '/', ':' or a hexadecimal digit
  kNumbered = 32,  // '#' '%' '&' before a digit, "#64;" or "commat;"
  kLetterD = 64,   // 'd' before 'o': "dot"
  kKeyPair = 128,  // "KI", "SI" and "Iz" of keys
  kPronoun = 16,   // 'I' before a space or an apostrophe: "I'm"
  kLetterN = 256,  // 'n' before 'a': "my name is"
};

struct AnchorTables {
  std::array<std::uint16_t, 256> first{};
  std::array<std::uint16_t, 256> second{};
};

constexpr AnchorTables make_anchors() {
  AnchorTables tables;
  auto& first = tables.first;
  for (char c = '0'; c <= '9'; ++c) first[static_cast<unsigned char>(c)] = kAny;
  first['J'] = kAny;
  first['@'] = first['/'] = first['.'] = first['_'] = kJoin;
  first['-'] = kDash;
  first[':'] = kColon;
  first['#'] = first['%'] = first['&'] = kNumbered;
  first['d'] = first['D'] = kLetterD;
  first['K'] = first['S'] = kKeyPair;
  first['I'] = kKeyPair | kPronoun;
  first['n'] = first['N'] = kLetterN;
  for (std::size_t i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    int bits = kAny;
    if (internal::is_word(c) || i >= 0x80 || c == '[' || c == '-')
      bits |= kJoin;
    if (internal::is_alnum(c) || c == '-') bits |= kDash;
    if (internal::is_hex(c) || c == '/' || c == ':') bits |= kColon;
    if (internal::is_digit(c) || c == '#' || c == 'c') bits |= kNumbered;
    if (c == 'o' || c == 'O') bits |= kLetterD;
    if (c == 'I' || c == 'z') bits |= kKeyPair;
    if (c == ' ' || c == '\'' || i == 0xE2) bits |= kPronoun;
    if (c == 'a' || c == 'A') bits |= kLetterN;
    tables.second[i] = static_cast<std::uint16_t>(bits);
  }
  return tables;
}

constexpr AnchorTables kAnchors = make_anchors();

// The next anchor at i or after it; text's last byte anchors nothing.
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
  if (internal::is_alnum(next) || internal::is_dash(next) || next == ')' ||
      next == '@' || static_cast<unsigned char>(next) >= 0x80)
    return false;
  return !internal::is_digit(after) && after != '(' && after != ' ' &&
         after != '-' && after != '/';
}

// True if the one or two digits at i are in a row of such numbers, "12 00 34",
// which begin nothing: not even a phone number, where no word speaks of one.
bool is_in_row(const Scan& scan, std::size_t i) {
  constexpr std::size_t kReach = 40;
  if (scan.before(i) != ' ' || !internal::is_digit(scan.before(i - 1)))
    return false;
  const std::size_t end = i + 1 + internal::is_digit(scan.at(i + 1));
  return scan.at(end) == ' ' && !scan.has_cue(internal::Cue::kPhone, i, kReach);
}

internal::MaybeSpan find_number(const Scan& scan, std::size_t i) {
  using namespace internal;
  if (is_in_row(scan, i) || is_lone(scan, i)) return std::nullopt;
  // In a URL digits are ids; only what cannot be an id is looked for.
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
    case '-': return first_of(scan, i, find_private_key, find_key, find_mac);
    case '.':
      return first_of(scan, i, find_bot_token, find_key, find_mac,
                      find_obfuscated_email);
    case 'd':
    case 'D': return find_obfuscated_email(scan, i);
    case 'J': return find_jwt(scan, i);
    case '%':
    case '&':
      return first_of(scan, i, find_escaped_email, find_escaped_profile);
    case 'n':
    case 'N': return find_introduced_name(scan, i);
    case 'I': return first_of(scan, i, find_introduced_name, find_key);
    default: return is_digit(anchor) ? find_number(scan, i) : find_key(scan, i);
  }
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
    auto span = look(scan, i);
    // No finding reaches over a tag, whatever its finder thinks.
    if (span && scan.slice(span->begin, span->end).find(internal::kTag) !=
                    std::string_view::npos)
      span.reset();
    if (span) {
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

// Looks again at what is right before a finding at `end`: with a tag in its
// place, what is before it now ends there. What that finds is the next such
// end, so that a row of findings, each of which hid the one before it, takes
// one pass and not as many as there are findings.
void find_again(const Scan& before, std::size_t end,
                std::vector<PiiSpan>& found) {
  constexpr std::size_t kReach = 128;
  std::vector<PiiSpan> again;  // from right to left
  for (std::size_t size = 0;; size = again.size()) {
    Scan scan = before;
    scan.text = before.text.substr(0, end);
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

// True if the findings from the first on are in order, overlap nothing and
// are whole characters.
[[maybe_unused]] bool is_sound(std::string_view text,
                               const std::vector<PiiSpan>& found,
                               std::size_t first) {
  std::size_t floor = 0;
  for (std::size_t k = first; k < found.size(); ++k) {
    const PiiSpan& span = found[k];
    if (span.begin < floor || span.begin >= span.end || span.end > text.size())
      return false;
    if (internal::is_continuation(text[span.begin]) ||
        (span.end < text.size() && internal::is_continuation(text[span.end])))
      return false;
    floor = span.end;
  }
  return true;
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

struct PiiFinder::State {
  PiiTypes types;
  internal::AllowList allowed;
  internal::Names names;
  internal::View view;
  std::vector<PiiSpan> round;  // in the view

  void find_round(PiiTypes wanted);
};

PiiFinder::PiiFinder(PiiTypes types, const PiiLists& lists)
    : state_(new State{types,
                       internal::AllowList(lists.allowed),
                       internal::Names(lists.names, lists.common_names),
                       {},
                       {}}) {}
PiiFinder::PiiFinder(PiiFinder&&) noexcept = default;
PiiFinder::~PiiFinder() = default;

// What the view holds, by itself: nothing that an earlier round knew counts.
void PiiFinder::State::find_round(PiiTypes wanted) {
  const std::string_view text = view.text();
  internal::Cues cues;
  internal::Code code(text);
  Scan scan(text, &cues, &code);
  const auto is_wanted = [&](const PiiSpan& span) {
    return (wanted & bit(span.type)) &&
           !allowed.has(span.type, scan.slice(span.begin, span.end));
  };
  round.clear();
  scan_from(scan, 0, [&](const PiiSpan& span) {
    if (is_wanted(span)) find_again(scan, span.begin, round);
    round.push_back(span);
  });
  names.find(scan, wanted, round);
  round.erase(std::remove_if(round.begin(), round.end(),
                             [&](const PiiSpan& s) { return !is_wanted(s); }),
              round.end());
}

void PiiFinder::find(std::string_view text, std::vector<PiiSpan>& found) {
  State& state = *state_;
  const auto first = static_cast<std::ptrdiff_t>(found.size());
  for (;;) {
    state.view.assign(text, found.data() + first,
                      found.size() - static_cast<std::size_t>(first));
    state.find_round(state.types);
    if (state.round.empty()) return;
    const auto old_end = static_cast<std::ptrdiff_t>(found.size());
    for (const PiiSpan& span : state.round)
      found.push_back({state.view.raw_begin(span.begin),
                       state.view.raw_end(span.end), span.type});
    std::inplace_merge(
        found.begin() + first, found.begin() + old_end, found.end(),
        [](const PiiSpan& a, const PiiSpan& b) { return a.begin < b.begin; });
    assert(is_sound(text, found, static_cast<std::size_t>(first)));
  }
}

}  // namespace mill
