// E-mail, IP and MAC addresses.

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

constexpr std::size_t kMaxLocalPart = 64;  // RFC 5321
constexpr std::size_t kMaxDomain = 255;

// RFC 5322 allows more before the '@'; these are what mail providers allow, and
// the rest is far more often punctuation of the sentence.
bool is_local(char c) {
  return is_alnum(c) || is_accented(c) || c == '.' || c == '_' || c == '%' ||
         c == '+' || c == '-' || c == '\'' || c == '&';
}

bool is_label(char c) { return is_alnum(c) || is_accented(c) || c == '-'; }

// Where the local part that ends at `end` begins; `end` if there is none.
std::size_t local_begin(const Scan& scan, std::size_t end) {
  std::size_t begin = scan.run_before(end, kMaxLocalPart, is_local);
  while (begin < end &&
         (is_continuation(scan.text[begin]) ||
          (!is_word(scan.text[begin]) && !is_accented(scan.text[begin]))))
    ++begin;
  // In a URL what is before an escaped space or newline is another word.
  for (std::size_t i = begin; i + 2 < end; ++i)
    if (scan.text[i] == '%' && is_hex(scan.text[i + 1]) &&
        is_hex(scan.text[i + 2]))
      begin = i + 3;
  return begin;
}

// A top-level domain: letters, or the xn-- form of others. Digits alone are a
// version, an address or a price.
bool is_top_level(std::string_view label) {
  if (label.size() < 2 || label.size() > 24) return false;
  if (starts_with_word(label, 0, "xn--")) return label.size() > 6;
  for (const char c : label)
    if (!is_letter(c) && !is_accented(c)) return false;
  return true;
}

// Where the domain that begins at `begin` ends, or 0: labels joined by single
// dots, to the last one that can be a top-level domain.
std::size_t domain_end(const Scan& scan, std::size_t begin) {
  std::size_t end = 0;
  std::size_t i = begin;
  for (std::size_t labels = 1;; ++labels) {
    const std::size_t label = i;
    while (i < scan.text.size() && is_label(scan.text[i]) &&
           i - begin <= kMaxDomain)
      ++i;
    if (i == label || i - begin > kMaxDomain) break;
    std::size_t last = i;
    while (last > label && scan.text[last - 1] == '-') --last;
    // "host.orgThanks" lacks a space.
    for (std::size_t k = label + 2; k < last; ++k)
      if (labels > 1 && is_upper(scan.text[k]) && is_lower(scan.text[k - 1]))
        last = i = k;
    if (labels > 1 && is_top_level(scan.slice(label, last))) end = last;
    if (last != i || scan.at(i) != '.') break;
    ++i;
  }
  return end;
}

}  // namespace

bool starts_with_word(std::string_view text, std::size_t at,
                      std::string_view word) {
  return at <= text.size() &&
         equals_ignoring_case(text.substr(at, word.size()), word);
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (lower(text[i]) != lower_case[i]) return false;
  return true;
}

bool is_listed(std::string_view list, std::string_view word) {
  std::string entry = "|";
  for (const char c : word) entry += lower(c);
  return list.find(entry + "|") != list.npos;
}

