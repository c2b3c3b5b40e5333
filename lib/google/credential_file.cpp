#include "lib/google/credential_file.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/http/url.h"
#include "lib/io/private_file.h"

namespace mill {

namespace {

constexpr char kTokenUri[] = "https://oauth2.googleapis.com/token";
constexpr char kStsUrl[] = "https://sts.googleapis.com/v1/token";

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
    return is_ascii_lower(c) || is_ascii_digit(c) || c == '-';
  });
}

}  // namespace

std::string environment(const char* name) {
  const char* const value = ::getenv(name);
  return value ? value : "";
}

std::string find_credentials() {
  const std::string named = environment(kCredentialsVariable);
  if (!named.empty()) return named;
  std::string folder = environment("CLOUDSDK_CONFIG");
  if (folder.empty()) folder = environment("HOME") + "/.config/gcloud";
  const std::string path = folder + "/application_default_credentials.json";
  return ::access(path.c_str(), F_OK) == 0 ? path : "";
}

Secret read_secret(const std::string& path, const std::string& where) {
  try {
    return read_private_file(path);
  } catch (const Exit& exit) {
    throw Exit(EX_CONFIG, where + exit.what());
  }
}

void CredentialFile::refuse(const std::string& why) const {
  throw Exit(EX_CONFIG, path + ": " + why);
}

std::string CredentialFile::text(std::string_view name) const {
  return root[name].string_or_empty();
}

std::string CredentialFile::needed(std::string_view name) const {
  std::string value = text(name);
  if (value.empty()) refuse(std::string(name) + " is missing");
  return value;
}

Secret CredentialFile::secret(std::string_view name) const {
  std::string value = text(name);
  Secret copy(value);
  wipe(value);
  return copy;
}

std::string CredentialFile::token_uri() const {
  const std::string named = text("token_uri");
  for (const char* known :
       {"", kTokenUri, "https://accounts.google.com/o/oauth2/token",
        "https://www.googleapis.com/oauth2/v4/token"})
    if (named == known) return kTokenUri;
  if (is_loopback_http(named)) return named;
  refuse("token_uri is not Google's");
}

std::string CredentialFile::sts_url() const {
  const std::string named = text("token_url");
  if (named.empty()) return kStsUrl;
  if (is_endpoint(named, "sts") && named.ends_with("/v1/token")) return named;
  refuse("token_url is not Google's");
}

std::string CredentialFile::impersonation_url(std::string_view method) const {
  constexpr std::string_view kStart = "/v1/projects/-/serviceAccounts/";
  constexpr std::string_view kMethod = "generateAccessToken";
  const std::string url = needed("service_account_impersonation_url");
  const std::optional<Url> parsed = parse_url(url);
  std::string_view account;
  if (parsed && parsed->path.starts_with(kStart))
    account = std::string_view(parsed->path).substr(kStart.size());
  const std::size_t colon = std::min(account.find(':'), account.size());
  if (!is_endpoint(url, "iamcredentials") || !url.ends_with(kMethod) ||
      colon == 0 || account.substr(0, colon).find('/') != account.npos ||
      account.substr(colon) != ":" + std::string(kMethod))
    refuse("service_account_impersonation_url is not Google's");
  return url.substr(0, url.size() - kMethod.size()) + std::string(method);
}

std::string CredentialFile::impersonated_account() const {
  const std::string url = impersonation_url("");
  const std::size_t begin = url.rfind('/') + 1;
  return url.substr(begin, url.rfind(':') - begin);
}

}  // namespace mill
