// croissant.h - a version folder described in MLCommons Croissant 1.1.
//
// JSON-LD for programs that read it: files with their checksums, the splits,
// and every field of an example that has a single type. The URLs of the files
// are relative to the folder.
#pragma once

#include <string>

#include "lib/report/dataset_card.h"
#include "lib/version/dataset_folder.h"

namespace mill {

std::string croissant_json(const DatasetFolder& folder,
                           const Publication& publication);

}  // namespace mill
