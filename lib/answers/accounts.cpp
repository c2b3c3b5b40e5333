#include "lib/answers/accounts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/base/regex.h"
#include "lib/base/utf8.h"
#include "lib/pii/pii.h"

namespace mill {

namespace {

constexpr bool is_mark(char c) { return c == '_' || c == '-'; }
constexpr bool is_of_name(char c) {
  return is_ascii_alphanumeric(c) || is_mark(c);
}

// How sure it is that a word that is the name means the account.
enum class Kind : std::uint8_t { kMarked, kCased, kWord };

Kind kind_of(std::string_view name) {
  constexpr std::size_t kLeast = 5;
  if (name.size() < kLeast) return Kind::kWord;
  const auto digits = std::count_if(name.begin(), name.end(), is_ascii_digit);
  const bool has_letter =
      std::any_of(name.begin(), name.end(), is_ascii_letter);
  if (has_letter && (digits > 1 || name.find('_') != name.npos))
    return Kind::kMarked;
  // "Infra-red" is somebody, "infra-red" is not.
  if (has_letter && name.find('-') != name.npos) return Kind::kCased;
  for (std::size_t i = 1; i < name.size(); ++i)
    if (is_ascii_upper(name[i]) && is_ascii_lower(name[i - 1]))
      return Kind::kCased;
  return Kind::kWord;
}

// A run of a name's characters, Markdown's escapes among them.
struct Word {
  std::size_t begin, end;  // in the text
  std::string name;        // without escapes
};

constexpr std::array<bool, 256> kOfNames = [] {
  std::array<bool, 256> of_names{};
  for (int c = 0; c < 256; ++c)
    of_names[static_cast<std::size_t>(c)] = is_of_name(static_cast<char>(c));
  return of_names;
}();

// The next word of text at i or after it.
std::optional<Word> next_word(std::string_view text, std::size_t i) {
  const auto is_name = [&](std::size_t at) {
    return at < text.size() && kOfNames[static_cast<unsigned char>(text[at])];
  };
  const auto is_escape = [&](std::size_t at) {
    return at + 1 < text.size() && text[at] == '\\' && is_mark(text[at + 1]);
  };
  while (i < text.size() && !is_name(i) && !is_escape(i)) ++i;
  if (i == text.size()) return std::nullopt;
  Word word{i, i, {}};
  do {
    const std::size_t begin = word.end + is_escape(word.end);
    do ++word.end;
    while (is_name(word.end));
    word.name.append(text, begin, word.end - begin);
  } while (is_escape(word.end));
  return word;
}

// The word without the marks of emphasis or dashes around it.
Word stripped(const Word& word, std::string_view text, bool left, bool right) {
  Word inner = word;
  while (left && !inner.name.empty() && is_mark(inner.name.front())) {
    inner.begin += text[inner.begin] == '\\' ? 2 : 1;
    inner.name.erase(0, 1);
  }
  while (right && !inner.name.empty() && is_mark(inner.name.back())) {
    inner.name.pop_back();
    --inner.end;
    if (inner.end > inner.begin && text[inner.end - 1] == '\\') --inner.end;
  }
  return inner;
}

// True if what is around begin to end tells that an account is meant by a word.
bool is_spoken_of(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::size_t kReach = 48;
  static const Regex speaks(
      "\\A(?: (?:has|have|had|already|also|just|correctly|rightly)){0,2}"
      " (?:point(?:ed|s) (?:it |this |that )?out|wrote|replied)\\b|"
      "\\A['\xE2\x80\x99]s (?:\\w+ )?(?:answer|comment|reply|post|response|"
      "explanation|suggestion)\\b");
  static const Regex says(
      "\\A(?: (?:has|have|had|already|also|just|correctly|rightly)){0,2}"
      " (?:sa(?:id|ys)|mention(?:ed|s)|not(?:ed|es)|suggest(?:ed|s)|"
      "explain(?:ed|s)|stat(?:ed|es)|writes|describe[ds]|answered|posted|"
      "linked|commented)\\b");
  static const Regex as("\\b(?:as|like|what|how) \\z");
  static const Regex known_as("\\b(?:aka|username is|redditor) \\z");
  const std::string_view after = utf8_prefix(text.substr(end), kReach);
  const std::string_view before = utf8_suffix(text.substr(0, begin), kReach);
  return speaks.is_in(after) || known_as.is_in(before) ||
         (as.is_in(before) && says.is_in(after));
}

// Words that stand where a name would and mean nobody's account: "as others
// said", "the above wrote".
bool means_nobody(std::string_view name) {
  constexpr std::string_view kWords[] = {
      "above",     "all",      "already", "also",       "and",    "anyone",
      "article",   "author",   "below",   "book",       "but",    "earlier",
      "everybody", "everyone", "friend",  "guy",        "have",   "had",
      "has",       "he",       "her",     "his",        "it",     "just",
      "mod",       "mods",     "nobody",  "one",        "others", "other",
      "people",    "poster",   "post",    "previously", "reddit", "she",
      "some",      "somebody", "someone", "that",       "the",    "they",
      "this",      "user",     "was",     "who",        "you",    "your"};
  return std::find(std::begin(kWords), std::end(kWords), name) !=
         std::end(kWords);
}

// True if begin to end is the last line of several, but for dashes and marks.
bool is_signature(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::string_view kMarks = " \t\n-~*_.!()\xE2\x80\x93\x94";
  const std::size_t line = text.rfind('\n', begin);
  return line != text.npos &&
         text.substr(line + 1, begin - line - 1).find_first_not_of(kMarks) ==
             text.npos &&
         text.find_first_not_of(kMarks, end) == text.npos;
}

// True for "@name", but not for an address.
bool is_after_at(std::string_view text, std::size_t begin) {
  return begin > 0 && text[begin - 1] == '@' &&
         (begin == 1 ||
          !(is_of_name(text[begin - 2]) || text[begin - 2] == '.'));
}

// True if a letter of a script with spaces between words is right there: the
// word goes on.
bool is_in_word(std::string_view text, std::size_t begin, std::size_t end) {
  const auto is_letter_lead = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xC3 && byte <= 0xDF;
  };
  return (begin >= 2 && is_letter_lead(text[begin - 2])) ||
         (end < text.size() && is_letter_lead(text[end]));
}

}  // namespace

