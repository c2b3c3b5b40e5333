// base64.h - bytes as text and back (RFC 4648, section 4), with padding.
//
// Not by OpenSSL, which a program that needs nothing else of it would load for
// a millisecond at each start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mill {

std::string base64(std::string_view bytes);
// The bytes that text stands for; nothing if it is not whole, has another
// character, line ends among them, or is longer than 1 GiB. Bits that the
// padding leaves over do not count.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace mill
