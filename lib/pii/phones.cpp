// Phone numbers. There is no check digit in them, so their form decides, and
// where the form is weak the words around it:
//
//   international   +CC or 00CC with 7 to 15 digits, however grouped
//   North America   (AAA) EEE-NNNN, AAA-EEE-NNNN, AAA.EEE.NNNN, 1-AAA-...
//   national        0 and 8 to 10 digits more (most of the world); AA in
//                   parentheses before the rest; Chinese mobile numbers, and
//                   the groups of Brazil, Russia and Turkey
//   any other       7 to 15 digits after a word such as "phone" or "call"
//
// What looks much like them and must stay: dates, rule numbers, prices, ranges
// of years, thousands, numbers in deck lists, ISBNs, ids in URLs.

#include <algorithm>
#include <array>

#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

struct Group {
  std::size_t begin;
  std::size_t end;
  char separator;  // before it: ' ' '-' '.' '/', or 0 for none
  bool in_parentheses;
  std::size_t size() const { return end - begin; }
};

// Groups of digits as far as they could be one number.
struct Groups {
  std::array<Group, 8> list;
  std::size_t count = 0;
};

// What separates two groups of digits: '-' for any dash; NUL for nothing known.
char separator_at(const Scan& scan, std::size_t i) {
  const char c = scan.at(i);
  if (is_dash(c)) return '-';
  return c == ' ' || c == '.' || c == '/' ? c : '\0';
}

Groups read_groups(const Scan& scan, std::size_t i, bool in_parentheses) {
  Groups groups;
  std::size_t digits = 0;
  char separator = '\0';
  for (;;) {
    const std::size_t end = scan.run_after(i, is_digit);
    if (end == i || end - i > 15 || digits + (end - i) > 17) break;
    digits += end - i;
    std::size_t at = end;
    if (in_parentheses && scan.at(at++) != ')') break;
    groups.list[groups.count++] = {i, end, separator, in_parentheses};
    if (groups.count == groups.list.size()) break;
    separator = '\0';
    // " - " is one separator, and so are ") " and ")-".
    for (int k = 0; k < 3; ++k, ++at) {
      const char kind = separator_at(scan, at);
      if (kind == '\0' || (k > 0 && kind != ' ' && separator != ' ')) break;
      if (separator == '\0' || separator == ' ') separator = kind;
    }
    in_parentheses = scan.at(at) == '(';
    at += in_parentheses;
    if (at == end) break;
    i = at;
  }
  return groups;
}

// The first `count` groups as one number.
struct Candidate {
  const Scan& scan;
  const Groups& groups;
  std::size_t count;
  std::size_t digits;

  std::size_t size(std::size_t k) const { return groups.list[k].size(); }
  std::string_view text(std::size_t k) const {
    return scan.slice(groups.list[k].begin, groups.list[k].end);
  }
  char separator(std::size_t k) const { return groups.list[k].separator; }
  bool has_parentheses() const { return groups.list[0].in_parentheses; }
  std::size_t end() const {
    const Group& last = groups.list[count - 1];
    return last.end + last.in_parentheses;
  }
  // True if the groups from k on have one and the same separator between them.
  bool is_even_from(std::size_t k) const {
    for (std::size_t j = k + 2; j < count; ++j)
      if (separator(j) != separator(j - 1)) return false;
    return true;
  }
  std::size_t least_size_from(std::size_t k) const {
    std::size_t least = 99;
    for (; k < count; ++k) least = std::min(least, size(k));
    return least;
  }
};

Candidate first_groups(const Scan& scan, const Groups& groups,
                       std::size_t count) {
  Candidate c{scan, groups, count, 0};
  for (std::size_t k = 0; k < count; ++k) c.digits += c.size(k);
  return c;
}

bool is_year(std::string_view text) {
  return text.size() == 4 &&
         (text.substr(0, 2) == "19" || text.substr(0, 2) == "20");
}

