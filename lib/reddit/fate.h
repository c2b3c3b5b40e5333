// fate.h - what became of a post or comment at its source.
//
//   if (fate_of(comment) != Fate::kAlive) return drop();
//
// The only rule for what counts as deleted or removed, for all that picks,
// stores, serves or withdraws. A doubtful sign counts: what is left out by
// mistake costs an example, what is kept by mistake is a text that someone took
// back.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "lib/json/json.h"

namespace mill {

enum class Fate {
  kAlive,
  kMissing,  // Reddit does not know it any more
  kDeleted,  // by who wrote it, or with the account
  kRemoved,  // by moderators, by Reddit, or for the law
};

// What a notice in place of a whole text says; kAlive if the text is no notice.
// A notice is recognized by its form: one pair of brackets around it, and in
// them "deleted" or "removed", possibly after what was deleted, as in "[
// Removed by Reddit ]", "[deleted by user]" and "[This comment was removed.]".
// Case, emphasis, white space and control characters make no difference.
Fate notice_in(std::string_view text);

// The fate of Reddit's data object of a post or comment, from the API or from
// dumps of any year: by its flags (removed_by_category, removal_reason,
// removed_by, banned_by, banned_at_utc, removed, spam, collapsed_reason_code,
// is_robot_indexable: false, Arctic Shift's _meta), by a notice in place of its title, selftext or body,
// and by an author who is gone. A flag that is null, false or "" says nothing.
Fate fate_of(JsonValue item);

// The same for who looks at its members anyway. Of a key that is there twice
// each value counts.
inline constexpr std::array<std::string_view, 14> kFateKeys = {
    "title",
    "selftext",
    "body",
    "author",
    "removed_by_category",
    "removal_reason",
    "removed_by",
    "banned_by",
    "banned_at_utc",
    "removed",
    "spam",
    "collapsed_reason_code",
    "is_robot_indexable",
    "_meta"};
class FateSigns {
 public:
  // The value of kFateKeys[key].
  void add(std::size_t key, JsonValue value);
  Fate fate() const;

 private:
  Fate fate_ = Fate::kAlive;
  bool has_no_author_ = false;
};

// The same for an interaction, which keeps only texts: by a notice in place of
// the title, the text or the answer.
Fate fate_of_texts(std::string_view question, std::string_view answer);

}  // namespace mill
