// credential_file.h - a file with Google credentials: where it is, what it
// says, and whether the places that it names may be trusted.
//
// A credential file may come from elsewhere, so the places it names are checked
// before anything is sent there: Google's own by https, or a stand-in on
// loopback by plain http. All failures throw Exit(EX_CONFIG), which names
// the file and holds no secret.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/json/json.h"

namespace mill {

inline constexpr char kCredentialsVariable[] = "GOOGLE_APPLICATION_CREDENTIALS";

// The file that the variable names, else gcloud's own; empty if there is none.
std::string find_credentials();
// A private file's bytes; `where` says in messages who named it.
Secret read_secret(const std::string& path, const std::string& where);

// A credential file, or an object in one: its path, for messages, and its JSON.
struct CredentialFile {
  const std::string& path;
  JsonValue root;

  [[noreturn]] void refuse(const std::string& why) const;
  // A member's text; empty if it is missing or no string.
  std::string text(std::string_view name) const;
  std::string needed(std::string_view name) const;
  Secret secret(std::string_view name) const;

  // Where assertions and refresh tokens go: Google's one token endpoint,
  // whatever old key files call it, or a loopback stand-in.
  std::string token_uri() const;
  // Where the subject token of an external account is exchanged.
  std::string sts_url() const;
  // Where a service account is impersonated: the file's URL, which ends in
  // generateAccessToken, with another method in its place.
  std::string impersonation_url(std::string_view method) const;
  // The address of that service account.
  std::string impersonated_account() const;
};

// A variable's value; empty if it is not set.
std::string environment(const char* name);

}  // namespace mill
