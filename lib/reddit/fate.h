// fate.h - what became of a post or comment at its source.
//
//   if (fate_of(comment) != Fate::kAlive) return drop();
//
// The one rule of what counts as deleted or removed, for all that picks,
// stores, serves or withdraws. Where a sign is in doubt the thing is gone:
// what is left out by mistake costs an example, what is kept by mistake is
// someone's text that was taken back.
#pragma once

#include <string_view>

#include "lib/json/json.h"

namespace mill {

enum class Fate {
  kAlive,
  kMissing,  // Reddit does not know it any more
  kDeleted,  // by who wrote it, or with the account
  kRemoved,  // by moderators, by Reddit, or for the law
};

// What a notice says that stands in place of a whole text; kAlive if the text
// is none. A notice is known by its form: all of it in one pair of brackets,
// and in them first "deleted" or "removed", or what was, as in "[ Removed by
// Reddit ]", "[deleted by user]" and "[This comment was removed.]". Case,
// emphasis, white space and control characters make no difference.
Fate notice_in(std::string_view text);

// The fate of Reddit's data object of a post or comment, from the API or from
// dumps of any year: by its flags (removed_by_category, removal_reason,
// removed_by, banned_by, banned_at_utc, removed, spam, collapsed_reason_code,
// Arctic Shift's _meta), by a notice in place of its title, selftext or body,
// and by an author who is gone. A flag that is null, false or "" says nothing.
Fate fate_of(JsonValue item);

// The same of what is left of a post and its answer in an interaction: by
// notices in place of the title, the text or the answer.
Fate fate_of_texts(std::string_view question, std::string_view answer);

}  // namespace mill
