#include "tests/cloud/firestore.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <compare>
#include <set>

#include "lib/base/timestamp.h"
#include "lib/json/json_file.h"
#include "lib/json/json_writer.h"

namespace cloud {
namespace {

using mill::json_string;
using mill::JsonValue;

constexpr std::size_t kMaxRequest = 10 << 20;
constexpr std::size_t kMaxDocument = 1 << 20;
constexpr std::size_t kMaxString = (1 << 20) - 89;
constexpr std::int64_t kHour = 3'600'000'000;

enum Rank { kNull, kBool, kNumber, kTime, kString, kBytes, kReference, kPlace };

// Thrown by what finds fault with a request.
struct Refusal {
  int status;
  std::string name;
  std::string message;
};
[[noreturn]] void refuse(const std::string& message) {
  throw Refusal{400, "INVALID_ARGUMENT", message};
}

[[noreturn]] void refuse_stale() {
  throw Refusal{400, "FAILED_PRECONDITION",
                "The requested snapshot version is too old."};
}

void allow(JsonValue object, std::initializer_list<std::string_view> names) {
  if (!object.is_object()) refuse("not an object");
  for (const auto& [key, value] : object.members())
    if (std::find(names.begin(), names.end(), key.string()) == names.end())
      refuse("Unknown name \"" + key.string() + "\": Cannot find field.");
}

std::string text_in(JsonValue value) {
  if (!value.is_string()) refuse("not a string");
  return value.string();
}

std::int64_t time_in(JsonValue value) {
  const std::string text = text_in(value);
  const auto time = mill::parse_timestamp(text);
  if (!time || text.find('T') == text.npos) refuse("not a timestamp");
  return time->microseconds;
}

std::string time_text(std::int64_t microseconds) {
  return "\"" + mill::format_timestamp({microseconds}) + "\"";
}

// ---- names
// -------------------------------------------------------------------

void check_id(std::string_view id) {
  if (id.empty() || id.size() > 1500 || id == "." || id == "..")
    refuse("a resource id is invalid");
  if (id.size() >= 4 && id.starts_with("__") && id.ends_with("__"))
    refuse("a resource id is reserved");
}

// The bytes that a document's name counts as. It must lie under root.
std::size_t check_name(const std::string& name, const std::string& root) {
  if (!name.starts_with(root + "/")) refuse("the name is not in the database");
  std::size_t segments = 0, size = 16;
  std::string_view path = std::string_view(name).substr(root.size());
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view id = path.substr(0, path.find('/'));
    check_id(id);
    ++segments;
    size += id.size() + 1;
    path.remove_prefix(id.size());
  }
  if (segments == 0 || segments % 2 != 0) refuse("the name is no document's");
  return size;
}

std::string_view collection_of(std::string_view name) {
  return name.substr(0, name.rfind('/'));
}

// ---- values
// ------------------------------------------------------------------

// Checks a value and writes it as it is stored, counting its size.
class ValueReader {
 public:
  ValueReader(std::string& out, std::size_t& size) : out_(out), size_(size) {}

  void fields(JsonValue fields, int depth) {
    if (!fields.is_object()) refuse("fields: not an object");
    std::set<std::string> seen;
    out_ += '{';
    for (const auto& [key, value] : fields.members()) {
      const std::string name = key.string();
      if (name.empty() || name.size() > 1500) refuse("a field's name is wrong");
      if (name.size() >= 4 && name.starts_with("__") && name.ends_with("__"))
        refuse("field name " + name + " is reserved");
      if (!seen.insert(name).second) refuse("a field is there twice");
      if (out_.back() != '{') out_ += ',';
      out_.append(json_string(name)).append(":");
      size_ += name.size() + 1;
      read(value, depth);
    }
    out_ += '}';
  }

