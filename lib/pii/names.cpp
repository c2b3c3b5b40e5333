#include "lib/pii/names.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "lib/base/regex.h"
#include "lib/base/utf8.h"

namespace mill::internal {

namespace {

struct Decomposition {
  char16_t letter;
  char16_t parts[4];
};

constexpr Decomposition kDecompositions[] = {
#include "lib/pii/decompositions.inc"
};

// Upper case to lower case in Latin, Greek and Cyrillic, where one letter
// stays one letter.
char32_t fold(char32_t c) {
  if (c < 0x80) return static_cast<char32_t>(lower(static_cast<char>(c)));
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177) ||
      (c >= 0x1E00 && c <= 0x1EFF))
    return c | 1;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
    return c % 2 ? c + 1 : c;
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  return c;
}

// Appends c in lower case, a letter and its accents as characters of their own.
void append_folded(std::string& out, char32_t c) {
  c = fold(c);
  const bool is_sign = c < 0xC0 || (c >= 0x2000 && c < 0x2100);
  if (is_sign) return append_utf8(out, c);
  const auto found =
      std::lower_bound(std::begin(kDecompositions), std::end(kDecompositions),
                       c, [](const Decomposition& d, char32_t letter) {
                         return d.letter < letter;
                       });
  if (found == std::end(kDecompositions) || found->letter != c)
    return append_utf8(out, c);
  for (const char16_t part : found->parts)
    if (part != 0) append_utf8(out, part);
}

char32_t code_point_at(std::string_view text, std::size_t i) {
  return take_code_point(text, i);
}

// A letter or digit of a name, or an accent on one. Scripts that put no spaces
// between words are not: there a name may begin and end anywhere.
bool is_name_letter(char32_t c) {
  if (c < 0x80) return is_word(static_cast<char>(c));
  return c >= 0xC0 && c < 0x2000 && c != 0xD7 && c != 0xF7;
}

// Appends the folded word at i to word; returns where it ends. A character
// that is no letter is a word by itself.
std::size_t fold_word(std::string_view text, std::size_t i, std::string& word) {
  bool is_first = true;
  while (i < text.size()) {
    // Nearly all letters are ASCII's.
    if (is_word(text[i])) {
      word += lower(text[i++]);
      is_first = false;
      continue;
    }
    std::size_t end = i;
    const char32_t c = take_code_point(text, end);
    if (!is_name_letter(c) && !is_first) break;
    append_folded(word, c);
    i = end;
    if (!is_name_letter(c)) break;
    is_first = false;
  }
  return i;
}

// A name as it is compared: folded, with single spaces.
std::string fold_name(std::string_view name) {
  View view;
  view.assign(name);
  const std::string_view text = view.text();
  std::string folded;
  for (std::size_t i = 0; i < text.size();) {
    const bool is_blank = is_space(text[i]);
    const char32_t c = take_code_point(text, i);
    if (!is_blank)
      append_folded(folded, c);
    else if (!folded.empty() && folded.back() != ' ')
      folded += ' ';
  }
  while (!folded.empty() && folded.back() == ' ') folded.pop_back();
  return folded;
}

// Where the folded name ends if text has it at i; else 0.
std::size_t match_name(std::string_view text, std::size_t i,
                       std::string_view name) {
  std::size_t k = 0;
  std::string folded;
  while (k < name.size()) {
    if (i >= text.size()) return 0;
    if (name[k] == ' ') {
      const std::size_t start = i;
      while (i < text.size() && is_space(text[i])) ++i;
      if (i == start) return 0;
      ++k;
      continue;
    }
    folded.clear();
    append_folded(folded, take_code_point(text, i));
    if (name.substr(k, folded.size()) != folded) return 0;
    k += folded.size();
  }
  return i;
}

// Letters, digits and '_' in lower case, 0xFF for what is not ASCII, 0 for all
// else.
constexpr auto kFolded = [] {
  std::array<unsigned char, 256> folded{};
  for (std::size_t c = 0; c < folded.size(); ++c) {
    const char byte = static_cast<char>(c);
    if (c >= 0x80)
      folded[c] = 0xFF;
    else if (is_word(byte))
      folded[c] = static_cast<unsigned char>(lower(byte));
  }
  return folded;
}();

