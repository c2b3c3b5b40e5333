// token_request.h - asking a token service of Google's for a token.
//
// Failures throw Exit: EX_TEMPFAIL, EX_NOPERM or what else the answer means. No
// message holds a secret: a description that quotes one is not shown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/secret.h"
#include "lib/google/error.h"
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

// Sends the request and takes the token from its answer's member `name`; `call`
// says for messages who asks.
Token ask_for_token(HttpClient& http, HttpRequest request,
                    std::string_view name, const GoogleCall& call);

HttpRequest form_request(const std::string& url, Secret form);

}  // namespace mill
