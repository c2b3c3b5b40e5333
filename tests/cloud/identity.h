// identity.h - the loopback cloud's tokens, users and secrets.
//
// What Google's token endpoint, security token service, IAM credentials,
// metadata server, Identity Toolkit (as its emulator) and Secret Manager (as
// an emulator) answer, and a protected thing that wants a token of theirs.
// What a client sends is judged strictly: a signature, audience or time that is
// wrong, or a field that the service does not know, is an error.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/cloud/server.h"

namespace cloud {

// Whether the signature of text is RSA's with SHA-256, by the public key in PEM.
bool is_signed(std::string_view text, std::string_view signature,
               const std::string& public_key);

// The public half of a key, both in PEM.
std::string public_key_of(const std::string& private_key);

class Identity {
 public:
  // A service account whose key has this public half, in PEM.
  void add_key(const std::string& email, const std::string& public_key);
  // A service account for which signBlob signs with this key, in PEM.
  void add_signer(const std::string& email, const std::string& private_key);
  // A gcloud login, as a user made it.
  void add_login(const std::string& client_id, const std::string& secret,
                 const std::string& refresh_token);
  // A subject token that the pool `audience` takes; GET /subject gives it to
  // the bearer of "runner".
  void add_subject(const std::string& audience, const std::string& token);
  // An account of Identity Toolkit, as accounts:lookup shows it.
  void add_user(const std::string& account);
  void add_secret(const std::string& name, const std::string& value);

  // Adds the routes; this must outlive the server. Project "unset" has no
  // authentication set up, project "denied" refuses everybody. Faults of
  // accounts:update: another_writer. Of GET /protected/{}: expired_token.
  void add_routes(Server& server);

  // How many tokens were given.
  std::uint64_t tokens() const;
  // Those that are not taken any more.
  void revoke_tokens();

 private:
  struct Login {
    std::string id, secret, refresh_token;
  };
  struct Account {
    std::string uid, email, claims;
    bool is_verified;
  };

  Answer token(Request& request);
  Answer exchange(Request& request);
  Answer impersonate(Request& request);
  Answer metadata(Request& request);
  Answer lookup(Request& request);
  Answer update(Request& request);
  Answer secret(Request& request);
  Answer protected_thing(Request& request);

  // A new token of `who` for a purpose: scopes, or an audience.
  std::string give(const std::string& who, const std::string& purpose);
  // Who sent the request, and what its token is for; empty if it has none.
  std::pair<std::string, std::string> bearer(const Request& request);
  // What is wrong with an assertion for the endpoint; else empty, and who and
  // purpose are set.
  std::string judge(const std::string& assertion, const std::string& endpoint,
                    std::string& who, std::string& purpose, bool& is_identity);

  std::map<std::string, std::string> keys_, signers_;
  std::vector<Login> logins_;
  std::set<std::pair<std::string, std::string>> subjects_;
  std::map<std::string, std::string> secrets_;
  mutable std::mutex mutex_;  // of what is below
  std::vector<Account> accounts_;
  std::uint64_t given_ = 0;
  std::map<std::string, std::pair<std::string, std::string>> tokens_;
};

}  // namespace cloud
