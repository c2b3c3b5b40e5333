#include "lib/google/credentials.h"

#include <sysexits.h>

#include <algorithm>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/base/exit.h"
#include "lib/google/credential_file.h"
#include "lib/google/external_account.h"
#include "lib/google/jwt.h"
#include "lib/google/metadata_server.h"
#include "lib/http/url.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr char kCloudScope[] = "https://www.googleapis.com/auth/cloud-platform";

// Who a file speaks for, before any impersonation, for messages.
GoogleCall caller(const CredentialFile& file, std::string service) {
  const std::string type = file.text("type");
  GoogleCall call{.service = std::move(service)};
  if (type == "service_account") call.principal = file.text("client_email");
  if (type == "authorized_user") {
    call.principal = "gcloud's login";
    call.is_login = true;
  }
  if (type == "external_account") {
    // principalSet: all that the pool admits.
    const std::string audience = file.text("audience");
    call.principal =
        "principalSet:" + audience.substr(0, audience.find("/providers/")) +
        "/*";
  }
  if (type == "impersonated_service_account")
    return caller({file.path, file.root["source_credentials"]},
                  std::move(call.service));
  return call;
}

// claim and value are what the token is for, kind its name in the answer.
Token service_account_token(HttpClient& http, const CredentialFile& file,
                            std::string_view claim, std::string_view value,
                            std::string_view kind) {
  const std::string uri = file.token_uri();
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
      kind, caller(file, "oauth2"));
}

// Without a scope: the token has the scopes of the login.
Token user_token(HttpClient& http, const CredentialFile& file) {
  const std::string id = file.needed("client_id");
  const Secret secret = file.secret("client_secret");
  const Secret refresh = file.secret("refresh_token");
  if (refresh.empty()) file.refuse("refresh_token is missing");
  return ask_for_token(
      http,
      form_request(file.token_uri(),
                   secret_form({{"grant_type", "refresh_token"},
                                {"client_id", id},
                                {"client_secret", secret.reveal()},
                                {"refresh_token", refresh.reveal()}})),
      "access_token", caller(file, "oauth2"));
}

void write_delegates(JsonWriter& json, const CredentialFile& file) {
  if (!file.root["delegates"].is_array()) return;
  json.raw_member("delegates", file.root["delegates"].raw());
}

// A body of generateAccessToken.
std::string access_body(const CredentialFile& file, std::string_view scopes) {
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
std::string identity_body(const CredentialFile& file,
                          std::string_view audience) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  write_delegates(json, file);
  json.member("audience", audience);
  json.member("includeEmail", true);
  json.end_object();
  return body;
}

bool is_impersonated(const CredentialFile& file) {
  const std::string type = file.text("type");
  return type == "impersonated_service_account" ||
         (type == "external_account" &&
          file.root["service_account_impersonation_url"]);
}

// The token of the file's own identity, before any impersonation.
Token own_token(HttpClient& http, const CredentialFile& file,
                std::string_view scope) {
  const std::string type = file.text("type");
  if (type == "service_account")
    return service_account_token(http, file, "scope", scope, "access_token");
  if (type == "authorized_user") return user_token(http, file);
  if (type == "external_account") return exchange_token(http, file, scope);
  if (type != "impersonated_service_account")
    file.refuse("credentials of type '" + type + "' are not supported");
  const CredentialFile source{file.path, file.root["source_credentials"]};
  const std::string kind = source.text("type");
  if (kind != "service_account" && kind != "authorized_user")
    file.refuse("source_credentials of type '" + kind + "' are not supported");
  return own_token(http, source, scope);
}

// Has the service account that the file names give a token; body is JSON.
Token impersonate(HttpClient& http, const CredentialFile& file,
                  std::string_view method, std::string body,
                  std::string_view kind) {
  HttpRequest request;
  request.url = file.impersonation_url(method);
  request.headers = {"Content-Type: application/json"};
  const Token own = own_token(http, file, kCloudScope);
  request.authorization = Secret::join({"Bearer ", own.text.reveal()});
  request.body = std::move(body);
  return ask_for_token(http, std::move(request), kind,
                       caller(file, "iamcredentials"));
}

