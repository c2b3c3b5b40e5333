// gcs_connection.h - Cloud Storage for a program that asks it about one thing
// after the other.
//
//   mill::GcsConnection connection(options);
//   for (const mill::GcsObject& object :
//        connection.gcs().list("bucket", "v1/")) ...
#pragma once

#include <optional>
#include <string>

#include "lib/google/auth.h"
#include "lib/google/gcs.h"
#include "lib/http/client.h"
#include "lib/http/curl.h"
#include "lib/http/service_options.h"

namespace mill {

class GcsConnection {
 public:
  explicit GcsConnection(const ServiceOptions& options)
      : http_(
            [this](const HttpRequest& request) { return curl_.send(request); },
            {.retries = static_cast<unsigned>(options.retries)}) {
    if (!endpoint_.is_emulator) auth_.emplace();
    gcs_.emplace(http_, endpoint_.url, auth_ ? &*auth_ : nullptr,
                 options.silence_timeout());
  }
  GcsConnection(const GcsConnection&) = delete;
  GcsConnection& operator=(const GcsConnection&) = delete;

  Gcs& gcs() { return *gcs_; }

 private:
  GcsEndpoint endpoint_ = gcs_endpoint();
  Curl curl_;
  HttpClient http_;
  std::optional<GoogleAuth> auth_;
  std::optional<Gcs> gcs_;
};

}  // namespace mill
