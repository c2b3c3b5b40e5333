// auth.h - requests to Google, sent with a token, or to an emulator.
//
//   mill::GoogleAuth auth;
//   mill::HttpResponse answer = auth.send(http, std::move(request), kScope);
//
// Tokens come from Application Default Credentials (credentials.h) and are
// kept, one for each scope, until shortly before they expire. Several threads
// may use one GoogleAuth, each with an HttpClient of its own: one of them asks
// for a token while the others wait for it. All failures to get one throw Exit:
// EX_CONFIG, EX_NOPERM, or what the service's answer means.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/google/credentials.h"
#include "lib/http/client.h"

namespace mill {

class GoogleAuth {
 public:
  // Reads the credential file, if there is one.
  GoogleAuth() = default;

  // Sends the request with a token for scope and, unless it has one already,
  // the header x-goog-user-project. After a 401 it is sent once more, with a
  // new token: a request that was refused so has not been carried out.
  HttpResponse send(HttpClient& http, HttpRequest request,
                    std::string_view scope);

  // "Bearer TOKEN", an identity token for audience.
  Secret id_token(HttpClient& http, std::string_view audience);

  // What an error answer means, for this caller.
  Exit failure(HttpClient& http, const HttpResponse& response,
               const GoogleError& error, GoogleCall call) const;

 private:
  struct Kept {
    Secret bearer;
    double refresh_at = 0;  // on the clock of the HttpClient
  };
  // "Bearer TOKEN" for scope, but not the one that was refused.
  Secret bearer(HttpClient& http, std::string_view scope,
                std::string_view refused = {});

  GoogleCredentials credentials_;
  std::mutex mutex_;  // of kept_, held while a token is requested
  std::map<std::string, Kept, std::less<>> kept_;
};

// One of Google's services, or the emulator in its place, which gets no
// credentials. Credentials are looked for when the first request is sent.
class GoogleService {
 public:
  // The service is at url, unless the environment variable names an emulator,
  // a HOST:PORT. Throws Exit(EX_CONFIG) if that is not on loopback.
  GoogleService(std::string url, const char* variable, std::string scope);

  // Without a slash at its end.
  const std::string& url() const { return url_; }
  bool is_emulator() const { return is_emulator_; }

  HttpResponse send(HttpClient& http, HttpRequest request);

  // What an error answer means. The call need not say who asked.
  Exit failure(HttpClient& http, const HttpResponse& response,
               const GoogleError& error, GoogleCall call) const;
  // The same with the error that is in the response's body.
  Exit failure(HttpClient& http, const HttpResponse& response,
               GoogleCall call) const;

 private:
  std::string url_;
  std::string scope_;
  bool is_emulator_ = false;
  std::optional<GoogleAuth> auth_;
};

}  // namespace mill
