#include "lib/store/firestore_query.h"

#include <algorithm>
#include <set>

#include "lib/google/firestore_value.h"
#include "lib/json/json_writer.h"
#include "lib/record/interaction.h"
#include "lib/record/score.h"

namespace mill {

namespace {

constexpr std::size_t kMostSubreddits = 30;  // in a query

// Writes the beginning of {"fieldFilter":{...,"value":, and after the value
// the end.
template <typename WriteValue>
void field_filter(JsonWriter& json, std::string_view field, std::string_view op,
                  const WriteValue& write_value) {
  json.begin_object();
  json.key("fieldFilter");
  json.begin_object();
  json.key("field");
  json.begin_object();
  json.member("fieldPath", field);
  json.end_object();
  json.member("op", op);
  json.key("value");
  json.begin_object();
  write_value();
  json.end_object();
  json.end_object();
  json.end_object();
}

void time_filter(JsonWriter& json, std::string_view op, Timestamp time) {
  field_filter(json, "timestamp", op,
               [&] { json.member("timestampValue", format_timestamp(time)); });
}

void subreddit_filter(JsonWriter& json, const std::vector<std::string>& names) {
  if (names.size() == 1)
    return field_filter(json, "subreddit", "EQUAL",
                        [&] { json.member("stringValue", names[0]); });
  field_filter(json, "subreddit", "IN", [&] {
    json.key("arrayValue");
    json.begin_object();
    json.key("values");
    json.begin_array();
    for (const std::string& name : names) {
      json.begin_object();
      json.member("stringValue", name);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  });
}

void order_by(JsonWriter& json, std::string_view field,
              std::string_view direction) {
  json.begin_object();
  json.key("field");
  json.begin_object();
  json.member("fieldPath", field);
  json.end_object();
  json.member("direction", direction);
  json.end_object();
}

// "where", unless nothing is compared.
void write_filters(JsonWriter& json, const Query& query) {
  const bool has_subreddits =
      !query.subreddits.empty() && query.subreddits.size() <= kMostSubreddits;
  if (!query.since && !query.until && !has_subreddits) return;
  json.key("where");
  json.begin_object();
  json.key("compositeFilter");
  json.begin_object();
  json.member("op", "AND");
  json.key("filters");
  json.begin_array();
  if (query.since) time_filter(json, "GREATER_THAN_OR_EQUAL", *query.since);
  if (query.until) time_filter(json, "LESS_THAN", *query.until);
  if (has_subreddits) subreddit_filter(json, query.subreddits);
  json.end_array();
  json.end_object();
  json.end_object();
}

void write_collection(JsonWriter& json, const std::string& collection) {
  json.key("from");
  json.begin_array();
  json.begin_object();
  json.member("collectionId", collection);
  json.end_object();
  json.end_array();
}

// The order that pages have, so that the same index serves a count.
void write_order(JsonWriter& json) {
  json.key("orderBy");
  json.begin_array();
  order_by(json, "timestamp", "DESCENDING");
  order_by(json, "__name__", "ASCENDING");
  json.end_array();
}

// A count of what the members that write_query writes find.
template <typename WriteQuery>
std::string count_body(const WriteQuery& write_query) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("structuredAggregationQuery");
  json.begin_object();
  json.key("structuredQuery");
  json.begin_object();
  write_query(json);
  json.end_object();
  json.raw_member("aggregations", R"([{"alias":"count","count":{}}])");
  json.end_object();
  json.end_object();
  return body;
}

}  // namespace

std::string query_body(const std::string& collection, const Query& query,
                       const FirestorePage& page) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("structuredQuery");
  json.begin_object();
  write_collection(json, collection);
  write_filters(json, query);
  write_order(json);
  if (!page.after_name.empty()) {
    json.key("startAt");
    json.begin_object();
    json.member("before", false);
    json.key("values");
    json.begin_array();
    json.raw(page.after_time);
    json.begin_object();
    json.raw_member("referenceValue", page.after_name);
    json.end_object();
    json.end_array();
    json.end_object();
  }
  json.member("limit", page.limit);
  json.end_object();
  if (!page.read_time.empty()) json.raw_member("readTime", page.read_time);
  json.end_object();
  return body;
}

std::vector<std::string> count_bodies(const std::string& collection,
                                      const Query& query) {
  const std::set<std::string> names(query.subreddits.begin(),
                                    query.subreddits.end());
  std::vector<std::string> bodies;
  for (auto next = names.begin(); bodies.empty() || next != names.end();) {
    Query part = query;
    part.subreddits.clear();
    while (next != names.end() && part.subreddits.size() < kMostSubreddits)
      part.subreddits.push_back(*next++);
    bodies.push_back(count_body([&](JsonWriter& json) {
      write_collection(json, collection);
      write_filters(json, part);
      write_order(json);
    }));
  }
  return bodies;
}

std::string count_withdrawn_body(const std::string& collection) {
  return count_body([&](JsonWriter& json) {
    write_collection(json, collection);
    json.key("where");
    field_filter(json, "withdrawn", "EQUAL",
                 [&] { json.member("booleanValue", true); });
  });
}

bool is_compared_here(const Query& query) {
  return query.min_confidence || query.subreddits.size() > kMostSubreddits;
}

bool has_confidence(JsonValue fields, const Query& query) {
  if (!query.min_confidence) return true;
  const auto confidence = value_number(interaction_field(fields, "confidence"));
  return confidence &&
         billionths(*confidence) >= billionths(*query.min_confidence);
}

bool has_subreddit(JsonValue fields, const Query& query) {
  if (query.subreddits.size() <= kMostSubreddits) return true;
  const JsonValue name = fields["subreddit"]["stringValue"];
  return name.is_string() &&
         std::find(query.subreddits.begin(), query.subreddits.end(),
                   name.string()) != query.subreddits.end();
}

}  // namespace mill