// Day, month and year in some order.
bool is_date(const Candidate& c) {
  if (c.count < 3) return false;
  const bool year_last = c.size(0) <= 2 && c.size(1) <= 2 && is_year(c.text(2));
  const bool year_first =
      is_year(c.text(0)) && c.size(1) <= 2 && c.size(2) <= 2;
  return year_last || year_first;
}

// AAA EEE NNNN from group k on, to the candidate's end.
bool is_north_american(const Candidate& c, std::size_t k, bool strict) {
  if (c.count != k + 3 || c.size(k) != 3 || c.size(k + 1) != 3 ||
      c.size(k + 2) != 4)
    return false;
  const char area = c.text(k)[0], exchange = c.text(k + 1)[0];
  const char separator = c.separator(k + 2);
  if (c.groups.list[k].in_parentheses) return true;
  if (separator != c.separator(k + 1) || separator == '/') return false;
  if (strict) return true;
  // Area codes and exchanges begin with 2 to 9. After a dash or a full stop a
  // made-up exchange is believed; thousands are written with spaces.
  if (area < '2') return false;
  if (separator != ' ') return true;
  return exchange >= '2' && c.text(k + 2).substr(1) != "000";
}

bool is_international(const Candidate& c, std::size_t country_digits_at) {
  const std::size_t digits = c.digits - country_digits_at;
  if (digits < 8 || digits > 15) return false;
  if (c.text(0).size() == country_digits_at) return c.count > 1;
  // +18/18/13 are a game's numbers.
  for (std::size_t k = 1; k < c.count; ++k)
    if (c.separator(k) == '/') return false;
  // A country is never 0; after +1 there are ten digits.
  const char country = c.text(0)[country_digits_at];
  if (country == '0') return false;
  return country != '1' || digits == 11;
}

// 0 and the number within the country.
bool is_national(const Candidate& c) {
  if (c.text(0)[0] != '0' || c.digits < 9 || c.digits > 12) return false;
  // Germany's mobile numbers are the ones of twelve digits: 0176 12345678.
  if (c.digits == 12 && (c.count < 2 || c.text(0).substr(0, 2) != "01"))
    return false;
  if (c.count == 1)
    return c.digits >= 10 && c.text(0)[1] != '0' && c.text(0) != "0123456789";
  // ZIP+4, as after "MA".
  if (c.count == 2 && c.size(0) == 5 && c.size(1) == 4 && c.separator(1) == '-')
    return false;
  if (c.text(0).substr(0, 2) == "00") return false;
  // 0221/1234567, but not 01/02 345 6789.
  if (c.separator(1) == '/' && (c.size(0) < 3 || c.digits < 10)) return false;
  const std::size_t rest = c.size(0) == 1 ? 1 : 0;       // a trunk prefix alone
  if (rest == 1 && c.separator(1) == '.') return false;  // 0.123
  // An ISBN ends with one digit; many pairs are ten digits.
  if (c.least_size_from(1) < 2 || c.count > 6) return false;
  if (c.count > 4 && rest == 0 && (c.count > 5 || c.digits < 10)) return false;
  // A social security number, though it may be none that was given out.
  if (c.count == 3 && c.size(0) == 3 && c.size(1) == 2) return false;
  return c.is_even_from(rest + 1);  // the area code may stand off
}

// (11) 91234-5678, (37) 788-063, (08) 8747 6301.
bool is_area_in_parentheses(const Candidate& c) {
  if (!c.has_parentheses() || c.size(0) < 2 || c.size(0) > 5 || c.count < 2 ||
      c.count > 5 || c.digits < 8 || c.digits > 12)
    return false;
  if (c.least_size_from(1) < 2) return false;
  // (1) 100 000 are thousands.
  if (c.count > 2 && c.separator(2) == ' ' && c.text(c.count - 1).size() == 3)
    return c.text(0)[0] == '0';
  return true;
}

