#include "tests/cloud/identity.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <initializer_list>
#include <memory>
#include <optional>

#include "lib/base/base64.h"
#include "lib/base/hash.h"
#include "lib/google/jwt.h"
#include "lib/json/json.h"
#include "lib/json/json_writer.h"

namespace cloud {
namespace {

using mill::json_string;
using mill::JsonReader;
using mill::JsonValue;

constexpr char kCloudScope[] = "https://www.googleapis.com/auth/cloud-platform";

std::string text_of(JsonValue object, std::string_view name) {
  return object[name].is_string() ? object[name].string() : "";
}

// An OAuth error.
Answer oauth_error(std::string_view error, std::string_view description) {
  return {400, "{\"error\":" + json_string(error) +
                   ",\"error_description\":" + json_string(description) + "}"};
}

// An error as Identity Toolkit writes it.
Answer toolkit_error(int status, const std::string& message) {
  return {status, "{\"error\":{\"code\":" + std::to_string(status) +
                      ",\"message\":" + json_string(message) +
                      ",\"errors\":[{\"message\":" + json_string(message) +
                      ",\"domain\":\"global\",\"reason\":\"invalid\"}]}}"};
}

using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view name, Names names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The first of an object's names that is not one of those; else empty.
std::string unknown_name(JsonValue object, Names names) {
  for (const auto& [key, value] : object.members())
    if (!is_one_of(key.string(), names)) return key.string();
  return "";
}

Answer unknown_field(const std::string& name) {
  return google_error(400, "INVALID_ARGUMENT",
                      "Invalid JSON payload received. Unknown name \"" + name +
                          "\": Cannot find field.");
}

// A form with exactly these fields, once each; nothing if it is another.
std::optional<std::map<std::string, std::string>> read_form(Request& request,
                                                            Names names) {
  if (request.header("content-type") != "application/x-www-form-urlencoded")
    return std::nullopt;
  std::map<std::string, std::string> fields;
  for (auto& [name, value] : parse_form(request.body()))
    if (!is_one_of(name, names) || !fields.emplace(name, value).second)
      return std::nullopt;
  if (fields.size() != names.size()) return std::nullopt;
  return fields;
}

std::string decode_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size())) < 0)
    return "";
  bytes.resize(bytes.size() - padding);
  return bytes;
}

std::string url_of(const Request& request) {
  return "http://" + request.header("host") + request.path;
}

std::string token_answer(const std::string& name, const std::string& token) {
  return "{" + json_string(name) + ":" + json_string(token) +
         ",\"expires_in\":3599,\"token_type\":\"Bearer\"}";
}

}  // namespace

bool is_signed(std::string_view text, std::string_view signature,
               const std::string& public_key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(public_key.data(), static_cast<int>(public_key.size())),
      &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(
      EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const auto bytes = [](std::string_view view) {
    return reinterpret_cast<const unsigned char*>(view.data());
  };
  return key &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                              key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes(signature), signature.size(),
                          bytes(text), text.size()) == 1;
}

void Identity::add_key(const std::string& email,
                       const std::string& public_key) {
  keys_[email] = public_key;
}

std::string public_key_of(const std::string& private_key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size())),
      &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()),
                                                      &BIO_free);
  if (!key || PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) return "";
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

void Identity::add_signer(const std::string& email,
                          const std::string& private_key) {
  signers_[email] = private_key;
}

void Identity::add_login(const std::string& client_id,
                         const std::string& secret,
                         const std::string& refresh_token) {
  logins_.push_back({client_id, secret, refresh_token});
}

void Identity::add_subject(const std::string& audience,
                           const std::string& token) {
  subjects_.emplace(audience, token);
}

void Identity::add_user(const std::string& account) {
  JsonReader reader;
  reader.parse(account);
  const JsonValue user = reader.root();
  accounts_.push_back({text_of(user, "localId"), text_of(user, "email"),
                       text_of(user, "customAttributes"),
                       user["emailVerified"].is_true()});
}

void Identity::add_secret(const std::string& name, const std::string& value) {
  secrets_[name] = value;
}

std::uint64_t Identity::tokens() const {
  const std::lock_guard lock(mutex_);
  return given_;
}

void Identity::revoke_tokens() {
  const std::lock_guard lock(mutex_);
  tokens_.clear();
}

