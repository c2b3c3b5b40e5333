#include "lib/version/registration.h"

#include <algorithm>
#include <tuple>

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
      if (file.name == name) write_place(json, file);
    json.end_object();
  }
  for (const StoredFile& file : files) {
    if (std::find(known.begin(), known.end(), file.name) != known.end())
      continue;
    json.begin_object();
    json.member("name", file.name);
    json.member("bytes", file.bytes);
    if (const std::string sum = sha256_of(file); !sum.empty())
      json.member("sha256", sum);
    json.member("crc32c", file.crc32c);
    write_place(json, file);
    json.end_object();
  }
  json.end_array();
}

std::string last_part(const std::string& uri) {
  return uri.substr(uri.rfind('/') + 1);
}

// The folder of the manifest.json with the shortest path, else of the first.
std::string folder_of(const std::vector<StoredFile>& files) {
  const StoredFile* found = nullptr;
  for (const StoredFile& file : files)
    if (!found ||
        std::pair(last_part(file.uri) != "manifest.json", file.uri.size()) <
            std::pair(last_part(found->uri) != "manifest.json",
                      found->uri.size()))
      found = &file;
  return found->uri.substr(0, found->uri.rfind('/') + 1);
}

void name_them(std::vector<StoredFile>& files) {
  if (files.empty()) return;
  const std::string folder = folder_of(files);
  for (StoredFile& file : files)
    file.name = file.uri.starts_with(folder) ? file.uri.substr(folder.size())
                                             : last_part(file.uri);
}

bool by_uri(const StoredFile& a, const StoredFile& b) {
  return std::tie(a.uri, a.generation) < std::tie(b.uri, b.generation);
}

}  // namespace

std::vector<StoredFile> read_uploads(const std::string& path) {
  std::vector<StoredFile> files;
  for_each_object(path, [&](JsonValue upload, const auto& line) {
    const auto bytes = upload["bytes"].integer();
    if (!upload["uri"].string_or_empty().starts_with("gs://") || !bytes ||
        *bytes < 0)
      line.fail("not an upload's result: no uri or no bytes");
    files.push_back({upload["uri"].string(),
                     upload["generation"].string_or_empty(),
                     upload["crc32c"].string_or_empty(),
                     static_cast<std::uint64_t>(*bytes)});
  });
  std::sort(files.begin(), files.end(), by_uri);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  for (std::size_t i = 1; i < files.size(); ++i)
    if (files[i].uri == files[i - 1].uri)
      throw Exit(EX_DATAERR, path + ": " + files[i].uri +
                                 ": uploaded twice, with other content");
  name_them(files);
  return files;
}

std::vector<StoredFile> list_uploads(Gcs& gcs, const GcsUri& place,
                                     JsonValue manifest) {
  std::vector<std::string> folders = {place.folder()};
  for (const JsonValue further : manifest["also"].elements())
    folders.push_back(place.folder() + further["format"].string_or_empty() +
                      "/");
  std::vector<StoredFile> files;
  for (const std::string& folder : folders)
    for (const GcsObject& one : gcs.list(place.bucket, folder))
      files.push_back({"gs://" + place.bucket + "/" + one.name, one.generation,
                       one.crc32c, one.size,
                       one.name.substr(place.folder().size())});
  return files;
}

std::vector<StoredFile> registered_files(JsonValue registration) {
  std::vector<StoredFile> files;
  for (const JsonValue file : registration["files"].elements())
    if (file["uri"].is_string())
      files.push_back(
          {file["uri"].string(), file["generation"].string_or_empty(),
           file["crc32c"].string_or_empty(),
           static_cast<std::uint64_t>(file["bytes"].integer().value_or(0)),
           file["name"].string_or_empty()});
  return files;
}

std::optional<Timestamp> timestamp_of(JsonValue manifest) {
  for (const char* name : {"timestamp", "created_at"})
    if (const JsonValue time = manifest[name])
      return time.is_string() ? parse_timestamp(time.string()) : std::nullopt;
  return std::nullopt;
}

std::string registration(
    JsonValue manifest, std::vector<StoredFile> files,
    const std::function<std::string(const StoredFile&)>& sha256_of) {
  std::sort(files.begin(), files.end(), by_uri);
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const auto& [key, value] : manifest.members()) {
    if (key.string() == "files" && !files.empty()) continue;
    json.raw_member(key.string(), compact_json(value));
  }
  if (!manifest["timestamp"] && timestamp_of(manifest))
    json.raw_member("timestamp", manifest["created_at"].raw());
  if (!files.empty()) {
    json.key("files");
    write_files(json, manifest["files"], files, sha256_of);
    json.member("gcs_prefix", folder_of(files));
    json.key("uris");
    json.begin_array();
    for (const StoredFile& file : files) json.value(file.uri);
    json.end_array();
  }
  json.end_object();
  return text;
}

}  // namespace mill