  // The value, as queries see it, if they do.
  std::optional<Firestore::Value> read(JsonValue value, int depth) {
    if (!value.is_object() || value.size() != 1)
      refuse("a value has not exactly one member");
    for (const auto& [key, inner] : value.members()) {
      const std::string type = key.string();
      if (type == "arrayValue") {
        array(inner, depth + 1);
      } else if (type == "mapValue") {
        if (depth >= 20) refuse("nested too deeply");
        allow(inner, {"fields"});
        out_ += R"({"mapValue":{)";
        if (inner["fields"] && inner["fields"].size() > 0) {
          out_ += "\"fields\":";
          fields(inner["fields"], depth + 1);
        }
        out_ += "}}";
      } else {
        return scalar(type, inner);
      }
    }
    return std::nullopt;
  }

 private:
  void array(JsonValue inner, int depth) {
    allow(inner, {"values"});
    out_ += R"({"arrayValue":{)";
    if (inner["values"].size() > 0) {
      out_ += "\"values\":[";
      for (const JsonValue element : inner["values"].elements()) {
        if (element["arrayValue"]) refuse("an array within an array");
        if (out_.back() != '[') out_ += ',';
        read(element, depth);
      }
      out_ += ']';
    }
    out_ += "}}";
  }

  void put(const std::string& type, const std::string& json, std::size_t size) {
    out_.append("{\"").append(type).append("\":").append(json).append("}");
    size_ += size;
  }

  Firestore::Value scalar(const std::string& type, JsonValue inner) {
    if (type == "nullValue") {
      if (!inner.is_null() && inner.string() != "NULL_VALUE") refuse("null");
      put(type, "null", 1);
      return {kNull};
    }
    if (type == "booleanValue") {
      if (!inner.is_bool()) refuse("not a boolean");
      put(type, std::string(inner.raw()), 1);
      return {kBool, inner.is_true() ? 1.0 : 0.0};
    }
    if (type == "integerValue") return integer(inner);
    if (type == "doubleValue") return real(inner);
    if (type == "timestampValue") {
      const std::int64_t time = time_in(inner);
      put(type, time_text(time), 8);
      return {.rank = kTime, .whole = time};
    }
    if (type == "geoPointValue") {
      allow(inner, {"latitude", "longitude"});
      put(type, std::string(inner.raw()), 16);
      return {kPlace};
    }
    const std::string text = text_in(inner);
    if (text.size() > kMaxString) refuse("a string is too long");
    if (type == "stringValue")
      put(type, json_string(text), text.size() + 1);
    else if (type == "bytesValue")
      put(type, json_string(text), text.size() / 4 * 3);
    else if (type == "referenceValue")
      put(type, json_string(text), text.size());
    else
      refuse("Unknown name \"" + type + "\": Cannot find field.");
    return {.rank = type == "stringValue"  ? kString
                    : type == "bytesValue" ? kBytes
                                           : kReference,
            .text = text};
  }

  Firestore::Value integer(JsonValue inner) {
    const std::string text(inner.is_string() ? inner.raw_string()
                                             : inner.raw());
    std::int64_t number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
      refuse("not an integer");
    put("integerValue", "\"" + std::to_string(number) + "\"", 8);
    return {kNumber, static_cast<double>(number)};
  }

  Firestore::Value real(JsonValue inner) {
    double number = inner.number().value_or(NAN);
    if (inner.is_string()) {
      const std::string text = inner.string();
      if (text == "Infinity" || text == "-Infinity")
        number = text[0] == '-' ? -INFINITY : INFINITY;
      else if (text != "NaN")
        refuse("not a number");
    } else if (!inner.is_number() || !std::isfinite(number)) {
      refuse("not a number");
    }
    std::string text(inner.raw());
    if (inner.is_number()) {
      text.clear();
      mill::JsonWriter(text).value(number);
    }
    put("doubleValue", text, 8);
    return {kNumber, number};
  }