namespace {

// Top-level domains that mail comes from: countries', except those that are
// also extensions of source files, and the usual others. In code any other is a
// field, a package or a version.
bool is_mail_domain(std::string_view domain) {
  constexpr std::string_view kFileEndings =
      "|cc|cs|go|hs|js|kt|md|ml|mm|pm|ps|py|rb|rs|sh|so|ts|vb|";
  constexpr std::string_view kUsual =
      "|app|arpa|biz|blog|cloud|club|com|dev|edu|email|gov|info|int|io|life|"
      "live|mail|me|mil|name|net|news|online|org|pro|shop|site|space|tech|"
      "today|top|website|work|world|xyz|";
  const std::string_view top = domain.substr(domain.rfind('.') + 1);
  if (top.size() == 2)
    return is_letter(top[0]) && is_letter(top[1]) &&
           !is_listed(kFileEndings, top);
  return is_listed(kUsual, top);
}

// Domains that belong to nobody (RFC 2606), as manuals and tests use them.
bool is_example_domain(std::string_view domain) {
  constexpr std::string_view kExamples =
      "|example.com|example.net|example.org|example.edu|";
  const std::size_t top = domain.rfind('.');
  const std::size_t second = domain.substr(0, top).rfind('.');
  return is_listed(kExamples,
                   domain.substr(second == domain.npos ? 0 : second + 1));
}

// "ssh jo@host.org", "scp x jo@host.org:": an account on a machine; and
// "git@host.org:path", "jo@host.org:~/path", where files are copied to.
bool is_remote_shell(const Scan& scan, std::size_t begin, std::size_t end) {
  if (scan.at(end) == ':' && !is_digit(scan.at(end + 1)) &&
      (is_word(scan.at(end + 1)) || scan.at(end + 1) == '/' ||
       scan.at(end + 1) == '~' || scan.at(end + 1) == '.'))
    return true;
  constexpr std::string_view kCommands = "|ssh|scp|sftp|rsync|mosh|sshfs|";
  constexpr std::size_t kReach = 80;
  // The command is a word on the same line, followed by options and paths.
  const std::size_t line = scan.run_before(begin, kReach, [](char c) {
    return c != '\n' && c != '`' && c != ';' && c != '|';
  });
  for (std::size_t i = line; i < begin;) {
    const std::size_t word = scan.run_after(i, is_word);
    if (word > i && word < begin && is_space(scan.text[word]) &&
        is_listed(kCommands, scan.slice(i, word)) &&
        (i == 0 || is_space(scan.before(i)) || scan.before(i) == '`'))
      return scan.slice(word, begin).find(". ") == std::string_view::npos;
    i = word + 1;
  }
  return false;
}

}  // namespace

MaybeSpan find_email(const Scan& scan, std::size_t i) {
  std::size_t begin = local_begin(scan, i);
  std::size_t end = domain_end(scan, i + 1);
  if (begin == i) return std::nullopt;
  const bool mailto = begin >= scan.floor + 7 &&
                      starts_with_word(scan.text, begin - 7, "mailto:");
  // After mailto: a host of one's own network is an address, too.
  if (end == 0 && mailto) end = scan.run_after(i + 1, is_alnum);
  if (end <= i + 1) return std::nullopt;
  if (is_remote_shell(scan, begin, end))
    return PiiSpan{begin, end, PiiType::kNothing};
  const std::string_view domain = scan.slice(i + 1, end);
  if (!mailto && (!is_mail_domain(domain) || is_example_domain(domain)) &&
      scan.in_code(i))
    return std::nullopt;
  return PiiSpan{begin, end, PiiType::kEmailAddress};
}

MaybeSpan find_escaped_email(const Scan& scan, std::size_t i) {
  for (const std::string_view escape : {"%40", "&#64;", "&#x40;", "&commat;"}) {
    if (scan.text.compare(i, escape.size(), escape) != 0) continue;
    const std::size_t begin = local_begin(scan, i);
    const std::size_t end = domain_end(scan, i + escape.size());
    if (begin < i && end > 0)
      return PiiSpan{begin, end, PiiType::kEmailAddress};
  }
  return std::nullopt;
}

// ---- "name at host dot org", "name [at] host.org" ---------------------------

