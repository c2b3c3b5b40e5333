// http.h - HTTP requests with retries: what is sent again, when, and how often.
//
//   mill::Curl curl;
//   mill::HttpClient http([&](const auto& r) { return curl.send(r); });
//   mill::HttpResponse answer = http.send({.url = "https://example.com/"});
//   if (answer.status != 200)
//     throw mill::Exit(exit_status(answer), describe(answer));
//
// A request is sent again after 408, 429, 5xx or a broken connection, if it is
// repeatable, with exponential back-off and full jitter, and never before the
// server's Retry-After, Google's RetryInfo or a rate limit allows it. Redirects
// are not followed. The transport, the clock and chance are functions, so that
// tests wait for nothing. Nothing here prints; no message holds a header, a
// body or a query.
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
  std::string body = {};                  // sent unless the method is GET
  Secret secret_body = {};                // sent in place of body, if not empty
  // A body that need not be in memory, sent in place of body if its reader is
  // set: copies `size` bytes of it, from `offset` on, which goes back where
  // the body is sent again. What it throws, send() throws.
  std::function<void(std::uint64_t offset, char* to, std::size_t size)>
      read_body = {};
  std::uint64_t body_size = 0;  // of what read_body reads
  // Sending it twice does no more than sending it once.
  bool is_repeatable = true;
  // An answer 200 that is not JSON is a fault of the way, and asked for again.
  bool expects_json = false;
  // Plain HTTP to a host that is not loopback: for Google's metadata server,
  // which has no other, and never through a proxy.
  bool allows_plain_http = false;
  // Says of an answer with another status that it is to be asked for again.
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
  // A connection was made for it. libcurl sends a request again by itself if
  // one that it had kept breaks before the answer, and cannot be told not to:
  // so this may not have been the first time that the request was sent.
  bool used_new_connection = false;

  // A header's value, by its name in lower case; of several the last.
  std::optional<std::string_view> header(std::string_view name) const;
};

// What a response other than 2xx means for the exit status: EX_TEMPFAIL where
// trying later may help, EX_NOPERM for 401 and 403, EX_DATAERR for an answer
// that is too large, else EX_UNAVAILABLE.
int exit_status(const HttpResponse& response);
// "status 503", "cannot connect".
std::string describe(const HttpResponse& response);

// Time and chance.
struct Clock {
  std::function<double()> now;        // seconds, monotonic
  std::function<double()> unix_time;  // seconds since 1970
  std::function<void(double seconds)> sleep;
  std::function<double()> random;  // from [0, 1)
};
Clock system_clock();

// The rate limit that a server announces in x-ratelimit-remaining, -used and
// -reset: keeps an even pace over the window once what remains is used up
// faster than that. Header-less answers count as one request each.
class RateLimit {
 public:
  // Takes in an answer that came at `now`.
  void observe(const HttpResponse& response, double now);
  // Seconds to wait at `now` before the next request; 0 is go.
  double wait(double now) const;

 private:
  static constexpr double kWindow = 600;  // seconds
  static constexpr double kLongestPause = 10;
  static constexpr double kLongestReset = 3600;
  bool is_known_ = false;
  double remaining_ = 0;
  double used_ = 0;
  double window_end_ = 0;
  double next_ = 0;  // no request before this time
};

struct RetryPolicy {
  unsigned retries = 4;      // after the first attempt
  double first_backoff = 1;  // seconds; doubles each time
  double longest_backoff = 60;
  double longest_wait = 900;  // a server that wants more is given up on
};

using Transport = std::function<HttpResponse(const HttpRequest&)>;

class HttpClient {
 public:
  explicit HttpClient(Transport transport, RetryPolicy policy = {},
                      Clock clock = system_clock())
      : transport_(std::move(transport)),
        policy_(policy),
        clock_(std::move(clock)) {}

  // Sends until there is an answer to keep; the last one if there is none.
  // With `rate` no attempt is made while that says wait, and each answer is
  // shown to it.
  HttpResponse send(const HttpRequest& request, RateLimit* rate = nullptr);

  // For those who have to do something else between two attempts: one attempt,
  // and the wait behind one that failed. That is as long as send()'s would be
  // after `waits` others, which it counts up; false, and no wait, if they were
  // as many as the policy allows.
  HttpResponse send_once(const HttpRequest& request);
  bool wait_to_retry(unsigned& waits, const HttpResponse& response,
                     double least = 0);

  const Clock& clock() const { return clock_; }
  std::uint64_t requests() const { return requests_; }
  std::uint64_t retries() const { return retries_; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  // Called before each wait of a second or more, with its length.
  std::function<void(double seconds)> on_wait = {};

 private:
  void wait(double seconds);

  Transport transport_;
  RetryPolicy policy_;
  Clock clock_;
  std::uint64_t requests_ = 0;
  std::uint64_t retries_ = 0;
  std::uint64_t bytes_received_ = 0;
};

// The transport over libcurl. One handle, so that connections are kept alive
// from request to request. TLS is always verified, against the system's
// certificates or those in SSL_CERT_FILE; http:// is for loopback only. Not for
// use from several threads at a time.
class Curl {
 public:
  Curl();
  ~Curl();
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  HttpResponse send(const HttpRequest& request);

  // Called about once a second while an answer is being waited for.
  std::function<void(double seconds)> on_progress = {};

 private:
  void* handle_;
};

// "a=1&b=x%20y": a query or a form.
using FormFields = std::vector<std::pair<std::string_view, std::string_view>>;
std::string form_encode(const FormFields& fields);
Secret secret_form(const FormFields& fields);
// A URL's parts, the host in lower case; nothing if it is none.
struct Url {
  std::string scheme, host, port, path, query;
  bool has_login;  // a user or a password
};
std::optional<Url> parse_url(const std::string& text);
// A header's date, in seconds since 1970.
std::optional<double> parse_http_date(std::string_view text);
// A URL for messages: without user, password, query and fragment.
std::string url_for_messages(std::string_view url);
// True if the URL is plain HTTP to loopback.
bool is_loopback_http(const std::string& url);

}  // namespace mill
