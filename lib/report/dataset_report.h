// dataset_report.h - a version folder as a page to read.
//
// One HTML file that needs nothing else: no script, image or font, and nothing
// from the network, which its own security policy forbids, too. The same folder
// gives the same bytes.
//
// In order: name, version and verdicts; headline numbers; what came in and why
// what was left out was; distributions; splits; findings; ten examples; files;
// how it was made, and the manifest in full. Texts from the folder are data:
// they are escaped, and their control characters shown.
#pragma once

#include <string>

#include "lib/version/dataset_folder.h"

namespace mill {

std::string dataset_report(const DatasetFolder& folder);

}  // namespace mill
