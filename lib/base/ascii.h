// ascii.h - letters of ASCII, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace mill {

// text with A-Z as a-z, all other bytes as they are.
std::string ascii_lower(std::string_view text);

}  // namespace mill
