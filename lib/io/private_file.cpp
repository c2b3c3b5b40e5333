#include "lib/io/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/exit.h"

namespace mill {

namespace {

constexpr std::size_t kMaxBytes = 64 << 10;

}  // namespace

Secret read_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    throw Exit(EX_NOINPUT, path + ": cannot open: " + errno_text(errno));
  struct stat file;
  std::string bytes(kMaxBytes + 1, '\0');
  std::size_t size = 0;
  std::string problem;
  int code = EX_CONFIG;
  if (::fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
    problem = "not a regular file";
  } else if (file.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) {
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
  Secret text(std::string_view(bytes.data(), size));
  wipe(bytes);
  if (!problem.empty()) throw Exit(code, path + ": " + problem);
  return text;
}

Secret read_token_file(const std::string& path) {
  const Secret file = read_private_file(path);
  std::string_view token = file.reveal();
  token = token.substr(0, token.find_last_not_of("\r\n") + 1);
  for (const char c : token)
    if (c <= ' ' || c > '~')
      throw Exit(EX_CONFIG, path + ": not one line of plain characters");
  if (token.size() < 16)
    throw Exit(EX_CONFIG, path + ": a token has at least 16 characters");
  return Secret::join({"Bearer ", token});
}

}  // namespace mill
