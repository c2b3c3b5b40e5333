// curl.h - requests sent over the network, by libcurl.
//
//   mill::Curl curl;
//   mill::HttpResponse response = curl.send({.url = "https://example.com/"});
//
// Makes one attempt, and gives its response or why there is none; retries are
// HttpClient's (client.h). TLS is always verified, against the system's
// certificates or those in SSL_CERT_FILE; http:// is for loopback only.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "lib/http/message.h"

namespace mill {

// One handle, so that connections are kept alive from request to request. Not
// for use by several threads at a time.
class Curl {
 public:
  Curl();
  ~Curl();
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  HttpResponse send(const HttpRequest& request);

  // When an answer that is still coming is given up.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  // Called about once a second while an answer is being waited for.
  std::function<void(double seconds)> on_progress = {};

 private:
  void* handle_;
};

}  // namespace mill