namespace {

// Hosts of mail for everybody: after "at" they are an address's end. Of any
// other host "at HOST.com" says where, not to whom.
constexpr std::string_view kMailHosts[] = {
    "gmail", "googlemail", "hotmail", "outlook",  "yahoo",      "ymail",
    "aol",   "icloud",     "live",    "msn",      "protonmail", "proton",
    "gmx",   "yandex",     "comcast", "fastmail", "tutanota",   "zoho"};

// Words before "at" that are the sentence's and nobody's mailbox.
constexpr std::string_view kNotMailboxes =
    "|a|account|address|all|am|and|are|at|available|be|bought|buy|click|it|"
    "email|found|go|her|here|him|hosted|i|in|is|it's|listed|live|located|look|"
    "looked|looking|looks|mail|me|meet|mine|not|of|on|one|or|order|ordered|"
    "out|over|page|play|playing|posted|read|see|sell|shop|shopping|sign|site|"
    "sold|staring|stuff|that|them|there|these|this|those|up|us|was|we|were|"
    "website|work|worked|working|works|you|";

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_open(char c) { return c == '(' || c == '[' || c == '{' || c == '<'; }
bool is_close(char c) { return c == ')' || c == ']' || c == '}' || c == '>'; }

// A written-out '@' or '.', with the blanks around it.
struct Spelled {
  std::size_t begin;
  std::size_t end;
  bool bracketed;
};

// How many blanks are skipped: nobody writes more, and the text around is not
// read again and again.
constexpr std::size_t kMaxBlanks = 3;

// The spelled-out word whose first letter is at i: " dot ", "(dot)", "[ dot ]".
std::optional<Spelled> spelled(const Scan& scan, std::size_t i,
                               std::string_view word) {
  if (!starts_with_word(scan.text, i, word)) return std::nullopt;
  std::size_t begin = scan.run_before(i, kMaxBlanks, is_blank);
  std::size_t end = i + word.size();
  auto skip_blanks = [&] {
    for (std::size_t k = 0; k < kMaxBlanks && is_blank(scan.at(end)); ++k)
      ++end;
  };
  const std::size_t word_end = end;
  skip_blanks();
  if (begin > scan.floor && is_open(scan.text[begin - 1]) &&
      is_close(scan.at(end))) {
    ++end;
    skip_blanks();
    return Spelled{scan.run_before(begin - 1, kMaxBlanks, is_blank), end, true};
  }
  if (begin == i || end == word_end) return std::nullopt;
  return Spelled{begin, end, false};
}

// The spelled-out '@' that ends at `end`.
std::optional<Spelled> spelled_at_before(const Scan& scan, std::size_t end) {
  std::size_t i = scan.run_before(end, kMaxBlanks, is_blank);
  if (i > scan.floor && is_close(scan.text[i - 1]))
    i = scan.run_before(i - 1, kMaxBlanks, is_blank);
  for (const std::string_view word : {"at", "@"}) {
    if (i < scan.floor + word.size()) continue;
    const auto found = spelled(scan, i - word.size(), word);
    if (found && found->end == end) return found;
  }
  return std::nullopt;
}

bool is_plain_local(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '+' || c == '-';
}

// Where the mailbox before `at` begins, "jo" or "jo dot smith"; at->begin if
// there is none.
std::size_t spelled_local_begin(const Scan& scan, const Spelled& at) {
  constexpr int kMostJoints = 3;
  constexpr std::size_t kLongestWord = 32;
  std::size_t begin = scan.run_before(at.begin, kMaxLocalPart, is_plain_local);
  while (begin < at.begin && !is_word(scan.text[begin])) ++begin;
  if (begin == at.begin) return begin;
  for (int joints = 0; joints < kMostJoints; ++joints) {
    constexpr std::string_view kDot = "dot";
    const std::size_t before = scan.run_before(begin, kMaxBlanks, is_blank);
    if (before < scan.floor + kDot.size()) break;
    const auto joint = spelled(scan, before - kDot.size(), kDot);
    if (!joint || joint->end != begin) break;
    const std::size_t word =
        scan.run_before(joint->begin, kLongestWord, is_alnum);
    if (word == joint->begin) break;
    begin = word;
  }
  return begin;
}

// The dot at `end`, spelled out or not, with a label after it.
std::optional<Spelled> dot_after(const Scan& scan, std::size_t end) {
  std::optional<Spelled> dot;
  if (scan.at(end) == '.') {
    dot = Spelled{end, end + 1, false};
  } else {
    std::size_t word = end;
    while (word <= end + kMaxBlanks &&
           (is_blank(scan.at(word)) || is_open(scan.at(word))))
      ++word;
    dot = spelled(scan, word, "dot");
    if (dot && dot->begin != end) return std::nullopt;
  }
  return dot && is_alnum(scan.at(dot->end)) ? dot : std::nullopt;
}

// Where the domain whose first dot this is ends: after the last of its labels
// that can be a top-level domain. 0 if none can.
std::size_t spelled_domain_end(const Scan& scan, std::optional<Spelled> dot) {
  constexpr int kMostLabels = 4;
  constexpr std::size_t kLongestTop = 6;  // longer ones are the next word
  std::size_t end = 0;
  for (int labels = 0; dot && labels < kMostLabels; ++labels) {
    const std::size_t label_end = scan.run_after(dot->end, is_alnum);
    const std::string_view label = scan.slice(dot->end, label_end);
    if (label.size() <= kLongestTop && is_top_level(label)) end = label_end;
    dot = dot_after(scan, label_end);
  }
  return end;
}

bool is_mail_host(std::string_view host) {
  return std::any_of(
      std::begin(kMailHosts), std::end(kMailHosts),
      [&](std::string_view name) { return equals_ignoring_case(host, name); });
}

}  // namespace

