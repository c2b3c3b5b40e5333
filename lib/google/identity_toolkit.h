// identity_toolkit.h - users of Firebase Authentication and their claims.
//
//   mill::IdentityToolkit users(http, "my-project");
//   mill::User user = users.find({"email", "a@example.org"});
//   users.set_claims(user.uid, mill::with_claim(user.claims, "admin"));
//
// Asks with Application Default Credentials (auth.h). If
// FIREBASE_AUTH_EMULATOR_HOST names a HOST:PORT on loopback, requests go there
// instead, with no real token. All failures throw Exit: EX_USAGE for an invalid
// project name, EX_NOINPUT for a user who does not exist, EX_CONFIG where
// authentication was never set up, EX_NOPERM, else what the answer means.
#pragma once

#include <string>
#include <string_view>

#include "lib/google/auth.h"
#include "lib/http/client.h"
#include "lib/json/json.h"

namespace mill {

struct User {
  std::string uid;
  std::string email;  // empty if there is none
  bool is_email_verified = false;
  std::string claims = "{}";  // a JSON object, as it is stored
};

// Claims may have so many UTF-16 units, as JavaScript counts.
inline constexpr std::size_t kMaxClaims = 1000;

// The claims, a JSON object, with this one true, and without it. All other
// claims stay byte for byte, and in their order.
std::string with_claim(std::string_view claims, std::string_view name);
std::string without_claim(std::string_view claims, std::string_view name);
// True if both have the same claims with the same values, apart from `name`.
bool same_but_for(std::string_view claims, std::string_view others,
                  std::string_view name);
// The number of UTF-16 units of a text in UTF-8.
std::size_t utf16_units(std::string_view text);

class IdentityToolkit {
 public:
  IdentityToolkit(HttpClient& http, std::string project);

  // What a user is found by: "localId", which is the uid, or "email".
  struct Key {
    std::string_view name;
    std::string value;
  };
  // Throws Exit(EX_DATAERR) if there is more than one, or their claims are not
  // a JSON object.
  User find(const Key& key);
  // Replaces all of the user's claims by these. REQUIRES: a JSON object of at
  // most kMaxClaims units.
  void set_claims(const std::string& uid, const std::string& claims);

 private:
  // The answer to POST accounts:METHOD.
  HttpResponse call(const std::string& method, std::string body);

  HttpClient& http_;
  std::string project_;
  GoogleService service_;
};

}  // namespace mill
