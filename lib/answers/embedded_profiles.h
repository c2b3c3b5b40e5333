// embedded_profiles.h - the profiles of share/profiles, by name, as JSON text.
//
// The build carries the files into the library, so that a program finds its
// profiles wherever it is installed.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace mill {

// From a profile's name, such as `mtg` for share/profiles/mtg.json, to its
// text.
const std::map<std::string, std::string_view>& embedded_profiles();

}  // namespace mill
