// embedded_encodings.h - the token lists of share/encodings, compressed.
//
// The build carries the files into the library, so that a program finds its
// encodings wherever it is installed. Only programs that use them grow.
#pragma once

#include <string_view>

namespace mill {

// The bytes of share/encodings/NAME.zst.
std::string_view embedded_o200k_base();
std::string_view embedded_cl100k_base();

}  // namespace mill
