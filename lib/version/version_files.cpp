#include "lib/version/version_files.h"

#include <sys/stat.h>

#include "lib/base/exit.h"
#include "lib/io/lines.h"
#include "lib/io/paths.h"
#include "lib/record/example.h"
#include "lib/text/mix.h"

namespace mill {

namespace {

// path's folder, with the slash after it.
std::string folder_of(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

}  // namespace

std::string_view part_of_name(std::string_view name) {
  const std::size_t dot = name.substr(0, name.rfind('.')).rfind('.');
  if (dot == name.npos || !name.ends_with(".jsonl")) return "";
  name.remove_prefix(dot + 1);
  for (const std::string_view part : kPartNames)
    if (name.substr(0, name.rfind('.')) == part) return part;
  return "";
}

std::string manifest_path(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return path;
  return path + (path.ends_with('/') ? "manifest.json" : "/manifest.json");
}

namespace {

[[noreturn]] void fail(const JsonFile& manifest, const std::string& what) {
  throw Exit(EX_DATAERR, manifest.name() + ": not a manifest: " + what);
}

std::string place(const JsonFile& manifest, const std::string& folder) {
  return folder.empty() ? folder_of(manifest.name()) : folder + "/";
}

// Adds the list's files, which lie in where and whose names begin with prefix.
void add_files(const JsonFile& manifest, JsonValue list,
               const std::string& where, const std::string& prefix,
               std::vector<VersionFile>& files) {
  for (const JsonValue file : list.elements()) {
    const std::string name = file["name"].string_or_empty();
    const JsonValue sum = file["sha256"];
    if (!name.starts_with(prefix) ||
        !is_file_name(name.substr(prefix.size())) || !sum.is_string())
      fail(manifest, "files[" + std::to_string(files.size()) +
                         "] has no name, or no sha256");
    files.push_back(
        {name, where + name, std::string(part_of_name(name)), sum.string()});
  }
}

}  // namespace

std::vector<VersionFile> version_files(const JsonFile& manifest,
                                       const std::string& folder) {
  if (!manifest.object()["version"].is_string())
    fail(manifest, "version is not a string");
  std::vector<VersionFile> files;
  add_files(manifest, manifest.object()["files"], place(manifest, folder), "",
            files);
  if (files.empty()) fail(manifest, "it names no files");
  return files;
}

std::vector<VersionFile> further_files(const JsonFile& manifest,
                                       const std::string& folder) {
  std::vector<VersionFile> files;
  for (const JsonValue further : manifest.object()["also"].elements()) {
    const std::string format = further["format"].string_or_empty();
    if (!is_file_name(format)) fail(manifest, "a further format has no name");
    add_files(manifest, further["files"], place(manifest, folder), format + "/",
              files);
  }
  return files;
}

std::vector<std::uint64_t> hashes_of_turns(const std::string& path) {
  std::vector<std::uint64_t> hashes;
  ExampleReader example;
  std::string scratch;
  for_each_object(path, [&](JsonValue line, const LineOfFile&) {
    Hash128 hash;
    if (example.read(line))
      for (const Turn& turn : example.turns())
        for_each_text(turn.content,
                      [&](JsonValue text) { hash.add(text.string(scratch)); });
    hashes.push_back(hash.high());
  });
  return hashes;
}

std::vector<VersionFile> example_files(const std::vector<VersionFile>& files) {
  std::vector<VersionFile> chosen;
  for (const std::string_view part : kPartNames)
    for (const VersionFile& file : files)
      if (file.part == part) chosen.push_back(file);
  if (chosen.empty()) chosen.push_back(files.front());
  return chosen;
}

}  // namespace mill
