// version_files.h - the files of a version, as its manifest names them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"
#include "lib/json/json_file.h"

namespace mill {

inline constexpr std::array<std::string_view, 3> kPartNames = {"train", "val",
                                                               "test"};

// "train" for a name that ends in ".train.jsonl", and so on; empty: not part of
// a split.
std::string_view part_of_name(std::string_view name);

// A version may be named by its folder: manifest.json in it, else path itself.
std::string manifest_path(const std::string& path);

struct VersionFile {
  std::string name;  // without a folder; of further_files() with
  std::string path;
  std::string part;    // see part_of_name()
  std::string sha256;  // as the manifest has it
};

// All of the manifest's files, in its order. folder is where they lie; empty:
// beside the manifest. Throws Exit(EX_DATAERR) if this is no manifest.
std::vector<VersionFile> version_files(const JsonFile& manifest,
                                       const std::string& folder = "");

// Those of the folders of further formats, such as "together/rules.train.jsonl".
std::vector<VersionFile> further_files(const JsonFile& manifest,
                                       const std::string& folder = "");

// A hash of what is said on each line of a file of examples, in any format: two
// examples that say the same, turn by turn, have the same. Throws Exit as
// for_each_object() does.
std::vector<std::uint64_t> hashes_of_turns(const std::string& path);

// Those that hold each example once: the parts of the split, train before val
// before test; where there are none, the merged file, which is the first.
std::vector<VersionFile> example_files(const std::vector<VersionFile>& files);

}  // namespace mill
