#include "lib/http/message.h"

#include <curl/curl.h>
#include <sysexits.h>

#include <cmath>

#include "lib/base/numbers.h"

namespace mill {

std::optional<std::string_view> HttpResponse::header(
    std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& [key, value] : headers)
    if (key == name) found = value;
  return found;
}

int exit_status(const HttpResponse& response) {
  if (response.status == 401 || response.status == 403) return EX_NOPERM;
  if (response.failure == HttpResponse::kTooLarge) return EX_DATAERR;
  if (response.failure == HttpResponse::kBroken ||
      response.failure == HttpResponse::kUnreachable ||
      is_transient_status(response.status))
    return EX_TEMPFAIL;
  return EX_UNAVAILABLE;
}

std::string describe(const HttpResponse& response) {
  if (response.failure != HttpResponse::kNone) return response.problem;
  return "status " + std::to_string(response.status) +
         (response.status / 100 == 3 ? ", a redirect, which is not followed"
                                     : "");
}

bool is_transient_status(int status) {
  return status == 408 || status == 429 || status >= 500;
}

std::optional<double> header_number(const HttpResponse& response,
                                    std::string_view name) {
  const auto text = response.header(name);
  if (!text) return std::nullopt;
  const auto number = parse_number<double>(*text);
  if (!number || !(*number >= 0) || !std::isfinite(*number))
    return std::nullopt;
  return number;
}

std::optional<double> parse_http_date(std::string_view text) {
  const time_t at = ::curl_getdate(std::string(text).c_str(), nullptr);
  if (at == -1) return std::nullopt;
  return static_cast<double>(at);
}

}  // namespace mill
