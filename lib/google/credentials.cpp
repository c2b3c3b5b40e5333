#include "lib/google/credentials.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <utility>

#include "lib/base/exit.h"
#include "lib/base/hash.h"
#include "lib/base/timestamp.h"
#include "lib/google/jwt.h"
#include "lib/http/url.h"
#include "lib/io/private_file.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr char kVariable[] = "GOOGLE_APPLICATION_CREDENTIALS";
constexpr char kTokenUri[] = "https://oauth2.googleapis.com/token";
constexpr char kStsUrl[] = "https://sts.googleapis.com/v1/token";
constexpr char kCloudScope[] = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::size_t kMaxFile = 64 << 10;
constexpr std::uint64_t kMaxAnswer = 1 << 20;
constexpr double kUnknownLifetime = 300;  // where an answer does not tell

std::string environment(const char* name) {
  const char* const value = ::getenv(name);
  return value ? value : "";
}

// ---- the credential file

// A credential file, or an object in one: its path, for messages, and its JSON.
struct File {
  const std::string& path;
  JsonValue root;

  [[noreturn]] void refuse(const std::string& why) const {
    throw Exit(EX_CONFIG, path + ": " + why);
  }
  // A member's text; empty if it is missing or no string.
  std::string text(std::string_view name) const {
    const JsonValue value = root[name];
    return value.is_string() ? value.string() : "";
  }
  std::string needed(std::string_view name) const {
    std::string value = text(name);
    if (value.empty()) refuse(std::string(name) + " is missing");
    return value;
  }
  Secret secret(std::string_view name) const {
    std::string value = text(name);
    Secret copy(value);
    wipe(value);
    return copy;
  }
};

// The credential file's path; empty if there is none.
std::string find_credentials() {
  const std::string named = environment(kVariable);
  if (!named.empty()) return named;
  std::string folder = environment("CLOUDSDK_CONFIG");
  if (folder.empty()) folder = environment("HOME") + "/.config/gcloud";
  const std::string path = folder + "/application_default_credentials.json";
  return ::access(path.c_str(), F_OK) == 0 ? path : "";
}

// A file's bytes; `where` says in messages who named it.
Secret read_secret(const std::string& path, const std::string& where) {
  try {
    return read_private_file(path);
  } catch (const Exit& exit) {
    throw Exit(EX_CONFIG, where + exit.what());
  }
}

// ---- where tokens are asked for

