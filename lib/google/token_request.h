// token_request.h - asking a token service of Google's for a token.
//
// Failures throw Exit: EX_TEMPFAIL, EX_NOPERM or what else the answer means. No
// message holds a secret, or a description that may quote one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/http/client.h"
#include "lib/json/json.h"

namespace mill {

// The longest answer with a token.
inline constexpr std::uint64_t kMaxGoogleAnswer = 1 << 20;

struct Token {
  Secret text;
  double lifetime;  // seconds, from before it was asked for
};

// The token in an answer's member `name`; empty if there is none. Wipes the
// answer.
Token take_token(HttpResponse& response, JsonValue answer,
                 std::string_view name, double unix_time);

// Sends the request and takes the token from its answer's member `name`;
// `advice` says what to do about a login that is no longer valid.
Token ask_for_token(HttpClient& http, HttpRequest request,
                    std::string_view name, std::string_view advice = "");

HttpRequest form_request(const std::string& url, Secret form);

// Google's code for what is wrong, in an error answer: OAuth's "invalid_grant",
// or an API's status, "PERMISSION_DENIED"; empty if it has none. Descriptions
// are left alone, since they may quote what was sent.
std::string google_error_word(JsonValue answer);

}  // namespace mill
