#include "lib/google/firestore.h"

#include <sysexits.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "lib/base/exit.h"
#include "lib/base/timestamp.h"
#include "lib/google/auth.h"
#include "lib/http/curl.h"
#include "lib/json/json_writer.h"
#include "lib/record/interaction.h"

namespace mill {

namespace {

constexpr char kEmulator[] = "FIRESTORE_EMULATOR_HOST";
constexpr char kScope[] = "https://www.googleapis.com/auth/datastore";
constexpr std::uint64_t kMaxAnswer = 64 << 20;
constexpr double kFirstBackoff = 1, kLongestBackoff = 60;  // seconds

constexpr std::size_t kMaxString = (1 << 20) - 89;  // bytes
constexpr std::size_t kMaxName = 1500;              // bytes of a field's name
constexpr int kMaxDepth = 20;

// ---- values
// ------------------------------------------------------------------

// Our field's spelling of a time; nothing if text is to stay a string.
std::optional<std::string> as_time(std::string_view field,
                                   std::string_view text) {
  const bool is_query_time = field == "timestamp" || field == "collected_at";
  if (!is_query_time && field != "created_at" && field != "withdrawn_at")
    return std::nullopt;
  const auto time = parse_timestamp(text);
  if (!time) return std::nullopt;
  const std::string spelled = format_timestamp(*time);
  return is_query_time || spelled == text ? std::optional(spelled)
                                          : std::nullopt;
}

// Thrown inside encode_fields(): why Firestore would not take a value.
struct Refusal {
  std::string why;
};

class Encoder {
 public:
  explicit Encoder(FirestoreFields& fields)
      : out_(fields.json), size_(fields.size) {}

  void object(JsonValue object, int depth) {
    std::map<std::string, JsonValue> members;  // of duplicate keys the last
    for (const auto& [key, value] : object.members())
      members.insert_or_assign(key.string(), value);
    out_ += '{';
    for (const auto& [name, value] : members) {
      check_name(name);
      if (out_.back() != '{') out_ += ',';
      out_.append(json_string(name)).append(":");
      size_ += name.size() + 1;
      const auto time = depth == 0 && value.is_string()
                            ? as_time(name, value.string(scratch_))
                            : std::nullopt;
      if (time) {
        out_.append(R"({"timestampValue":")").append(*time).append("\"}");
        size_ += 8;
      } else {
        append(value, depth);
      }
    }
    out_ += '}';
  }

 private:
  static void check_name(const std::string& name) {
    if (name.empty()) throw Refusal{"has a field without a name"};
    if (name.size() > kMaxName)
      throw Refusal{"has a field's name of more than 1500 bytes"};
    if (name.size() >= 4 && name.starts_with("__") && name.ends_with("__"))
      throw Refusal{"has a field with a reserved name, __...__"};
  }

  void append(JsonValue value, int depth) {
    switch (value.kind()) {
      case JsonKind::kString: string(value); break;
      case JsonKind::kNumber: number(value); break;
      case JsonKind::kArray: array(value, depth + 1); break;
      case JsonKind::kObject:
        check_depth(depth + 1);
        out_ += R"({"mapValue":{"fields":)";
        object(value, depth + 1);
        out_ += "}}";
        break;
      case JsonKind::kTrue:
      case JsonKind::kFalse:
        out_.append(R"({"booleanValue":)").append(value.raw()).append("}");
        size_ += 1;
        break;
      default: out_ += R"({"nullValue":null})"; size_ += 1;
    }
  }

  void string(JsonValue value) {
    const std::size_t size = value.is_escaped() ? value.string(scratch_).size()
                                                : value.raw_string().size();
    if (size > kMaxString)
      throw Refusal{"has a string of more than 1048487 bytes"};
    out_.append(R"({"stringValue":)").append(value.raw()).append("}");
    size_ += size + 1;
  }

