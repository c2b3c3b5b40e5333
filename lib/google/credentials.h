// credentials.h - Application Default Credentials: where they are found,
// and how each kind of them gets a token.
//
// They are looked for where Google's libraries look: the file that
// GOOGLE_APPLICATION_CREDENTIALS names, then gcloud's own, then the metadata
// server (GCE_METADATA_HOST). A file that is named but unusable is an error,
// never skipped. These types of file are known: service_account,
// authorized_user, external_account with a subject token from a file or a URL,
// and impersonated_service_account for one of the first two.
//
// Where secrets may be sent is credential_file.h's to say, and
// external_account.h's for those that come from elsewhere.
//
// All failures throw Exit: EX_CONFIG, EX_NOPERM, or what the service's answer
// means. No message holds a secret.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/google/token_request.h"
#include "lib/http/client.h"
#include "lib/json/json.h"

namespace mill {

class GoogleCredentials {
 public:
  // Reads the credential file, if there is one.
  GoogleCredentials();

  // An access token for scope; several scopes with a space between them.
  Token access_token(HttpClient& http, std::string_view scope) const;
  // An identity token for audience: a service account's, by its key, its
  // impersonation or the metadata server; other credentials cannot give one.
  Token id_token(HttpClient& http, std::string_view audience) const;
  // The service account that sign() signs for: the one whose key the file has,
  // which is impersonated, or which is the machine's. Other credentials cannot
  // sign.
  std::string signing_account(HttpClient& http) const;
  // The bytes of its signature of text, by RSA and SHA-256: made here with the
  // key, else by IAM.
  std::string sign(HttpClient& http, std::string_view text) const;
  // The project that calls are charged to: GOOGLE_CLOUD_QUOTA_PROJECT, else
  // what the credential file says; empty if neither does.
  std::string quota_project() const;
  // The call, with who it is that asks; may ask the metadata server.
  GoogleCall describe(HttpClient& http, GoogleCall call) const;

 private:
  std::string path_;  // of the credential file; empty: the metadata server
  Secret file_;
  JsonReader reader_;  // of file_
};

// True for "my-project", "example.com:my-project" and a project's number.
bool is_google_project(std::string_view text);

}  // namespace mill
