// dataset_report.h - a version folder as a page to read.
//
// One HTML file that needs nothing else: no script, image or font, and nothing
// from the network, which its own security policy forbids, too. The same folder
// gives the same bytes.
//
// In order: name, version and verdicts; headline numbers; what came in and why
// what was left out was, with some of it; what is other than in the last
// version; distributions; what the confidence is worth; subreddits; splits;
// findings; ten examples, the
// longest and the least confident; files; how it was made, with the system
// message, the profile and the manifest in full. Links lead to Reddit's threads
// and nowhere else. Texts from the folder are data:
// they are escaped, and their control characters shown.
#pragma once

#include <string>

#include "lib/version/dataset_folder.h"
#include "lib/version/version_diff.h"

namespace mill {

// since tells what became of the last version's examples, where that is known.
std::string dataset_report(const DatasetFolder& folder,
                           const DiffSummary* since = nullptr);

}  // namespace mill
