#include "lib/google/identity_toolkit.h"

#include <sysexits.h>

#include <algorithm>
#include <utility>

#include "lib/base/exit.h"
#include "lib/base/utf8.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr char kEmulator[] = "FIREBASE_AUTH_EMULATOR_HOST";
constexpr char kHost[] = "identitytoolkit.googleapis.com";
constexpr char kScope[] = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::uint64_t kMaxAnswer = 1 << 20;

// Appends "KEY:VALUE" of each claim but `name`, with commas between them.
void append_others(std::string& out, std::string_view claims,
                   std::string_view name) {
  JsonReader reader;
  reader.parse(claims);
  for (const auto& [key, value] : reader.root().members()) {
    if (key.string() == name) continue;
    if (!out.empty() && out.back() != '{') out += ',';
    out.append(key.raw()).append(":").append(value.raw());
  }
}

// What one of the service's error codes means to the caller, and the exit
// status.
struct Meaning {
  std::string_view word;
  int status;
  std::string_view text;
};
constexpr Meaning kMeanings[] = {
    {"USER_NOT_FOUND", EX_NOINPUT, "no such user"},
    {"CONFIGURATION_NOT_FOUND", EX_CONFIG,
     "Firebase Authentication is not set up in this project"},
    {"PROJECT_NOT_FOUND", EX_CONFIG, "no such project"},
    {"QUOTA_EXCEEDED", EX_TEMPFAIL, "too many requests"},
};

// The error, its word the first of the message where that is a code of the
// service's, as in "FORBIDDEN_CLAIM : iss"; the rest may quote what was sent.
GoogleError read_error(const HttpResponse& response) {
  GoogleError error = google_error(response);
  const std::string text = std::exchange(error.message, "");
  const std::size_t end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  if (end > 2 && (end == text.npos || text.compare(end, 3, " : ") == 0))
    error.word = text.substr(0, std::min<std::size_t>(end, 40));
  return error;
}

}  // namespace

std::string with_claim(std::string_view claims, std::string_view name) {
  std::string text = "{";
  append_others(text, claims, name);
  if (text.size() > 1) text += ',';
  return text + json_string(name) + ":true}";
}

std::string without_claim(std::string_view claims, std::string_view name) {
  std::string text = "{";
  append_others(text, claims, name);
  return text + "}";
}

bool same_but_for(std::string_view claims, std::string_view others,
                  std::string_view name) {
  return without_claim(claims, name) == without_claim(others, name);
}

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    units += !is_utf8_continuation(c);
    units += static_cast<unsigned char>(c) >= 0xF0;  // takes two units
  }
  return units;
}

IdentityToolkit::IdentityToolkit(HttpClient& http, std::string project)
    : http_(http),
      project_(std::move(project)),
      service_(std::string("https://") + kHost, kEmulator, kScope) {
  if (!is_google_project(project_))
    throw Exit(EX_USAGE, "'" + project_ + "' is not the id of a project");
}

User IdentityToolkit::find(const Key& key) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key(key.name);
  json.begin_array();
  json.value(key.value);
  json.end_array();
  json.end_object();
  const HttpResponse response = call("lookup", std::move(body));
  JsonReader reader;
  reader.parse(response.body);
  const JsonValue users = reader.root()["users"];
  const std::string who = std::string(key.name == "email" ? "email " : "uid ") +
                          key.value + " in project " + project_ + ": ";
  if (users.size() == 0) throw Exit(EX_NOINPUT, who + "no such user");
  if (users.size() > 1)
    throw Exit(EX_DATAERR, who + "several users; name one by uid");
  const JsonValue found = *users.elements().begin();
  User user;
  if (found["localId"].is_string()) user.uid = found["localId"].string();
  if (found["email"].is_string()) user.email = found["email"].string();
  user.is_email_verified = found["emailVerified"].is_true();
  if (user.uid.empty() || (key.name == "localId" && user.uid != key.value))
    throw Exit(EX_DATAERR, who + "the answer is about somebody else");
  const JsonValue claims = found["customAttributes"];
  if (!claims) return user;
  JsonReader claims_reader;
  if (claims.is_string() && !claims.string().empty())
    user.claims = claims.string();
  if (!claims.is_string() || claims_reader.parse(user.claims) ||
      !claims_reader.root().is_object())
    throw Exit(EX_DATAERR, who + "the claims are not a JSON object");
  return user;
}

void IdentityToolkit::set_claims(const std::string& uid,
                                 const std::string& claims) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.member("localId", uid);
  json.member("customAttributes", claims);
  json.end_object();
  call("update", std::move(body));
}

HttpResponse IdentityToolkit::call(const std::string& method,
                                   std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = service_.url();
  // An emulator serves several hosts.
  if (service_.is_emulator()) request.url.append("/").append(kHost);
  request.url += "/v1/projects/" + project_ + "/accounts:" + method;
  request.headers = {"Content-Type: application/json"};
  request.body = std::move(body);
  request.expects_json = true;
  request.max_response = kMaxAnswer;
  HttpResponse response = service_.send(http_, std::move(request));
  if (response.status == 200) return response;
  const GoogleError error = read_error(response);
  const std::string where = "project " + project_ + ": ";
  for (const Meaning& meaning : kMeanings)
    if (meaning.word == error.word)
      throw Exit(meaning.status, where + std::string(meaning.text));
  const Exit failure =
      service_.failure(http_, response, error,
                       {.service = "identitytoolkit", .project = project_});
  throw Exit(failure.code, where + failure.what());
}

}  // namespace mill
