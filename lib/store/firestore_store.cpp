#include "lib/store/firestore_store.h"

#include <sysexits.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <unordered_map>
#include <unordered_set>

#include "lib/base/exit.h"
#include "lib/json/json_writer.h"
#include "lib/record/interaction.h"
#include "lib/record/score.h"

namespace mill {

namespace {

constexpr char kWriteId[] = "write_id";
constexpr std::size_t kWriteIdSize = sizeof kWriteId + 24 + 1;  // as stored
constexpr std::size_t kMaxDocument = (1 << 20) - 4;             // bytes
// Google takes 10 MiB a request, its emulator 4.
constexpr std::size_t kBatchWrites = 500, kBatchBytes = 3 << 20;
constexpr std::size_t kPage = 500;           // documents
constexpr std::size_t kMostSubreddits = 30;  // in a query

// Of google.rpc.Code.
constexpr std::int64_t kOk = 0, kInvalidArgument = 3, kNotFound = 5,
                       kAlreadyExists = 6, kFailedPrecondition = 9;

std::string new_write_id() {
  std::random_device random;
  char text[25];
  std::snprintf(text, sizeof text, "%08x%08x%08x", random(), random(),
                random());
  return text;
}

// Encoded fields, and write_id behind them.
std::string fields_with(std::string fields, const std::string& write_id) {
  fields.pop_back();
  if (fields.back() != '{') fields += ',';
  return fields.append("\"")
      .append(kWriteId)
      .append(R"(":{"stringValue":")")
      .append(write_id)
      .append("\"}}");
}

bool is_of(JsonValue fields, std::string_view write_id) {
  const JsonValue id = fields[kWriteId]["stringValue"];
  return id.is_string() && id.string() == write_id;
}

FirestoreFields encode(const std::string& body,
                       std::optional<std::string>& why_not) {
  JsonReader reader;
  FirestoreFields fields;
  if (const auto error = reader.parse(body))
    why_not = error->message();
  else if (reader.root()[kWriteId])
    why_not = "has a field write_id, which is the store's own";
  else
    why_not = encode_fields(reader.root(), fields);
  return fields;
}

std::string batch(std::string_view list, const std::string& items) {
  std::string body = "{\"";
  return body.append(list).append("\":[").append(items).append("]}");
}

std::string field_filter(std::string_view field, std::string_view op,
                         const std::string& value) {
  std::string filter = R"({"fieldFilter":{"field":{"fieldPath":")";
  return filter.append(field)
      .append(R"("},"op":")")
      .append(op)
      .append(R"(","value":)")
      .append(value)
      .append("}}");
}

std::string time_value(Timestamp time) {
  return R"({"timestampValue":")" + format_timestamp(time) + "\"}";
}

// One of subreddits.
std::string subreddit_filter(const std::vector<std::string>& subreddits) {
  std::string values;
  for (const std::string& name : subreddits)
    values.append(values.empty() ? "" : ",")
        .append(R"({"stringValue":)")
        .append(json_string(name))
        .append("}");
  return subreddits.size() == 1
             ? field_filter("subreddit", "EQUAL", values)
             : field_filter("subreddit", "IN",
                            R"({"arrayValue":{"values":[)" + values + "]}}");
}

// The structured query without its cursor, limit and end.
std::string query_head(const std::string& collection, const Query& query) {
  std::string filters;
  const auto add = [&](const std::string& filter) {
    filters.append(filters.empty() ? "" : ",").append(filter);
  };
  if (query.since)
    add(field_filter("timestamp", "GREATER_THAN_OR_EQUAL",
                     time_value(*query.since)));
  if (query.until)
    add(field_filter("timestamp", "LESS_THAN", time_value(*query.until)));
  if (!query.subreddits.empty() && query.subreddits.size() <= kMostSubreddits)
    add(subreddit_filter(query.subreddits));
  std::string head = R"({"structuredQuery":{"from":[{"collectionId":)";
  head.append(json_string(collection)).append("}]");
  if (!filters.empty())
    head.append(R"(,"where":{"compositeFilter":{"op":"AND","filters":[)")
        .append(filters)
        .append("]}}");
  return head +
         R"(,"orderBy":[{"field":{"fieldPath":"timestamp"},)"
         R"("direction":"DESCENDING"},{"field":{"fieldPath":"__name__"},)"
         R"("direction":"ASCENDING"}])";
}

