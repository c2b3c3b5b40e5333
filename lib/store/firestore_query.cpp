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

// A comparison with one of Firestore's values, which is JSON.
void value_filter(JsonWriter& json, std::string_view field, std::string_view op,
                  std::string_view value) {
  json.begin_object();
  json.key("fieldFilter");
  json.begin_object();
  json.key("field");
  json.begin_object();
  json.member("fieldPath", field);
  json.end_object();
  json.member("op", op);
  json.raw_member("value", value);
  json.end_object();
  json.end_object();
}

// {"TYPE":VALUE}.
template <typename T>
std::string typed(std::string_view type, const T& value) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member(type, value);
  json.end_object();
  return text;
}

void time_filter(JsonWriter& json, std::string_view field, std::string_view op,
                 Timestamp time) {
  value_filter(json, field, op,
               typed("timestampValue", format_timestamp(time)));
}

// Every double that counts as at least min at nine decimals is above this; what
// is between the two is checked here.
double below_confidence(double min) {
  return static_cast<double>(billionths(min) - 1) / 1e9;
}

void subreddit_filter(JsonWriter& json, const std::vector<std::string>& names) {
  if (names.size() == 1)
    return value_filter(json, "subreddit", "EQUAL",
                        typed("stringValue", names[0]));
  std::string list;
  for (const std::string& name : names)
    list.append(list.empty() ? "" : ",").append(typed("stringValue", name));
  value_filter(json, "subreddit", "IN",
               "{\"arrayValue\":{\"values\":[" + list + "]}}");
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

// Begins "where"; the filters follow, then end_filters().
void begin_filters(JsonWriter& json) {
  json.key("where");
  json.begin_object();
  json.key("compositeFilter");
  json.begin_object();
  json.member("op", "AND");
  json.key("filters");
  json.begin_array();
}

void end_filters(JsonWriter& json) {
  json.end_array();
  json.end_object();
  json.end_object();
}

// "where", unless nothing is compared.
void write_filters(JsonWriter& json, const Query& query, const Pushed& pushed,
                   const std::string& newer_than = {}) {
  if (!query.since && !query.until && !pushed.any() && newer_than.empty())
    return;
  begin_filters(json);
  if (!newer_than.empty())
    value_filter(json, "timestamp", "GREATER_THAN", newer_than);
  if (query.since)
    time_filter(json, "timestamp", "GREATER_THAN_OR_EQUAL", *query.since);
  if (query.until) time_filter(json, "timestamp", "LESS_THAN", *query.until);
  if (pushed.confidence)
    value_filter(json, "confidence", "GREATER_THAN_OR_EQUAL",
                 typed("doubleValue", below_confidence(*query.min_confidence)));
  if (pushed.collected)
    time_filter(json, "collected_at", "GREATER_THAN_OR_EQUAL",
                *query.collected_since);
  if (pushed.subreddits) subreddit_filter(json, query.subreddits);
  end_filters(json);
}

void write_collection(JsonWriter& json, const std::string& collection) {
  json.key("from");
  json.begin_array();
  json.begin_object();
  json.member("collectionId", collection);
  json.end_object();
  json.end_array();
}

void write_order(JsonWriter& json,
                 const std::vector<std::string_view>& fields) {
  json.key("orderBy");
  json.begin_array();
  for (const std::string_view field : fields)
    order_by(json, field, "DESCENDING");
  order_by(json, "__name__", "DESCENDING");
  json.end_array();
}

// A count of what the members that write_query writes find.
template <typename WriteQuery>
std::string count_body(const std::string& read_time,
                       const WriteQuery& write_query) {
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
  if (!read_time.empty()) json.raw_member("readTime", read_time);
  json.end_object();
  return body;
}

// The query for each kMostSubreddits of its subreddits, or once if it asks for
// none.
std::vector<Query> parts_of(const Query& query) {
  const std::set<std::string> names(query.subreddits.begin(),
                                    query.subreddits.end());
  std::vector<Query> parts;
  for (auto next = names.begin(); parts.empty() || next != names.end();) {
    parts.push_back(query);
    parts.back().subreddits.clear();
    while (next != names.end() &&
           parts.back().subreddits.size() < kMostSubreddits)
      parts.back().subreddits.push_back(*next++);
  }
  return parts;
}

}  // namespace

