#include "lib/io/scratch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "lib/base/exit.h"

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

ScratchFile::ScratchFile()
    : fd_(make_nameless_file()), out_(fd_, std::string(kName)) {}

ScratchFile::~ScratchFile() { ::close(fd_); }

std::string ScratchFile::path() {
  out_.flush();
  return "/dev/fd/" + std::to_string(fd_);
}

void ScratchFile::write(std::span<const std::string_view> pieces) {
  out_.flush();
  std::array<iovec, 256> vectors;  // of these Linux takes up to 1024
  while (!pieces.empty()) {
    const std::size_t count = std::min(pieces.size(), vectors.size());
    for (std::size_t i = 0; i < count; ++i)
      vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
    const ssize_t n = ::writev(fd_, vectors.data(), static_cast<int>(count));
    // What it did not write, be it all of it, is tried once more, which says
    // why.
    auto written = static_cast<std::size_t>(std::max<ssize_t>(n, 0));
    for (const std::string_view piece : pieces.first(count)) {
      const std::size_t there = std::min(written, piece.size());
      if (there < piece.size()) write_all(fd_, piece.substr(there), kName);
      written -= there;
      bytes_of_pieces_ += piece.size();
    }
    pieces = pieces.subspan(count);
  }
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