// What a query asks that Firestore does not compare.
bool matches(JsonValue fields, const Query& query) {
  if (query.min_confidence) {
    const auto confidence =
        value_number(interaction_field(fields, "confidence"));
    if (!confidence ||
        billionths(*confidence) < billionths(*query.min_confidence))
      return false;
  }
  if (query.subreddits.size() <= kMostSubreddits) return true;
  const JsonValue name = fields["subreddit"]["stringValue"];
  return name.is_string() &&
         std::find(query.subreddits.begin(), query.subreddits.end(),
                   name.string()) != query.subreddits.end();
}

std::string id_of(std::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));
}

}  // namespace

FirestoreStore::FirestoreStore(const std::string& where, ServiceOptions options)
    : firestore_(where.substr(0, where.find('/')),
                 where.find('/') == where.npos
                     ? "(default)"
                     : where.substr(where.find('/') + 1),
                 options) {}

std::optional<std::string> FirestoreStore::refusal(
    const std::string& collection, const Document& document) const {
  std::optional<std::string> why;
  const FirestoreFields fields = encode(document.body, why);
  if (!why && document_size(collection, document.id,
                            fields.size + kWriteIdSize) > kMaxDocument)
    why = "is larger than Firestore's 1048572 bytes";
  return why;
}

std::vector<FirestoreStore::Fate> FirestoreStore::send(
    std::span<const Write> writes, bool& is_repeat) {
  std::string items;
  for (const Write& write : writes)
    items.append(items.empty() ? "" : ",").append(write.json);
  if (!firestore_.is_emulator())
    firestore_.clock().sleep(
        ramp_.wait(writes.size(), firestore_.clock().now()));
  const FirestoreAnswer answer =
      firestore_.ask("batchWrite", batch("writes", items));
  if (!answer.ok()) firestore_.fail(answer);
  is_repeat = is_repeat || answer.is_repeat;
  std::vector<Fate> fates;
  for (const JsonValue status : answer.root["status"].elements()) {
    const std::int64_t code = status["code"].integer().value_or(kOk);
    if (code == kOk) {
      fates.push_back(Fate::kDone);
    } else if (code == kAlreadyExists || code == kFailedPrecondition ||
               code == kNotFound) {
      fates.push_back(Fate::kPrecondition);
    } else if (is_transient(code)) {
      fates.push_back(Fate::kAgain);
    } else if (fates.size() < writes.size()) {
      firestore_.fail(code == kInvalidArgument ? EX_DATAERR : EX_UNAVAILABLE,
                      "document " + id_of(writes[fates.size()].name) + ": " +
                          std::string(rpc_status_name(code)));
    }
  }
  if (fates.size() != writes.size())
    firestore_.fail(EX_UNAVAILABLE, "an answer that does not fit the request");
  return fates;
}

JsonValue FirestoreStore::member(JsonValue object,
                                 std::string_view name) const {
  const JsonValue value = object[name];
  if (!value)
    firestore_.fail(EX_UNAVAILABLE, "an answer that does not fit the request");
  return value;
}

