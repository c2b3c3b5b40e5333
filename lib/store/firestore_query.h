// firestore_query.h - a query in Firestore's form, page by page, and the
// conditions that are checked here.
//
//   const mill::Pushed pushed = mill::all_that_can_be_pushed(query);
//   mill::FirestorePage page{.limit = 500};
//   firestore.ask("runQuery", mill::query_body("c", query, pushed, page));
//   if (mill::is_in_range(document["fields"], query)) ...
//
// What Firestore compares it does not charge for, but it needs an index for
// each set of conditions, and its order is that of the index: timestamp, then
// the other ranges' fields, then the name, all descending. So equal times are
// in no order of ours. Times alone need no index that anybody has to make.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"
#include "lib/record/document.h"

namespace mill {

// Which conditions of a query Firestore compares, beside its times.
struct Pushed {
  bool confidence = false;
  bool subreddits = false;
  bool collected = false;

  bool any() const { return confidence || subreddits || collected; }
};
// As many as one of share/firestore.indexes.json serves: a query by
// collected_at is small, and has the rest checked here; no query has more than
// 30 subreddits; a confidence of 0 is not worth an index.
Pushed all_that_can_be_pushed(const Query& query);
// True if some of what Firestore then answers may not match.
bool is_compared_here(const Query& query, const Pushed& pushed);

// The fields whose order a query has, before the name.
std::vector<std::string_view> order_fields(const Pushed& pushed);

// Which page of a query's results to ask for. Texts are JSON.
struct FirestorePage {
  std::size_t limit;
  // The values of order_fields() that the last document had, and its name;
  // empty: from the first.
  std::vector<std::string> after = {};
  std::string after_name = {};
  std::string read_time = {};  // as of then; empty: as of now
};

std::string query_body(const std::string& collection, const Query& query,
                       const Pushed& pushed, const FirestorePage& page);

// How many documents a query answers, of whatever confidence, as
// runAggregationQuery has it, under "count"; a body for each 30 of its
// subreddits. Nothing if no index serves that. Times, Firestore's values, and
// names are JSON. With newer_than only those after that time.
std::vector<std::string> count_bodies(const std::string& collection,
                                      const Query& query,
                                      const std::string& read_time = {},
                                      const std::string& newer_than = {});
// The same of those at a time, with a name up to `name`.
std::vector<std::string> count_tied_bodies(const std::string& collection,
                                           const Query& query,
                                           const std::string& time,
                                           const std::string& name,
                                           const std::string& read_time);
// How many have a field that they can be ordered by, or are withdrawn.
std::string count_with_field_body(const std::string& collection,
                                  std::string_view field);
std::string count_withdrawn_body(const std::string& collection);

// Whether a document that Firestore answered is of the query's subreddits and
// was collected in its time; and has its confidence.
bool is_in_range(JsonValue fields, const Query& query);
bool has_confidence(JsonValue fields, const Query& query);

}  // namespace mill