Pushed all_that_can_be_pushed(const Query& query) {
  if (query.collected_since) return {.collected = true};
  return {.confidence =
              query.min_confidence && billionths(*query.min_confidence) > 0,
          .subreddits = !query.subreddits.empty() &&
                        query.subreddits.size() <= kMostSubreddits};
}

bool is_compared_here(const Query& query, const Pushed& pushed) {
  const bool has_minimum =
      query.min_confidence && billionths(*query.min_confidence) > 0;
  return (has_minimum && !pushed.confidence) ||
         (!query.subreddits.empty() && !pushed.subreddits) ||
         (query.collected_since && !pushed.collected);
}

std::vector<std::string_view> order_fields(const Pushed& pushed) {
  std::vector<std::string_view> fields = {"timestamp"};
  if (pushed.confidence) fields.push_back("confidence");
  if (pushed.collected) fields.push_back("collected_at");
  return fields;
}

std::string query_body(const std::string& collection, const Query& query,
                       const Pushed& pushed, const FirestorePage& page) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("structuredQuery");
  json.begin_object();
  write_collection(json, collection);
  write_filters(json, query, pushed);
  write_order(json, order_fields(pushed));
  if (!page.after_name.empty()) {
    json.key("startAt");
    json.begin_object();
    json.member("before", false);
    json.key("values");
    json.begin_array();
    for (const std::string& value : page.after) json.raw(value);
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
                                      const Query& query,
                                      const std::string& read_time,
                                      const std::string& newer_than) {
  std::vector<std::string> bodies;
  if (query.collected_since && !query.subreddits.empty()) return bodies;
  for (const Query& part : parts_of(query)) {
    const Pushed pushed{.subreddits = !part.subreddits.empty(),
                        .collected = part.collected_since.has_value()};
    bodies.push_back(count_body(read_time, [&](JsonWriter& json) {
      write_collection(json, collection);
      write_filters(json, part, pushed, newer_than);
      write_order(json, order_fields(pushed));
    }));
  }
  return bodies;
}

std::vector<std::string> count_tied_bodies(const std::string& collection,
                                           const Query& query,
                                           const std::string& time,
                                           const std::string& name,
                                           const std::string& read_time) {
  std::vector<std::string> bodies;
  for (const Query& part : parts_of(query))
    bodies.push_back(count_body(read_time, [&](JsonWriter& json) {
      write_collection(json, collection);
      begin_filters(json);
      value_filter(json, "timestamp", "EQUAL", time);
      if (!part.subreddits.empty()) subreddit_filter(json, part.subreddits);
      value_filter(json, "__name__", "LESS_THAN_OR_EQUAL",
                   "{\"referenceValue\":" + name + "}");
      end_filters(json);
    }));
  return bodies;
}

std::string count_with_field_body(const std::string& collection,
                                  std::string_view field) {
  return count_body({}, [&](JsonWriter& json) {
    write_collection(json, collection);
    write_order(json, {field});
  });
}

std::string count_withdrawn_body(const std::string& collection) {
  return count_body({}, [&](JsonWriter& json) {
    write_collection(json, collection);
    json.key("where");
    value_filter(json, "withdrawn", "EQUAL", typed("booleanValue", true));
  });
}

bool has_confidence(JsonValue fields, const Query& query) {
  if (!query.min_confidence) return true;
  const auto confidence = value_number(interaction_field(fields, "confidence"));
  return confidence &&
         billionths(*confidence) >= billionths(*query.min_confidence);
}

bool is_in_range(JsonValue fields, const Query& query) {
  if (!query.subreddits.empty()) {
    const JsonValue name = fields["subreddit"]["stringValue"];
    if (!name.is_string() ||
        std::find(query.subreddits.begin(), query.subreddits.end(),
                  name.string()) == query.subreddits.end())
      return false;
  }
  if (query.collected_since) {
    const auto time = parse_timestamp(
        fields["collected_at"]["timestampValue"].string_or_empty());
    if (!time || *time < *query.collected_since) return false;
  }
  return true;
}

}  // namespace mill