std::vector<bool> FirestoreStore::create_absent(
    const std::string& collection, std::span<const Document> documents) {
  std::vector<bool> created(documents.size());
  const std::string write_id = new_write_id();
  std::unordered_set<std::string_view> seen;
  std::vector<Write> writes;
  std::size_t bytes = 0;
  const auto create = [&] {
    create_batch(std::move(writes), write_id, created);
    writes.clear();
    bytes = 0;
  };
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const Document& document = documents[i];
    if (!seen.insert(document.id).second) continue;
    std::optional<std::string> why;
    const FirestoreFields fields = encode(document.body, why);
    if (why) throw Exit(EX_DATAERR, "document " + document.id + ": " + *why);
    Write write{i, firestore_.name(collection, document.id), "{\"update\":"};
    write.json.append("{\"name\":")
        .append(json_string(write.name))
        .append(",\"fields\":")
        .append(fields_with(fields.json, write_id))
        .append(R"(},"currentDocument":{"exists":false}})");
    if (writes.size() == kBatchWrites ||
        (bytes > 0 && bytes + write.json.size() > kBatchBytes))
      create();
    bytes += write.json.size();
    writes.push_back(std::move(write));
  }
  if (!writes.empty()) create();
  return created;
}

void FirestoreStore::create_batch(std::vector<Write> writes,
                                  const std::string& write_id,
                                  std::vector<bool>& created) {
  bool is_repeat = false;
  for (std::uint64_t attempt = 0;; ++attempt) {
    const std::vector<Fate> fates = send(writes, is_repeat);
    std::vector<std::string> in_doubt;
    std::unordered_map<std::string, std::size_t> indexes;
    std::vector<Write> again;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (fates[i] == Fate::kDone) {
        created[writes[i].index] = true;
      } else if (fates[i] == Fate::kAgain) {
        again.push_back(std::move(writes[i]));
      } else if (is_repeat) {
        indexes.emplace(writes[i].name, writes[i].index);
        in_doubt.push_back(std::move(writes[i].name));
      }
    }
    look_up(in_doubt, "\"write_id\"",
            [&](const std::string& name, JsonValue found) {
              const auto it = indexes.find(name);
              if (it != indexes.end())
                created[it->second] = is_of(found["fields"], write_id);
            });
    if (again.empty()) return;
    if (!firestore_.back_off(attempt))
      firestore_.fail(EX_TEMPFAIL, std::to_string(again.size()) +
                                       " documents cannot be stored now");
    writes = std::move(again);
    is_repeat = true;
  }
}

void FirestoreStore::look_up(
    std::span<const std::string> names, std::string_view mask,
    const std::function<void(const std::string&, JsonValue)>& visit) {
  while (!names.empty()) {
    const auto some = names.first(std::min(names.size(), kBatchWrites));
    names = names.subspan(some.size());
    std::string list;
    for (const std::string& name : some)
      list.append(list.empty() ? "" : ",").append(json_string(name));
    std::string body = batch("documents", list);
    if (!mask.empty()) {
      body.pop_back();
      body.append(R"(,"mask":{"fieldPaths":[)").append(mask).append("]}}");
    }
    for (const JsonValue element : firestore_.call("batchGet", body).elements())
      if (const JsonValue found = element["found"])
        visit(member(found, "name").string(), found);
  }
}

std::vector<bool> FirestoreStore::contains(const std::string& collection,
                                           std::span<const std::string> ids) {
  std::vector<std::string> names;
  for (const std::string& id : ids)
    names.push_back(firestore_.name(collection, id));
  std::unordered_set<std::string> found;
  look_up(names, "\"__name__\"",
          [&](const std::string& name, JsonValue) { found.insert(name); });
  std::vector<bool> is_found;
  for (const std::string& name : names) is_found.push_back(found.count(name));
  return is_found;
}

std::optional<std::string> FirestoreStore::get(const std::string& collection,
                                               const std::string& id) {
  std::optional<std::string> body;
  const std::string name = firestore_.name(collection, id);
  look_up({&name, 1}, "", [&](const std::string&, JsonValue document) {
    body = decode_fields(document["fields"], kWriteId);
  });
  return body;
}

