// scan.h - what the finders of pii.cpp share; included by them alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "lib/pii/pii.h"

namespace mill::internal {

// Letters and digits of ASCII, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_letter(char c) { return is_upper(c) || is_lower(c); }
constexpr bool is_alnum(char c) { return is_letter(c) || is_digit(c); }
constexpr bool is_word(char c) { return is_alnum(c) || c == '_'; }
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
constexpr char lower(char c) {
  return is_upper(c) ? static_cast<char>(c + 32) : c;
}
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
constexpr bool is_hex(char c) { return hex_value(c) >= 0; }
// A byte of base64url, as tokens are written in.
constexpr bool is_token(char c) { return is_word(c) || c == '-'; }
// A byte of a two-byte letter: Latin with accents, Greek, Cyrillic, Hebrew,
// Arabic. Three-byte characters do not count: Chinese and Japanese stand
// against a name or address without a space between.
constexpr bool is_accented(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x80 && byte < 0xC0) || (byte >= 0xC3 && byte <= 0xDF);
}
constexpr bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}
// A byte that a URL goes on with. Closing brackets end it: in Markdown they
// are nearly always the link's and not the address's.
constexpr bool is_url(char c) {
  return c > ' ' && c < 0x7F && c != '<' && c != '>' && c != '"' && c != '`' &&
         c != '|' && c != ')' && c != ']' && c != '}' && c != '\\' && c != '^';
}

// True if the words of text that begin at `at` are `word`, in any case.
// REQUIRES: word is lower case.
bool starts_with_word(std::string_view text, std::size_t at,
                      std::string_view word);
bool equals_ignoring_case(std::string_view text, std::string_view lower_case);

// True if one of words, lower case and separated by '|', begins in the bytes
// of text from begin to end, at the beginning of a word.
bool has_word(std::string_view text, std::size_t begin, std::size_t end,
              std::string_view words);

bool passes_luhn(std::string_view digits);

// One pass over a text, and how far it has come.
struct Scan {
  std::string_view text;
  // Nothing before floor can be part of a finding any more.
  std::size_t floor = 0;
  // The end of the URL that scanning is in, or passed last.
  std::size_t url_end = 0;

  // The byte at i, NUL outside the text.
  char at(std::size_t i) const { return i < text.size() ? text[i] : '\0'; }
  // The byte before i; within and after a finding what its tag will end with,
  // so that nothing is decided by bytes that are about to go.
  char before(std::size_t i) const {
    if (i == 0) return '\0';
    return i <= floor ? ']' : text[i - 1];
  }
  bool in_url(std::size_t i) const { return i < url_end; }
  // The bytes of text from begin to end.
  std::string_view slice(std::size_t begin, std::size_t end) const {
    return text.substr(begin, end - begin);
  }
  // Where the run of bytes that pass `test` and goes on to the left of i
  // begins, at most `most` bytes away.
  template <typename Test>
  std::size_t run_before(std::size_t i, std::size_t most, Test test) const {
    const std::size_t least = i - floor > most ? i - most : floor;
    while (i > least && test(text[i - 1])) --i;
    return i;
  }
  // One past the run of bytes that pass `test` from i on.
  template <typename Test>
  std::size_t run_after(std::size_t i, Test test) const {
    while (i < text.size() && test(text[i])) ++i;
    return i;
  }
};

// Each looks at the anchor at i and gives the span found, if any; kNothing for
// something that is to be passed over and kept.
using MaybeSpan = std::optional<PiiSpan>;

// pii_addresses.cpp
MaybeSpan find_email(const Scan& scan, std::size_t i);             // '@'
MaybeSpan find_escaped_email(const Scan& scan, std::size_t i);     // '%' '&'
MaybeSpan find_obfuscated_email(const Scan& scan, std::size_t i);  // '.' 'd'
MaybeSpan find_ipv4(const Scan& scan, std::size_t i);              // digits
MaybeSpan find_ipv6(const Scan& scan, std::size_t i);              // ':'
MaybeSpan find_mac(const Scan& scan, std::size_t i);  // ':' '-' '.'

// pii_numbers.cpp: i is the first digit of a run
MaybeSpan find_card(const Scan& scan, std::size_t i);
MaybeSpan find_iban(const Scan& scan, std::size_t i);
MaybeSpan find_ssn(const Scan& scan, std::size_t i);
MaybeSpan find_coordinates(const Scan& scan, std::size_t i);

// pii_phones.cpp: i is the first digit of a run
MaybeSpan find_phone(const Scan& scan, std::size_t i);

// pii_handles.cpp
MaybeSpan find_reddit_name(const Scan& scan, std::size_t i);      // '/'
MaybeSpan find_at_handle(const Scan& scan, std::size_t i);        // '@'
MaybeSpan find_numbered_handle(const Scan& scan, std::size_t i);  // '#'
// "://": notes where the URL ends.
MaybeSpan find_url_credentials(Scan& scan, std::size_t i);
// The text of the Markdown link to the profile that span is, if it is the
// user's name once more.
MaybeSpan find_link_text(const Scan& scan, const PiiSpan& span);

// pii_secrets.cpp
MaybeSpan find_key(const Scan& scan, std::size_t i);  // '_' '-' '.' K S I
MaybeSpan find_private_key(const Scan& scan, std::size_t i);  // '-'
MaybeSpan find_jwt(const Scan& scan, std::size_t i);          // 'J'
MaybeSpan find_bot_token(const Scan& scan, std::size_t i);    // '.' or digits
MaybeSpan find_crypto(const Scan& scan, std::size_t i);       // digits

}  // namespace mill::internal