// Anchored at the domain's first dot, spelled out or not. Without brackets
// around "at" it may be a sentence: "look at example.org".
MaybeSpan find_obfuscated_email(const Scan& scan, std::size_t i) {
  if (scan.in_url(i)) return std::nullopt;
  const bool is_point = scan.text[i] == '.';
  const auto dot =
      is_point ? Spelled{i, i + 1, false} : spelled(scan, i, "dot");
  if (!dot || !is_letter(scan.at(dot->end))) return std::nullopt;
  const std::size_t host = scan.run_before(
      dot->begin, 63, [](char c) { return is_alnum(c) || c == '-'; });
  if (host == dot->begin) return std::nullopt;
  const auto at = spelled_at_before(scan, host);
  if (!at) return std::nullopt;
  const std::size_t begin = spelled_local_begin(scan, *at);
  const std::size_t end = spelled_domain_end(scan, dot);
  if (begin == at->begin || end == 0) return std::nullopt;

  const bool is_sentence =
      (is_point && !is_mail_host(scan.slice(host, dot->begin))) ||
      is_listed(kNotMailboxes, scan.slice(begin, at->begin));
  if (!at->bracketed && is_sentence) return std::nullopt;
  return PiiSpan{begin, end, PiiType::kEmailAddress};
}

// ---- IP addresses -----------------------------------------------------------

namespace {

// Addresses that identify nobody outside one network, or on any: "this
// network", private (RFC 1918, 6598), loopback, link-local, multicast, reserved
// and broadcast.
bool is_public(const unsigned char* a) {
  return !(
      a[0] == 0 || a[0] == 10 || a[0] == 127 || a[0] >= 224 ||
      (a[0] == 100 && (a[1] & 0xC0) == 64) || (a[0] == 169 && a[1] == 254) ||
      (a[0] == 172 && (a[1] & 0xF0) == 16) || (a[0] == 192 && a[1] == 168));
}

bool is_public6(const unsigned char* a) {
  constexpr unsigned char kZeros[12] = {};
  constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0,   0,
                                         0, 0, 0, 0, 255, 255};
  constexpr unsigned char kNat64[12] = {0, 0x64, 0xFF, 0x9B};
  if (!std::memcmp(a, kZeros, 12) || !std::memcmp(a, kMapped, 12) ||
      !std::memcmp(a, kNat64, 12))
    return is_public(a + 12);  // an IPv4 address in IPv6 form; :: and ::1, too
  return a[0] != 0xFF && (a[0] & 0xFE) != 0xFC &&   // multicast, unique local
         !(a[0] == 0xFE && (a[1] & 0xC0) == 0x80);  // link-local
}

// "/24" after an address belongs to it.
std::size_t prefix_end(const Scan& scan, std::size_t end, int most) {
  if (scan.at(end) != '/') return end;
  const std::size_t stop = scan.run_after(end + 1, is_digit);
  if (stop == end + 1 || stop > end + 4 || is_word(scan.at(stop))) return end;
  int bits = 0;
  for (std::size_t i = end + 1; i < stop; ++i)
    bits = bits * 10 + (scan.text[i] - '0');
  return bits <= most ? stop : end;
}

}  // namespace

MaybeSpan find_ipv4(const Scan& scan, std::size_t i) {
  const char before = scan.before(i);
  if (scan.has_word_before(i) || before == '.') return std::nullopt;
  if (is_dash(before) && is_alnum(scan.before(i - 1))) return std::nullopt;
  unsigned char octets[4];
  std::size_t at = i;
  for (int k = 0; k < 4; ++k) {
    if (k > 0 && scan.at(at++) != '.') return std::nullopt;
    const std::size_t start = at;
    int value = 0;
    while (is_digit(scan.at(at)) && at - start < 4)
      value = value * 10 + (scan.text[at++] - '0');
    const std::size_t length = at - start;
    // Leading zeros are a date's or a version's.
    if (length == 0 || length > 3 || value > 255 ||
        (length > 1 && scan.text[start] == '0'))
      return std::nullopt;
    octets[k] = static_cast<unsigned char>(value);
  }
  const char after = scan.at(at);
  if (scan.has_word_at(at)) return std::nullopt;
  if ((after == '.' || after == '-') && is_alnum(scan.at(at + 1))) {
    // Five numbers, or 1.2.3.4-beta; but "1.2.3.4.Next sentence" is an address.
    if (after == '-' || is_digit(scan.at(at + 1))) return std::nullopt;
  }
  const std::size_t end = prefix_end(scan, at, 32);
  // Small numbers are a section's or a version's, unless a word nearby speaks
  // of addresses, or a port or a scheme makes them one.
  constexpr unsigned char kSmall = 40;
  const bool is_section = *std::max_element(octets, octets + 4) < kSmall &&
                          !(after == ':' && is_digit(scan.at(at + 1))) &&
                          before != '/' && !scan.has_cue(Cue::kAddress, i, 60);
  if (is_section || scan.has_cue(Cue::kVersion, i, 16) || !is_public(octets))
    return PiiSpan{i, end, PiiType::kNothing};
  return PiiSpan{i, end, PiiType::kIpAddress};
}