  std::string& out_;
  std::size_t& size_;
};

Firestore::Value query_value(JsonValue value) {
  std::string scrap;
  std::size_t size = 0;
  const auto read = ValueReader(scrap, size).read(value, 0);
  if (!read) refuse("a value that queries do not compare");
  return *read;
}

// NaN counts as the least number.
std::weak_ordering order(const Firestore::Value& a, const Firestore::Value& b) {
  if (a.rank != b.rank) return a.rank <=> b.rank;
  if (std::isnan(a.number) || std::isnan(b.number))
    return !std::isnan(a.number) <=> !std::isnan(b.number);
  if (a.number < b.number) return std::weak_ordering::less;
  if (a.number > b.number) return std::weak_ordering::greater;
  if (a.whole != b.whole) return a.whole <=> b.whole;
  return a.text <=> b.text;
}

// ---- requests
// ----------------------------------------------------------------

std::string read_body(Request& request) {
  std::string body = request.body();
  if (body.size() > kMaxRequest) refuse("Request payload size exceeds 10 MiB");
  return body;
}

void parse(mill::JsonReader& reader, const std::string& body) {
  if (reader.parse(body) || !reader.root().is_object())
    refuse("Invalid JSON payload received.");
}

}  // namespace

const Firestore::Version* Firestore::Document::at(std::int64_t time) const {
  const Version* found = nullptr;
  for (const Version& version : versions)
    if (version.time <= time) found = &version;
  return found && !found->is_deleted ? found : nullptr;
}

struct Firestore::Write {
  std::string name;
  bool is_delete = false;
  bool is_too_large = false;
  Version version = {};
  std::optional<bool> exists = {};
  std::optional<std::int64_t> update_time = {};

  Write(JsonValue write, const std::string& root) {
    allow(write, {"update", "delete", "currentDocument"});
    is_delete = bool(write["delete"]);
    if (is_delete == bool(write["update"])) refuse("a write of no kind");
    const JsonValue update = write["update"];
    if (!is_delete)
      allow(update, {"name", "fields", "createTime", "updateTime"});
    name = text_in(is_delete ? write["delete"] : update["name"]);
    std::size_t size = check_name(name, root) + 32;
    read_fields(update["fields"], size);
    const JsonValue condition = write["currentDocument"];
    if (!condition) return;
    allow(condition, {"exists", "updateTime"});
    if (condition.size() != 1) refuse("a precondition of no kind");
    if (condition["exists"])
      exists = condition["exists"].is_true();
    else
      update_time = time_in(condition["updateTime"]);
  }

  void read_fields(JsonValue fields, std::size_t size) {
    if (!fields) {
      version.fields = "{}";
      return;
    }
    ValueReader(version.fields, size).fields(fields, 0);
    is_too_large = size > kMaxDocument;
    for (const auto& [key, value] : fields.members()) {
      std::string scrap;
      std::size_t scrap_size = 0;
      if (const auto seen = ValueReader(scrap, scrap_size).read(value, 0);
          seen && seen->text.size() <= 1500)
        version.values.emplace(key.string(), *seen);
    }
  }

  Write(std::string document, JsonValue fields, const std::string& root)
      : name(std::move(document)), exists(false) {
    read_fields(fields, check_name(name, root) + 32);
  }
};

struct Firestore::Query {
  struct Filter {
    std::string field, op;
    std::vector<Value> values;
    bool is_equality() const { return op == "EQUAL" || op == "IN"; }
  };
  struct Order {
    std::string field;
    bool is_descending;
  };
  std::string collection;
  std::vector<Filter> filters;
  std::vector<Order> orders;
  std::vector<Value> cursor;
  bool includes_cursor = false;
  std::int64_t limit = -1;

  explicit Query(JsonValue query) {
    allow(query, {"from", "where", "orderBy", "startAt", "limit"});
    if (query["from"].size() != 1) refuse("from: not one collection");
    for (const JsonValue from : query["from"].elements()) {
      allow(from, {"collectionId"});
      check_id(collection = text_in(from["collectionId"]));
    }
    if (query["where"]) read_filter(query["where"]);
    for (const JsonValue order : query["orderBy"].elements()) read_order(order);
    add_missing_orders();
    if (const JsonValue at = query["startAt"]) read_cursor(at);
    if (query["limit"]) limit = query["limit"].integer().value_or(-1);
    if (query["limit"] && limit < 0) refuse("limit is negative");
  }

