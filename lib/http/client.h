// client.h - HTTP with retries: what is sent again, when, and how often.
//
//   mill::Curl curl;
//   mill::HttpClient http([&](const auto& r) { return curl.send(r); });
//   mill::HttpResponse response = http.send({.url = "https://example.com/"});
//   if (response.status != 200)
//     throw mill::Exit(exit_status(response), describe(response));
//
// A request is sent again after 408, 429, 5xx or a broken connection, if it is
// repeatable, with exponential back-off and full jitter, and never before the
// server's Retry-After, Google's RetryInfo or a rate limit allows it. Redirects
// are not followed. The transport, the clock and the random numbers are
// functions, so that tests need not wait. Nothing here prints.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "lib/base/clock.h"
#include "lib/http/message.h"
#include "lib/http/rate_limit.h"

namespace mill {

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

  // Sends until an answer is final, or the retries are used up; gives the last
  // answer. With `rate` no attempt is made while it says to wait, and each
  // answer is reported to it.
  HttpResponse send(const HttpRequest& request, RateLimit* rate = nullptr);

  // For callers that have to do something else between two attempts: one
  // attempt, and the wait after one that failed. The wait is as long as
  // send()'s would be after `waits` others, and increments it; false, and no
  // wait, if there were as many as the policy allows.
  HttpResponse send_once(const HttpRequest& request);
  bool wait_to_retry(unsigned& waits, const HttpResponse& response,
                     double least = 0);

  const Clock& clock() const { return clock_; }
  std::uint64_t requests() const { return requests_; }
  std::uint64_t retries() const { return retries_; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  // When, on the clock, nothing more is sent or waited for: Exit(EX_TEMPFAIL).
  std::optional<double> deadline = {};
  // Called before each wait of a second or more, with its length.
  std::function<void(double seconds)> on_wait = {};

 private:
  void wait(double seconds);
  // Throws if the deadline is within so many seconds.
  void check_deadline(double seconds) const;

  Transport transport_;
  RetryPolicy policy_;
  Clock clock_;
  std::uint64_t requests_ = 0;
  std::uint64_t retries_ = 0;
  std::uint64_t bytes_received_ = 0;
};

}  // namespace mill
