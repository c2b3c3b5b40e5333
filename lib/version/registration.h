// registration.h - a version as the store has it: its manifest, and where its
// files are.
//
//   const auto files = mill::read_uploads("uploads.jsonl");
//   document.body = mill::registration(manifest, files, sha256_of);
//
// In place of the manifest's `files` are all that were uploaded, each with
// name, uri, generation, bytes, sha256 and crc32c; gcs_prefix is the folder that
// they are in, and uris is the list of their URIs, which a query can ask for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/timestamp.h"
#include "lib/google/gcs.h"
#include "lib/json/json.h"

namespace mill {

struct StoredFile {
  std::string uri;  // gs://BUCKET/PREFIX/NAME
  std::string generation, crc32c;
  std::uint64_t bytes = 0;
  // In the version's folder, which is that of its manifest.json: "a.jsonl", or
  // "together/a.jsonl" in the folder of a further format.
  std::string name = {};

  bool operator==(const StoredFile&) const = default;
};

// The result lines of gcs-put, each file once. Throws Exit(EX_DATAERR) at a line
// that is none, and if two say different things of one file.
std::vector<StoredFile> read_uploads(const std::string& path);
// What is in the folder of the bucket that the manifest is in, and in those of
// the further formats that it names.
std::vector<StoredFile> list_uploads(Gcs& gcs, const GcsUri& place,
                                     JsonValue manifest);
// The files that a registration has, with uri, generation and bytes.
std::vector<StoredFile> registered_files(JsonValue registration);

// The time by which stores order the document: the manifest's timestamp, else
// its created_at.
std::optional<Timestamp> timestamp_of(JsonValue manifest);

// The manifest on one line, after it created_at as timestamp, by which stores
// order their documents, and, if there are `files`, where they are. sha256_of
// gives that of a file that the manifest does not have, in hexadecimal, or ""
// where it is not known. The same files in another order give the same.
std::string registration(
    JsonValue manifest, std::vector<StoredFile> files,
    const std::function<std::string(const StoredFile&)>& sha256_of);

}  // namespace mill
