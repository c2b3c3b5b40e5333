#include "lib/net/google_auth.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <memory>

#include "lib/cli.h"
#include "lib/hash.h"
#include "lib/input.h"
#include "lib/json_writer.h"

namespace mill {

namespace {

constexpr char kVariable[] = "GOOGLE_APPLICATION_CREDENTIALS";
constexpr char kTokenUri[] = "https://oauth2.googleapis.com/token";
constexpr std::size_t kMaxCredentials = 64 << 10;
constexpr std::uint64_t kMaxTokenAnswer = 1 << 20;

std::string environment(const char* name) {
  const char* const value = ::getenv(name);
  return value ? value : "";
}

// The credential file's path; empty if there is none.
std::string find_credentials() {
  const std::string named = environment(kVariable);
  if (!named.empty()) return named;
  std::string folder = environment("CLOUDSDK_CONFIG");
  if (folder.empty()) folder = environment("HOME") + "/.config/gcloud";
  const std::string path = folder + "/application_default_credentials.json";
  return ::access(path.c_str(), F_OK) == 0 ? path : "";
}

Secret read_credentials(const std::string& path) {
  std::string text(kMaxCredentials + 1, '\0');
  std::size_t size = 0;
  try {
    Input input(path);
    while (const std::size_t n =
               input.read(text.data() + size, text.size() - size))
      size += n;
  } catch (const Exit& exit) {
    throw Exit(EX_CONFIG, std::string(kVariable) + ": " + exit.what());
  }
  Secret credentials(std::string_view(text.data(), size));
  wipe(text);
  if (size > kMaxCredentials)
    throw Exit(EX_CONFIG, path + ": larger than 64 KiB");
  return credentials;
}

std::string member(JsonValue object, std::string_view name) {
  const JsonValue value = object[name];
  return value.is_string() ? value.string() : "";
}

// Where a service account's assertions go: Google's one token endpoint,
// whatever old key files call it, or a loopback stand-in.
std::string token_uri(const std::string& named, const std::string& path) {
  for (const char* known :
       {"", kTokenUri, "https://accounts.google.com/o/oauth2/token",
        "https://www.googleapis.com/oauth2/v4/token"})
    if (named == known) return kTokenUri;
  if (is_loopback_http(named)) return named;
  throw Exit(EX_CONFIG, path + ": token_uri is not Google's");
}

// The token in an answer's member, or Exit with what the answer means. Wipes
// the answer.
Secret take_token(HttpResponse& response, std::string_view name,
                  const std::string& where) {
  JsonReader reader;
  const auto error = reader.parse(response.body);
  if (response.status == 200 && !error) {
    std::string text = member(reader.root(), name);
    Secret token(text);
    wipe(text);
    wipe(response.body);
    if (!token.empty()) return token;
    throw Exit(EX_NOPERM, where + ": no " + std::string(name) + " given");
  }
  // "invalid_grant" and the like; the description may quote what was sent.
  const std::string code = member(reader.root(), "error");
  const int status = response.status == 400 ? EX_NOPERM : exit_status(response);
  throw Exit(status, where + ": " + describe(response) +
                         (code.empty() ? "" : ", " + code));
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string text = base64(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

Secret sign_jwt(std::string_view claims, std::string_view key_id,
                std::string_view private_key) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> bio(
      ::BIO_new_mem_buf(private_key.data(),
                        static_cast<int>(private_key.size())),
      &::BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(
      ::PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr),
      &::EVP_PKEY_free);
  if (!key || ::EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA)
    throw Exit(EX_CONFIG, "private_key is not an RSA key in PEM");
  std::string header;
  JsonWriter json(header);
  json.begin_object();
  json.member("alg", "RS256");
  json.member("typ", "JWT");
  if (!key_id.empty()) json.member("kid", key_id);
  json.end_object();
  const std::string signed_part = base64url(header) + "." + base64url(claims);

  const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(
      ::EVP_MD_CTX_new(), &::EVP_MD_CTX_free);
  std::string signature(static_cast<std::size_t>(::EVP_PKEY_size(key.get())),
                        '\0');
  std::size_t size = signature.size();
  if (::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr,
                           key.get()) != 1 ||
      ::EVP_DigestSign(
          context.get(), reinterpret_cast<unsigned char*>(signature.data()),
          &size, reinterpret_cast<const unsigned char*>(signed_part.data()),
          signed_part.size()) != 1)
    throw Exit(EX_CONFIG, "private_key does not sign");
  signature.resize(size);
  return Secret::join({signed_part, ".", base64url(signature)});
}

GoogleAuth::GoogleAuth(HttpClient& http)
    : http_(http), path_(find_credentials()) {
  if (path_.empty()) return;
  file_ = read_credentials(path_);
  if (reader_.parse(file_.reveal()) || !reader_.root().is_object())
    throw Exit(EX_CONFIG, path_ + ": not a JSON object");
  const std::string universe = member(reader_.root(), "universe_domain");
  if (!universe.empty() && universe != "googleapis.com")
    throw Exit(EX_CONFIG, path_ + ": universe_domain is not googleapis.com");
}

Secret GoogleAuth::id_token(std::string_view audience) {
  if (path_.empty()) {
    HttpResponse response =
        ask_metadata("identity?" +
                     form_encode({{"audience", audience}, {"format", "full"}}));
    const Secret bearer = Secret::join({"Bearer ", response.body});
    wipe(response.body);
    return bearer.copy();
  }
  const std::string type = member(reader_.root(), "type");
  if (type != "service_account")
    throw Exit(EX_CONFIG,
               path_ + ": identity tokens need a service account key, not '" +
                   type + "'");
  return service_account_token("target_audience", audience, "id_token");
}

Secret GoogleAuth::access_token(std::string_view scope) {
  if (path_.empty()) {
    HttpResponse response =
        ask_metadata("token?" + form_encode({{"scopes", scope}}));
    const Secret token =
        take_token(response, "access_token", "metadata server");
    return Secret::join({"Bearer ", token.reveal()});
  }
  const JsonValue root = reader_.root();
  const std::string type = member(root, "type");
  if (type == "service_account")
    return service_account_token("scope", scope, "access_token");
  if (type != "authorized_user")
    throw Exit(EX_CONFIG, path_ +
                              ": access tokens need a service account key or a "
                              "user's login, not '" +
                              type + "'");
  // No scope: the token is for what the login was for.
  std::string form_values[] = {member(root, "client_id"),
                               member(root, "client_secret"),
                               member(root, "refresh_token")};
  const auto& [id, secret, refresh] = form_values;
  if (id.empty() || refresh.empty())
    throw Exit(EX_CONFIG, path_ + ": client_id or refresh_token is missing");
  Secret form = secret_form({{"grant_type", "refresh_token"},
                             {"client_id", id},
                             {"client_secret", secret},
                             {"refresh_token", refresh}});
  for (std::string& value : form_values) wipe(value);
  return ask_for_token(std::move(form), "access_token");
}

std::string GoogleAuth::quota_project() const {
  std::string named = environment("GOOGLE_CLOUD_QUOTA_PROJECT");
  if (named.empty() && !path_.empty())
    named = member(reader_.root(), "quota_project_id");
  return named;
}

Secret GoogleAuth::service_account_token(std::string_view claim,
                                         std::string_view value,
                                         std::string_view kind) {
  const JsonValue root = reader_.root();
  const std::string email = member(root, "client_email");
  const std::string uri = token_uri(member(root, "token_uri"), path_);
  if (email.empty()) throw Exit(EX_CONFIG, path_ + ": client_email is missing");

  const auto now = static_cast<std::int64_t>(http_.clock().unix_time());
  std::string claims;
  JsonWriter json(claims);
  json.begin_object();
  json.member("iss", email);
  json.member("aud", uri);
  json.member(claim, value);
  json.member("iat", now);
  json.member("exp", now + 3600);
  json.end_object();
  std::string pem = member(root, "private_key");
  const Secret key(pem);
  wipe(pem);
  const Secret assertion =
      sign_jwt(claims, member(root, "private_key_id"), key.reveal());
  return ask_for_token(
      secret_form(
          {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
           {"assertion", assertion.reveal()}}),
      kind);
}

Secret GoogleAuth::ask_for_token(Secret form, std::string_view kind) {
  HttpRequest request;
  request.method = "POST";
  request.url = token_uri(member(reader_.root(), "token_uri"), path_);
  request.headers = {"Content-Type: application/x-www-form-urlencoded"};
  request.secret_body = std::move(form);
  request.max_response = kMaxTokenAnswer;
  HttpResponse response = http_.send(request);
  const Secret token =
      take_token(response, kind, url_for_messages(request.url));
  return Secret::join({"Bearer ", token.reveal()});
}

HttpResponse GoogleAuth::ask_metadata(const std::string& what) {
  std::string host = environment("GCE_METADATA_HOST");
  if (host.empty()) host = "metadata.google.internal";
  HttpRequest request;
  request.url = "http://" + host +
                "/computeMetadata/v1/instance/service-accounts/default/" + what;
  request.headers = {"Metadata-Flavor: Google"};
  request.allows_plain_http = true;
  request.connect_timeout = 3;
  request.max_response = kMaxTokenAnswer;
  HttpResponse response = http_.send(request);
  if (response.failure == HttpResponse::kUnreachable)
    throw Exit(EX_CONFIG, std::string("no Google credentials: set ") +
                              kVariable +
                              ", or run where a metadata server is");
  if (response.status != 200)
    throw Exit(exit_status(response), "metadata server: " + describe(response));
  if (response.header("metadata-flavor") != "Google")
    throw Exit(EX_CONFIG,
               "what answers as the metadata server is not Google's");
  return response;
}

}  // namespace mill
