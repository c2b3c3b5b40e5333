// scan.h - what the finders share; included by them alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "lib/base/ascii.h"
#include "lib/base/utf8.h"
#include "lib/pii/code.h"
#include "lib/pii/cues.h"
#include "lib/pii/pii.h"
#include "lib/pii/view.h"

namespace mill::internal {

// Letters and digits of ASCII, whatever the locale.
constexpr bool is_digit(char c) { return is_ascii_digit(c); }
constexpr bool is_upper(char c) { return is_ascii_upper(c); }
constexpr bool is_lower(char c) { return is_ascii_lower(c); }
constexpr bool is_letter(char c) { return is_ascii_letter(c); }
constexpr bool is_alnum(char c) { return is_ascii_alphanumeric(c); }
constexpr bool is_word(char c) { return is_alnum(c) || c == '_'; }
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
constexpr char lower(char c) { return ascii_lower(c); }
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
constexpr bool is_hex(char c) { return hex_value(c) >= 0; }
// A byte of base64url, as tokens are written in.
constexpr bool is_token(char c) { return is_word(c) || c == '-'; }
// A byte that the dashes of a number are written with.
constexpr bool is_dash(char c) { return c == '-' || c == kLongDash; }
// A byte of a two-byte letter: Latin with accents, Greek, Cyrillic, Hebrew,
// Arabic; or of any character the bytes after its first.
constexpr bool is_accented(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x80 && byte < 0xC0) || (byte >= 0xC3 && byte <= 0xDF);
}
constexpr bool is_continuation(char c) { return is_utf8_continuation(c); }
// A byte that continues a URL. Closing brackets end it: in Markdown they are
// nearly always the link's and not the address's. So does a tag, in what is to
// be replaced.
constexpr bool is_url(char c) {
  return c > ' ' && c < 0x7F && c != '<' && c != '>' && c != '"' && c != '`' &&
         c != '|' && c != ')' && c != ']' && c != '}' && c != '\\' && c != '^';
}

// True if the words of text that begin at `at` are `word`, in any case.
// REQUIRES: word is lower case.
bool starts_with_word(std::string_view text, std::size_t at,
                      std::string_view word);
bool equals_ignoring_case(std::string_view text, std::string_view lower_case);

// True if word is one of list's words, "|a|b|", in any case.
// REQUIRES: list is lower case.
bool is_listed(std::string_view list, std::string_view word);

bool passes_luhn(std::string_view digits);

// A letter of a script that puts spaces between words: next to it a number or
// a name is a part of the word. Chinese, Japanese, Thai and Korean's particles
// stand against either without a space.
constexpr bool is_spaced_letter(char32_t c) {
  if (c < 0xC0 || c == 0xD7 || c == 0xF7) return false;
  return c < 0xE00 || (c >= 0x10A0 && c < 0x1100) ||
         (c >= 0x1E00 && c < 0x2000);
}

// One pass over the view of a text, and how far it has come.
class Scan {
 public:
  Scan(std::string_view view, Cues* its_cues, Code* its_code)
      : text(view), cues(its_cues), code(its_code) {}

  std::string_view text;
  Cues* cues;
  Code* code;
  // Nothing before floor can be part of a finding any more.
  std::size_t floor = 0;
  // The end of the URL that scanning is in, or passed last.
  std::size_t url_end = 0;

  // The byte at i, NUL outside the text.
  char at(std::size_t i) const { return i < text.size() ? text[i] : '\0'; }
  // The byte before i; within and after a finding the tag that it becomes, so
  // that nothing is decided by bytes that will be replaced.
  char before(std::size_t i) const {
    if (i == 0) return '\0';
    return i <= floor ? kTag : text[i - 1];
  }
  // True if a word's letter, a digit or '_' is right before i, or at i.
  bool has_word_before(std::size_t i) const {
    const char c = before(i);
    return static_cast<unsigned char>(c) < 0x80 ? is_word(c)
                                                : has_letter_before(i);
  }
  bool has_word_at(std::size_t i) const {
    const char c = at(i);
    return static_cast<unsigned char>(c) < 0x80 ? is_word(c) : has_letter_at(i);
  }
  // True if a word of cue begins in the `reach` bytes before i.
  bool has_cue(Cue cue, std::size_t i, std::size_t reach) const {
    return cues->has(text, cue, i > reach ? i - reach : 0, i);
  }
  bool in_code(std::size_t i) const { return code->contains(i); }
  bool in_url(std::size_t i) const { return i < url_end; }
  // The bytes of text from begin to end.
  std::string_view slice(std::size_t begin, std::size_t end) const {
    return text.substr(begin, end - begin);
  }
  // Where the run of bytes that pass `test` and ends at i begins, at most
  // `most` bytes before i.
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

 private:
  // The same for a character that is not ASCII.
  bool has_letter_before(std::size_t i) const;
  bool has_letter_at(std::size_t i) const;
};

// Each looks at the anchor at i and gives the span found, if any; kNothing for
// something to skip and keep.
using MaybeSpan = std::optional<PiiSpan>;

// addresses.cpp
MaybeSpan find_email(const Scan& scan, std::size_t i);             // '@'
MaybeSpan find_escaped_email(const Scan& scan, std::size_t i);     // '%' '&'
MaybeSpan find_obfuscated_email(const Scan& scan, std::size_t i);  // '.' 'd'
MaybeSpan find_ipv4(const Scan& scan, std::size_t i);              // digits
MaybeSpan find_ipv6(const Scan& scan, std::size_t i);              // ':'
MaybeSpan find_mac(const Scan& scan, std::size_t i);  // ':' '-' '.'

// numbers.cpp: i is the first digit of a run
MaybeSpan find_card(const Scan& scan, std::size_t i);
MaybeSpan find_iban(const Scan& scan, std::size_t i);
MaybeSpan find_ssn(const Scan& scan, std::size_t i);
MaybeSpan find_coordinates(const Scan& scan, std::size_t i);

// phones.cpp: i is the first digit of a run
MaybeSpan find_phone(const Scan& scan, std::size_t i);

// handles.cpp
MaybeSpan find_reddit_name(const Scan& scan, std::size_t i);      // '/'
MaybeSpan find_at_handle(const Scan& scan, std::size_t i);        // '@'
MaybeSpan find_numbered_handle(const Scan& scan, std::size_t i);  // '#'
// "://": notes where the URL ends.
MaybeSpan find_url_credentials(Scan& scan, std::size_t i);
// The text of the Markdown link to the profile that span is, if it is the
// user's name once more.
MaybeSpan find_link_text(const Scan& scan, const PiiSpan& span);
// A link to a profile within a parameter, "%2Fuser%2FNAME": '%'
MaybeSpan find_escaped_profile(const Scan& scan, std::size_t i);

// secrets.cpp
MaybeSpan find_key(const Scan& scan, std::size_t i);  // '_' '-' '.' K S I
MaybeSpan find_private_key(const Scan& scan, std::size_t i);  // '-'
MaybeSpan find_jwt(const Scan& scan, std::size_t i);          // 'J'
MaybeSpan find_bot_token(const Scan& scan, std::size_t i);    // '.' or digits
MaybeSpan find_crypto(const Scan& scan, std::size_t i);       // digits

// names.cpp
MaybeSpan find_introduced_name(const Scan& scan, std::size_t i);  // 'n' 'I'

}  // namespace mill::internal