  void number(JsonValue value) {
    const std::string_view raw = value.raw();
    std::int64_t whole = 0;
    const auto [end, error] =
        std::from_chars(raw.data(), raw.data() + raw.size(), whole);
    if (error == std::errc() && end == raw.data() + raw.size()) {
      out_.append(R"({"integerValue":")").append(raw).append("\"}");
    } else {
      if (!std::isfinite(*value.number()))
        throw Refusal{"has a number that is too large"};
      out_.append(R"({"doubleValue":)").append(raw).append("}");
    }
    size_ += 8;
  }

  void array(JsonValue value, int depth) {
    check_depth(depth);
    out_ += R"({"arrayValue":{"values":[)";
    for (const JsonValue element : value.elements()) {
      if (element.is_array()) throw Refusal{"has an array within an array"};
      if (out_.back() != '[') out_ += ',';
      append(element, depth);
    }
    out_ += "]}}";
  }

  static void check_depth(int depth) {
    if (depth > kMaxDepth) throw Refusal{"is nested deeper than 20 levels"};
  }

  std::string& out_;
  std::size_t& size_;
  std::string scratch_;
};

using NamedValues = std::vector<std::pair<std::string, JsonValue>>;

void append_members(std::string& out, NamedValues& members) {
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [name, value] : members) {
    if (out.back() != '{') out += ',';
    out.append(json_string(name)).append(":");
    append_value(out, value);
  }
}

void append_double(std::string& out, JsonValue value) {
  const auto number = value.number();  // none: "NaN" or an infinity, a string
  if (!number || !std::isfinite(*number)) {
    out += "null";
    return;
  }
  JsonWriter(out).value(*number);
}

void append_array(std::string& out, JsonValue elements) {
  out += '[';
  for (const JsonValue element : elements.elements()) {
    if (out.back() != '[') out += ',';
    append_value(out, element);
  }
  out += ']';
}

// ---- errors
// ------------------------------------------------------------------

// Google's canonical codes, by number.
constexpr std::array<std::string_view, 17> kStatusNames = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

// The error in an answer: in an object, or, of a stream, in an array's last
// element. Missing if there is none.
JsonValue find_error(JsonValue root) {
  JsonValue last = root;
  for (const JsonValue element : root.elements()) last = element;
  return last["error"];
}

// Text of a server on one line, as long as a message may be.
std::string tame(std::string text) {
  constexpr std::size_t kLongest = 512;
  if (text.size() > kLongest) text.resize(kLongest);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = ' ';
  return text;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 100 && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == ':';
         });
}

}  // namespace

std::optional<std::string> encode_fields(JsonValue object,
                                         FirestoreFields& fields) {
  try {
    Encoder(fields).object(object, 0);
  } catch (const Refusal& refusal) {
    return refusal.why;
  }
  return std::nullopt;
}

void append_value(std::string& out, JsonValue value) {
  for (const auto& [key, inner] : value.members()) {
    const std::string_view type = key.raw_string();
    if (type == "stringValue" || type == "booleanValue" ||
        type == "bytesValue" || type == "referenceValue") {
      out += inner.raw();
    } else if (type == "integerValue") {
      out += inner.is_string() ? inner.raw_string() : inner.raw();
    } else if (type == "doubleValue") {
      append_double(out, inner);
    } else if (type == "timestampValue") {
      const auto time = parse_timestamp(inner.raw_string());
      out += time ? json_string(format_timestamp(*time)) : inner.raw();
    } else if (type == "arrayValue") {
      append_array(out, inner["values"]);
    } else if (type == "mapValue") {
      NamedValues members;
      for (const auto& [name, member] : inner["fields"].members())
        members.emplace_back(name.string(), member);
      out += '{';
      append_members(out, members);
      out += '}';
    } else if (type == "geoPointValue") {
      out += R"({"latitude":)";
      inner["latitude"] ? append_double(out, inner["latitude"])
                        : void(out += "0.0");
      out += R"(,"longitude":)";
      inner["longitude"] ? append_double(out, inner["longitude"])
                         : void(out += "0.0");
      out += '}';
    } else {
      out += "null";
    }
    return;
  }
  out += "null";
}

