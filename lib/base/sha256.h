// sha256.h - SHA-256 (FIPS 180-4) without OpenSSL, which takes a millisecond to
// load: for a program that needs it of a file or two, if at all. hash.h's is
// several times as fast.
#pragma once

#include <string>
#include <string_view>

namespace mill {

// The digest in lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace mill
