// review_files.h - what share/review/ holds, carried in the library.
#pragma once

#include <string_view>

namespace mill {

std::string_view review_body();
std::string_view review_style();
std::string_view review_script();

}  // namespace mill
