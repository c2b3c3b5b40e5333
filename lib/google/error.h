// error.h - an error answer of one of Google's services, what it says, and what
// to do about it: one text for all of them.
//
//   if (response.status != 200)
//     throw mill::google_failure(response, mill::google_error(response),
//                                {.service = "firestore", .project = "p"});
//
// The forms are google.rpc.Status as JSON with its ErrorInfo, the older
// "errors" of Cloud Storage, and OAuth's "error" and "error_description" (RFC
// 6749, section 5.2). No text of an INVALID_ARGUMENT is shown, since that may
// quote what was sent, and no word that is long enough to be a key.
#pragma once

#include <string>
#include <string_view>

#include "lib/base/exit.h"
#include "lib/http/message.h"
#include "lib/json/json.h"

namespace mill {

struct GoogleError {
  std::string word = {};    // "PERMISSION_DENIED", "invalid_grant"
  std::string reason = {};  // "SERVICE_DISABLED", "notFound"; may be empty
  // On one line, cut to what can be shown; may be empty.
  std::string message = {};
  // Of ErrorInfo's metadata, where it has them.
  std::string service = {}, consumer = {}, permission = {}, url = {};

  explicit operator bool() const { return !word.empty() || !reason.empty(); }
};

// The error in an answer: an object's, or, of a stream, an array's last.
GoogleError read_google_error(JsonValue answer);
// The same of a response's body, whether that is JSON or not.
GoogleError google_error(const HttpResponse& response);

// What was asked of whom, as far as the caller knows.
struct GoogleCall {
  std::string service = {};  // "firestore", of firestore.googleapis.com
  std::string project = {};
  std::string bucket = {};
  // Who asked: a service account's address, or words for anybody else.
  std::string principal = {};
  bool is_login = false;  // a person's, of gcloud
};

// "status 403 (PERMISSION_DENIED, IAM_PERMISSION_DENIED): MESSAGE; REMEDY", and
// the exit status: EX_CONFIG where something must be set up first, EX_NOPERM
// where somebody must be allowed something, else exit_status()'s.
Exit google_failure(const HttpResponse& response, const GoogleError& error,
                    const GoogleCall& call);

}  // namespace mill
