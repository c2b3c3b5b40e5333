// private_file.h - secrets from files that are their owner's alone.
//
// Files of more than 64 KiB are refused, and those that others may read or
// change: EX_CONFIG, as for what makes no sense. Throws Exit(EX_NOINPUT) for
// what cannot be opened, EX_IOERR if reading fails. Messages hold no secret.
#pragma once

#include <string>

#include "lib/base/secret.h"

namespace mill {

// The file's bytes.
Secret read_private_file(const std::string& path);
// "Bearer TOKEN", of a file with one line of at least 16 plain characters.
Secret read_token_file(const std::string& path);

}  // namespace mill
