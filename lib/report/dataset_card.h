// dataset_card.h - a version folder as a Hugging Face dataset card.
//
// README.md with a YAML head that the Hub and `datasets` read, and a text that
// says what the data set is, how it was made, what is in it, what its limits
// are and what Reddit's terms require of those who hold it. The head names the
// files of each split, so that no loader takes manifest.json for data.
#pragma once

#include <string>
#include <string_view>

#include "lib/version/dataset_folder.h"

namespace mill {

// What the folder does not know of itself.
struct Publication {
  std::string language = "en";  // BCP 47
  std::string contact = {};     // whom to write to; empty: the card says none
  std::string url = {};         // where the data set is to be found
  std::string creator = {};     // who made it
};

// Where Reddit's Data API Terms are.
inline constexpr std::string_view kTermsUrl =
    "https://www.redditinc.com/policies/data-api-terms";

std::string dataset_card(const DatasetFolder& folder,
                         const Publication& publication);

}  // namespace mill
