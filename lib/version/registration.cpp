#include "lib/version/registration.h"

#include <algorithm>

#include "lib/base/timestamp.h"
#include "lib/json/json_file.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

void write_place(JsonWriter& json, const StoredFile& file) {
  json.member("uri", file.uri);
  json.member("generation", file.generation);
}

// All files: the manifest's in its order, those that it does not have by name.
void write_files(
    JsonWriter& json, JsonValue of_manifest, std::vector<StoredFile>& files,
    const std::function<std::string(const StoredFile&)>& sha256_of) {
  json.begin_array();
  std::vector<std::string> known;
  for (const JsonValue one : of_manifest.elements()) {
    const std::string name = one["name"].string_or_empty();
    known.push_back(name);
    json.begin_object();
    for (const auto& [key, value] : one.members())
      json.raw_member(key.string(), value.raw());
    for (const StoredFile& file : files)
      if (file.name() == name) write_place(json, file);
    json.end_object();
  }
  for (const StoredFile& file : files) {
    if (std::find(known.begin(), known.end(), file.name()) != known.end())
      continue;
    json.begin_object();
    json.member("name", file.name());
    json.member("bytes", file.bytes);
    if (const std::string sum = sha256_of(file); !sum.empty())
      json.member("sha256", sum);
    json.member("crc32c", file.crc32c);
    write_place(json, file);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::optional<GcsUri> parse_gcs_uri(std::string_view text) {
  constexpr std::string_view kScheme = "gs://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(text.find('/'), text.size());
  return GcsUri{std::string(text.substr(0, slash)),
                std::string(text.substr(std::min(slash + 1, text.size())))};
}

std::vector<StoredFile> read_uploads(const std::string& path) {
  std::vector<StoredFile> files;
  for_each_object(path, [&](JsonValue upload, const auto& line) {
    const auto bytes = upload["bytes"].integer();
    if (!parse_gcs_uri(upload["uri"].string_or_empty()) || !bytes || *bytes < 0)
      line.fail("not an upload's result: no uri or no bytes");
    files.push_back({upload["uri"].string(),
                     upload["generation"].string_or_empty(),
                     upload["crc32c"].string_or_empty(),
                     static_cast<std::uint64_t>(*bytes)});
  });
  return files;
}

std::vector<StoredFile> list_uploads(Gcs& gcs, const std::string& bucket,
                                     const std::string& prefix) {
  std::vector<StoredFile> files;
  for (const GcsObject& object : gcs.list(bucket, prefix))
    files.push_back({"gs://" + bucket + "/" + object.name, object.generation,
                     object.crc32c, object.size});
  return files;
}

std::string registration(
    JsonValue manifest, std::vector<StoredFile> files,
    const std::function<std::string(const StoredFile&)>& sha256_of) {
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.uri < b.uri; });
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const auto& [key, value] : manifest.members()) {
    if (key.string() == "files" && !files.empty()) continue;
    json.raw_member(key.string(), compact_json(value));
  }
  const JsonValue created = manifest["created_at"];
  if (created.is_string() && !manifest["timestamp"] &&
      parse_timestamp(created.string()))
    json.raw_member("timestamp", created.raw());
  if (!files.empty()) {
    json.key("files");
    write_files(json, manifest["files"], files, sha256_of);
    json.member("gcs_prefix",
                files[0].uri.substr(0, files[0].uri.rfind('/') + 1));
    json.key("uris");
    json.begin_array();
    for (const StoredFile& file : files) json.value(file.uri);
    json.end_array();
  }
  json.end_object();
  return text;
}

}  // namespace mill
