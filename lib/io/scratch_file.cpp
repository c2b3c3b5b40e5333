#include "lib/io/scratch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/exit.h"
#include "lib/io/output.h"

namespace mill {

namespace {

constexpr std::string_view kName = "temporary file";  // in messages

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

ScratchFile::ScratchFile() : fd_(make_nameless_file()) {}

ScratchFile::~ScratchFile() { ::close(fd_); }

void ScratchFile::write(std::string_view bytes) {
  bytes_ += bytes.size();
  if (gathered_.size() + bytes.size() >= kAtOnce) {
    const std::size_t room = kAtOnce - gathered_.size();
    gathered_.append(bytes, 0, room);
    flush();
    bytes.remove_prefix(room);
    const std::size_t whole = bytes.size() / kAtOnce * kAtOnce;
    write_all(fd_, bytes.substr(0, whole), kName);
    bytes.remove_prefix(whole);
  }
  gathered_.append(bytes);
}

void ScratchFile::flush() {
  write_all(fd_, gathered_, kName);
  gathered_.clear();
}

std::string ScratchFile::path() {
  flush();
  return "/dev/fd/" + std::to_string(fd_);
}

void ScratchFile::read(std::uint64_t offset, std::span<char> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got =
        ::pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw Exit(EX_IOERR, std::string(kName) + ": cannot read: " +
                               (got < 0 ? errno_text(errno)
                                        : std::string("it is too short")));
    offset += static_cast<std::uint64_t>(got);
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace mill
