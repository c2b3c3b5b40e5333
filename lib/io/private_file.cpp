#include "lib/io/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sysexits.h>
#include <unistd.h>

#include <utility>

#include "lib/base/exit.h"
#include "lib/io/first_bytes.h"

namespace mill {

namespace {

constexpr std::size_t kMaxBytes = 64 << 10;

}  // namespace

FileAccess file_access(int fd) {
  struct stat file;
  struct statfs system;
  struct statvfs mount;
  if (::fstat(fd, &file) != 0 || ::fstatfs(fd, &system) != 0 ||
      ::fstatvfs(fd, &mount) != 0)
    return {};
  return {file.st_uid, file.st_mode,
          (mount.f_flag & ST_RDONLY) || system.f_type == TMPFS_MAGIC ||
              system.f_type == RAMFS_MAGIC};
}

bool keeps_secret(const FileAccess& file, uid_t user) {
  constexpr uid_t kRoot = 0;
  if (!S_ISREG(file.mode) && !S_ISFIFO(file.mode)) return false;
  if (file.owner != user && file.owner != kRoot && user != kRoot) return false;
  if (file.mode & (S_IWGRP | S_IWOTH)) return false;
  return !(file.mode & S_IROTH) ||
         (file.owner == kRoot && file.is_secret_mount);
}

Secret read_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    throw Exit(EX_NOINPUT, path + ": cannot open: " + errno_text(errno));
  const FileAccess file = file_access(fd);
  std::string bytes(kMaxBytes + 1, '\0');
  std::size_t size = 0;
  std::string problem;
  int code = EX_CONFIG;
  if (!S_ISREG(file.mode) && !S_ISFIFO(file.mode)) {
    problem = "not a regular file";
  } else if (!keeps_secret(file, ::geteuid())) {
    problem = "holds secrets, but others may read or change it; chmod 600";
  } else {
    ssize_t n = 0;
    while (size < bytes.size() &&
           (n = ::read(fd, bytes.data() + size, bytes.size() - size)) > 0)
      size += static_cast<std::size_t>(n);
    if (n < 0) {
      problem = "read failed: " + errno_text(errno);
      code = EX_IOERR;
    } else if (size > kMaxBytes) {
      problem = "larger than 64 KiB";
    }
  }
  ::close(fd);
  Secret file_bytes(std::string_view(bytes.data(), size));
  wipe(bytes);
  if (!problem.empty()) throw Exit(code, path + ": " + problem);
  const std::size_t begin = text_begin(file_bytes.reveal(), path);
  return begin == 0 ? std::move(file_bytes)
                    : Secret(file_bytes.reveal().substr(begin));
}

Secret read_token_file(const std::string& path) {
  const Secret file = read_private_file(path);
  std::string_view token = file.reveal();
  token = token.substr(0, token.find_last_not_of("\r\n") + 1);
  for (const char c : token)
    if (c <= ' ' || c > '~')
      throw Exit(EX_CONFIG, path + ": not one line of plain characters");
  if (token.size() < 16)
    throw Exit(EX_CONFIG, path + ": a token must have at least 16 characters");
  return Secret::join({"Bearer ", token});
}

}  // namespace mill