std::string decode_fields(JsonValue fields, std::string_view left_out) {
  std::array<JsonValue, kInteractionFields.size()> ours;
  NamedValues others;
  for (const auto& [key, value] : fields.members()) {
    const std::string name = key.string();
    if (name == left_out) continue;
    const auto field =
        std::find_if(kInteractionFields.begin(), kInteractionFields.end(),
                     [&](const InteractionField& f) { return f.name == name; });
    if (field == kInteractionFields.end())
      others.emplace_back(name, value);
    else
      ours[static_cast<std::size_t>(field - kInteractionFields.begin())] =
          value;
  }
  std::string out = "{";
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (!ours[i]) continue;
    if (out.back() != '{') out += ',';
    out.append("\"").append(kInteractionFields[i].name).append("\":");
    append_value(out, ours[i]);
  }
  append_members(out, others);
  return out + "}";
}

std::optional<double> value_number(JsonValue value) {
  if (const JsonValue number = value["doubleValue"]) return number.number();
  const JsonValue whole = value["integerValue"];
  if (!whole.is_string()) return whole.number();
  const std::string_view text = whole.raw_string();
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return static_cast<double>(number);
}

std::size_t document_size(std::string_view collection, std::string_view id,
                          std::size_t fields_size) {
  const std::size_t name = collection.size() + 1 + id.size() + 1 + 16;
  return name + fields_size + 32;
}

// ---- calls
// -------------------------------------------------------------------

// What is asked with, and the last answer; in its own place, since all of it
// points to each other.
struct Firestore::Connection {
  explicit Connection(const ServiceOptions& options)
      : http([this](const HttpRequest& request) { return curl.send(request); },
             {.retries = static_cast<unsigned>(options.retries),
              .first_backoff = kFirstBackoff,
              .longest_backoff = kLongestBackoff}) {}

  Curl curl;
  HttpClient http;
  GoogleService service{"https://firestore.googleapis.com", kEmulator, kScope};
  HttpResponse response;
  JsonReader reader;  // of response.body
};

Firestore::Firestore(std::string project, std::string database,
                     ServiceOptions options)
    : title_("firestore:" + project +
             (database == "(default)" ? "" : "/" + database)),
      root_("projects/" + project + "/databases/" + database + "/documents"),
      options_(options),
      connection_(std::make_unique<Connection>(options)) {
  if (!is_name(project))
    throw Exit(EX_USAGE, "'" + project + "' is not the id of a project");
  if (database != "(default)" && !is_name(database))
    throw Exit(EX_USAGE, "'" + database + "' is not the id of a database");
  if (!is_emulator()) forbid_core_files();
}

Firestore::Firestore(Firestore&&) noexcept = default;
Firestore::~Firestore() = default;

bool Firestore::is_emulator() const {
  return connection_->service.is_emulator();
}

std::string Firestore::name(std::string_view collection,
                            std::string_view id) const {
  std::string name = root_ + "/";
  return name.append(collection).append("/").append(id);
}

HttpResponse Firestore::send(std::string_view method, std::string body) {
  Connection& connection = *connection_;
  HttpRequest request;
  request.method = "POST";
  request.url = connection.service.url() + "/v1/" + root_ + ":" +
                std::string(method) + "?prettyPrint=false";
  request.headers = {"Content-Type: application/json"};
  request.body = std::move(body);
  request.expects_json = true;
  request.max_response = kMaxAnswer;
  request.silence_timeout = static_cast<double>(options_.timeout);
  return connection.service.send(connection.http, std::move(request));
}

