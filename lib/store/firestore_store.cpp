#include "lib/store/firestore_store.h"

#include <sysexits.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "lib/base/exit.h"
#include "lib/google/firestore_value.h"
#include "lib/google/rpc_status.h"
#include "lib/json/json_writer.h"
#include "lib/store/firestore_document.h"
#include "lib/store/firestore_query.h"
#include "lib/store/firestore_reader.h"

namespace mill {

namespace {

// Google takes 10 MiB a request, its emulator 4.
constexpr std::size_t kBatchWrites = 500, kBatchBytes = 3 << 20;

// Of google.rpc.Code.
constexpr std::int64_t kOk = 0, kInvalidArgument = 3, kNotFound = 5,
                       kAlreadyExists = 6, kFailedPrecondition = 9;

std::string batch(std::string_view list, const std::string& items) {
  std::string body = "{\"";
  return body.append(list).append("\":[").append(items).append("]}");
}

// A write of a whole document under a precondition, which is JSON.
std::string write_json(std::string_view name, std::string_view fields,
                       std::string_view precondition) {
  std::string json = "{\"update\":{\"name\":";
  return json.append(json_string(name))
      .append(",\"fields\":")
      .append(fields)
      .append("},\"currentDocument\":")
      .append(precondition)
      .append("}");
}

}  // namespace

FirestoreStore::FirestoreStore(const std::string& where, StoreAccess access,
                               const ServiceOptions& options)
    : Store(access),
      firestore_(where.substr(0, where.find('/')),
                 where.find('/') == where.npos
                     ? "(default)"
                     : where.substr(where.find('/') + 1),
                 options) {}

std::optional<std::string> FirestoreStore::refusal(
    const std::string& collection, const Document& document) const {
  std::string fields;
  return encode_document(collection, document, new_write_id(), fields);
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
                      "document " + id_of_name(writes[fates.size()].name) +
                          ": " + std::string(rpc_status_name(code)));
    }
  }
  if (fates.size() != writes.size())
    firestore_.fail(EX_UNAVAILABLE, "an answer that does not fit the request");
  return fates;
}

std::vector<Created> FirestoreStore::create_now(
    const std::string& collection, std::span<const Document> documents) {
  std::vector<Created> created(documents.size(), {Created::kExists});
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
    std::string fields;
    if (auto why = encode_document(collection, document, write_id, fields)) {
      created[i] = {Created::kRefused, std::move(*why)};
      continue;
    }
    if (!seen.insert(document.id).second) continue;
    Write write{i, firestore_.name(collection, document.id), ""};
    write.json = write_json(write.name, fields, "{\"exists\":false}");
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
                                  std::vector<Created>& created) {
  bool is_repeat = false;
  for (std::uint64_t attempt = 0;; ++attempt) {
    const std::vector<Fate> fates = send(writes, is_repeat);
    std::vector<std::string> in_doubt;
    std::unordered_map<std::string, std::size_t> indexes;
    std::vector<Write> again;
    for (std::size_t i = 0; i < writes.size(); ++i) {
      if (fates[i] == Fate::kDone) {
        created[writes[i].index].kind = Created::kNew;
      } else if (fates[i] == Fate::kAgain) {
        again.push_back(std::move(writes[i]));
      } else if (is_repeat) {
        indexes.emplace(writes[i].name, writes[i].index);
        in_doubt.push_back(std::move(writes[i].name));
      }
    }
    look_up(
        in_doubt, "\"write_id\"",
        [&](const std::string& name, JsonValue found) {
          const auto it = indexes.find(name);
          if (it != indexes.end() && is_written_by(found["fields"], write_id))
            created[it->second].kind = Created::kNew;
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
        visit(answer_member(firestore_, found, "name").string(), found);
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
    body = decode_document(document["fields"]);
  });
  return body;
}

QueryCounts FirestoreStore::query(const std::string& collection,
                                  const Query& query,
                                  const DocumentVisitor& visit) {
  return FirestoreReader(firestore_, collection, query, visit).read();
}

std::optional<std::uint64_t> FirestoreStore::count(
    const std::string& collection, const Query& query) {
  const std::vector<std::string> bodies = count_bodies(collection, query);
  if (bodies.empty()) return std::nullopt;
  return count_by(firestore_, bodies);
}

std::uint64_t FirestoreStore::count_withdrawn(const std::string& collection) {
  return count_by(firestore_, {count_withdrawn_body(collection)}).value_or(0);
}

std::vector<bool> FirestoreStore::withdraw(const std::string& collection,
                                           std::span<const std::string> ids,
                                           Timestamp at) {
  std::vector<bool> withdrawn(ids.size());
  const std::string write_id = new_write_id();
  // Those whose fate is not known yet, by name.
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
                withdrawn[it->second] = is_written_by(fields, write_id);
                return;
              }
              std::string left;
              encode_document(collection,
                              {ids[it->second], tombstone(ids[it->second], at)},
                              write_id, left);
              std::string unchanged = "{\"updateTime\":";
              unchanged
                  .append(answer_member(firestore_, found, "updateTime").raw())
                  .append("}");
              writes.push_back(
                  {it->second, name, write_json(name, left, unchanged)});
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
