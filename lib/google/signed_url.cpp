#include "lib/google/signed_url.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "lib/base/sha256.h"
#include "lib/http/url.h"

namespace mill {

namespace {

constexpr std::string_view kAlgorithm = "GOOG4-RSA-SHA256";

// A path with all but its slashes percent-encoded.
std::string encoded_path(std::string_view path) {
  std::string text;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    text += percent_encode(path.substr(0, end));
    if (end < path.size()) text += '/';
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return text;
}

// "20260102T030405Z".
std::string compact_time(Timestamp time) {
  std::string text =
      format_timestamp({time.microseconds - time.microseconds % 1'000'000});
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace

SignedUrl::SignedUrl(const LinkedObject& object) {
  const std::string time = compact_time(object.at);
  const std::string scope = time.substr(0, 8) + "/auto/storage/goog4_request";
  const std::string credential = object.account + "/" + scope;
  const std::string seconds = std::to_string(object.seconds);
  FormFields fields = {{"X-Goog-Algorithm", kAlgorithm},
                       {"X-Goog-Credential", credential},
                       {"X-Goog-Date", time},
                       {"X-Goog-Expires", seconds},
                       {"X-Goog-SignedHeaders", "host"}};
  // In the order of bytes, small letters last.
  if (!object.generation.empty())
    fields.emplace_back("generation", object.generation);
  const std::string query = form_encode(fields);
  const std::string path =
      "/" + object.bucket + "/" + encoded_path(object.object);
  const std::string host =
      object.endpoint.substr(object.endpoint.find("://") + 3);
  const std::string request = "GET\n" + path + "\n" + query + "\nhost:" + host +
                              "\n\nhost\nUNSIGNED-PAYLOAD";
  unsigned_url_ = object.endpoint + path + "?" + query;
  text_ = std::string(kAlgorithm) + "\n" + time + "\n" + scope + "\n" +
          hex(sha256(request));
}

std::string SignedUrl::url(std::string_view signature) const {
  return unsigned_url_ + "&X-Goog-Signature=" + hex(signature);
}

}  // namespace mill
