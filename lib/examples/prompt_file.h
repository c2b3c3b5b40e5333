// prompt_file.h - the system message in a file.
#pragma once

#include <string>

namespace mill {

// The file's text without the newlines at its end. Throws Exit: EX_NOINPUT, or
// EX_DATAERR if it is not UTF-8.
std::string read_prompt_file(const std::string& path);

}  // namespace mill
