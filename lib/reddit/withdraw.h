// withdraw.h - tells from Reddit's /api/info what was deleted or removed.
//
// Of things that are gone for good Reddit's answer says nothing; of others it
// holds what is left, with a notice in place of the text or a flag (fate.h). So
// only an answer that is well-formed and whole says anything: what is merely
// not there, in an answer that is not, was not deleted.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "lib/json/json.h"
#include "lib/reddit/fate.h"

namespace mill {

// Where a stored interaction comes from, in Reddit's fullnames.
struct InteractionSource {
  std::string id;      // the document's
  std::string post;    // t3_...; of older documents from source_url; or empty
  std::string answer;  // t1_..., or empty
  std::string rejected = {};  // of a pair the other answer, or empty
};
InteractionSource interaction_source(std::string id, JsonValue interaction);

using Fates = std::map<std::string, Fate, std::less<>>;

// What became of the fullnames that were asked for. Nothing if the answer is
// not a listing, not whole, holds what was not asked for, or nothing of what
// was: an index that is down answers so, and not everything was deleted.
std::optional<Fates> read_fates(JsonValue answer,
                                const std::set<std::string>& asked);

// Why the interaction is to be withdrawn: post_missing, post_deleted,
// post_removed, or the same of its answer or rejected answer; empty if nothing
// says so.
std::string withdrawal_reason(const InteractionSource& source,
                              const Fates& fates);

}  // namespace mill