// A word's first three bytes in kFolded, 0 after its end, to a bit of a set.
std::size_t mark(std::uint32_t head) {
  if ((head & 0xFF00) == 0) head &= 0xFF0000;
  return (head * 0x9E3779B1U) >> 16;
}

std::size_t mark_of(std::string_view word) {
  std::uint32_t head = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const char c = k < word.size() ? word[k] : '\0';
    head = head << 8 | kFolded[static_cast<unsigned char>(c)];
  }
  return mark(head);
}

// A word to a bit of a set of so many.
constexpr std::size_t kWholeMarks = std::size_t{1} << 18;
std::size_t mark_of_whole(std::string_view word) {
  std::uint64_t first = 0, last = 0;
  const std::size_t size = std::min(word.size(), sizeof first);
  std::memcpy(&first, word.data(), size);
  std::memcpy(&last, word.data() + word.size() - size, size);
  const std::uint64_t mixed =
      (first ^ std::rotl(last, 29) ^ word.size()) * 0x9E3779B97F4A7C15U;
  return mixed >> 46;
}

}  // namespace

Names::Names(const std::vector<std::string>& given,
             const std::vector<std::string>& common)
    : common_marks_(kWholeMarks), marks_(std::size_t{1} << 16) {
  for (const std::string& name : given) {
    std::string folded = fold_name(name);
    if (folded.empty()) continue;
    std::string first;
    fold_word(folded, 0, first);
    marks_[mark_of(first)] |= kGiven;
    mark_begin(first[0], kGiven);
    has_signs_ |= !is_word(first[0]);
    given_[first].push_back(std::move(folded));
  }
  // The longest of the names that begin alike is tried first.
  for (auto& [first, list] : given_)
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
  for (const std::string& name : common) {
    std::string folded = fold_name(name);
    if (folded.empty()) continue;
    marks_[mark_of(folded)] |= kCommon;
    mark_begin(folded[0], kCommon);
    common_marks_[mark_of_whole(folded)] = true;
    common_.insert(std::move(folded));
  }
}

// Notes the first byte of a folded name: as it is, and as a capital; a letter
// beyond ASCII may be one with an accent that the name has by itself.
void Names::mark_begin(char first, Mark mark) {
  if (mark == kGiven) begins_[static_cast<unsigned char>(first)] = true;
  if (is_lower(first)) begins_[static_cast<unsigned char>(first - 32)] = true;
  for (std::size_t lead = 0xC0; lead < begins_.size(); ++lead)
    begins_[lead] = true;
}

bool Names::is_common(const std::string& word) const {
  return common_marks_[mark_of_whole(word)] && common_.contains(word);
}

// Where a given name that begins with word ends; 0 if there is none.
std::size_t Names::given_end(std::string_view text, std::size_t begin,
                             const std::string& word) const {
  if (given_.empty()) return 0;
  const auto entry = given_.find(word);
  if (entry == given_.end()) return 0;
  for (const std::string& name : entry->second) {
    const std::size_t end = match_name(text, begin, name);
    if (end == 0) continue;
    // A name's last letter must be a word's last, too.
    std::size_t last = end - 1;
    while (is_continuation(text[last])) --last;
    if (end < text.size() && is_name_letter(code_point_at(text, last)) &&
        is_name_letter(code_point_at(text, end)))
      continue;
    return end;
  }
  return 0;
}

// ---- what tells that a name is meant ----------------------------------------