FirestoreAnswer Firestore::ask(std::string_view method,
                               const std::string& body) {
  Connection& connection = *connection_;
  const std::uint64_t before = connection.http.requests();
  for (std::uint64_t attempt = 0;; ++attempt) {
    HttpResponse& response = connection.response = send(method, body);
    FirestoreAnswer answer;
    answer.is_repeat =
        connection.http.requests() - before > 1 || response.used_new_connection;
    const bool is_json = !connection.reader.parse(response.body);
    const JsonValue root = is_json ? connection.reader.root() : JsonValue();
    const JsonValue error = find_error(root);
    if (response.status == 200 && root && !error) {
      answer.root = root;
      return answer;
    }
    answer.problem = {.status = response.status,
                      .failure = response.failure,
                      .problem = response.problem};
    if (error["status"].is_string())
      answer.status = tame(error["status"].string());
    if (error["message"].is_string())
      answer.message = tame(error["message"].string());
    // An error after the answer had begun: the HTTP status was gone by then.
    const bool was_late = response.status == 200;
    const auto code = error["code"].integer();
    if (was_late) answer.problem.status = static_cast<int>(code.value_or(500));
    const bool again = answer.status == "ABORTED" ||
                       (was_late && (answer.problem.status >= 500 ||
                                     answer.problem.status == 429));
    if (!again || !back_off(attempt)) return answer;
  }
}

JsonValue Firestore::call(std::string_view method, const std::string& body) {
  const FirestoreAnswer answer = ask(method, body);
  if (!answer.ok()) fail(answer);
  return answer.root;
}

void Firestore::fail(const FirestoreAnswer& answer) const {
  std::string what = describe(answer.problem);
  if (!answer.status.empty()) what += " (" + answer.status + ")";
  // Other messages may quote what was sent.
  if (answer.status != "INVALID_ARGUMENT" && !answer.message.empty())
    what += ": " + answer.message;
  int code = exit_status(answer.problem);
  if (answer.status == "ABORTED") code = EX_TEMPFAIL;
  if (answer.status == "FAILED_PRECONDITION" || answer.status == "NOT_FOUND")
    code = EX_CONFIG;
  if (answer.status == "FAILED_PRECONDITION" &&
      answer.message.find("index") != std::string::npos)
    what += "; share/firestore.indexes.json has every index that is needed";
  fail(code, what);
}

void Firestore::fail(int exit_code, const std::string& what) const {
  throw Exit(exit_code, title_ + ": " + what);
}

const Clock& Firestore::clock() const { return connection_->http.clock(); }

bool Firestore::back_off(std::uint64_t attempt) const {
  if (attempt >= options_.retries) return false;
  const double longest = std::min(
      kFirstBackoff * std::exp2(static_cast<double>(attempt)), kLongestBackoff);
  clock().sleep(longest * clock().random());
  return true;
}

std::string_view rpc_status_name(std::int64_t code) {
  return code >= 0 && code < static_cast<std::int64_t>(kStatusNames.size())
             ? kStatusNames[static_cast<std::size_t>(code)]
             : "UNKNOWN";
}

bool is_transient(std::int64_t code) {
  const std::string_view name = rpc_status_name(code);
  return name == "ABORTED" || name == "UNAVAILABLE" ||
         name == "RESOURCE_EXHAUSTED" || name == "INTERNAL" ||
         name == "DEADLINE_EXCEEDED" || name == "CANCELLED" ||
         name == "UNKNOWN";
}

double WriteRamp::wait(std::size_t writes, double now) {
  constexpr double kFirst = 500, kGrowth = 1.5, kEvery = 300, kMost = 10'000;
  if (!start_) start_ = next_ = now;
  const double rate = std::min(
      kFirst * std::pow(kGrowth, std::floor((now - *start_) / kEvery)), kMost);
  const double wait = std::max(0.0, next_ - now);
  next_ = now + wait + static_cast<double>(writes) / rate;
  return wait;
}

}  // namespace mill
