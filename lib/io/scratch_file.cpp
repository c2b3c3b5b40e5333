#include "lib/io/scratch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/exit.h"

namespace mill {

namespace {

int make_nameless_file() {
  const char* const folder = ::getenv("TMPDIR");
  std::string path = folder && *folder ? folder : "/tmp";
  path += "/answermill-XXXXXX";
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0)
    throw Exit(EX_CANTCREAT, path + ": cannot create: " + errno_text(errno));
  ::unlink(path.c_str());
  return fd;
}

}  // namespace

ScratchFile::ScratchFile()
    : fd_(make_nameless_file()), out_(fd_, "temporary file") {}

ScratchFile::~ScratchFile() { ::close(fd_); }

std::string ScratchFile::path() {
  out_.flush();
  return "/dev/fd/" + std::to_string(fd_);
}

void ScratchFile::read(std::uint64_t offset, std::span<char> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got =
        ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw Exit(EX_IOERR, "temporary file: cannot read: " +
                               (got < 0 ? errno_text(errno)
                                        : std::string("it is too short")));
    offset += static_cast<std::uint64_t>(got);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace mill
