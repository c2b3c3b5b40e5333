// gcs_object.h - where Cloud Storage is, what may be a name there, and what it
// says of an object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/http/message.h"
#include "lib/json/json.h"

namespace mill {

// Where Cloud Storage is: STORAGE_EMULATOR_HOST, which must be loopback and
// gets no token, else Google's own. Throws Exit(EX_CONFIG).
struct GcsEndpoint {
  std::string url = "https://storage.googleapis.com";
  bool is_emulator = false;
};
GcsEndpoint gcs_endpoint();

// What is wrong with a name, if anything.
std::optional<std::string> bad_bucket_name(std::string_view bucket);
std::optional<std::string> bad_object_name(std::string_view name);

// gs://BUCKET/OBJECT, taken apart.
struct GcsUri {
  std::string bucket;
  std::string object;  // "" if there is none

  // The folder that the object is in, with its slash; "" at the top.
  std::string folder() const { return object.substr(0, object.rfind('/') + 1); }
};
// Nothing if text does not begin with gs://. Throws Exit(EX_USAGE) if what it
// names cannot be.
std::optional<GcsUri> parse_gcs_uri(std::string_view text);

// The media type for a file of this name, such as "application/x-ndjson".
std::string content_type(std::string_view name);

struct GcsObject {
  std::string name = {};
  std::string generation = {};
  std::uint64_t size = 0;
  std::string crc32c = {};  // as Cloud Storage writes it
  std::string md5 = {};     // empty: the server did not say
};

// The metadata that an answer's body holds; nothing if it is none.
std::optional<GcsObject> read_gcs_object(const HttpResponse& response);
std::optional<GcsObject> read_gcs_object(JsonValue resource);

}  // namespace mill