std::string Identity::give(const std::string& who, const std::string& purpose) {
  const std::lock_guard lock(mutex_);
  const std::string token = "ya29.f4ke-" + std::to_string(++given_) + "...";
  tokens_[token] = {who, purpose};
  return token;
}

std::pair<std::string, std::string> Identity::bearer(const Request& request) {
  const std::string value = request.header("authorization");
  if (!value.starts_with("Bearer ")) return {};
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(value.substr(7));
  if (found == tokens_.end()) return {};
  return found->second;
}

void Identity::add_routes(Server& server) {
  const auto to = [this](Answer (Identity::*handler)(Request&)) {
    return
        [this, handler](Request& request) { return (this->*handler)(request); };
  };
  server.route("POST", "/token", to(&Identity::token));
  server.route("POST", "/v1/token", to(&Identity::exchange));
  server.route("POST", "/v1/projects/-/serviceAccounts/{}:{}",
               to(&Identity::impersonate));
  server.route("GET",
               "/computeMetadata/v1/instance/service-accounts/default/{}",
               to(&Identity::metadata));
  server.route("GET", "/subject", [this](Request& request) {
    if (request.header("authorization") != "Bearer runner")
      return Answer{401, "{}"};
    return Answer{200,
                  "{\"value\":" + json_string(subjects_.begin()->second) + "}"};
  });
  const std::string users = "/identitytoolkit.googleapis.com/v1/projects/{}/";
  server.route("POST", users + "accounts:lookup", to(&Identity::lookup));
  server.route("POST", users + "accounts:update", to(&Identity::update),
               {"another_writer"});
  server.route("GET", "/v1/projects/{}/secrets/{}/versions/{}:access",
               to(&Identity::secret));
  server.route("GET", "/protected/{}", to(&Identity::protected_thing),
               {"expired_token"});
}

std::string Identity::judge(const std::string& assertion,
                            const std::string& endpoint, std::string& who,
                            std::string& purpose, bool& is_identity) {
  const std::size_t first = assertion.find('.');
  const std::size_t last = assertion.rfind('.');
  if (first == assertion.npos || first == last) return "not a JWT";
  const std::string header = decode_base64url(assertion.substr(0, first));
  const std::string body =
      decode_base64url(assertion.substr(first + 1, last - first - 1));
  JsonReader header_reader, reader;
  if (header_reader.parse(header) || reader.parse(body)) return "not JSON";
  const JsonValue claims = reader.root();
  if (text_of(header_reader.root(), "alg") != "RS256") return "alg";
  if (!unknown_name(header_reader.root(), {"alg", "typ", "kid"}).empty() ||
      !unknown_name(claims,
                    {"iss", "scope", "target_audience", "aud", "iat", "exp"})
           .empty())
    return "an unknown claim";
  who = text_of(claims, "iss");
  const auto key = keys_.find(who);
  if (key == keys_.end() ||
      !is_signed(assertion.substr(0, last),
                 decode_base64url(assertion.substr(last + 1)), key->second))
    return "Invalid JWT Signature.";
  if (text_of(claims, "aud") != endpoint) return "aud";
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  const std::int64_t issued = claims["iat"].integer().value_or(0);
  const std::int64_t end = claims["exp"].integer().value_or(0);
  if (issued > now + 60 || end <= now || end - issued > 3600)
    return "Token must be a short-lived token (60 minutes) and in a reasonable "
           "timeframe. Check your iat and exp values.";
  is_identity = !!claims["target_audience"];
  if (is_identity == !!claims["scope"]) return "one of scope, target_audience";
  purpose = text_of(claims, is_identity ? "target_audience" : "scope");
  return "";
}

Answer Identity::token(Request& request) {
  const std::string type = request.header("content-type");
  const std::string body = request.body();
  std::map<std::string, std::string> fields;
  for (auto& [name, value] : parse_form(body))
    if (!fields.emplace(name, value).second)
      return oauth_error("invalid_request", "a field twice");
  const std::string grant = fields["grant_type"];
  const std::size_t count = fields.size();
  if (type != "application/x-www-form-urlencoded")
    return oauth_error("invalid_request", "not a form");
  if (grant == "refresh_token" && count == 4) {
    for (const Login& login : logins_)
      if (login.id == fields["client_id"] &&
          login.secret == fields["client_secret"] &&
          login.refresh_token == fields["refresh_token"])
        return {200, token_answer("access_token", give("user", kCloudScope))};
    return oauth_error("invalid_grant", "Token has been expired or revoked.");
  }
  if (grant != "urn:ietf:params:oauth:grant-type:jwt-bearer" || count != 2)
    return oauth_error("unsupported_grant_type", "or other fields");
  std::string who, purpose;
  bool is_identity = false;
  const std::string why =
      judge(fields["assertion"], url_of(request), who, purpose, is_identity);
  if (!why.empty()) return oauth_error("invalid_grant", why);
  return {200, token_answer(is_identity ? "id_token" : "access_token",
                            give(who, purpose))};
}