// Countries whose numbers are known by their own form.
bool is_known_form(const Candidate& c) {
  const std::string_view first = c.text(0);
  // China: 1[3-9] and nine digits, in one piece or 3-4-4. 141 to 144 and 154
  // are nobody's.
  if (c.digits == 11 && first[0] == '1' && first.size() > 2 && first[1] >= '3')
    return (first[1] != '4' || first[2] >= '5') &&
           first.substr(0, 3) != "154" &&
           (c.count == 1 || (c.count == 3 && c.size(0) == 3 && c.size(1) == 4 &&
                             c.is_even_from(0) && c.separator(1) != '.'));
  if (c.count == 1 && c.digits == 13)
    return first.substr(0, 3) == "861" && first[3] >= '3';
  // Russia and Turkey: 532 123 45 67.
  if (c.count == 4 && c.size(0) == 3 && c.size(1) == 3 && c.size(2) == 2 &&
      c.size(3) == 2)
    return first[0] >= '2' && c.is_even_from(1);
  // Brazil: 11 91234-5678, 11 3456-7890.
  return c.count == 3 && c.size(0) == 2 && c.size(2) == 4 &&
         c.separator(1) == ' ' && c.separator(2) == '-' && first[0] != '0' &&
         (c.size(1) == 4 || (c.size(1) == 5 && c.text(1)[0] == '9'));
}

// However it is grouped: 7 to 15 digits in groups of two or more; one group of
// one digit may be an area code or a trunk prefix, "971.4.123.4567".
bool is_any_number(const Candidate& c) {
  if (c.digits < 7 || c.digits > 15 || c.count > 6 || is_date(c)) return false;
  std::size_t single = 0;
  for (std::size_t k = 1; k < c.count; ++k) single += c.size(k) == 1;
  if (single > 1 || (single == 1 && (c.size(1) != 1 || c.digits < 10)))
    return false;
  if (c.count == 2 && is_year(c.text(0)) && is_year(c.text(1))) return false;
  if (c.count > 1 && c.separator(1) == '/' &&
      (c.text(0)[0] != '0' || c.size(0) < 3))
    return false;
  return c.text(c.count - 1) != "000" && (c.count > 1 || c.digits <= 12);
}

// "x12", "ext. 12" and their like after a number.
std::size_t extension_end(const Scan& scan, std::size_t end) {
  std::size_t i = end;
  if (scan.at(i) == ',') ++i;
  if (scan.at(i) == ' ') ++i;
  for (const std::string_view word : {"extension", "ext.", "ext", "x"}) {
    if (!starts_with_word(scan.text, i, word)) continue;
    std::size_t digits = i + word.size();
    if (scan.at(digits) == ':') ++digits;
    if (scan.at(digits) == ' ') ++digits;
    const std::size_t stop = scan.run_after(digits, is_digit);
    if (stop > digits && stop <= digits + 6 && !is_word(scan.at(stop)))
      return stop;
  }
  return end;
}

// True if what stands right before a number makes it part of something else.
bool is_joined_before(const Scan& scan, std::size_t begin) {
  const char c = scan.before(begin);
  if (scan.has_word_before(begin)) return true;
  switch (c) {
    case '.':
    case ',':
    case '-':
    case kLongDash:
    case '/':
    case ':':
      // "Tel.555", "Fax-555" and "Fax:555" are words before a number; "1.555",
      // "v-555", "shop/555" and a device's "fc:01" are not.
      if (c == ':' && is_hex(scan.before(begin - 1)) &&
          is_hex(scan.before(begin - 2)) && !is_letter(scan.before(begin - 3)))
        return true;
      if (is_letter(scan.before(begin - 1)) &&
          is_letter(scan.before(begin - 2)))
        return c == '/';
      return is_alnum(scan.before(begin - 1));
    case '$':
    case '#':
    case '=':
    case '&':
    case '%':
    case '~':
    case '^':
    case '\'':
    case '+':
    case '@':
    case '*': return c != '*';  // Markdown's emphasis
    default: break;
  }
  // Pounds and euros.
  return begin > 2 && (scan.text.substr(begin - 2, 2) == "\xC2\xA3" ||
                       scan.text.substr(begin - 3, 3) == "\xE2\x82\xAC");
}