// Anchored at the first colon.
MaybeSpan find_ipv6(const Scan& scan, std::size_t i) {
  if (!is_hex(scan.at(i + 1)) && scan.at(i + 1) != ':') return std::nullopt;
  const std::size_t begin = scan.run_before(i, 4, is_hex);
  const char before = scan.before(begin);
  if (scan.has_word_before(begin) || before == ':' || before == '.')
    return std::nullopt;
  if (begin == i && scan.at(i + 1) != ':') return std::nullopt;
  std::size_t end = i;
  constexpr std::size_t kLongest = 45;  // with an IPv4 address at its end
  while (end < scan.text.size() && end - begin <= kLongest + 1 &&
         (is_hex(scan.text[end]) || scan.text[end] == ':' ||
          scan.text[end] == '.'))
    ++end;
  // The sentence's own full stop or colon.
  if (scan.text[end - 1] == '.') --end;
  if (scan.text[end - 1] == ':' && scan.text[end - 2] != ':') --end;
  if (end - begin > kLongest || scan.has_word_at(end)) return std::nullopt;
  const std::string address(scan.slice(begin, end));
  unsigned char bytes[16];
  if (::inet_pton(AF_INET6, address.c_str(), bytes) != 1) return std::nullopt;
  // C++ and ratios have "::" as well: an address has at least three groups,
  // or begins with one of three digits and more.
  std::size_t colons = 0, digits = 0;
  for (const char c : address) {
    colons += c == ':';
    digits += is_digit(c);
  }
  // Eight pairs are a hardware address of 64 bits.
  const bool is_pairs = colons == 7 && address.size() == 23;
  if ((colons < 3 && i - begin < 3) || digits == 0 || is_pairs)
    return PiiSpan{begin, end, PiiType::kNothing};
  if (scan.at(end) == '%') end = scan.run_after(end + 1, is_alnum);  // its zone
  end = prefix_end(scan, end, 128);
  return PiiSpan{begin, end,
                 is_public6(bytes) ? PiiType::kIpAddress : PiiType::kNothing};
}

// Anchored at the first separator: 00:1A:2B:3C:4D:5E, with '-', or Cisco's
// 001a.2b3c.4d5e.
MaybeSpan find_mac(const Scan& scan, std::size_t i) {
  const char separator = scan.text[i];
  const std::size_t width = separator == '.' ? 4 : 2;
  const std::size_t groups = separator == '.' ? 3 : 6;
  if (i < scan.floor + width || scan.at(i + width + 1) != separator)
    return std::nullopt;
  const std::size_t begin = i - width;
  const std::size_t end = begin + groups * (width + 1) - 1;
  if (end > scan.text.size()) return std::nullopt;
  bool has_letter = false, is_null = true, is_broadcast = true;
  for (std::size_t k = begin; k < end; ++k) {
    const char c = lower(scan.text[k]);
    if ((k - begin) % (width + 1) == width) {
      if (c != separator) return std::nullopt;
      continue;
    }
    if (!is_hex(c)) return std::nullopt;
    has_letter |= is_letter(c);
    is_null &= c == '0';
    is_broadcast &= c == 'f';
  }
  if (scan.has_word_before(begin) || scan.before(begin) == separator ||
      scan.has_word_at(end) ||
      (scan.at(end) == separator && is_alnum(scan.at(end + 1))))
    return std::nullopt;
  // Digits alone between dashes or dots are a date, a score, a part number.
  if (is_null || is_broadcast || (separator != ':' && !has_letter))
    return std::nullopt;
  return PiiSpan{begin, end, PiiType::kMacAddress};
}

}  // namespace mill::internal
