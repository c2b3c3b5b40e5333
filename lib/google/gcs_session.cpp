#include "lib/google/gcs_session.h"

#include <sysexits.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "lib/base/numbers.h"
#include "lib/google/gcs_object.h"
#include "lib/http/client.h"

namespace mill {

namespace {

// The number of bytes that an answer's Range header says are there, from the
// first on: "bytes=0-8388607". Without the header there are none.
std::optional<std::uint64_t> stored_bytes(const HttpResponse& response) {
  const auto range = response.header("range");
  if (!range) return 0;
  constexpr std::string_view kStart = "bytes=0-";
  if (!range->starts_with(kStart)) return std::nullopt;
  const auto last = parse_number<std::uint64_t>(range->substr(kStart.size()));
  if (!last || *last == UINT64_MAX) return std::nullopt;
  return *last + 1;
}

}  // namespace

SessionStep read_session_answer(const HttpResponse& response,
                                std::uint64_t reach, std::uint64_t size) {
  switch (response.status) {
    case 200:
    case 201:
      if (read_gcs_object(response)) return {SessionStep::kVerify};
      return {SessionStep::kAsk, 0, "the answer is not an object's metadata"};
    case 308: {
      const auto stored = stored_bytes(response);
      if (!stored) return {SessionStep::kFail, 0, "Range makes no sense"};
      if (*stored > std::min(reach, size))
        return {SessionStep::kFail, 0,
                "the server has bytes that were not sent from here"};
      return {SessionStep::kSend, *stored};
    }
    case 404:
    case 410: return {SessionStep::kStartOver, 0, "the upload session is gone"};
    case 412: return {SessionStep::kExists};
    default:
      // "upload offset is X byte(s), which exceeds already uploaded size of Y"
      if (response.status == 503 &&
          response.body.find("exceeds already uploaded size") !=
              response.body.npos)
        return {SessionStep::kAhead, 0, "the server has lost bytes"};
      if (exit_status(response) == EX_TEMPFAIL)
        return {SessionStep::kAsk, 0, describe(response)};
      return {SessionStep::kFail, 0, describe(response)};
  }
}

}  // namespace mill