Answer Identity::exchange(Request& request) {
  auto form = read_form(
      request, {"grant_type", "audience", "scope", "requested_token_type",
                "subject_token", "subject_token_type"});
  if (!form) return oauth_error("invalid_request", "not such a form");
  auto& fields = *form;
  const std::string types = "urn:ietf:params:oauth:";
  if (fields["grant_type"] != types + "grant-type:token-exchange" ||
      fields["requested_token_type"] != types + "token-type:access_token" ||
      fields["subject_token_type"] != types + "token-type:jwt")
    return oauth_error("invalid_request", "of another type");
  if (!subjects_.contains({fields["audience"], fields["subject_token"]}))
    return oauth_error("invalid_grant", fields["subject_token"]);
  return {200,
          token_answer("access_token", give("federated", fields["scope"]))};
}

Answer Identity::impersonate(Request& request) {
  const auto [who, scope] = bearer(request);
  if (scope != kCloudScope)
    return google_error(403, "PERMISSION_DENIED",
                        "Permission 'iam.serviceAccounts.getAccessToken' "
                        "denied");
  const std::string body = request.body();
  JsonReader reader;
  if (reader.parse(body))
    return google_error(400, "INVALID_ARGUMENT", "not JSON");
  const JsonValue asked = reader.root();
  const std::string email = request.parts[0];
  if (request.parts[1] == "generateIdToken") {
    const std::string name =
        unknown_name(asked, {"delegates", "audience", "includeEmail"});
    if (!name.empty()) return unknown_field(name);
    return {200, "{\"token\":" +
                     json_string(give(email, text_of(asked, "audience"))) +
                     "}"};
  }
  if (request.parts[1] == "signBlob") {
    const std::string name = unknown_name(asked, {"delegates", "payload"});
    if (!name.empty()) return unknown_field(name);
    const auto text = mill::decode_base64(text_of(asked, "payload"));
    const auto key = signers_.find(email);
    if (!text) return google_error(400, "INVALID_ARGUMENT", "payload");
    if (key == signers_.end())
      return google_error(403, "PERMISSION_DENIED",
                          "Permission 'iam.serviceAccounts.signBlob' denied");
    const auto bytes = mill::sign_rsa_sha256(*text, key->second);
    return {200, "{\"keyId\":\"k\",\"signedBlob\":" +
                     json_string(mill::base64(bytes.value_or(""))) + "}"};
  }
  if (request.parts[1] != "generateAccessToken")
    return google_error(404, "NOT_FOUND", "no such method");
  const std::string name =
      unknown_name(asked, {"delegates", "scope", "lifetime"});
  if (!name.empty()) return unknown_field(name);
  if (asked["scope"].size() == 0 || text_of(asked, "lifetime") != "3600s")
    return google_error(400, "INVALID_ARGUMENT", "scope or lifetime");
  std::string scopes;
  for (const JsonValue one : asked["scope"].elements())
    scopes += (scopes.empty() ? "" : " ") + one.string();
  const std::time_t end = std::time(nullptr) + 3600;
  char time[32];
  std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&end));
  return {200, "{\"accessToken\":" + json_string(give(email, scopes)) +
                   ",\"expireTime\":\"" + time + "\"}"};
}

Answer Identity::metadata(Request& request) {
  Answer answer{403, "Missing Metadata-Flavor:Google header.", {}, "text/html"};
  if (request.header("metadata-flavor") != "Google") return answer;
  answer.headers = {{"Metadata-Flavor", "Google"}};
  answer.status = 200;
  if (request.parts[0] == "token")
    answer.body = token_answer("access_token",
                               give("default", request.parameter("scopes")));
  else if (request.parts[0] == "identity" &&
           !request.parameter("audience").empty())
    answer.body = give("default", request.parameter("audience"));
  else
    answer.status = 404;
  return answer;
}