namespace {

// A word that begins with a capital and goes on in small letters.
#define MILL_NAME_WORD                                            \
  "(?-i:\\p{Lu}(?:['\xE2\x80\x99]\\p{Lu})?\\p{Ll}[\\p{L}\\p{M}]*" \
  "(?:[-'\xE2\x80\x99]\\p{Lu}[\\p{L}\\p{M}]+)?)"

// Matches pattern where `at` is, within the text around.
std::optional<PiiSpan> match_at(const Regex& pattern, std::string_view text,
                                std::size_t at, PiiType type) {
  constexpr std::size_t kReach = 200;
  std::size_t begin = at - std::min(at, kReach / 4);
  while (begin < at && is_continuation(text[begin])) ++begin;
  std::size_t end = std::min(text.size(), at + kReach);
  while (end < text.size() && is_continuation(text[end])) ++end;
  const auto found = pattern.find(text.substr(begin, end - begin), at - begin);
  if (!found) return std::nullopt;
  const auto start = static_cast<std::size_t>(found->data() - text.data());
  return PiiSpan{start, start + found->size(), type};
}

// Words that follow "I'm" and "my name is" in sentences, capitalized in titles,
// and that are no part of a name.
constexpr std::string_view kNotNames =
    "|a|about|actually|afraid|african|all|always|american|an|and|anglo|anti|"
    "apple|april|arab|as|asian|at|australian|austrian|back|batman|being|big|"
    "black|bluetooth|born|brazilian|british|brown|buddhist|but|canadian|"
    "captain|catholic|caucasian|central|chief|chinese|christmas|civil|"
    "cisco|college|computer|computing|confused|cyber|czech|danish|dark|data|"
    "day|december|director|doctor|doing|dr|dutch|east|eastern|electrical|"
    "english|european|ex|february|feeling|filipino|finance|finnish|first|for|"
    "french|friday|from|full|gay|gen|general|german|getting|going|good|google|"
    "great|greek|green|groot|half|happy|have|having|head|here|high|hindu|his|"
    "hispanic|holy|how|human|hungarian|i|if|im|in|indian|inigo|international|"
    "iranian|irish|iron|israeli|it|italian|its|january|japanese|java|"
    "javascript|jesus|jewish|july|june|junior|just|king|korean|lady|latin|"
    "latina|latino|lead|legally|legend|legion|level|light|linux|lord|looking|"
    "mac|mad|making|management|march|math|mechanical|mexican|microsoft|middle|"
    "mod|monday|more|mostly|mr|mrs|ms|mud|muslim|my|native|new|nigerian|no|"
    "north|northern|norwegian|not|november|now|nursing|october|officially|old|"
    "on|one|only|orthodox|our|out|pakistani|persian|physics|player|polish|"
    "portuguese|pre|president|prince|princess|pro|professor|protestant|"
    "psychology|puerto|python|queen|reddit|quite|really|red|redditor|right|"
    "roman|"
    "romanian|running|russian|sad|saint|saturday|school|scottish|second|"
    "senior|september|senator|sergeant|sir|slim|so|social|software|some|sorry|"
    "south|southern|spanish|st|still|student|sunday|super|sure|swedish|swiss|"
    "taiwanese|taking|team|the|their|there|third|this|thursday|to|too|top|"
    "trying|tuesday|turkish|tyler|ukrainian|unable|united|very|vice|"
    "vietnamese|wednesday|welsh|west|western|what|when|white|why|windows|with|"
    "working|year|yes|your|";

// And those that no name has at its end.
constexpr std::string_view kNotLastNames =
    "|ai|american|app|apps|army|bot|cat|catholic|christian|city|college|"
    "company|degree|developer|edition|engineer|engineering|fan|fans|force|"
    "girl|guy|gmail|guard|high|hunter|jew|jersey|john|king|lead|lover|major|"
    "majors|man|manager|marine|master|mexico|mode|muslim|orthodox|player|"
    "pro|program|programmer|republican|democrat|school|science|senior|server|"
    "service|state|states|student|studies|system|teacher|team|university|user|"
    "veteran|version|woman|world|york|zealand|";

bool is_name(std::string_view words) {
  const std::size_t first = std::min(words.find(' '), words.size());
  const std::size_t last = words.rfind(' ') + 1;
  return !is_listed(kNotNames, words.substr(0, first)) &&
         (last == 0 || (!is_listed(kNotLastNames, words.substr(last)) &&
                        !is_listed(kNotNames, words.substr(last))));
}

}  // namespace