namespace {

std::uint64_t size_bit(std::string_view name) {
  return std::uint64_t{1} << name.size() % 64;
}
std::uint64_t first_bit(std::string_view name) {
  const char first = name.empty() ? '\0' : ascii_lower(name[0]);
  return std::uint64_t{1} << static_cast<unsigned char>(first) % 64;
}

}  // namespace

void Accounts::add(std::string_view name) {
  names_.emplace(ascii_lower(name), name);
  sizes_ |= size_bit(name);
  firsts_ |= first_bit(name);
}

bool Accounts::may_be_one(std::string_view name) const {
  return (sizes_ & size_bit(name)) && (firsts_ & first_bit(name));
}

Accounts::Names::const_iterator Accounts::find(std::string_view name) const {
  if (!may_be_one(name)) return names_.end();
  const auto known = names_.find(ascii_lower(name));
  return known == names_.end() || !is_program_ || !is_program_(known->first)
             ? known
             : names_.end();
}

bool Accounts::may_have_one(const Subject& subject) const {
  const Trigrams& trigrams = subject.trigrams();
  if (trigrams.has_byte('\\')) return true;  // "jane\_roe" is jane_roe
  return std::any_of(names_.begin(), names_.end(), [&](const auto& name) {
    return trigrams.may_have(name.first);
  });
}

std::string Accounts::hidden_in(const Subject& subject,
                                std::string_view writer) const {
  const std::string_view text = subject.text();
  std::vector<PiiSpan> spans;
  // As anonymize finds them, with all of a link that could lead back to one.
  if (text.find('/') != text.npos) {
    static thread_local PiiFinder usernames(bit(PiiType::kUsername));
    usernames.find(text, spans);
    spans.erase(
        std::remove_if(
            spans.begin(), spans.end(),
            [&](const PiiSpan& span) {
              return find(normalized(
                         span.type,
                         text.substr(span.begin, span.end - span.begin))) ==
                     names_.end();
            }),
        spans.end());
  }
  if (spans.empty() && !may_have_one(subject)) return subject.text();
  const auto is_meant = [&](const Word& word) {
    const auto known = find(word.name);
    if (known == names_.end() || is_in_word(text, word.begin, word.end))
      return false;
    if (is_after_at(text, word.begin)) return true;
    switch (kind_of(known->second)) {
      case Kind::kMarked: return true;
      case Kind::kCased:
        if (word.name == known->second) return true;
        [[fallthrough]];
      case Kind::kWord:
        return (!means_nobody(known->first) &&
                is_spoken_of(text, word.begin, word.end)) ||
               (known->first == ascii_lower(writer) &&
                is_signature(text, word.begin, word.end));
    }
    return false;
  };
  std::string out;
  std::size_t at = 0, span = 0, i = 0;
  const auto hide = [&](std::size_t begin, std::size_t end) {
    out.append(text, at, begin - at);
    out.append("[").append(name(PiiType::kUsername)).append("]");
    at = i = end;
  };
  while (const auto word = next_word(text, i)) {
    if (span < spans.size() && spans[span].begin <= word->end) {
      hide(spans[span].begin, spans[span].end);
      ++span;
      continue;
    }
    i = word->end;
    const bool is_marked =
        is_mark(word->name.front()) || is_mark(word->name.back());
    if (!is_marked && !may_be_one(word->name)) continue;
    for (const auto& [left, right] : {std::pair(false, false),
                                      {true, true},
                                      {true, false},
                                      {false, true}}) {
      if ((left || right) && !is_marked) break;
      const Word inner = stripped(*word, text, left, right);
      if (!is_meant(inner)) continue;
      hide(inner.begin - is_after_at(text, inner.begin), inner.end);
      break;
    }
  }
  out.append(text, at);
  return out;
}

}  // namespace mill
