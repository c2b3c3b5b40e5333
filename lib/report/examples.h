// examples.h - a few examples to read, for a version's report.
#pragma once

#include <cstddef>
#include <string>

#include "lib/version/dataset_folder.h"

namespace mill {

// How many code points of one text are shown; the rest are counted.
inline constexpr std::size_t kMaxShown = 8000;

// The examples that DatasetFolder chose: their messages as they are, each in
// its own writing direction, and their metadata. A system message that they all
// share is shown once; all but the first few examples are collapsed.
std::string examples_to_read(const DatasetFolder& folder);

// The longest examples, and those of the least confidence: where to look first
// for what went wrong.
std::string examples_to_doubt(const DatasetFolder& folder);

}  // namespace mill
