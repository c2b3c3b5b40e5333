// message.h - an HTTP request, the response to it, and what that means.
//
//   mill::HttpRequest request{.url = "https://example.com/"};
//   mill::HttpResponse response = ...;
//   if (response.status != 200)
//     throw mill::Exit(exit_status(response), describe(response));
//
// describe() shows no header, body or query, so that its text can be printed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/secret.h"

namespace mill {

struct HttpResponse;

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers = {};  // "Name: value"
  Secret authorization = {};              // the Authorization header's value
  // X-Serverless-Authorization's: who calls a service on Cloud Run, where
  // Authorization is for the service itself.
  Secret serverless_authorization = {};
  std::string body = {};    // sent unless the method is GET
  Secret secret_body = {};  // sent in place of body, if not empty
  // A body that need not be in memory, sent in place of body if its reader is
  // set: copies `size` bytes of it, from `offset` on; offset goes back if the
  // body is sent again. What it throws, send() throws.
  std::function<void(std::uint64_t offset, char* to, std::size_t size)>
      read_body = {};
  std::uint64_t body_size = 0;  // of what read_body reads
  // Sending it twice does no more than sending it once.
  bool is_repeatable = true;
  // An answer with status 200 that is not JSON counts as transient: it is asked
  // for again.
  bool expects_json = false;
  // Plain HTTP to a host that is not loopback: for Google's metadata server,
  // which has no other, and never through a proxy.
  bool allows_plain_http = false;
  // Whether an answer with another status is to be asked for again, too.
  std::function<bool(const HttpResponse&)> is_temporary = {};
  std::uint64_t max_response = 256 << 20;  // bytes, after decompression
  double connect_timeout = 20;             // seconds
  double silence_timeout = 60;             // seconds without any byte
};

struct HttpResponse {
  // Why there is no answer.
  enum Failure {
    kNone,
    kRefused,      // by us: the URL or the server's certificate
    kUnreachable,  // nothing was sent
    kBroken,       // sent, but the answer did not come, or not whole
    kTooLarge,     // the answer passed max_response
  };

  int status = 0;  // 0: no answer; failure and problem say why
  Failure failure = kNone;
  std::string problem = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  // A connection was made for it. libcurl sends a request again by itself if a
  // kept connection breaks before the answer, and cannot be told not to: so
  // with a new connection the request may have been sent before.
  bool used_new_connection = false;

  // A header's value, by its name in lower case; the last if it is repeated.
  std::optional<std::string_view> header(std::string_view name) const;
};

// What a response other than 2xx means for the exit status: EX_TEMPFAIL where
// trying later may help, EX_NOPERM for 401 and 403, EX_DATAERR for an answer
// that is too large, else EX_UNAVAILABLE.
int exit_status(const HttpResponse& response);
// "status 503", "cannot connect".
std::string describe(const HttpResponse& response);
// True for a status that is worth another attempt: 408, 429 and 5xx.
bool is_transient_status(int status);
// A header's number, such as "994.0"; nothing if it is missing, negative or no
// number.
std::optional<double> header_number(const HttpResponse& response,
                                    std::string_view name);
// A header's date, in seconds since 1970.
std::optional<double> parse_http_date(std::string_view text);

}  // namespace mill
