// firestore_query.h - a query in Firestore's form, page by page, and the
// conditions that are checked here instead.
//
//   mill::FirestorePage page{.limit = 500};
//   firestore.ask("runQuery", mill::query_body("c", query, page));
//   if (mill::matches(document["fields"], query)) ...
//
// Order: timestamp descending, equal times by id. Checked here: confidence, and
// subreddits if there are more than Firestore takes in one query.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lib/json/json.h"
#include "lib/record/document.h"

namespace mill {

// Which page of a query's results to ask for. Texts are JSON.
struct FirestorePage {
  std::size_t limit;
  std::string after_time = {};  // the timestamp of the last one, as its field
  std::string after_name = {};  // and its name; empty: from the first
  std::string read_time = {};   // as of then; empty: as of now
};

std::string query_body(const std::string& collection, const Query& query,
                       const FirestorePage& page);

// How many documents there are that a query answers, of whatever confidence, as
// runAggregationQuery has it, under "count"; a body for each kMostSubreddits of
// them. And how many are withdrawn.
std::vector<std::string> count_bodies(const std::string& collection,
                                      const Query& query);
std::string count_withdrawn_body(const std::string& collection);

// True if some of what Firestore answers may not match.
bool is_compared_here(const Query& query);
// Whether a document that Firestore answered is of the query's subreddits, and
// has its confidence.
bool has_subreddit(JsonValue fields, const Query& query);
bool has_confidence(JsonValue fields, const Query& query);

}  // namespace mill
