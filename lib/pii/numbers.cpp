// Numbers that carry a check or a fixed form: payment cards, IBANs, US social
// security numbers, coordinates.

#include <algorithm>
#include <charconv>

#include "lib/pii/scan.h"

namespace mill::internal {

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool is_doubled = false;
  for (std::size_t i = digits.size(); i-- > 0; is_doubled = !is_doubled) {
    const int digit = digits[i] - '0';
    sum += !is_doubled ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 == 0;
}

namespace {

// Which numbers an issuer assigns: first digits from low to high, and how many
// digits there are.
struct Issuer {
  const char* low;
  const char* high;
  std::size_t least;
  std::size_t most;
};

constexpr Issuer kIssuers[] = {
    {"1", "1", 15, 15},                                  // UATP
    {"1800", "1800", 15, 15}, {"2131", "2131", 15, 15},  // JCB, old
    {"2200", "2204", 16, 19},                            // Mir
    {"2221", "2720", 16, 16}, {"51", "55", 16, 16},      // Mastercard
    {"300", "305", 14, 19},   {"3095", "3095", 14, 19},
    {"36", "36", 14, 19},     {"38", "39", 14, 19},  // Diners Club
    {"34", "34", 15, 15},     {"37", "37", 15, 15},  // American Express
    {"3528", "3589", 16, 19},                        // JCB
    {"4", "4", 13, 13},       {"4", "4", 16, 16},
    {"4", "4", 19, 19},                                // Visa
    {"50", "50", 12, 19},     {"56", "58", 12, 19},    // Maestro, Verve
    {"6011", "6011", 16, 19}, {"644", "659", 16, 19},  // Discover
    {"60", "60", 16, 16},                              // RuPay
    {"62", "62", 16, 19},     {"81", "82", 16, 19},    // UnionPay, RuPay
    {"6304", "6304", 12, 19}, {"639", "639", 12, 19},
    {"67", "67", 12, 19},      // Maestro
    {"9792", "9792", 16, 16},  // Troy
};

bool has_issuer(std::string_view digits) {
  for (const Issuer& issuer : kIssuers) {
    const std::string_view low = issuer.low;
    const std::string_view start = digits.substr(0, low.size());
    if (start >= low && start <= issuer.high && digits.size() >= issuer.least &&
        digits.size() <= issuer.most)
      return true;
  }
  return false;
}

// True if what is right before i makes a number there a part of it.
bool joins_number(const Scan& scan, std::size_t i) {
  const char c = scan.before(i);
  return scan.has_word_before(i) || c == '.' || c == ',' || c == '$' ||
         c == '#' || c == '=';
}

// True if the word next to i, a space away, is four hexadecimal digits, one of
// them a letter: the numbers are a part of a table of such.
bool is_hex_word(const Scan& scan, std::size_t i, int direction) {
  const std::size_t begin =
      direction > 0 ? i + 1 : i - std::min<std::size_t>(i, 5);
  const std::string_view word =
      scan.text.substr(std::min(begin, scan.text.size()), 4);
  return is_space(direction > 0 ? scan.at(i) : scan.before(i)) &&
         word.size() == 4 && std::all_of(word.begin(), word.end(), is_hex) &&
         std::any_of(word.begin(), word.end(), is_letter);
}

// True if the number at i, in one piece, is a value in code: a seed, an id. A
// string, or what is called a card, is not.
bool is_value_in_code(const Scan& scan, std::size_t i) {
  const char before = scan.before(i);
  return before != '"' && before != '\'' && scan.in_code(i) &&
         !scan.has_cue(Cue::kCard, i, 32);
}

}  // namespace

// 12 to 19 digits that pass Luhn's check under a known issuer's prefix, in one
// piece or in groups as they are printed (4-4-4-4, 4-6-5, 4-6-4). Near a word
// such as "card" any issuer will do.
MaybeSpan find_card(const Scan& scan, std::size_t i) {
  if (joins_number(scan, i) ||
      (is_dash(scan.before(i)) && is_digit(scan.before(i - 1))))
    return std::nullopt;
  char digits[20];
  std::size_t count = 0, first_group = 0, groups = 0;
  char separator = '\0';
  std::size_t at = i, end = i;
  for (;;) {
    const std::size_t start = at;
    while (is_digit(scan.at(at)) && count < sizeof digits)
      digits[count++] = scan.text[at++];
    if (count == sizeof digits) return std::nullopt;
    const std::size_t length = at - start;
    if (++groups == 1) first_group = length;
    end = at;
    const char next = scan.at(at);
    if ((next != ' ' && !is_dash(next)) || !is_digit(scan.at(at + 1))) break;
    if (first_group != 4) break;  // in one piece
    if (separator != '\0' && next != separator) break;
    // 4-6 is followed by 4 or 5 digits, 4-4-4-4 by 3 at most.
    if (groups > 1 && (count >= 16 || length == 5)) break;
    separator = next;
    ++at;
  }
  const std::string_view number(digits, count);
  if (count < 12 || scan.has_word_at(end)) return std::nullopt;
  if ((is_dash(scan.at(end)) || scan.at(end) == '.') &&
      is_digit(scan.at(end + 1)))
    return std::nullopt;
  if (!passes_luhn(number)) return std::nullopt;
  // Ids of 17 to 19 digits and article numbers of 12 and 13 are common, and one
  // in ten passes the check.
  const bool is_usual = groups > 1 || (count >= 14 && count <= 16);
  if ((!is_usual || !has_issuer(number)) && !scan.has_cue(Cue::kCard, i, 32))
    return std::nullopt;
  if (groups > 1 && (is_hex_word(scan, i, -1) || is_hex_word(scan, end, 1)))
    return std::nullopt;
  if (groups == 1 && is_value_in_code(scan, i)) return std::nullopt;
  if (number.find_first_not_of(number[0]) == number.npos) return std::nullopt;
  return PiiSpan{i, end, PiiType::kCreditCard};
}

namespace {

// IBAN lengths by country, from the SWIFT registry, and of countries that use
// the format without having registered it.
constexpr std::string_view kIbanLengths =
    "AD24AE23AL28AO25AT20AZ28BA20BE16BF28BG22BH22BI27BJ28BR29BY28CF27CG27CH21"
    "CI28CM27CR22CV25CY28CZ24DE22DJ27DK18DO28DZ26EE20EG29ES24FI18FK18FO18FR27"
    "GA27GB22GE22GI23GL18GQ27GR27GT28GW25HN28HR21HU28IE22IL23IQ23IR26IS26IT27"
    "JO30KM27KW30KZ20LB28LC32LI21LT20LU20LV21LY25MA28MC27MD24ME22MG27MK19ML28"
    "MN20MR27MT31MU30MZ25NE28NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33"
    "SA24SC31SD18SE24SI19SK24SM27SN28SO23ST25SV28TD27TG28TL23TN24TR26UA29VA22"
    "VG24XK20YE30";

std::size_t iban_length(char a, char b) {
  for (std::size_t k = 0; k < kIbanLengths.size(); k += 4)
    if (kIbanLengths[k] == a && kIbanLengths[k + 1] == b)
      return static_cast<std::size_t>(kIbanLengths[k + 2] - '0') * 10 +
             static_cast<std::size_t>(kIbanLengths[k + 3] - '0');
  return 0;
}

char upper(char c) { return is_lower(c) ? static_cast<char>(c - 32) : c; }

}  // namespace

// Anchored at the two check digits after the country's letters.
MaybeSpan find_iban(const Scan& scan, std::size_t i) {
  if (i < scan.floor + 2 || !is_letter(scan.text[i - 1]) ||
      !is_letter(scan.text[i - 2]) || !is_digit(scan.at(i + 1)))
    return std::nullopt;
  const std::size_t begin = i - 2;
  if (scan.has_word_before(begin)) return std::nullopt;
  const std::size_t length =
      iban_length(upper(scan.text[begin]), upper(scan.text[begin + 1]));
  if (length == 0) return std::nullopt;
  char iban[40];
  std::size_t count = 0, at = begin;
  bool has_upper = false, has_lower = false;
  while (count < length) {
    // Printed in groups of four.
    if (count > 0 && count % 4 == 0 &&
        (scan.at(at) == ' ' || is_dash(scan.at(at))))
      ++at;
    if (!is_alnum(scan.at(at))) return std::nullopt;
    has_upper |= is_upper(scan.text[at]);
    has_lower |= is_lower(scan.text[at]);
    iban[count++] = upper(scan.text[at++]);
  }
  if (has_upper && has_lower) return std::nullopt;  // nobody writes it so
  if (scan.has_word_at(at)) return std::nullopt;
  // ISO 7064 mod 97-10 over the number with its first four moved to the end.
  int rest = 0;
  for (std::size_t k = 0; k < length; ++k) {
    const char c = iban[(k + 4) % length];
    rest = is_digit(c) ? (rest * 10 + (c - '0')) % 97
                       : (rest * 100 + (c - 'A' + 10)) % 97;
  }
  if (rest != 1) return std::nullopt;
  return PiiSpan{begin, at, PiiType::kIbanCode};
}

namespace {

// True if the text is nothing but digits and dashes, a form's field, and the
// number has one of its two dashes.
bool is_value(const Scan& scan, const char* separators) {
  constexpr std::size_t kLongest = 32;
  if (separators[0] != '-' && separators[1] != '-') return false;
  return scan.text.size() <= kLongest &&
         scan.text.find_first_not_of("0123456789- ") == scan.text.npos;
}

}  // namespace

// Nine digits as 123-45-6789, with one separator throughout. With two, one or
// none, or with what could be a year at the end, it must follow a word that
// says what it is.
MaybeSpan find_ssn(const Scan& scan, std::size_t i) {
  const char before = scan.before(i);
  if (joins_number(scan, i) || is_dash(before) || before == '/')
    return std::nullopt;
  char digits[9];
  char separators[2] = {};
  std::size_t count = 0, at = i;
  while (count < 9) {
    if ((count == 3 || count == 5) && !is_digit(scan.at(at))) {
      const char c = scan.at(at++);
      if (!is_dash(c) && c != ' ' && c != '.') return std::nullopt;
      separators[count == 5] = is_dash(c) ? '-' : c;
    }
    if (!is_digit(scan.at(at))) return std::nullopt;
    digits[count++] = scan.text[at++];
  }
  const char after = scan.at(at);
  if (scan.has_word_at(at) ||
      ((is_dash(after) || after == '.') && is_digit(scan.at(at + 1))))
    return std::nullopt;
  // Never given out: area 000, 666 and 9xx, group 00, serial 0000.
  const std::string_view number(digits, 9);
  const std::string_view area = number.substr(0, 3);
  if (area == "000" || area == "666" || area[0] == '9' ||
      number.substr(3, 2) == "00" || number.substr(5) == "0000")
    return std::nullopt;
  // Void, since they were printed in advertisements.
  if (number == "078051120" || number == "219099999") return std::nullopt;
  const bool is_year =
      number.substr(5, 2) == "19" || number.substr(5, 2) == "20";
  const bool is_plain = separators[0] == '-' && separators[1] == '-';
  const bool is_even = separators[0] != '\0' && separators[0] == separators[1];
  const bool is_sure =
      is_plain || (is_even && !is_year) || is_value(scan, separators);
  // 12345-6789 is how a ZIP code is written, too.
  const bool is_zip = separators[0] == '\0' && separators[1] == '-';
  const std::size_t reach = is_zip ? 10 : 40;
  if ((!is_sure || scan.in_code(i)) && !scan.has_cue(Cue::kSsn, i, reach))
    return std::nullopt;
  return PiiSpan{i, at, PiiType::kUsSsn};
}

namespace {

// A decimal fraction with at least four decimals, in degrees.
struct Degrees {
  std::size_t end;  // of its hemisphere's letter, where it has one
  double value;
};

std::optional<Degrees> degrees(const Scan& scan, std::size_t i, double most) {
  const std::size_t point = scan.run_after(i, is_digit);
  if (point == i || point > i + 3 || scan.at(point) != '.') return std::nullopt;
  std::size_t end = scan.run_after(point + 1, is_digit);
  if (end < point + 5 || end > point + 17) return std::nullopt;
  Degrees found{end, 0};
  std::from_chars(scan.text.data() + i, scan.text.data() + end, found.value);
  if (found.value > most) return std::nullopt;
  constexpr std::string_view kDegree = "\xC2\xB0";
  if (scan.text.substr(end, 2) == kDegree) end += 2;
  const std::size_t letter = end + (scan.at(end) == ' ');
  const char c = scan.at(letter);
  if ((c == 'N' || c == 'S' || c == 'E' || c == 'W') &&
      !is_word(scan.at(letter + 1)))
    end = letter + 1;
  found.end = end;
  return found;
}

}  // namespace

// "51.50735, -0.12776": latitude and longitude, precise to about ten metres,
// which is a house.
MaybeSpan find_coordinates(const Scan& scan, std::size_t i) {
  const bool is_negative = i > scan.floor && scan.text[i - 1] == '-';
  const std::size_t begin = is_negative ? i - 1 : i;
  const char before = scan.before(begin);
  if (scan.has_word_before(begin) || before == '.' || is_dash(before))
    return std::nullopt;
  const auto latitude = degrees(scan, i, 90);
  if (!latitude) return std::nullopt;
  std::size_t at = latitude->end;
  const bool has_comma = scan.at(at) == ',';
  at += has_comma;
  const bool has_space = scan.at(at) == ' ';
  at += has_space;
  // Without a comma the hemispheres must tell that the two belong together.
  if (!has_comma && !(has_space && is_upper(scan.text[latitude->end - 1])))
    return std::nullopt;
  if (scan.at(at) == '-' || scan.at(at) == '+') ++at;
  const auto longitude = degrees(scan, at, 180);
  if (!longitude) return std::nullopt;
  const std::size_t end = longitude->end;
  if (is_word(scan.at(end))) return std::nullopt;
  // Two numbers of a longer list, or two probabilities: only the open sea has
  // both its degrees below one. Both sides are checked in the same way, or the
  // last pair of a list would be found, and then the one before it.
  const std::size_t next = end + 1 + (scan.at(end + 1) == ' ');
  const bool goes_on = scan.at(end) == ',' && is_digit(scan.at(next));
  const std::size_t comma = begin - (before == ' ');
  const bool began =
      scan.before(comma) == ',' && is_digit(scan.before(comma - 1));
  const bool in_list = began || (goes_on && !scan.in_url(i));
  if (in_list || (latitude->value < 1 && longitude->value < 1) ||
      scan.in_code(i))
    return std::nullopt;
  return PiiSpan{begin, end, PiiType::kLocationCoordinates};
}

}  // namespace mill::internal