// Has IAM sign text with the key of a service account, at its signBlob.
std::string sign_blob(HttpClient& http, const std::string& url,
                      const Token& token, std::string_view delegates,
                      std::string_view text, const GoogleCall& call) {
  HttpRequest request{.method = "POST", .url = url};
  request.headers = {"Content-Type: application/json"};
  request.authorization = Secret::join({"Bearer ", token.text.reveal()});
  request.expects_json = true;
  request.max_response = kMaxGoogleAnswer;
  JsonWriter json(request.body);
  json.begin_object();
  if (!delegates.empty()) json.raw_member("delegates", delegates);
  json.member("payload", base64(text));
  json.end_object();
  const HttpResponse response = http.send(request);
  if (response.status != 200) {
    const Exit failure = google_failure(response, google_error(response), call);
    throw Exit(failure.code, std::string("signBlob: ") + failure.what());
  }
  JsonReader reader;
  reader.parse(response.body);
  const auto bytes =
      decode_base64(reader.root()["signedBlob"].string_or_empty());
  if (bytes && !bytes->empty()) return *bytes;
  throw Exit(EX_UNAVAILABLE, "signBlob: the answer has no signature");
}

}  // namespace

bool is_google_project(std::string_view text) {
  return !text.empty() && text.size() <= 100 && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_ascii_lower(c) || is_ascii_digit(c) || c == '-' ||
                  c == '.' || c == ':';
         });
}

GoogleCredentials::GoogleCredentials() : path_(find_credentials()) {
  if (path_.empty()) return;
  const bool is_named = path_ == environment(kCredentialsVariable);
  file_ = read_secret(path_,
                      is_named ? std::string(kCredentialsVariable) + ": " : "");
  if (reader_.parse(file_.reveal()) || !reader_.root().is_object())
    throw Exit(EX_CONFIG, path_ + ": not a JSON object");
  const CredentialFile file{path_, reader_.root()};
  const std::string universe = file.text("universe_domain");
  if (!universe.empty() && universe != "googleapis.com")
    file.refuse("universe_domain is not googleapis.com");
}

Token GoogleCredentials::access_token(HttpClient& http,
                                      std::string_view scope) const {
  if (path_.empty()) return metadata_access_token(http, scope);
  const CredentialFile file{path_, reader_.root()};
  if (!is_impersonated(file)) return own_token(http, file, scope);
  return impersonate(http, file, "generateAccessToken",
                     access_body(file, scope), "accessToken");
}

Token GoogleCredentials::id_token(HttpClient& http,
                                  std::string_view audience) const {
  if (path_.empty()) return metadata_id_token(http, audience);
  const CredentialFile file{path_, reader_.root()};
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

std::string GoogleCredentials::signing_account(HttpClient& http) const {
  if (path_.empty()) return metadata_email(http);
  const CredentialFile file{path_, reader_.root()};
  if (file.text("type") == "service_account")
    return file.needed("client_email");
  if (is_impersonated(file)) return file.impersonated_account();
  file.refuse(
      "signing needs a service account, its key or its impersonation (gcloud "
      "auth application-default login --impersonate-service-account=EMAIL), "
      "not '" +
      file.text("type") + "'");
}

std::string GoogleCredentials::sign(HttpClient& http,
                                    std::string_view text) const {
  const std::string account = signing_account(http);
  const std::string service = "iamcredentials";
  if (path_.empty())
    return sign_blob(http,
                     "https://iamcredentials.googleapis.com/v1/projects/-/"
                     "serviceAccounts/" +
                         account + ":signBlob",
                     metadata_access_token(http, kCloudScope), "", text,
                     {.service = service, .principal = account});
  const CredentialFile file{path_, reader_.root()};
  if (is_impersonated(file)) {
    const JsonValue delegates = file.root["delegates"];
    return sign_blob(http, file.impersonation_url("signBlob"),
                     own_token(http, file, kCloudScope),
                     delegates.is_array() ? delegates.raw() : "", text,
                     caller(file, service));
  }
  const auto signature =
      sign_rsa_sha256(text, file.secret("private_key").reveal());
  if (!signature) file.refuse("private_key is not an RSA key in PEM");
  return *signature;
}

GoogleCall GoogleCredentials::describe(HttpClient& http,
                                       GoogleCall call) const {
  if (path_.empty()) {
    call.principal = metadata_account(http);
    return call;
  }
  const CredentialFile file{path_, reader_.root()};
  const GoogleCall own = caller(file, "");
  call.principal =
      is_impersonated(file) ? file.impersonated_account() : own.principal;
  call.is_login = own.is_login;
  return call;
}

std::string GoogleCredentials::quota_project() const {
  std::string named = environment("GOOGLE_CLOUD_QUOTA_PROJECT");
  if (named.empty() && !path_.empty())
    named = CredentialFile{path_, reader_.root()}.text("quota_project_id");
  return named;
}

}  // namespace mill
