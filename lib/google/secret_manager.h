// secret_manager.h - secrets from Google Secret Manager.
//
//   mill::SecretManager secrets(http, "my-project");
//   mill::Secret password = secrets.get("DATABASE_PASSWORD");
//
// Asks with Application Default Credentials (auth.h). If
// SECRET_MANAGER_EMULATOR_HOST names a HOST:PORT on loopback, requests go there
// instead, with no real token. All failures throw Exit: EX_USAGE for an invalid
// project name, EX_NOPERM where access is refused, EX_DATAERR if a secret
// arrives damaged, else what the answer means.
#pragma once

#include <string>

#include "lib/base/secret.h"
#include "lib/google/auth.h"
#include "lib/http/client.h"

namespace mill {

class SecretManager {
 public:
  SecretManager(HttpClient& http, std::string project);

  // The latest version of a secret, without a newline at its end; empty if
  // there is no such secret.
  Secret get(const std::string& name);

 private:
  HttpClient& http_;
  std::string project_;
  GoogleService service_;
};

}  // namespace mill
