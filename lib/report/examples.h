// examples.h - a few examples to read, for a version's report.
#pragma once

#include <cstddef>
#include <string>

#include "lib/version/dataset_folder.h"

namespace mill {

// Code points of one text that are shown; more are counted.
inline constexpr std::size_t kMaxShown = 8000;

// The examples that the folder chose: their messages as they are, in their own
// direction, and their metadata. A system message that they all have is shown
// once; all but the first few examples are closed.
std::string examples_to_read(const DatasetFolder& folder);

}  // namespace mill