// True for https to a service of Google's, under its own name or a region's,
// and for http to loopback, where stand-ins for tests are.
bool is_endpoint(const std::string& text, std::string_view service) {
  constexpr std::string_view kGoogle = ".googleapis.com";
  if (is_loopback_http(text)) return true;
  const std::optional<Url> url = parse_url(text);
  if (!url || url->scheme != "https" || url->has_login ||
      !(url->port.empty() || url->port == "443") || !url->query.empty() ||
      !url->host.ends_with(kGoogle))
    return false;
  std::string_view name = url->host;
  name.remove_suffix(kGoogle.size());
  if (name == service) return true;
  // REGION-SERVICE, REGION.SERVICE or SERVICE.REGION
  if (name.starts_with(service) && name[service.size()] == '.')
    name.remove_prefix(service.size() + 1);
  else if (name.ends_with(service) && name.size() > service.size() + 1 &&
           (name[name.size() - service.size() - 1] == '-' ||
            name[name.size() - service.size() - 1] == '.'))
    name.remove_suffix(service.size() + 1);
  else
    return false;
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Where assertions and refresh tokens go: Google's one token endpoint,
// whatever old key files call it, or a loopback stand-in.
std::string token_uri(const File& file) {
  const std::string named = file.text("token_uri");
  for (const char* known :
       {"", kTokenUri, "https://accounts.google.com/o/oauth2/token",
        "https://www.googleapis.com/oauth2/v4/token"})
    if (named == known) return kTokenUri;
  if (is_loopback_http(named)) return named;
  file.refuse("token_uri is not Google's");
}

// Where the subject token of an external account is exchanged.
std::string sts_url(const File& file) {
  const std::string named = file.text("token_url");
  if (named.empty()) return kStsUrl;
  if (is_endpoint(named, "sts") && named.ends_with("/v1/token")) return named;
  file.refuse("token_url is not Google's");
}

// Where a service account is impersonated: the file's URL, which ends in
// generateAccessToken, with another method in its place.
std::string impersonation_url(const File& file, std::string_view method) {
  constexpr std::string_view kStart = "/v1/projects/-/serviceAccounts/";
  constexpr std::string_view kMethod = "generateAccessToken";
  const std::string url = file.needed("service_account_impersonation_url");
  const std::optional<Url> parsed = parse_url(url);
  std::string_view account;
  if (parsed && parsed->path.starts_with(kStart))
    account = std::string_view(parsed->path).substr(kStart.size());
  const std::size_t colon = std::min(account.find(':'), account.size());
  if (!is_endpoint(url, "iamcredentials") || !url.ends_with(kMethod) ||
      colon == 0 || account.substr(0, colon).find('/') != account.npos ||
      account.substr(colon) != ":" + std::string(kMethod))
    file.refuse("service_account_impersonation_url is not Google's");
  return url.substr(0, url.size() - kMethod.size()) + std::string(method);
}

// ---- answers

// Failures of the token endpoint itself that it reports as the client's.
bool is_temporary(const HttpResponse& response) {
  if (response.status / 100 != 4) return false;
  for (const char* word :
       {"internal_failure", "server_error", "temporarily_unavailable"})
    if (response.body.find(word) != response.body.npos) return true;
  return false;
}

// "; this machine's clock is 3700 s behind" where that is so.
std::string clock_trouble(const HttpResponse& response, double unix_time) {
  const auto date = response.header("date");
  const auto server_time = date ? parse_http_date(*date) : std::nullopt;
  const double ahead = server_time ? unix_time - *server_time : 0;
  if (std::fabs(ahead) < 60) return "";
  return "; this machine's clock is " +
         std::to_string(std::llround(std::fabs(ahead))) + " s " +
         (ahead < 0 ? "behind" : "ahead");
}

double lifetime(JsonValue expires_in) {
  if (const auto seconds = expires_in.number()) return *seconds;
  if (!expires_in.is_string()) return kUnknownLifetime;
  const std::string text = expires_in.string();
  double seconds = kUnknownLifetime;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds;
}

// The token in an answer's member `name`; empty if there is none. Wipes the
// answer.
Token take_token(HttpResponse& response, JsonValue answer,
                 std::string_view name, double unix_time) {
  const auto text_of = [&](std::string_view member) {
    return answer[member].is_string() ? answer[member].string() : "";
  };
  std::string text = text_of(name);
  Token token{Secret(text), lifetime(answer["expires_in"])};
  if (const auto end = parse_timestamp(text_of("expireTime")))
    token.lifetime = static_cast<double>(end->microseconds) / 1e6 - unix_time;
  wipe(text);
  wipe(response.body);
  return token;
}

// Sends the request and takes the token from its answer's member `name`;
// `advice` says what to do about a login that is no longer valid.
Token ask_for_token(HttpClient& http, HttpRequest request,
                    std::string_view name, std::string_view advice = "") {
  request.method = "POST";
  request.expects_json = true;
  request.is_temporary = is_temporary;
  request.max_response = kMaxAnswer;
  HttpResponse response = http.send(request);
  const std::string where = url_for_messages(request.url) + ": ";
  const double unix_time = http.clock().unix_time();
  JsonReader reader;
  const bool is_json = !reader.parse(response.body);
  const JsonValue answer = is_json ? reader.root() : JsonValue();
  if (response.status == 200) {
    Token token = take_token(response, answer, name, unix_time);
    if (!token.text.empty()) return token;
    throw Exit(EX_NOPERM, where + "no " + std::string(name) + " given");
  }
  const std::string word = google_error_word(answer);
  std::string problem = where + describe(response);
  if (!word.empty()) problem += ", " + word;
  if (word == "invalid_grant")
    problem += std::string(advice) + clock_trouble(response, unix_time);
  throw Exit(is_temporary(response)   ? EX_TEMPFAIL
             : response.status == 400 ? EX_NOPERM
                                      : exit_status(response),
             problem);
}

HttpRequest form_request(const std::string& url, Secret form) {
  HttpRequest request;
  request.url = url;
  request.headers = {"Content-Type: application/x-www-form-urlencoded"};
  request.secret_body = std::move(form);
  return request;
}

// ---- service_account

// claim and value are what the token is for, kind its name in the answer.
Token service_account_token(HttpClient& http, const File& file,
                            std::string_view claim, std::string_view value,
                            std::string_view kind) {
  const std::string uri = token_uri(file);
  const auto now = static_cast<std::int64_t>(http.clock().unix_time());
  std::string claims;
  JsonWriter json(claims);
  json.begin_object();
  json.member("iss", file.needed("client_email"));
  json.member("aud", uri);
  json.member(claim, value);
  json.member("iat", now);
  json.member("exp", now + 3600);
  json.end_object();
  const Secret assertion = sign_jwt(claims, file.text("private_key_id"),
                                    file.secret("private_key").reveal());
  if (assertion.empty()) file.refuse("private_key is not an RSA key in PEM");
  return ask_for_token(
      http,
      form_request(uri,
                   secret_form({{"grant_type",
                                 "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                                {"assertion", assertion.reveal()}})),
      kind);
}

// ---- authorized_user

// Without a scope: the token has the scopes of the login.
Token user_token(HttpClient& http, const File& file) {
  const std::string id = file.needed("client_id");
  const Secret secret = file.secret("client_secret");
  const Secret refresh = file.secret("refresh_token");
  if (refresh.empty()) file.refuse("refresh_token is missing");
  return ask_for_token(
      http,
      form_request(token_uri(file),
                   secret_form({{"grant_type", "refresh_token"},
                                {"client_id", id},
                                {"client_secret", secret.reveal()},
                                {"refresh_token", refresh.reveal()}})),
      "access_token",
      ": log in again with gcloud auth application-default login");
}

// ---- external_account

// The answer of credential_source.url.
Secret ask_for_subject(HttpClient& http, const File& file, JsonValue source) {
  HttpRequest request;
  request.url = source["url"].is_string() ? source["url"].string() : "";
  const std::optional<Url> url = parse_url(request.url);
  request.allows_plain_http = url && url->host == "169.254.169.254";
  if (!url || (url->scheme != "https" && !is_loopback_http(request.url) &&
               !request.allows_plain_http))
    file.refuse("credential_source.url is neither https nor on loopback");
  for (const auto& [key, value] : source["headers"].members()) {
    if (!value.is_string()) file.refuse("credential_source.headers: not text");
    std::string name = key.string(), text = value.string();
    if (name == "Authorization")
      request.authorization = Secret(text);
    else
      request.headers.push_back(name + ": " + text);
    wipe(text);
  }
  request.max_response = kMaxFile;
  HttpResponse response = http.send(request);
  for (std::string& header : request.headers) wipe(header);
  Secret body(response.body);
  wipe(response.body);
  if (response.status != 200)
    throw Exit(exit_status(response),
               "credential_source.url: " + url_for_messages(request.url) +
                   ": " + describe(response));
  return body;
}

Secret subject_token(HttpClient& http, const File& file) {
  const JsonValue source = file.root["credential_source"];
  Secret bytes;
  if (source["file"].is_string()) {
    const std::string path = source["file"].string();
    const std::string where = file.path + ": credential_source.file: ";
    if (!std::filesystem::is_regular_file(path))
      throw Exit(EX_CONFIG, where + path + ": no such file");
    bytes = read_secret(path, where);
  } else if (source["url"].is_string()) {
    bytes = ask_for_subject(http, file, source);
  } else {
    file.refuse(
        "credential_source has neither file nor url; executables, "
        "certificates and AWS are not supported");
  }
  const File format{file.path, source["format"]};
  if (format.text("type") == "json") {
    JsonReader reader;
    if (reader.parse(bytes.reveal()))
      file.refuse("credential_source gives no JSON");
    const File answer{file.path, reader.root()};
    bytes = answer.secret(format.text("subject_token_field_name"));
  }
  std::string_view token = bytes.reveal();
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  if (token.empty()) file.refuse("credential_source gives no token");
  return Secret(token);
}

// A token of the security token service, in exchange for another issuer's,
// which is requested each time, since it is valid for minutes only.
Token exchange(HttpClient& http, const File& file, std::string_view scope) {
  const std::string url = sts_url(file);
  const std::string audience = file.needed("audience");
  const std::string type = file.needed("subject_token_type");
  const std::string client = file.text("client_id");
  const std::string payer = file.text("workforce_pool_user_project");
  const Secret subject = subject_token(http, file);
  std::string options;
  FormFields fields = {
      {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
      {"audience", audience},
      {"scope", scope},
      {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
      {"subject_token", subject.reveal()},
      {"subject_token_type", type}};
  if (client.empty() && !payer.empty()) {
    options = "{\"userProject\":" + json_string(payer) + "}";
    fields.emplace_back("options", options);
  }
  HttpRequest request = form_request(url, secret_form(fields));
  if (!client.empty()) {
    const Secret login =
        Secret::join({client, ":", file.secret("client_secret").reveal()});
    std::string text = base64(login.reveal());
    request.authorization = Secret::join({"Basic ", text});
    wipe(text);
  }
  return ask_for_token(http, std::move(request), "access_token");
}

// ---- impersonation

void write_delegates(JsonWriter& json, const File& file) {
  if (!file.root["delegates"].is_array()) return;
  json.raw_member("delegates", file.root["delegates"].raw());
}

// A body of generateAccessToken.
std::string access_body(const File& file, std::string_view scopes) {
  const JsonValue seconds =
      file.root["service_account_impersonation"]["token_lifetime_seconds"];
  const std::int64_t lifetime = seconds.integer().value_or(3600);
  if (lifetime < 600 || lifetime > 43200)
    file.refuse("token_lifetime_seconds is not from 600 to 43200");
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_delegates(json, file);
  json.key("scope");
  json.begin_array();
  while (!scopes.empty()) {
    const std::size_t space = std::min(scopes.find(' '), scopes.size());
    json.value(scopes.substr(0, space));
    scopes.remove_prefix(std::min(space + 1, scopes.size()));
  }
  json.end_array();
  json.member("lifetime", std::to_string(lifetime) + "s");
  json.end_object();
  return body;
}

// A body of generateIdToken.
std::string identity_body(const File& file, std::string_view audience) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_delegates(json, file);
  json.member("audience", audience);
  json.member("includeEmail", true);
  json.end_object();
  return body;
}

bool is_impersonated(const File& file) {
  const std::string type = file.text("type");
  return type == "impersonated_service_account" ||
         (type == "external_account" &&
          file.root["service_account_impersonation_url"]);
}

// The token of the file's own identity, before any impersonation.
Token own_token(HttpClient& http, const File& file, std::string_view scope) {
  const std::string type = file.text("type");
  if (type == "service_account")
    return service_account_token(http, file, "scope", scope, "access_token");
  if (type == "authorized_user") return user_token(http, file);
  if (type == "external_account") return exchange(http, file, scope);
  if (type != "impersonated_service_account")
    file.refuse("credentials of type '" + type + "' are not supported");
  const File source{file.path, file.root["source_credentials"]};
  const std::string kind = source.text("type");
  if (kind != "service_account" && kind != "authorized_user")
    file.refuse("source_credentials of type '" + kind + "' are not supported");
  return own_token(http, source, scope);
}

// Has the service account that the file names give a token; body is JSON.
Token impersonate(HttpClient& http, const File& file, std::string_view method,
                  std::string body, std::string_view kind) {
  HttpRequest request;
  request.url = impersonation_url(file, method);
  request.headers = {"Content-Type: application/json"};
  const Token own = own_token(http, file, kCloudScope);
  request.authorization = Secret::join({"Bearer ", own.text.reveal()});
  request.body = std::move(body);
  return ask_for_token(http, std::move(request), kind);
}

// ---- the metadata server

// True where there must be a metadata server, even if it starts a little later.
bool expects_metadata_server() {
  std::string machine;
  std::getline(std::ifstream("/sys/class/dmi/id/product_name"), machine);
  return machine.starts_with("Google") ||
         !environment("GCE_METADATA_HOST").empty();
}

HttpResponse ask_metadata(HttpClient& http, const std::string& what) {
  std::string host = environment("GCE_METADATA_HOST");
  if (host.empty()) host = "metadata.google.internal";
  HttpRequest request;
  request.url = "http://" + host +
                "/computeMetadata/v1/instance/service-accounts/default/" + what;
  request.headers = {"Metadata-Flavor: Google"};
  request.allows_plain_http = true;
  request.max_response = kMaxAnswer;
  const bool is_expected = expects_metadata_server();
  request.connect_timeout = is_expected ? 3 : 1;
  // Elsewhere one attempt without an answer means that there is none.
  HttpResponse response =
      is_expected ? http.send(request) : http.send_once(request);
  if (response.failure == HttpResponse::kUnreachable ||
      (!is_expected && response.failure == HttpResponse::kBroken))
    throw Exit(EX_CONFIG, std::string("no Google credentials: set ") +
                              kVariable +
                              ", or run where a metadata server is");
  if (!is_expected && response.status != 200) response = http.send(request);
  if (response.status != 200)
    throw Exit(
        exit_status(response),
        "metadata server: " + describe(response) +
            (response.status == 404 ? "; no service account is attached" : ""));
  if (response.header("metadata-flavor") != "Google")
    throw Exit(EX_CONFIG,
               "what answers as the metadata server is not Google's");
  return response;
}

}  // namespace

std::string google_error_word(JsonValue answer) {
  JsonValue error = answer["error"];
  if (error.is_object()) error = error["status"];
  const std::string word = error.is_string() ? error.string() : "";
  const bool is_word = std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  });
  return is_word && word.size() <= 40 ? word : "";
}

bool is_google_project(std::string_view text) {
  return !text.empty() && text.size() <= 100 && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == ':';
         });
}

GoogleCredentials::GoogleCredentials() : path_(find_credentials()) {
  if (path_.empty()) return;
  const bool is_named = path_ == environment(kVariable);
  file_ = read_secret(path_, is_named ? std::string(kVariable) + ": " : "");
  if (reader_.parse(file_.reveal()) || !reader_.root().is_object())
    throw Exit(EX_CONFIG, path_ + ": not a JSON object");
  const File file{path_, reader_.root()};
  const std::string universe = file.text("universe_domain");
  if (!universe.empty() && universe != "googleapis.com")
    file.refuse("universe_domain is not googleapis.com");
}

Token GoogleCredentials::access_token(HttpClient& http,
                                      std::string_view scope) const {
  if (path_.empty()) {
    std::string scopes(scope);
    std::replace(scopes.begin(), scopes.end(), ' ', ',');
    HttpResponse response =
        ask_metadata(http, "token?" + form_encode({{"scopes", scopes}}));
    JsonReader reader;
    const bool is_json = !reader.parse(response.body);
    Token token = take_token(response, is_json ? reader.root() : JsonValue(),
                             "access_token", http.clock().unix_time());
    if (!token.text.empty()) return token;
    throw Exit(EX_NOPERM, "metadata server: no access_token given");
  }
  const File file{path_, reader_.root()};
  if (!is_impersonated(file)) return own_token(http, file, scope);
  return impersonate(http, file, "generateAccessToken",
                     access_body(file, scope), "accessToken");
}

Token GoogleCredentials::id_token(HttpClient& http,
                                  std::string_view audience) const {
  if (path_.empty()) {
    HttpResponse response = ask_metadata(
        http, "identity?" +
                  form_encode({{"audience", audience}, {"format", "full"}}));
    Token token{Secret(response.body), 0};
    wipe(response.body);
    return token;
  }
  const File file{path_, reader_.root()};
  if (file.text("type") == "service_account")
    return service_account_token(http, file, "target_audience", audience,
                                 "id_token");
  if (is_impersonated(file))
    return impersonate(http, file, "generateIdToken",
                       identity_body(file, audience), "token");
  file.refuse(
      "identity tokens need a service account, its key or its impersonation, "
      "not '" +
      file.text("type") + "'");
}

std::string GoogleCredentials::quota_project() const {
  std::string named = environment("GOOGLE_CLOUD_QUOTA_PROJECT");
  if (named.empty() && !path_.empty())
    named = File{path_, reader_.root()}.text("quota_project_id");
  return named;
}

}  // namespace mill
