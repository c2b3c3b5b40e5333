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

#include "lib/net/http.h"
#include "lib/secret.h"

namespace mill {

class GoogleAuth {
 public:
  explicit GoogleAuth(HttpClient& http) : http_(http) {}

  // "Bearer TOKEN", an identity token for audience. Service account keys and
  // the metadata server give one; other credentials have none to give.
  Secret id_token(std::string_view audience);

 private:
  Secret id_token_from_metadata(std::string_view audience);

  HttpClient& http_;
};

// A signed JSON Web Token (RFC 7519, RS256) with these claims, which are JSON.
// Throws Exit(EX_CONFIG) if private_key is no RSA key in PEM.
Secret sign_jwt(std::string_view claims, std::string_view key_id,
                std::string_view private_key);

std::string base64url(std::string_view bytes);  // RFC 4648, no padding

}  // namespace mill
