#include "lib/google/firestore.h"

#include <sysexits.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/base/exit.h"
#include "lib/google/auth.h"
#include "lib/http/curl.h"

namespace mill {

namespace {

constexpr char kEmulator[] = "FIRESTORE_EMULATOR_HOST";
constexpr char kScope[] = "https://www.googleapis.com/auth/datastore";
constexpr std::uint64_t kMaxAnswer = 64 << 20;
constexpr double kFirstBackoff = 1, kLongestBackoff = 60;  // seconds

// A stream is an array; what ends it early is its last element.
JsonValue last_of(JsonValue root) {
  JsonValue last = root;
  for (const JsonValue element : root.elements()) last = element;
  return last;
}

}  // namespace

// What requests need, and the last answer; at a fixed address, since the
// members point to each other.
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
      project_(project),
      root_("projects/" + project + "/databases/" + database + "/documents"),
      options_(options),
      connection_(std::make_unique<Connection>(options)) {
  if (!is_google_project(project))
    throw Exit(EX_USAGE, "'" + project + "' is not the id of a project");
  if (database != "(default)" && !is_google_project(database))
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
  request.silence_timeout = options_.silence_timeout();
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
    const JsonValue error = last_of(root)["error"];
    if (response.status == 200 && root && !error) {
      answer.root = root;
      return answer;
    }
    answer.problem = {.status = response.status,
                      .failure = response.failure,
                      .problem = response.problem};
    answer.error = read_google_error(root);
    // An error after the answer had begun: the HTTP status was gone by then.
    const bool was_late = response.status == 200;
    const auto code = error["code"].integer();
    if (was_late) answer.problem.status = static_cast<int>(code.value_or(500));
    const bool again = answer.error.word == "ABORTED" ||
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

Exit Firestore::failure(const FirestoreAnswer& answer) const {
  const Exit failure = connection_->service.failure(
      connection_->http, answer.problem, answer.error,
      {.service = "firestore", .project = project_});
  return Exit(failure.code, title_ + ": " + failure.what());
}

void Firestore::fail(const FirestoreAnswer& answer) const {
  throw failure(answer);
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

}  // namespace mill
