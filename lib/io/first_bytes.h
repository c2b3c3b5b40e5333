// first_bytes.h - what a file is, told by the bytes that it begins with.
//
// Compressed data is decompressed, UTF-8's byte order mark passed over; what
// is no UTF-8 text at all is refused with a word on how to make it some.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mill {

enum class Compression { kNone, kZstd, kGzip, kXz, kBzip2 };

// How a file that begins with these bytes is compressed.
Compression compression_of(std::string_view bytes);

// True if more bytes could tell more: compressed data begins like this, or what
// text_begin() knows. Whoever types text at a terminal is not kept waiting.
bool may_tell_more(std::string_view bytes);

// Where a text begins whose first bytes these are: at 0, or after a byte order
// mark. Throws Exit(EX_DATAERR) for another encoding or a binary format, with
// what to do; messages call the file `name`.
std::size_t text_begin(std::string_view bytes, const std::string& name);

}  // namespace mill