// "my name is Jane", "I'm Jane Roe": anchored at 'n' and 'I'.
MaybeSpan find_introduced_name(const Scan& scan, std::size_t i) {
  const bool is_pronoun = scan.text[i] == 'I';
  if (is_pronoun) {
    const char next = scan.at(i + 1);
    if (scan.has_word_before(i) ||
        (next == ' ' && scan.text.compare(i, 5, "I am ") != 0))
      return std::nullopt;
  } else if (!starts_with_word(scan.text, i, "name") || i < 3 ||
             scan.before(i) != ' ') {
    return std::nullopt;
  }
  static const Regex my_name_is(
      "\\G(?<=\\bmy |\\bmy real |\\bmy full |\\bmy first |\\bmy actual |"
      "\\bmy legal )name(?:(?-i: is)|['\xE2\x80\x99]s):? (?:actually "
      ")?\\K" MILL_NAME_WORD "(?:(?-i: \\p{Lu}\\.)? " MILL_NAME_WORD
      "){0,2}(?![\\w'])");
  static const Regex i_am("\\G(?-i:I am|I['\xE2\x80\x99]m) \\K" MILL_NAME_WORD
                          "(?:(?-i: \\p{Lu}\\.)? " MILL_NAME_WORD
                          "){1,2}"
                          "(?=[.,!?;:)\\]\\n]|$| (?:and|from|with|here|but) )");
  const auto span =
      match_at(is_pronoun ? i_am : my_name_is, scan.text, i, PiiType::kName);
  if (!span || !is_name(scan.slice(span->begin, span->end)) || scan.in_code(i))
    return std::nullopt;
  return span;
}

