// charts.h - how a version's examples are distributed, for its report.
#pragma once

#include <string>

#include "lib/version/dataset_folder.h"

namespace mill {

// Charts of confidence, tokens, lengths and time, and a table of interaction
// types; a sentence where there is nothing to draw from.
std::string distribution_charts(const DatasetFolder& folder);

}  // namespace mill
