// private_file.h - secrets from files, and who may read such a file.
//
//   mill::Secret key = mill::read_private_file("key.json");
//
// One rule, for every file that holds a secret: tokens, .env files, Google's
// credentials, upload sessions. It is a regular file or a pipe, and
//
//   - it belongs to the user who runs the program, or to root; root may read
//     anyone's;
//   - nobody but its owner may change it (no write for group or others);
//   - others may not read it (its group may), unless it is root's and on a
//     mount that is read-only or in memory: that is how Cloud Run, Kubernetes
//     and Podman give secrets to a container, with mode 0444 or 0644.
//
// Links are followed: Kubernetes' secrets are links. A file that breaks the
// rule is EX_CONFIG, and so is one of more than 64 KiB. Throws Exit(EX_NOINPUT)
// for what cannot be opened, EX_IOERR if reading fails, EX_DATAERR for UTF-16.
// A byte order mark of UTF-8 is skipped. Messages hold no secret.
#pragma once

#include <sys/types.h>

#include <string>

#include "lib/base/secret.h"

namespace mill {

// What the rule looks at.
struct FileAccess {
  uid_t owner = 0;
  mode_t mode = 0;
  bool is_secret_mount = false;  // on a file system read-only or in memory
};
// Of an open file.
FileAccess file_access(int fd);
// Whether the rule lets `user` take a secret from it.
bool keeps_secret(const FileAccess& file, uid_t user);

// The file's bytes.
Secret read_private_file(const std::string& path);
// "Bearer TOKEN", from a file with one line of at least 16 plain characters.
Secret read_token_file(const std::string& path);

}  // namespace mill