  void read_filter(JsonValue filter) {
    allow(filter, {"compositeFilter", "fieldFilter"});
    if (const JsonValue composite = filter["compositeFilter"]) {
      allow(composite, {"op", "filters"});
      if (text_in(composite["op"]) != "AND") refuse("op: not AND");
      for (const JsonValue inner : composite["filters"].elements())
        read_filter(inner);
      return;
    }
    const JsonValue field = filter["fieldFilter"];
    allow(field, {"field", "op", "value"});
    allow(field["field"], {"fieldPath"});
    Filter read{text_in(field["field"]["fieldPath"]), text_in(field["op"]), {}};
    constexpr std::string_view kOps[] = {"EQUAL",
                                         "IN",
                                         "GREATER_THAN_OR_EQUAL",
                                         "LESS_THAN_OR_EQUAL",
                                         "GREATER_THAN",
                                         "LESS_THAN"};
    if (std::find(std::begin(kOps), std::end(kOps), read.op) == std::end(kOps))
      refuse("op: not known");
    if (read.op == "IN")
      for (const JsonValue value :
           field["value"]["arrayValue"]["values"].elements())
        read.values.push_back(query_value(value));
    else
      read.values.push_back(query_value(field["value"]));
    if (read.values.empty() || read.values.size() > 30)
      refuse("'IN' takes 1 to 30 values");
    if (read.field == "__name__")
      for (const Value& value : read.values)
        if (value.rank != kReference)
          refuse("__key__ filter value must be a Key");
    filters.push_back(std::move(read));
  }

  void read_order(JsonValue order) {
    allow(order, {"field", "direction"});
    allow(order["field"], {"fieldPath"});
    const std::string direction =
        order["direction"] ? text_in(order["direction"]) : "ASCENDING";
    if (direction != "ASCENDING" && direction != "DESCENDING")
      refuse("direction: not known");
    if (!orders.empty() && orders.back().field == "__name__")
      refuse("order by clause cannot contain more fields after the key");
    orders.push_back(
        {text_in(order["field"]["fieldPath"]), direction == "DESCENDING"});
  }

  // Fields that are compared, then the name, in the last order's direction.
  void add_missing_orders() {
    const bool is_descending = !orders.empty() && orders.back().is_descending;
    std::set<std::string> missing;
    for (const Filter& filter : filters)
      if (!filter.is_equality()) missing.insert(filter.field);
    missing.erase("__name__");
    for (const Order& order : orders) missing.erase(order.field);
    const bool has_name = !orders.empty() && orders.back().field == "__name__";
    if (has_name && !missing.empty())
      refuse("order by clause cannot contain more fields after the key");
    for (const std::string& field : missing)
      orders.push_back({field, is_descending});
    if (!has_name) orders.push_back({"__name__", is_descending});
  }

  void read_cursor(JsonValue at) {
    allow(at, {"values", "before"});
    includes_cursor = at["before"].is_true();
    for (const JsonValue value : at["values"].elements())
      cursor.push_back(query_value(value));
    if (cursor.empty() || cursor.size() > orders.size())
      refuse("the cursor does not fit the order");
    for (std::size_t i = 0; i < cursor.size(); ++i)
      if (orders[i].field == "__name__" && cursor[i].rank != kReference)
        refuse("Cursor __key__ value is not a document reference.");
  }

