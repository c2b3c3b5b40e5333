#include "lib/google/token_request.h"

#include <sysexits.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/base/exit.h"
#include "lib/base/numbers.h"
#include "lib/base/timestamp.h"
#include "lib/http/url.h"

namespace mill {

namespace {

constexpr double kUnknownLifetime = 300;  // where an answer does not tell

// Failures of the token endpoint itself that it reports as the client's.
bool is_temporary(const HttpResponse& response) {
  if (response.status / 100 != 4) return false;
  for (const char* word :
       {"internal_failure", "server_error", "temporarily_unavailable"})
    if (response.body.find(word) != response.body.npos) return true;
  return false;
}

// "; this machine's clock is 3700 s behind" where that is so.
std::string clock_trouble(const HttpResponse& response, double unix_time) {
  const auto date = response.header("date");
  const auto server_time = date ? parse_http_date(*date) : std::nullopt;
  const double ahead = server_time ? unix_time - *server_time : 0;
  if (std::fabs(ahead) < 60) return "";
  return "; this machine's clock is " +
         std::to_string(std::llround(std::fabs(ahead))) + " s " +
         (ahead < 0 ? "behind" : "ahead");
}

// True if a text quotes a secret field of the form that was sent. Both are
// compared as a form has them.
bool quotes_secret(std::string_view text, const HttpRequest& request) {
  const std::string quoted = form_encode({{"", text}});
  std::string_view form = request.secret_body.reveal();
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view field = form.substr(0, end);
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string_view name = field.substr(0, equals);
    const bool is_secret = name == "assertion" || name == "client_secret" ||
                           name == "refresh_token" || name == "subject_token";
    if (is_secret && quoted.find(field.substr(equals + 1)) != quoted.npos)
      return true;
    form.remove_prefix(std::min(end + 1, form.size()));
  }
  return false;
}

double lifetime(JsonValue expires_in) {
  if (const auto seconds = expires_in.number()) return *seconds;
  if (!expires_in.is_string()) return kUnknownLifetime;
  return parse_number<double>(expires_in.string()).value_or(kUnknownLifetime);
}

}  // namespace

Token take_token(HttpResponse& response, JsonValue answer,
                 std::string_view name, double unix_time) {
  std::string text = answer[name].string_or_empty();
  Token token{Secret(text), lifetime(answer["expires_in"])};
  if (const auto end = parse_timestamp(answer["expireTime"].string_or_empty()))
    token.lifetime = static_cast<double>(end->microseconds) / 1e6 - unix_time;
  wipe(text);
  wipe(response.body);
  return token;
}

Token ask_for_token(HttpClient& http, HttpRequest request,
                    std::string_view name, const GoogleCall& call) {
  request.method = "POST";
  request.expects_json = true;
  request.is_temporary = is_temporary;
  request.max_response = kMaxGoogleAnswer;
  HttpResponse response = http.send(request);
  const std::string where = url_for_messages(request.url) + ": ";
  const double unix_time = http.clock().unix_time();
  JsonReader reader;
  const bool is_json = !reader.parse(response.body);
  const JsonValue answer = is_json ? reader.root() : JsonValue();
  if (response.status == 200) {
    Token token = take_token(response, answer, name, unix_time);
    if (!token.text.empty()) return token;
    throw Exit(EX_NOPERM, where + "no " + std::string(name) + " given");
  }
  GoogleError error = read_google_error(answer);
  if (quotes_secret(error.message, request)) error.message.clear();
  const Exit failure = google_failure(response, error, call);
  std::string problem = where + failure.what();
  if (error.word == "invalid_grant")
    problem += clock_trouble(response, unix_time);
  throw Exit(is_temporary(response)   ? EX_TEMPFAIL
             : response.status == 400 ? EX_NOPERM
                                      : failure.code,
             problem);
}

HttpRequest form_request(const std::string& url, Secret form) {
  HttpRequest request;
  request.url = url;
  request.headers = {"Content-Type: application/x-www-form-urlencoded"};
  request.secret_body = std::move(form);
  return request;
}

}  // namespace mill
