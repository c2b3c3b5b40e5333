// interaction.h - the interaction record: its fields, in order, and what they
// may hold; the collector's names for them; its form in a store.
#pragma once

#include <array>
#include <string_view>

#include "lib/json/json.h"
#include "lib/record/document.h"
#include "lib/record/stage.h"

namespace mill {

struct InteractionField {
  enum Type { kText, kTime, kScore, kWhole, kTruth, kTexts };
  std::string_view name;
  std::string_view collector_name;  // the collector endpoint's, in camelCase
  Type type;
};

inline constexpr std::array<InteractionField, 16> kInteractionFields = {{
    {"id", "id", InteractionField::kText},
    {"question", "question", InteractionField::kText},
    {"answer", "topAnswer", InteractionField::kText},
    {"confidence", "confidenceScore", InteractionField::kScore},
    {"upvotes", "upvotes", InteractionField::kWhole},
    {"answered_by_judge", "answeredByJudge", InteractionField::kTruth},
    {"rule_references", "ruleReferences", InteractionField::kTexts},
    {"cards_mentioned", "cardsMentioned", InteractionField::kTexts},
    {"interaction_type", "interactionType", InteractionField::kText},
    {"source_url", "sourceUrl", InteractionField::kText},
    {"subreddit", "subreddit", InteractionField::kText},
    {"source_tags", "sourceTags", InteractionField::kTexts},
    {"post_id", "postId", InteractionField::kText},
    {"answer_id", "answerId", InteractionField::kText},
    {"collected_at", "collectedAt", InteractionField::kTime},
    {"timestamp", "timestamp", InteractionField::kTime},
}};

// What stands for the question in documents of the system before this one that
// have an answer and no question, as that read them.
inline constexpr char kTitle[] = "title";

// An interaction's field by our name, else by the collector's; null counts as
// missing. The question may be kTitle.
JsonValue interaction_field(JsonValue record, std::string_view name);

// True of a post on a user's own page: its subreddit is u_NAME, and its URL has
// the name after /user/, /u/ or /r/u_. It names its author, so that it is
// neither picked nor stored.
bool is_on_profile(std::string_view subreddit, std::string_view source_url);

// An interaction as it is stored. A record that has our names, an id and both
// times is kept byte for byte. Any other is written anew: our fields first, in
// our order, the others after them, each value's bytes as they were; with
//
//   id            sha256 of source_url, else of question
//   collected_at  stored_at
//   timestamp     collected_at
//
// where it has none. Drops "no_question", "no_answer" and "post_on_profile";
// bad if confidence is missing or a field has the wrong type. For
// Outcome::keep() document is filled.
Outcome to_document(JsonValue record, Timestamp stored_at, Document& document);

}  // namespace mill