  // What order and cursor compare; nothing if the document is not found.
  std::optional<std::vector<Value>> key(const std::string& name,
                                        const Version& version) const {
    for (const Filter& filter : filters) {
      Value of_field{.rank = kReference, .text = name};
      if (filter.field != "__name__") {
        const auto found = version.values.find(filter.field);
        if (found == version.values.end()) return std::nullopt;
        of_field = found->second;
      }
      if (!std::any_of(filter.values.begin(), filter.values.end(),
                       [&](const Value& value) {
                         return holds(order(of_field, value), filter.op,
                                      of_field.rank == value.rank);
                       }))
        return std::nullopt;
    }
    std::vector<Value> key;
    for (const Order& by : orders) {
      if (by.field == "__name__") {
        key.push_back({.rank = kReference, .text = name});
        continue;
      }
      const auto found = version.values.find(by.field);
      if (found == version.values.end()) return std::nullopt;
      key.push_back(found->second);
    }
    if (cursor.empty()) return key;
    const std::weak_ordering side = compare(key, cursor);
    const bool is_behind = includes_cursor ? side >= 0 : side > 0;
    return is_behind ? std::optional(key) : std::nullopt;
  }

  static bool holds(std::weak_ordering side, const std::string& op,
                    bool same_type) {
    if (!same_type) return false;
    if (op == "EQUAL" || op == "IN") return side == 0;
    if (op == "LESS_THAN") return side < 0;
    if (op == "LESS_THAN_OR_EQUAL") return side <= 0;
    return op == "GREATER_THAN" ? side > 0 : side >= 0;
  }

  // In the query's order, by as much as b has.
  std::weak_ordering compare(const std::vector<Value>& a,
                             const std::vector<Value>& b) const {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
      const std::weak_ordering side =
          orders[i].is_descending ? order(b[i], a[i]) : order(a[i], b[i]);
      if (side != 0) return side;
    }
    return std::weak_ordering::equivalent;
  }
};

void Firestore::add_routes(Server& server) {
  const auto route = [&](const char* method, const std::string& path,
                         auto handle, std::vector<std::string> faults = {}) {
    server.route(
        method, "/v1/projects/{}/databases/{}/documents" + path,
        [handle](Request& request) {
          try {
            if (!request.header("authorization").starts_with("Bearer "))
              throw Refusal{401, "UNAUTHENTICATED", "no credentials"};
            return handle(request, "projects/" + request.parts[0] +
                                       "/databases/" + request.parts[1] +
                                       "/documents");
          } catch (const Refusal& refusal) {
            return google_error(refusal.status, refusal.name, refusal.message);
          }
        },
        std::move(faults));
  };
  route("POST", ":batchWrite",
        [this](Request& request, const std::string& root) {
          return batch_write(request, root);
        },
        {"items_again"});
  route("POST", ":batchGet",
        [this](Request& request, const std::string& root) {
          return batch_get(request, root);
        },
        {"error_late"});
  route("POST", ":runQuery",
        [this](Request& request, const std::string& root) {
          return run_query(request, root);
        },
        {"error_late", "stale_time"});
  route("POST", ":runAggregationQuery",
        [this](Request& request, const std::string& root) {
          return run_aggregation_query(request, root);
        },
        {"error_late", "stale_time"});
  server.route("GET", "/control/firestore/reads", [this](Request&) {
    const std::lock_guard lock(mutex_);
    return Answer{200,
                  "{\"documents\":" + std::to_string(documents_read_) +
                      ",\"index_entries\":" + std::to_string(entries_read_) +
                      ",\"billed\":" + std::to_string(billed_) + "}\n"};
  });
  route("POST", "/{}", [this](Request& request, const std::string& root) {
    return create(request, root);
  });
  route("GET", "/{*}", [this](Request& request, const std::string& root) {
    return get(root, request.parts[2]);
  });
}

void Firestore::require_indexes(const std::string& path) {
  const mill::JsonFile file(path);
  indexes_.emplace();
  for (const JsonValue index : file.object()["indexes"].elements()) {
    std::string text = index["collectionGroup"].string();
    std::string name, order;
    for (const JsonValue field : index["fields"].elements())
      text.append(" ")
          .append(name = field["fieldPath"].string())
          .append(" ")
          .append(order = field["order"].string());
    if (name != "__name__") text.append(" __name__ ").append(order);
    indexes_->push_back(std::move(text));
  }
}

