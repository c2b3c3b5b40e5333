// client.h - a collector's endpoint: requests to it and its answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lib/http/message.h"
#include "lib/json/json.h"

namespace mill {

struct CollectorRequest {
  std::uint64_t limit = 50;
  bool is_dry_run = false;
  std::string sources = {};  // comma-separated; empty: the collector's own
  std::string streams = {};
  std::optional<std::int64_t> min_score = {};
  std::optional<std::uint64_t> min_length = {};
  bool has_strict_magic_flair = false;
};

// The endpoint's URL with the request as query parameters, named as the
// collector names them, after those that the URL has.
std::string collector_url(const std::string& endpoint,
                          const CollectorRequest& request);

// Reads {"count":N,"metrics":{...},"interactions":[...]}. Throws
// Exit(EX_DATAERR), with nothing of the text in its message, if it is anything
// else: HTML, cut off, a member missing or of the wrong type.
struct CollectorAnswer {
  JsonValue interactions;  // an array
  JsonValue metrics;       // an object, or missing
  std::uint64_t count = 0;
};
CollectorAnswer read_collector_answer(const HttpResponse& response,
                                      JsonReader& reader);

}  // namespace mill
