#include "lib/google/gcs_object.h"

#include <stdlib.h>
#include <sysexits.h>

#include <algorithm>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/base/numbers.h"
#include "lib/base/utf8.h"
#include "lib/http/url.h"
#include "lib/json/json.h"

namespace mill {

GcsEndpoint gcs_endpoint() {
  constexpr char kVariable[] = "STORAGE_EMULATOR_HOST";
  const char* const value = ::getenv(kVariable);
  if (!value || !*value) return {};
  std::string url = value;
  if (url.find("://") == url.npos) url = "http://" + url;
  while (url.ends_with('/')) url.pop_back();
  if (!is_loopback_http(url))
    throw Exit(EX_CONFIG,
               std::string(kVariable) + ": only http:// to loopback");
  return {url, true};
}

std::string content_type(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".jsonl", "application/x-ndjson"},
      {".json", "application/json"},
      {".html", "text/html"},
      {".md", "text/markdown"},
      {".txt", "text/plain"},
      {"SHA256SUMS", "text/plain"},
      {".gz", "application/gzip"},
      {".zst", "application/zstd"},
      {".parquet", "application/vnd.apache.parquet"}};
  for (const auto& [end, type] : kTypes)
    if (name.ends_with(end)) return std::string(type);
  return "application/octet-stream";
}

std::optional<std::string> bad_bucket_name(std::string_view bucket) {
  const auto is_fit = [](char c) {
    return is_ascii_lower(c) || is_ascii_digit(c) || c == '-' || c == '_' ||
           c == '.';
  };
  if (bucket.size() < 3 || bucket.size() > 222)
    return "not 3 to 222 characters long";
  if (!std::all_of(bucket.begin(), bucket.end(), is_fit))
    return "not a bucket's name, which has only a-z 0-9 - _ .";
  return std::nullopt;
}

std::optional<std::string> bad_object_name(std::string_view name) {
  if (name.empty() || name.size() > 1024) return "not 1 to 1024 bytes long";
  if (find_invalid_utf8(name)) return "not valid UTF-8";
  if (std::any_of(name.begin(), name.end(),
                  [](unsigned char c) { return c < 32 || c == 127; }))
    return "has a control character";
  if (name == "." || name == ".." ||
      name.starts_with(".well-known/acme-challenge/"))
    return "a name that Cloud Storage refuses";
  return std::nullopt;
}

std::optional<GcsUri> parse_gcs_uri(std::string_view text) {
  constexpr std::string_view kScheme = "gs://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  const std::string_view rest = text.substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const GcsUri uri{std::string(rest.substr(0, slash)),
                   std::string(rest.substr(std::min(slash + 1, rest.size())))};
  auto why = bad_bucket_name(uri.bucket);
  if (!why && !uri.object.empty()) why = bad_object_name(uri.object);
  if (why) throw Exit(EX_USAGE, std::string(text) + ": " + *why);
  return uri;
}

std::optional<GcsObject> read_gcs_object(const HttpResponse& response) {
  JsonReader reader;
  if (reader.parse(response.body)) return std::nullopt;
  return read_gcs_object(reader.root());
}

std::optional<GcsObject> read_gcs_object(JsonValue resource) {
  GcsObject object{resource["name"].string_or_empty(),
                   resource["generation"].string_or_empty(), 0,
                   resource["crc32c"].string_or_empty(),
                   resource["md5Hash"].string_or_empty()};
  const auto size =
      parse_number<std::uint64_t>(resource["size"].string_or_empty());
  if (!size || !parse_number<std::uint64_t>(object.generation))
    return std::nullopt;
  object.size = *size;
  return object;
}

}  // namespace mill
