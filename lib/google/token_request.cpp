#include "lib/google/token_request.h"

#include <sysexits.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "lib/base/ascii.h"
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
                    std::string_view name, std::string_view advice) {
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
  const std::string word = google_error_word(answer);
  std::string problem = where + describe(response);
  if (!word.empty()) problem += ", " + word;
  if (word == "invalid_grant")
    problem += std::string(advice) + clock_trouble(response, unix_time);
  throw Exit(is_temporary(response)   ? EX_TEMPFAIL
             : response.status == 400 ? EX_NOPERM
                                      : exit_status(response),
             problem);
}

HttpRequest form_request(const std::string& url, Secret form) {
  HttpRequest request;
  request.url = url;
  request.headers = {"Content-Type: application/x-www-form-urlencoded"};
  request.secret_body = std::move(form);
  return request;
}

std::string google_error_word(JsonValue answer) {
  JsonValue error = answer["error"];
  if (error.is_object()) error = error["status"];
  const std::string word = error.string_or_empty();
  const bool is_word = std::all_of(word.begin(), word.end(), [](char c) {
    return is_ascii_letter(c) || c == '_';
  });
  return is_word && word.size() <= 40 ? word : "";
}

}  // namespace mill
