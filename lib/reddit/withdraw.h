// withdraw.h - finds out from Reddit's /api/info what was deleted or removed.
//
// Reddit's answer omits things that are gone for good; of others it holds what
// is left, with a flag, or a notice in place of the text (fate.h). So only a
// whole and well-formed answer counts: what is missing from any other answer
// need not have been deleted.
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
// not a listing, is not whole, holds what was not asked for, or nothing of what
// was: a broken index answers like that, when not everything was deleted.
std::optional<Fates> read_fates(JsonValue answer,
                                const std::set<std::string>& asked);

// Why the interaction is to be withdrawn: post_missing, post_deleted,
// post_removed, or the same of its answer or rejected answer; empty if nothing
// says so.
std::string withdrawal_reason(const InteractionSource& source,
                              const Fates& fates);

}  // namespace mill