Answer Identity::lookup(Request& request) {
  if (request.header("authorization") != "Bearer owner")
    return toolkit_error(403, "INSUFFICIENT_PERMISSION");
  if (request.parts[0] == "unset")
    return toolkit_error(400, "CONFIGURATION_NOT_FOUND");
  if (request.parts[0] == "denied")
    return google_error(403, "PERMISSION_DENIED", "The caller may not");
  const std::string body = request.body();
  JsonReader reader;
  reader.parse(body);
  const std::string name = unknown_name(reader.root(), {"localId", "email"});
  if (!name.empty()) return unknown_field(name);
  std::string users;
  const std::lock_guard lock(mutex_);
  for (const Account& account : accounts_) {
    bool is_asked_for = false;
    for (const JsonValue uid : reader.root()["localId"].elements())
      is_asked_for |= uid.string() == account.uid;
    for (const JsonValue email : reader.root()["email"].elements())
      is_asked_for |= email.string() == account.email;
    if (!is_asked_for) continue;
    if (!users.empty()) users += ',';
    mill::JsonWriter json(users);
    json.begin_object();
    json.member("localId", account.uid);
    json.member("email", account.email);
    json.member("emailVerified", account.is_verified);
    if (!account.claims.empty())
      json.member("customAttributes", account.claims);
    json.end_object();
  }
  return {200, "{\"kind\":\"identitytoolkit#GetAccountInfoResponse\"" +
                   (users.empty() ? "" : ",\"users\":[" + users + "]") + "}"};
}

Answer Identity::update(Request& request) {
  if (request.header("authorization") != "Bearer owner")
    return toolkit_error(403, "INSUFFICIENT_PERMISSION");
  const std::string body = request.body();
  JsonReader reader, claims_reader;
  reader.parse(body);
  const std::string name =
      unknown_name(reader.root(), {"localId", "customAttributes"});
  if (!name.empty()) return unknown_field(name);
  const std::string claims = text_of(reader.root(), "customAttributes");
  if (claims.size() > 1000) return toolkit_error(400, "CLAIMS_TOO_LARGE");
  if (claims_reader.parse(claims) || !claims_reader.root().is_object())
    return toolkit_error(400, "INVALID_CLAIMS");
  for (const auto& [key, value] : claims_reader.root().members())
    if (is_one_of(key.string(), {"acr", "amr", "at_hash", "aud", "auth_time",
                                 "azp", "cnf", "c_hash", "exp", "firebase",
                                 "iat", "iss", "jti", "nbf", "nonce", "sub"}))
      return toolkit_error(400, "FORBIDDEN_CLAIM : " + key.string());
  const std::string uid = text_of(reader.root(), "localId");
  const std::lock_guard lock(mutex_);
  for (Account& account : accounts_) {
    if (account.uid != uid) continue;
    account.claims = claims;
    if (request.fault == "another_writer")
      account.claims = R"({"written_by":"another"})";
    return {200,
            "{\"kind\":\"identitytoolkit#SetAccountInfoResponse\","
            "\"localId\":" +
                json_string(uid) + "}"};
  }
  return toolkit_error(400, "USER_NOT_FOUND");
}

Answer Identity::secret(Request& request) {
  if (request.header("authorization") != "Bearer owner")
    return google_error(403, "PERMISSION_DENIED", "who are you");
  const auto found = secrets_.find(request.parts[1]);
  if (found == secrets_.end() || request.parts[2] != "latest")
    return google_error(404, "NOT_FOUND", "no such secret");
  return {200, "{\"name\":\"projects/1/secrets/" + found->first +
                   "/versions/1\",\"payload\":{\"data\":" +
                   json_string(mill::base64(found->second)) +
                   ",\"dataCrc32c\":\"" +
                   std::to_string(mill::crc32c(0, found->second)) + "\"}}"};
}

Answer Identity::protected_thing(Request& request) {
  const auto [who, purpose] = bearer(request);
  if (who.empty() || request.fault == "expired_token")
    return google_error(401, "UNAUTHENTICATED", "no valid token");
  return {200, "{\"who\":" + json_string(who) +
                   ",\"purpose\":" + json_string(purpose) + ",\"payer\":" +
                   json_string(request.header("x-goog-user-project")) +
                   ",\"count\":0,\"metrics\":{},\"interactions\":[]}"};
}

}  // namespace cloud
