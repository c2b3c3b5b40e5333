// document.h - what stores keep, and what they are asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/timestamp.h"

namespace mill {

struct Document {
  std::string id;
  std::string body;  // one JSON object on one line, kept byte for byte
  // What queries look at, taken from body. A document without a timestamp is
  // found by its id only.
  std::optional<double> confidence = {};
  std::optional<Timestamp> timestamp = {};
  std::optional<std::string> subreddit = {};
};

struct Query {
  std::optional<double> min_confidence = {};  // compared at nine decimals
  std::optional<Timestamp> since = {};        // at this time or later
  std::optional<Timestamp> until = {};        // before this time
  // Collected at this time or later, by the body's field collected_at.
  std::optional<Timestamp> collected_since = {};
  std::vector<std::string> subreddits = {};  // one of these; empty: any
  std::uint64_t limit = 0;                   // 0: all
  // A file in which a store that is paid by what is read keeps what was read,
  // for the same query to go on after a kill; others do not need it.
  std::optional<std::string> resume_file = {};
};

// The index-th, from 1, of count equal parts of the query's time, from the
// newest to the oldest: each document is in one of them, and the results of one
// part after another are those of the query. The query has since and until, at
// least since; the count is at most kMostParts.
constexpr std::uint64_t kMostParts = 1'000'000;
Query part_of(Query query, std::uint64_t index, std::uint64_t count);

// What a query came by: what it found, and what it passed over on its way, that
// is all but for its confidence.
struct QueryCounts {
  std::uint64_t found = 0;
  std::uint64_t below_threshold = 0;
  std::string warning = {};  // what made it dearer than need be; or empty
};

// Takes what a query finds: a document's id in the store, which may be missing
// from its body, and its body.
using DocumentVisitor =
    std::function<void(std::string_view id, std::string_view body)>;

// What is wrong with a document's id or a collection's name, if anything.
// Every store keeps Firestore's rules, so that documents can move: 1 to 1500
// bytes, no slash, neither "." nor "..", not "__...__".
std::optional<std::string> bad_document_id(std::string_view id);

// What a withdrawn document holds.
std::string tombstone(std::string_view id, Timestamp at);

}  // namespace mill
