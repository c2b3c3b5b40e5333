#include "lib/io/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "lib/base/exit.h"
#include "lib/base/harmless.h"
#include "lib/io/paths.h"

namespace mill {

void write_all(int fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      throw Exit(EX_IOERR,
                 std::string(name) + ": write failed: " + errno_text(errno));
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

Output::Output() : Output(STDOUT_FILENO, "stdout") {}

Output::Output(int fd, std::string name) : fd_(fd), name_(std::move(name)) {
  buffer_.reserve(kCapacity);
}

void Output::write_beyond_buffer(std::string_view bytes) {
  flush();
  if (bytes.size() < kCapacity)
    buffer_.append(bytes);
  else
    write_all(fd_, bytes, name_);
}

void Output::write_for_reading(std::string_view text) { write(harmless(text)); }

void Output::flush() {
  write_all(fd_, buffer_, name_);
  buffer_.clear();
}

void Output::close() {
  flush();
  if (fd_ != STDOUT_FILENO || bytes_ == 0) return;
  // Each close tells of writes that failed late; a copy's leaves the output open
  // for a side file that is called /dev/stdout.
  const int copy = ::dup(fd_);
  if (copy < 0 || ::close(copy) != 0)
    throw Exit(EX_IOERR, name_ + ": close failed: " + errno_text(errno));
}

namespace {

// Makes a file beside path and opens it; returns its descriptor and sets
// temporary to its name. What cannot be replaced is opened directly, and
// temporary stays empty: a device or pipe, as in --rejects >(sort), or a
// descriptor.
int open_beside(const std::string& path, std::string& temporary) {
  struct stat there;
  const int descriptor = descriptor_of(path);
  if (descriptor >= 0 ||
      (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode))) {
    const int fd = descriptor >= 0 ? ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
                                   : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
      throw Exit(EX_CANTCREAT, path + ": cannot create: " + errno_text(errno));
    return fd;
  }
  temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) {
    temporary.clear();
    throw Exit(EX_CANTCREAT, path + ": cannot create: " + errno_text(errno));
  }
  // mkostemp makes it 0600; a file made by any other program would honor
  // the umask.
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, 0666 & ~mask);
  return fd;
}

}  // namespace

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)),
      target_(follow_links(path_)),
      fd_(open_beside(target_, temporary_)),
      out_(fd_, path_) {}

AtomicFile::~AtomicFile() { abandon(); }

void AtomicFile::abandon() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  temporary_.clear();
}

void AtomicFile::sync() {
  if (fd_ < 0) return;
  out_.flush();
  const bool synced = ::fsync(fd_) == 0 || errno == EINVAL;
  if (!synced || ::close(std::exchange(fd_, -1)) != 0)
    throw Exit(EX_IOERR, path_ + ": write failed: " + errno_text(errno));
}

void AtomicFile::commit() {
  sync();
  if (!temporary_.empty() && ::rename(temporary_.c_str(), target_.c_str()) != 0)
    throw Exit(EX_CANTCREAT, path_ + ": cannot create: " + errno_text(errno));
  temporary_.clear();
}

}  // namespace mill
