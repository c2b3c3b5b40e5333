#include "lib/collector/client.h"

#include <sysexits.h>

#include "lib/base/exit.h"
#include "lib/http/url.h"

namespace mill {

std::string collector_url(const std::string& endpoint,
                          const CollectorRequest& request) {
  const std::string limit = std::to_string(request.limit);
  const std::string min_score = std::to_string(request.min_score.value_or(0));
  const std::string min_length = std::to_string(request.min_length.value_or(0));
  FormFields query{{"limit", limit}};
  if (request.is_dry_run) query.emplace_back("dryRun", "true");
  if (!request.sources.empty()) query.emplace_back("sources", request.sources);
  if (!request.streams.empty()) query.emplace_back("streams", request.streams);
  if (request.min_score) query.emplace_back("minScore", min_score);
  if (request.min_length) query.emplace_back("minLen", min_length);
  if (request.has_strict_magic_flair)
    query.emplace_back("strictMagicFlair", "true");
  const std::string url = endpoint.substr(0, endpoint.find('#'));
  const bool has_query = url.find('?') != url.npos;
  return url + (has_query ? "&" : "?") + form_encode(query);
}

CollectorAnswer read_collector_answer(const HttpResponse& response,
                                      JsonReader& reader) {
  auto refuse = [](const std::string& why) {
    throw Exit(EX_DATAERR, "the collector's answer: " + why);
  };
  if (const auto error = reader.parse(response.body)) {
    const std::size_t text = response.body.find_first_not_of(" \t\r\n");
    const bool is_html =
        text != std::string::npos && response.body[text] == '<';
    refuse(is_html ? "HTML, not JSON" : error->message());
  }
  const JsonValue root = reader.root();
  if (!root.is_object()) refuse(mismatch("an object", root));
  CollectorAnswer answer{root["interactions"], root["metrics"], 0};
  if (!answer.interactions.is_array())
    refuse("interactions: " + mismatch("an array", answer.interactions));
  if (answer.metrics && !answer.metrics.is_object())
    refuse("metrics: " + mismatch("an object", answer.metrics));
  const auto count = root["count"].integer();
  if (!count || *count < 0)
    refuse("count: " + mismatch("a whole number", root["count"]));
  answer.count = static_cast<std::uint64_t>(*count);
  return answer;
}

}  // namespace mill
