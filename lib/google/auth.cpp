#include "lib/google/auth.h"

#include <stdlib.h>
#include <sysexits.h>

#include <algorithm>
#include <utility>

#include "lib/base/exit.h"
#include "lib/http/url.h"

namespace mill {

namespace {

// Google's own servers hand out tokens until 4 minutes before they expire.
constexpr double kMargin = 225;  // seconds
constexpr char kPayerHeader[] = "x-goog-user-project: ";

bool has_payer(const HttpRequest& request) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [](const std::string& header) {
                       return header.starts_with(kPayerHeader);
                     });
}

}  // namespace

HttpResponse GoogleAuth::send(HttpClient& http, HttpRequest request,
                              std::string_view scope) {
  const std::string payer = credentials_.quota_project();
  if (!payer.empty() && !has_payer(request))
    request.headers.push_back(kPayerHeader + payer);
  request.authorization = bearer(http, scope);
  HttpResponse response = http.send(request);
  if (response.status != 401) return response;
  request.authorization = bearer(http, scope, request.authorization.reveal());
  return http.send(request);
}

Secret GoogleAuth::id_token(HttpClient& http, std::string_view audience) {
  const Token token = credentials_.id_token(http, audience);
  return Secret::join({"Bearer ", token.text.reveal()});
}

Exit GoogleAuth::failure(HttpClient& http, const HttpResponse& response,
                         const GoogleError& error, GoogleCall call) const {
  if (response.status == 401 || response.status == 403 ||
      response.status == 400)
    call = credentials_.describe(http, std::move(call));
  return google_failure(response, error, call);
}

Secret GoogleAuth::bearer(HttpClient& http, std::string_view scope,
                          std::string_view refused) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Kept& kept = kept_[std::string(scope)];
  const double now = http.clock().now();
  if (kept.bearer.empty() || now >= kept.refresh_at ||
      kept.bearer.reveal() == refused) {
    kept.bearer = Secret();
    const Token token = credentials_.access_token(http, scope);
    kept = {Secret::join({"Bearer ", token.text.reveal()}),
            now + token.lifetime - kMargin};
  }
  return kept.bearer.copy();
}

GoogleService::GoogleService(std::string url, const char* variable,
                             std::string scope)
    : url_(std::move(url)), scope_(std::move(scope)) {
  const char* const emulator = ::getenv(variable);
  if (!emulator || !*emulator) return;
  is_emulator_ = true;
  url_ = std::string("http://") + emulator;
  if (!is_loopback_http(url_))
    throw Exit(EX_CONFIG, std::string(variable) +
                              " is not a HOST:PORT on loopback; only there is "
                              "plain http allowed");
}

HttpResponse GoogleService::send(HttpClient& http, HttpRequest request) {
  if (is_emulator_) {
    request.authorization = Secret("Bearer owner");
    return http.send(request);
  }
  if (!auth_) auth_.emplace();
  return auth_->send(http, std::move(request), scope_);
}

Exit GoogleService::failure(HttpClient& http, const HttpResponse& response,
                            const GoogleError& error, GoogleCall call) const {
  return auth_ ? auth_->failure(http, response, error, std::move(call))
               : google_failure(response, error, call);
}

Exit GoogleService::failure(HttpClient& http, const HttpResponse& response,
                            GoogleCall call) const {
  return failure(http, response, google_error(response), std::move(call));
}

}  // namespace mill
