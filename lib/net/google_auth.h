// google_auth.h - tokens from Application Default Credentials.
//
//   mill::GoogleAuth auth(http);
//   request.authorization = auth.id_token("https://example.run.app");
//
// Credentials are looked for where Google's libraries look: the file that
// GOOGLE_APPLICATION_CREDENTIALS names, then gcloud's own, then the metadata
// server (GCE_METADATA_HOST). A file that is named but unusable is an error,
// never passed over. A credential file may come from elsewhere: the places it
// names are checked before anything is sent there. All failures throw Exit:
// EX_CONFIG, EX_NOPERM, or what the service's answer means.
#pragma once

#include <string>
#include <string_view>

#include "lib/json.h"
#include "lib/net/http.h"
#include "lib/secret.h"

namespace mill {

class GoogleAuth {
 public:
  // Reads the credential file, if there is one.
  explicit GoogleAuth(HttpClient& http);

  // "Bearer TOKEN", an identity token for audience. Service account keys and
  // the metadata server give one; other credentials have none to give.
  Secret id_token(std::string_view audience);
  // "Bearer TOKEN", an access token for a scope, good for an hour at most.
  // Service account keys, a user's gcloud login (for what that was made for)
  // and the metadata server give one.
  Secret access_token(std::string_view scope);
  // The project that calls are charged to, for the header
  // x-goog-user-project: GOOGLE_CLOUD_QUOTA_PROJECT, else what the credential
  // file says; empty if neither does.
  std::string quota_project() const;

 private:
  // Kind is the token's name in the answer.
  Secret service_account_token(std::string_view claim, std::string_view value,
                               std::string_view kind);
  Secret ask_for_token(Secret form, std::string_view kind);
  HttpResponse ask_metadata(const std::string& what);

  HttpClient& http_;
  std::string path_;  // of the credential file; empty: the metadata server
  Secret file_;
  JsonReader reader_;  // of file_
};

// A signed JSON Web Token (RFC 7519, RS256) with these claims, which are JSON.
// Throws Exit(EX_CONFIG) if private_key is no RSA key in PEM.
Secret sign_jwt(std::string_view claims, std::string_view key_id,
                std::string_view private_key);

std::string base64url(std::string_view bytes);  // RFC 4648, no padding

}  // namespace mill