// One field, or the name, has an index without anybody making it, in one
// direction for both; several equal values are found by merging those.
void Firestore::check_index(const Query& query) const {
  if (!indexes_) return;
  std::string wanted = query.collection;
  for (const Query::Filter& filter : query.filters)
    if (filter.is_equality()) wanted += " " + filter.field + " ASCENDING";
  const bool has_equality = wanted != query.collection;
  const bool is_built_in =
      query.orders.size() == 1 ||
      (!has_equality && query.orders.size() == 2 &&
       query.orders[0].is_descending == query.orders[1].is_descending);
  for (const Query::Order& order : query.orders)
    wanted += " " + order.field +
              (order.is_descending ? " DESCENDING" : " ASCENDING");
  if (!is_built_in &&
      std::find(indexes_->begin(), indexes_->end(), wanted) == indexes_->end())
    throw Refusal{400, "FAILED_PRECONDITION",
                  "The query requires an index. You can create it here: "
                  "https://console.firebase.google.com/v1/r/project/p/"
                  "firestore/indexes?create_composite=Clxw"};
}

std::int64_t Firestore::tick() {
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::system_clock::now().time_since_epoch())
          .count();
  return clock_ = std::max(now, clock_ + 1);
}

std::int64_t Firestore::read_time(JsonValue asked) {
  const std::int64_t now = tick();
  if (!asked) return now;
  const std::int64_t time = time_in(asked);
  if (time > now) refuse("The requested 'read_time' cannot be in the future.");
  if (time < now - kHour) refuse_stale();
  return time;
}

std::string Firestore::text_of(const std::string& name,
                               const Document& document, const Version& version,
                               bool has_fields) {
  std::string text = "{\"name\":" + json_string(name);
  if (has_fields && version.fields != "{}")
    text += ",\"fields\":" + version.fields;
  return text + ",\"createTime\":" + time_text(document.create_time) +
         ",\"updateTime\":" + time_text(version.time) + "}";
}

int Firestore::carry_out(const Write& write) {
  constexpr int kOk = 0, kInvalid = 3, kNotFound = 5, kExists = 6,
                kPrecondition = 9;
  Document& document = documents_[write.name];
  const std::int64_t now = tick();
  const Version* const present = document.at(now);
  if (write.exists && *write.exists != (present != nullptr))
    return present ? kExists : kNotFound;
  if (write.update_time && !present) return kNotFound;
  if (write.update_time && *write.update_time != present->time)
    return kPrecondition;
  if (write.is_too_large) return kInvalid;
  if (!present) document.create_time = now;
  Version version = write.version;
  version.time = now;
  version.is_deleted = write.is_delete;
  document.versions.push_back(std::move(version));
  return kOk;
}

Answer Firestore::batch_write(Request& request, const std::string& root) {
  const std::string body = read_body(request);
  mill::JsonReader reader;
  parse(reader, body);
  allow(reader.root(), {"writes", "labels"});
  std::vector<Write> writes;
  std::set<std::string> names;
  for (const JsonValue write : reader.root()["writes"].elements()) {
    writes.emplace_back(write, root);
    if (!names.insert(writes.back().name).second)
      refuse("the same document cannot be written more than once");
  }
  if (writes.size() > 500) refuse("maximum 500 writes allowed per request");
  if (writes.empty()) return {200, "{}\n"};
  std::string results, status;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < writes.size(); ++i) {
    constexpr int kAgain[] = {10, 14, 8};  // ABORTED and its like
    const bool is_left = request.fault == "items_again" && i % 3 == 0;
    const int code = is_left ? kAgain[i / 3 % 3] : carry_out(writes[i]);
    if (i > 0) results += ',', status += ',';
    results +=
        code == 0
            ? "{\"updateTime\":" +
                  time_text(documents_[writes[i].name].versions.back().time) +
                  "}"
            : "{}";
    status += code == 0 ? "{}"
                        : "{\"code\":" + std::to_string(code) +
                              ",\"message\":\"not written\"}";
  }
  return {200,
          "{\"writeResults\":[" + results + "],\"status\":[" + status + "]}\n"};
}

