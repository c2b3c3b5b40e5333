#include "lib/http/client.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "lib/base/exit.h"
#include "lib/json/json.h"

namespace mill {

namespace {

// Seconds that an error of Google's asks to wait: retryDelay, "1.5s", in its
// google.rpc.RetryInfo; 0 without it.
double retry_info(const HttpResponse& response) {
  if (response.body.find("retryDelay") == std::string::npos) return 0;
  JsonReader reader;
  if (reader.parse(response.body)) return 0;
  JsonValue error = reader.root()["error"];
  for (const JsonValue element : reader.root().elements())
    error = element["error"];
  double seconds = 0;
  for (const JsonValue detail : error["details"].elements()) {
    if (!detail["retryDelay"].is_string()) continue;
    const std::string_view text = detail["retryDelay"].raw_string();
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  return std::isfinite(seconds) ? std::max(0.0, seconds) : 0;
}

// Seconds that Retry-After asks for, as a number or as a date; 0 without it.
double retry_after(const HttpResponse& response, double unix_time) {
  if (const auto seconds = header_number(response, "retry-after"))
    return *seconds;
  const auto text = response.header("retry-after");
  const auto date = text ? parse_http_date(*text) : std::nullopt;
  return date ? std::max(0.0, *date - unix_time) : 0;
}

bool is_json(const std::string& body) {
  JsonReader reader;
  return !reader.parse(body);
}

}  // namespace

HttpResponse HttpClient::send(const HttpRequest& request, RateLimit* rate) {
  unsigned waits = 0;
  for (;;) {
    if (rate) wait(rate->wait(clock_.now()));
    HttpResponse response = send_once(request);
    if (rate) rate->observe(response, clock_.now());
    const bool again =
        response.failure == HttpResponse::kUnreachable ||
        response.status == 429 ||
        (request.is_repeatable &&
         (response.failure == HttpResponse::kBroken ||
          is_transient_status(response.status) ||
          (request.is_temporary && request.is_temporary(response))));
    if (!again ||
        !wait_to_retry(waits, response, rate ? rate->wait(clock_.now()) : 0))
      return response;
  }
}

HttpResponse HttpClient::send_once(const HttpRequest& request) {
  check_deadline(0);
  HttpResponse response = transport_(request);
  ++requests_;
  bytes_received_ += response.body.size();
  if (response.status == 200 && request.expects_json && !is_json(response.body))
    return {.failure = HttpResponse::kBroken,
            .problem = "the answer is not JSON"};
  return response;
}

bool HttpClient::wait_to_retry(unsigned& waits, const HttpResponse& response,
                               double least) {
  if (waits == policy_.retries) return false;
  const double asked = std::max(
      {retry_after(response, clock_.unix_time()), retry_info(response), least});
  if (asked > policy_.longest_wait) return false;
  // Full jitter: many clients that failed together do not come back together.
  const double backoff =
      std::min(std::ldexp(policy_.first_backoff, static_cast<int>(waits)),
               policy_.longest_backoff);
  ++waits;
  wait(std::max(asked, backoff * clock_.random()));
  ++retries_;
  return true;
}

void HttpClient::check_deadline(double seconds) const {
  if (deadline && clock_.now() + seconds >= *deadline)
    throw Exit(EX_TEMPFAIL, "the time that --deadline gives is over");
}

void HttpClient::wait(double seconds) {
  if (seconds <= 0) return;
  check_deadline(seconds);
  if (seconds >= 1 && on_wait) on_wait(seconds);
  clock_.sleep(seconds);
}

}  // namespace mill
