#include "lib/version/version_files.h"

#include <sys/stat.h>

#include "lib/base/exit.h"
#include "lib/io/paths.h"

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

std::vector<VersionFile> version_files(const JsonFile& manifest,
                                       const std::string& folder) {
  const auto fail = [&](const std::string& what) {
    throw Exit(EX_DATAERR, manifest.name() + ": " + what);
  };
  if (!manifest.object()["version"].is_string())
    fail("not a manifest: version is not a string");
  const std::string where =
      folder.empty() ? folder_of(manifest.name()) : folder + "/";
  std::vector<VersionFile> files;
  for (const JsonValue file : manifest.object()["files"].elements()) {
    const JsonValue name = file["name"], sum = file["sha256"];
    if (!name.is_string() || !sum.is_string() || !is_file_name(name.string()))
      fail("not a manifest: files[" + std::to_string(files.size()) +
           "] has no name, or no sha256");
    files.push_back({name.string(), where + name.string(),
                     std::string(part_of_name(name.string())), sum.string()});
  }
  if (files.empty()) fail("not a manifest: it names no files");
  return files;
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