Answer Firestore::batch_get(Request& request, const std::string& root) {
  const std::string body = read_body(request);
  mill::JsonReader reader;
  parse(reader, body);
  allow(reader.root(), {"documents", "mask", "readTime"});
  std::set<std::string> names;
  for (const JsonValue name : reader.root()["documents"].elements()) {
    check_name(text_in(name), root);
    names.insert(name.string());
  }
  std::set<std::string> mask;
  for (const JsonValue field : reader.root()["mask"]["fieldPaths"].elements())
    mask.insert(text_in(field));

  const std::lock_guard lock(mutex_);
  const std::int64_t time = read_time(reader.root()["readTime"]);
  documents_read_ += names.size();
  billed_ += names.size();
  const std::string end = ",\"readTime\":" + time_text(time) + "}";
  std::string answer = "[";
  for (const std::string& name : names) {
    if (answer.size() > 1) answer += ',';
    const auto found = documents_.find(name);
    const Version* const version =
        found == documents_.end() ? nullptr : found->second.at(time);
    if (!version) {
      answer += "{\"missing\":" + json_string(name) + end;
      continue;
    }
    Version masked = *version;
    mill::JsonReader fields;
    fields.parse(version->fields);
    if (!mask.empty()) {
      masked.fields = "{";
      for (const auto& [key, value] : fields.root().members()) {
        if (mask.count(key.string()) == 0) continue;
        if (masked.fields.size() > 1) masked.fields += ',';
        masked.fields.append(key.raw()).append(":").append(value.raw());
      }
      masked.fields += '}';
    }
    answer += "{\"found\":" + text_of(name, found->second, masked, true) + end;
  }
  if (request.fault == "error_late")
    answer += std::string(answer.size() > 1 ? "," : "") +
              R"({"error":{"code":503,"status":"UNAVAILABLE"}})";
  return {200, answer + "]\n"};
}

struct Firestore::Match {
  std::vector<Value> key;
  std::map<std::string, Document>::const_iterator document;
};

std::vector<Firestore::Match> Firestore::find(const Query& query,
                                              const std::string& root,
                                              std::int64_t time) const {
  std::vector<Match> matches;
  const std::string parent = root + "/" + query.collection;
  for (auto it = documents_.lower_bound(parent + "/");
       it != documents_.end() && it->first.starts_with(parent + "/"); ++it) {
    const Version* const version = it->second.at(time);
    if (!version || collection_of(it->first) != parent) continue;
    if (auto key = query.key(it->first, *version))
      matches.push_back({std::move(*key), it});
  }
  return matches;
}

// As Google bills it: a read for each document, one at least; where ranges of
// several fields are asked for, one more for each 1000 index entries that were
// passed over, which are those between the cursor and the last match.
void Firestore::count_reads(const Query& query, const std::string& root,
                            std::int64_t time, std::size_t documents,
                            const std::vector<Value>* last) {
  documents_read_ += documents;
  billed_ += std::max<std::size_t>(documents, 1);
  const std::string first = query.orders[0].field;
  Query whole = query;
  std::erase_if(whole.filters, [&](const Query::Filter& filter) {
    return !filter.is_equality() && filter.field != first;
  });
  if (whole.filters.size() == query.filters.size()) return;
  std::size_t entries = 0;
  for (const Match& match : find(whole, root, time))
    if (!last || query.compare(match.key, *last) <= 0) ++entries;
  entries_read_ += entries;
  billed_ += (entries + 999) / 1000;
}

