// gcs_session.h - what a resumable upload session's answers say to do next.
#pragma once

#include <cstdint>
#include <string>

#include "lib/http/message.h"

namespace mill {

// What an answer to a PUT to a resumable session says to do.
struct SessionStep {
  enum Action {
    kSend,       // the server has `offset` bytes: send what follows
    kAsk,        // after a pause, how much the server has
    kAhead,      // the same, but start over if it was said twice in a row
    kStartOver,  // the session is gone
    kVerify,     // the object is made; its metadata is the answer's body
    kExists,     // another object has taken the name
    kFail,
  };
  Action action;
  std::uint64_t offset = 0;
  std::string problem = {};
};
// The most the server can have of this session is `reach` bytes, of `size`.
SessionStep read_session_answer(const HttpResponse& response,
                                std::uint64_t reach, std::uint64_t size);

}  // namespace mill