void FirestoreStore::query(const std::string& collection, const Query& query,
                           const std::function<void(std::string_view)>& visit) {
  const std::string head = query_head(collection, query);
  const bool is_filtered_here =
      query.min_confidence || query.subreddits.size() > kMostSubreddits;
  std::uint64_t visited = 0;
  std::size_t page = kPage;
  std::string cursor, read_time;
  for (;;) {
    std::size_t limit = page;
    if (query.limit != 0 && !is_filtered_here)
      limit = static_cast<std::size_t>(
          std::min<std::uint64_t>(page, query.limit - visited));
    std::string body = head + cursor + ",\"limit\":" + std::to_string(limit);
    body.append("}").append(read_time).append("}");
    const FirestoreAnswer answer = firestore_.ask("runQuery", body);
    if (!answer.ok()) {
      if (answer.problem.failure == HttpResponse::kTooLarge && page > 1)
        page = (page + 1) / 2;
      else if (answer.status == "FAILED_PRECONDITION" && !read_time.empty())
        read_time.clear();  // it is not kept any longer
      else
        firestore_.fail(answer);
      continue;
    }
    std::size_t count = 0;
    JsonValue last;
    for (const JsonValue element : answer.root.elements()) {
      if (read_time.empty() && element["readTime"].is_string())
        read_time.append(",\"readTime\":").append(element["readTime"].raw());
      const JsonValue document = element["document"];
      if (!document) continue;
      ++count;
      last = document;
      if (!matches(document["fields"], query)) continue;
      visit(decode_fields(document["fields"], kWriteId));
      if (++visited == query.limit) return;
    }
    if (count < limit) return;
    cursor = R"(,"startAt":{"before":false,"values":[)";
    cursor.append(member(last["fields"], "timestamp").raw())
        .append(R"(,{"referenceValue":)")
        .append(member(last, "name").raw())
        .append("}]}");
  }
}

std::vector<bool> FirestoreStore::withdraw(const std::string& collection,
                                           std::span<const std::string> ids,
                                           Timestamp at) {
  std::vector<bool> withdrawn(ids.size());
  const std::string write_id = new_write_id();
  // By name, of those whose fate is not known yet.
  std::unordered_map<std::string, std::size_t> open;
  for (std::size_t i = 0; i < ids.size(); ++i)
    open.emplace(firestore_.name(collection, ids[i]), i);
  for (std::uint64_t attempt = 0;; ++attempt) {
    std::vector<std::string> names;
    for (const auto& [name, index] : open) names.push_back(name);
    std::vector<Write> writes;
    look_up(names, R"("timestamp","write_id")",
            [&](const std::string& name, JsonValue found) {
              const auto it = open.find(name);
              if (it == open.end()) return;
              const JsonValue fields = found["fields"];
              if (!fields["timestamp"]) {  // perhaps by an earlier attempt
                withdrawn[it->second] = is_of(fields, write_id);
                return;
              }
              std::optional<std::string> why;
              const FirestoreFields left =
                  encode(tombstone(ids[it->second], at), why);
              std::string json = "{\"update\":{\"name\":";
              json.append(json_string(name))
                  .append(",\"fields\":")
                  .append(fields_with(left.json, write_id))
                  .append(R"(},"currentDocument":{"updateTime":)")
                  .append(member(found, "updateTime").raw())
                  .append("}}");
              writes.push_back({it->second, name, std::move(json)});
            });
    open.clear();
    for (std::span<const Write> rest = writes; !rest.empty();) {
      const auto some = rest.first(std::min(rest.size(), kBatchWrites));
      rest = rest.subspan(some.size());
      bool is_repeat = false;
      const std::vector<Fate> fates = send(some, is_repeat);
      for (std::size_t i = 0; i < some.size(); ++i) {
        if (fates[i] == Fate::kDone)
          withdrawn[some[i].index] = true;
        else
          open.emplace(some[i].name, some[i].index);  // has changed meanwhile
      }
    }
    if (open.empty()) return withdrawn;
    if (!firestore_.back_off(attempt))
      firestore_.fail(EX_TEMPFAIL, std::to_string(open.size()) +
                                       " documents cannot be withdrawn now");
  }
}

}  // namespace mill