Answer Firestore::run_query(Request& request, const std::string& root) {
  const std::string body = read_body(request);
  mill::JsonReader reader;
  parse(reader, body);
  allow(reader.root(), {"structuredQuery", "readTime"});
  const Query query(reader.root()["structuredQuery"]);
  check_index(query);
  const JsonValue asked = reader.root()["readTime"];
  if (asked && request.fault == "stale_time") refuse_stale();

  const std::lock_guard lock(mutex_);
  const std::int64_t time = read_time(asked);
  std::vector<Match> matches = find(query, root, time);
  const auto limit = static_cast<std::size_t>(
      query.limit < 0 ? static_cast<std::int64_t>(matches.size())
                      : query.limit);
  const std::size_t count = std::min(limit, matches.size());
  std::partial_sort(matches.begin(),
                    matches.begin() + static_cast<std::ptrdiff_t>(count),
                    matches.end(), [&](const Match& a, const Match& b) {
                      return query.compare(a.key, b.key) < 0;
                    });
  count_reads(query, root, time, count,
              count == limit && count > 0 ? &matches[count - 1].key : nullptr);
  const std::string end = "\"readTime\":" + time_text(time);
  std::string answer = "[";
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [name, document] = *matches[i].document;
    answer +=
        "{\"document\":" + text_of(name, document, *document.at(time), true) +
        "," + end + (i + 1 < count ? "}," : ",\"done\":true}");
    if (request.fault == "error_late" && i >= count / 2) {
      if (answer.back() != ',') answer += ',';
      answer += R"({"error":{"code":503,"status":"UNAVAILABLE"}})";
      break;
    }
  }
  if (count == 0) answer += "{" + end + ",\"done\":true}";
  return {200, answer + "]\n"};
}

Answer Firestore::run_aggregation_query(Request& request,
                                        const std::string& root) {
  const std::string body = read_body(request);
  mill::JsonReader reader;
  parse(reader, body);
  allow(reader.root(), {"structuredAggregationQuery", "readTime"});
  const JsonValue asked = reader.root()["structuredAggregationQuery"];
  allow(asked, {"structuredQuery", "aggregations"});
  if (asked["aggregations"].size() != 1) refuse("not one aggregation");
  std::string alias;
  for (const JsonValue aggregation : asked["aggregations"].elements()) {
    allow(aggregation, {"alias", "count"});
    allow(aggregation["count"], {});
    alias = text_in(aggregation["alias"]);
  }
  const Query query(asked["structuredQuery"]);
  check_index(query);
  const JsonValue asked_time = reader.root()["readTime"];
  if (asked_time && request.fault == "stale_time") refuse_stale();
  const std::lock_guard lock(mutex_);
  const std::int64_t time = read_time(asked_time);
  const std::size_t count = find(query, root, time).size();
  billed_ += std::max<std::size_t>((count + 999) / 1000, 1);
  std::string answer =
      "[{\"result\":{\"aggregateFields\":{" + json_string(alias) +
      ":{\"integerValue\":\"" + std::to_string(count) +
      "\"}}},\"readTime\":" + time_text(time) + ",\"done\":true}";
  if (request.fault == "error_late")
    answer += R"(,{"error":{"code":503,"status":"UNAVAILABLE"}})";
  return {200, answer + "]\n"};
}

Answer Firestore::create(Request& request, const std::string& root) {
  const std::string body = read_body(request);
  mill::JsonReader reader;
  parse(reader, body);
  allow(reader.root(), {"fields"});
  const Write write(
      root + "/" + request.parts[2] + "/" + request.parameter("documentId"),
      reader.root()["fields"], root);
  const std::lock_guard lock(mutex_);
  if (carry_out(write) != 0)
    throw Refusal{409, "ALREADY_EXISTS", "Document already exists"};
  const Document& document = documents_[write.name];
  return {200,
          text_of(write.name, document, document.versions.back(), true) + "\n"};
}

Answer Firestore::get(const std::string& root, const std::string& path) {
  const std::string name = root + "/" + path;
  check_name(name, root);
  const std::lock_guard lock(mutex_);
  const auto found = documents_.find(name);
  const Version* const version =
      found == documents_.end() ? nullptr : found->second.at(tick());
  if (!version) throw Refusal{404, "NOT_FOUND", "Document not found"};
  return {200, text_of(name, found->second, *version, true) + "\n"};
}

}  // namespace cloud