namespace {

// The name that signs the text: "Kind regards,\nJane Roe" at its end.
MaybeSpan find_signature(const Scan& scan) {
  constexpr std::size_t kLongest = 120;
  std::size_t begin = scan.text.size() - std::min(scan.text.size(), kLongest);
  while (begin < scan.text.size() && is_continuation(scan.text[begin])) ++begin;
  const std::string_view end = scan.text.substr(begin);
  // Most texts do not end so, and no pattern is needed to see it.
  if (end.find('\n') == end.npos) return std::nullopt;
  static const Regex signature(
      "(?:^|\\n) *(?:(?:kind |best |warm |kindest )?regards|best wishes|"
      "sincerely|yours (?:truly|sincerely|faithfully)|sincerely yours|"
      "respectfully|cheers|(?:many )?thanks|thank you) *[,.!]?[ ]*\\n\\s*"
      "[-~]?[ ]*\\K" MILL_NAME_WORD "(?:(?-i: \\p{Lu}\\.)? " MILL_NAME_WORD
      "){0,2}(?=[.]?\\s*$)");
  const auto found = signature.find(end);
  if (!found || !is_name(*found)) return std::nullopt;
  const auto at = static_cast<std::size_t>(found->data() - scan.text.data());
  if (scan.in_code(at)) return std::nullopt;
  return PiiSpan{at, at + found->size(), PiiType::kName};
}

// What is looked for only if asked for. The patterns' texts are bounded.
struct Described {
  PiiType type;
  const char* pattern;
};

#define MILL_MONTH                                                       \
  "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|" \
  "aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"

constexpr Described kDescribed[] = {
    {PiiType::kDateOfBirth,
     "\\b(?:born(?: on)?|birthday(?: is|:)?|birth ?date(?: is|:)?|"
     "date of birth(?: is|:)?|d\\.?o\\.?b\\.?(?: is|:)?)(?: on)? {0,2}\\K(?:"
     "\\d{1,4}[-/.]\\d{1,2}[-/.]\\d{1,4}|"
     "\\d{1,2}(?:st|nd|rd|th)?(?: of)? " MILL_MONTH
     "\\.?,? (?:19|20)\\d\\d|" MILL_MONTH
     "\\.? \\d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\\d\\d)\\b"},
    {PiiType::kStreetAddress,
     "(?<![\\w.,$#-])\\d{1,5}[a-z]?(?: (?:N|S|E|W|NE|NW|SE|SW|North|South|East|"
     "West)\\.?)?(?-i:(?: \\p{Lu}[\\p{L}'.-]{1,20}| "
     "\\d{1,3}(?:st|nd|rd|th)){1,3}"
     " (?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|"
     "Ct|"
     "Way|Place|Pl|Square|Sq|Terrace|Circle|Cir|Parkway|Pkwy|Highway|Hwy|"
     "Crescent|"
     "Close|Alley))\\b(?:(?<=St|Ave|Rd|Blvd|Ln|Dr|Ct|Pl|Sq|Cir)\\.)?(?:,? "
     "(?:apt|apartment|suite|ste|unit|no|#)\\.? "
     "?#?\\w{1,5})?"
     "(?-i:,? \\p{Lu}[\\p{L}.]{1,20}(?: \\p{Lu}[\\p{L}.]{1,20}){0,2},? "
     "[A-Z]{2} "
     "\\d{5}(?:-\\d{4})?)?"},
    {PiiType::kSelfDescription,
     "\\b(?:I(?: am|['\xE2\x80\x99]m)?|me)(?: ?, ?| |(?=[(\\[]))(?:an? )?\\K(?:"
     "[(\\[]\\d\\d ?[mf][)\\]]|[(\\[][mf] ?\\d\\d[)\\]]|"
     "\\d\\d ?[mf]\\b|[mf] ?\\d\\d\\b|"
     "\\d\\d[- ]?(?:years?[- ]old|y/?o) (?:male|female|man|woman|guy|girl|boy|"
     "dude|lady)\\b)"
     "(?: (?:living in|based in|from|in) (?-i:\\p{Lu}[\\p{L}'.-]+"
     "(?:,? \\p{Lu}[\\p{L}'.-]+){0,2}))?"},
};

bool is_free(const std::vector<PiiSpan>& found, const PiiSpan& span) {
  const auto next = std::lower_bound(
      found.begin(), found.end(), span.begin,
      [](const PiiSpan& a, std::size_t begin) { return a.end <= begin; });
  return next == found.end() || next->begin >= span.end;
}

void add(std::vector<PiiSpan>& found, const PiiSpan& span) {
  found.insert(std::upper_bound(found.begin(), found.end(), span,
                                [](const PiiSpan& a, const PiiSpan& b) {
                                  return a.begin < b.begin;
                                }),
               span);
}

// The lines that have a digit, without which nothing is described.
std::vector<std::string_view> lines_with_digits(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    // Without a branch, so that it takes many bytes at once.
    unsigned char has_digit = 0;
    for (const char c : line)
      has_digit = static_cast<unsigned char>(has_digit | is_digit(c));
    if (has_digit) lines.push_back(line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return lines;
}

void find_described(const Scan& scan, PiiTypes wanted,
                    std::vector<PiiSpan>& found) {
  static const auto patterns = [] {
    std::vector<Regex> compiled;
    for (const Described& entry : kDescribed)
      compiled.emplace_back(entry.pattern);
    return compiled;
  }();
  const auto lines = lines_with_digits(scan.text);
  for (std::size_t k = 0; k < std::size(kDescribed); ++k) {
    const PiiType type = kDescribed[k].type;
    if (!(wanted & bit(type))) continue;
    const auto old_end = static_cast<std::ptrdiff_t>(found.size());
    std::vector<PiiSpan> its;
    for (const std::string_view line : lines)
      patterns[k].for_each(line, [&](std::string_view match) {
        const auto at =
            static_cast<std::size_t>(match.data() - scan.text.data());
        const PiiSpan span{at, at + match.size(), type};
        if (match.find(kTag) == match.npos && is_free(found, span) &&
            !scan.in_code(at))
          its.push_back(span);
      });
    found.insert(found.end(), its.begin(), its.end());
    std::inplace_merge(
        found.begin(), found.begin() + old_end, found.end(),
        [](const PiiSpan& a, const PiiSpan& b) { return a.begin < b.begin; });
  }
}

// A word of a common name at i: where it ends, or 0.
std::size_t capitalized_end(std::string_view text, std::size_t i,
                            std::string& word) {
  if (i >= text.size()) return 0;
  const char32_t c = code_point_at(text, i);
  if (!is_name_letter(c) || fold(c) == c) return 0;
  return fold_word(text, i, word);
}

}  // namespace

// Where the common name that begins with word ends, if the text around it tells
// that a person is meant; else 0.
std::size_t Names::common_end(const Scan& scan, std::size_t begin,
                              std::size_t word_end,
                              const std::string& word) const {
  const std::string_view text = scan.text;
  std::string next;
  if (!is_common(word) || capitalized_end(text, begin, next) == 0) return 0;
  // A second name after it.
  next.clear();
  std::size_t end = word_end;
  if (scan.at(word_end) == ' ') end = capitalized_end(text, word_end + 1, next);
  const bool is_pair = end > word_end && is_common(next);
  if (is_pair) return scan.in_code(begin) ? 0 : end;
  constexpr std::string_view kBefore =
      "|mr|mrs|ms|miss|dr|prof|professor|named|hi|hello|hey|dear|wife|husband|"
      "friend|brother|sister|son|daughter|girlfriend|boyfriend|mom|mother|dad|"
      "father|roommate|boss|coworker|colleague|cousin|uncle|aunt|neighbor|"
      "partner|manager|buddy|ex|";
  std::size_t before = begin;
  while (before > 0 &&
         (scan.before(before) == ' ' || scan.before(before) == '.' ||
          scan.before(before) == ','))
    --before;
  if (before == begin || begin - before > 2) return 0;
  const std::size_t cue = scan.run_before(before, 16, is_letter);
  if (!is_listed(kBefore, text.substr(cue, before - cue)) ||
      scan.in_code(begin))
    return 0;
  return word_end;
}

// Where, from i on, a listed name may begin; text's end if nowhere. Most bytes
// are none that a name begins with; of the others the byte before and the
// word's first three tell.
std::size_t Names::next_candidate(std::string_view text, std::size_t i) const {
  if (has_signs_) return i;
  const auto folded = [&](std::size_t k) -> std::uint32_t {
    return k < text.size() ? kFolded[static_cast<unsigned char>(text[k])] : 0U;
  };
  for (;; ++i) {
    const auto begins = [&](std::size_t k) {
      return begins_[static_cast<unsigned char>(text[k])];
    };
    while (i + 4 <= text.size() && !begins(i) && !begins(i + 1) &&
           !begins(i + 2) && !begins(i + 3))
      i += 4;
    while (i < text.size() && !begins(i)) ++i;
    if (i >= text.size()) return i;
    const std::uint32_t before = i > 0 ? folded(i - 1) : 0;
    if (before != 0 && before != 0xFF) continue;
    // A quotation mark, a dash: no name begins so, or has_signs_.
    if (text[i] == '\xE2' && i + 1 < text.size() && text[i + 1] == '\x80')
      continue;
    const std::uint32_t head =
        folded(i) << 16 | folded(i + 1) << 8 | folded(i + 2);
    if (head & 0x808080) return i;
    if (marks_[mark(head)] & (is_upper(text[i]) ? kGiven | kCommon : kGiven))
      return i;
  }
}

void Names::find_listed(const Scan& scan, std::size_t begin, std::size_t end,
                        std::vector<PiiSpan>& found) const {
  const std::string_view part = scan.text.substr(0, end);
  std::string word;
  for (std::size_t i = begin; i < end;) {
    i = next_candidate(part, i);
    if (i >= end) return;
    word.clear();
    const std::size_t word_end = fold_word(part, i, word);
    std::size_t name_end = given_end(part, i, word);
    if (name_end == 0 && !common_.empty())
      name_end = common_end(scan, i, word_end, word);
    if (name_end > end) name_end = 0;
    if (name_end > 0) found.push_back({i, name_end, PiiType::kName});
    i = std::max(word_end, name_end);
  }
}

void Names::find(const Scan& scan, PiiTypes wanted,
                 std::vector<PiiSpan>& found) const {
  if (wanted & kAllPiiTypes & ~kDefaultPiiTypes)
    find_described(scan, wanted, found);
  if (!(wanted & bit(PiiType::kName))) return;
  if (const auto span = find_signature(scan); span && is_free(found, *span))
    add(found, *span);
  if (given_.empty() && common_.empty()) return;
  std::vector<PiiSpan> all;
  std::size_t i = 0;
  for (const PiiSpan& span : found) {
    find_listed(scan, i, span.begin, all);
    all.push_back(span);
    i = span.end;
  }
  find_listed(scan, i, scan.text.size(), all);
  found = std::move(all);
}

}  // namespace mill::internal