bool is_joined_after(const Scan& scan, std::size_t end) {
  const char c = scan.at(end), next = scan.at(end + 1);
  if (is_word(c) || c == '%' || c == '=' || c == '$') return true;
  if (c == '.' || c == ',' || c == '/' || c == ':') return is_digit(next);
  if (!is_dash(c)) return false;
  // "-Fax" is a word, "-AB" a part of a serial number.
  return is_digit(next) ||
         (is_alnum(next) && scan.run_after(end + 1, is_letter) < end + 4);
}

// "555 0132 (fax)", "555 0132-Office".
bool is_before_word(const Scan& scan, std::size_t end) {
  for (int k = 0; k < 2 && (scan.at(end) == ' ' || is_dash(scan.at(end)) ||
                            scan.at(end) == '(');
       ++k)
    ++end;
  for (const std::string_view word :
       {"office", "fax", "mobile", "cell", "phone", "desk"})
    if (starts_with_word(scan.text, end, word)) return true;
  return false;
}

// "2**34 = 17179869184": the result of a calculation.
bool is_result(const Scan& scan, std::size_t begin) {
  const std::size_t end = scan.run_before(begin, 3, is_space);
  constexpr std::string_view kOperators = "=*^<>";
  return end > 0 && kOperators.find(scan.before(end)) != kOperators.npos;
}

// True if another number and spaces are right before begin: a list of them.
bool is_after_number(const Scan& scan, std::size_t begin) {
  const std::size_t end =
      scan.run_before(begin, 3, [](char c) { return c == ' '; });
  return end < begin && is_digit(scan.before(end));
}

// True if the candidate has a phone number's form, which is sufficient by
// itself.
bool has_form(const Candidate& c, bool has_plus) {
  if (has_plus) return is_international(c, 0);
  if (is_date(c)) return false;
  if (c.text(0).substr(0, 2) == "00") return is_international(c, 2);
  const bool has_one = c.text(0) == "1";
  return is_north_american(c, has_one, has_one) || is_national(c) ||
         is_area_in_parentheses(c) || is_known_form(c);
}

}  // namespace

MaybeSpan find_phone(const Scan& scan, std::size_t i) {
  constexpr std::size_t kReach = 40, kThingReach = 24;
  const bool has_plus = i > scan.floor && scan.text[i - 1] == '+';
  std::size_t begin = i - has_plus;
  const bool in_parentheses = begin > scan.floor &&
                              scan.text[begin - 1] == '(' &&
                              scan.at(scan.run_after(i, is_digit)) == ')';
  begin -= in_parentheses;
  if (is_joined_before(scan, begin)) return std::nullopt;
  const bool in_row = !has_plus && is_after_number(scan, begin);
  if (in_row && !scan.has_cue(Cue::kPhone, begin, kReach)) return std::nullopt;

  const Groups groups = read_groups(scan, i, in_parentheses);
  // The most groups first: the rest of a number, left over, could still
  // identify.
  for (std::size_t count = groups.count; count > 0; --count) {
    const Candidate c = first_groups(scan, groups, count);
    if (c.digits < 7) break;
    const std::size_t end = extension_end(scan, c.end());
    if (is_joined_after(scan, end)) continue;
    const bool is_sure = has_form(c, has_plus);
    if (!is_sure && !is_any_number(c)) continue;
    const bool is_in_list = !has_plus && c.count > 1 &&
                            c.separator(c.count - 1) == ' ' &&
                            scan.at(end) == ' ' && is_digit(scan.at(end + 1));
    const bool is_thing =
        !has_plus && (scan.has_cue(Cue::kThing, begin, kThingReach) ||
                      (c.count == 1 && is_result(scan, begin)));
    if (is_sure && !in_row && !is_in_list && !is_thing && !scan.in_code(i))
      return PiiSpan{begin, end, PiiType::kPhoneNumber};
    if (!is_sure && scan.in_code(i)) continue;
    if (scan.has_cue(Cue::kPhone, begin, kReach) || is_before_word(scan, end))
      return PiiSpan{begin, end, PiiType::kPhoneNumber};
  }
  return std::nullopt;
}

}  // namespace mill::internal
