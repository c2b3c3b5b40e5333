#include "lib/reddit/fate.h"

#include <algorithm>
#include <string>

#include "lib/base/ascii.h"
#include "lib/json/json_keys.h"

namespace mill {

namespace {

// text in lower case, without what only changes its looks: control and
// zero-width characters, emphasis, backslashes, white space at its ends, and
// all but one space between words.
std::string plain(std::string_view text) {
  constexpr std::string_view kNoBreakSpace = "\u00A0";
  constexpr std::string_view kInvisible[] = {"\u200B", "\u200C", "\u200D",
                                             "\u2060", "\uFEFF", "&#x200B;"};
  constexpr std::string_view kLooks = "*_~`\\\x7F";
  std::string out;
  while (!text.empty()) {
    const auto invisible =
        std::find_if(std::begin(kInvisible), std::end(kInvisible),
                     [&](auto mark) { return text.starts_with(mark); });
    std::size_t taken = 1;
    if (invisible != std::end(kInvisible))
      taken = invisible->size();
    else if (text.starts_with(kNoBreakSpace) || text[0] == ' ' ||
             (text[0] >= '\t' && text[0] <= '\r')) {
      taken = text[0] == kNoBreakSpace[0] ? kNoBreakSpace.size() : 1;
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (static_cast<unsigned char>(text[0]) >= ' ' &&
               kLooks.find(text[0]) == kLooks.npos) {
      out += text[0];
    }
    text.remove_prefix(taken);
  }
  if (out.ends_with(' ')) out.pop_back();
  return ascii_lower(out);
}

// What is in the brackets around all of text; empty if there are none.
std::string_view in_brackets(std::string_view text) {
  if (!text.starts_with('[') || !text.ends_with(']')) return {};
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']' && --depth == 0 && i + 1 < text.size()) return {};
  }
  return depth == 0 ? text.substr(1, text.size() - 2) : std::string_view();
}

// Removes the word from the beginning of text, and the spaces before it; false
// if it is not there.
bool take(std::string_view& text, std::string_view word) {
  std::string_view rest = text;
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  if (!rest.empty() && is_ascii_lower(rest[0])) return false;
  text = rest;
  return true;
}

template <std::size_t size>
void take_any(std::string_view& text, const std::string_view (&words)[size]) {
  (void)std::any_of(std::begin(words), std::end(words),
                    [&](std::string_view word) { return take(text, word); });
}

// Whether a text may be a notice, by its first byte; the same of a JSON string's
// raw bytes. Most begin with a word.
bool may_be_notice(std::string_view text) {
  return !text.empty() && !is_ascii_alphanumeric(text[0]);
}

Fate notice_in(JsonValue text) {
  return text.is_string() && may_be_notice(text.raw_string())
             ? mill::notice_in(text.string())
             : Fate::kAlive;
}

// True if a flag is set.
bool is_set(JsonValue flag) {
  if (!flag || flag.is_null()) return false;
  if (flag.is_bool()) return flag.is_true();
  return !flag.is_string() || !flag.raw_string().empty();
}

// The fate by a flag that names who removed it, or why: deleted if that was its
// author.
Fate by_flag(JsonValue flag) {
  if (!is_set(flag)) return Fate::kAlive;
  const std::string by = ascii_lower(flag.string_or_empty());
  return by == "deleted" || by == "author" ? Fate::kDeleted : Fate::kRemoved;
}

// If there is no author member at all, the author was never recorded, and is
// not gone.
bool is_author_gone(JsonValue author) {
  return author.is_null() ||
         (author.is_string() &&
          (author.raw_string().empty() || notice_in(author) != Fate::kAlive));
}

// The stronger of two signs: an author who deletes a text wants it gone,
// whoever else removed it.
Fate stronger(Fate a, Fate b) {
  if (a == Fate::kDeleted || b == Fate::kDeleted) return Fate::kDeleted;
  return a == Fate::kAlive ? b : a;
}

}  // namespace

Fate notice_in(std::string_view text) {
  constexpr std::size_t kMaxBytes = 1000;  // the longest known has 90
  if (!may_be_notice(text) || text.size() > kMaxBytes ||
      text.find('[') == text.npos)
    return Fate::kAlive;
  const std::string looks = plain(text);
  std::string_view inside = in_brackets(looks);
  take_any(inside, {"this", "the", "your"});
  take_any(inside, {"post", "comment", "content", "submission", "text", "title",
                    "message", "account", "user"});
  take_any(inside, {"was", "is", "has been", "have been"});
  if (take(inside, "deleted")) return Fate::kDeleted;
  if (take(inside, "removed")) return Fate::kRemoved;
  return Fate::kAlive;
}

void FateSigns::add(std::size_t key, JsonValue value) {
  // In the order of kFateKeys.
  enum Key : std::size_t {
    kTitle,
    kSelftext,
    kBody,
    kAuthor,
    kRemovedByCategory,
    kRemovalReason,
    kRemovedBy,
    kBannedBy,
    kBannedAt,
    kRemoved,
    kSpam,
    kCollapsedReason,
    kIsRobotIndexable,
    kMeta,
  };
  switch (key) {
    case kTitle:
    case kSelftext:
    case kBody: fate_ = stronger(fate_, notice_in(value)); break;
    case kAuthor: has_no_author_ = is_author_gone(value); break;
    case kRemovedByCategory: fate_ = stronger(fate_, by_flag(value)); break;
    case kRemovalReason:
    case kRemovedBy:
    case kBannedBy:
    case kBannedAt:
    case kRemoved:
    case kSpam:
      if (is_set(value)) fate_ = stronger(fate_, Fate::kRemoved);
      break;
    case kCollapsedReason:
      if (value.is_string() && ascii_lower(value.string()) == "deleted")
        fate_ = Fate::kDeleted;
      break;
    case kIsRobotIndexable:
      if (value.is_bool() && !value.is_true())
        fate_ = stronger(fate_, Fate::kRemoved);
      break;
    case kMeta:
      fate_ = stronger(fate_, by_flag(value["removal_type"]));
      if (value["was_deleted_later"].is_true() ||
          value["was_initially_deleted"].is_true())
        fate_ = Fate::kDeleted;
      break;
  }
}

Fate FateSigns::fate() const {
  return fate_ == Fate::kAlive && has_no_author_ ? Fate::kDeleted : fate_;
}

Fate fate_of(JsonValue item) {
  static const JsonKeys keys({kFateKeys.begin(), kFateKeys.end()});
  FateSigns signs;
  keys.find(item,
            [&](std::size_t key, JsonValue value) { signs.add(key, value); });
  return signs.fate();
}

Fate fate_of_texts(std::string_view question, std::string_view answer) {
  const std::size_t title = std::min(question.find("\n\n"), question.size());
  return stronger(notice_in(answer),
                  stronger(notice_in(question.substr(0, title)),
                           notice_in(question.substr(title))));
}

}  // namespace mill
