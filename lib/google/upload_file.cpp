#include "lib/google/upload_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "lib/base/exit.h"
#include "lib/base/hash.h"
#include "lib/io/output.h"
#include "lib/io/private_file.h"
#include "lib/json/json.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr std::size_t kBlock = 256 << 10;  // stays in a core's cache
constexpr std::size_t kMaxSessionFile = 64 << 10;

std::int64_t time_of(const struct stat& status) {
  return status.st_mtim.tv_sec * std::int64_t{1'000'000'000} +
         status.st_mtim.tv_nsec;
}

}  // namespace

UploadFile::UploadFile(const std::string& path)
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  struct stat status;
  const char* const problem = fd_ < 0 || ::fstat(fd_, &status) != 0
                                  ? "cannot open"
                              : S_ISDIR(status.st_mode)  ? "is a folder"
                              : !S_ISREG(status.st_mode) ? "not a regular file"
                                                         : nullptr;
  if (problem) {
    const std::string why = fd_ < 0 ? ": " + errno_text(errno) : "";
    if (fd_ >= 0) ::close(fd_);
    throw Exit(EX_NOINPUT, problem + why);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  modified_ = time_of(status);
}

UploadFile::~UploadFile() { ::close(fd_); }

std::string UploadFile::crc32c() const {
  std::vector<char> block(kBlock);
  std::uint32_t crc = 0;
  for (std::uint64_t at = 0; at < size_; at += block.size()) {
    block.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, size_ - at)));
    read(at, block.data(), block.size());
    crc = mill::crc32c(crc, {block.data(), block.size()});
  }
  return crc32c_base64(crc);
}

void UploadFile::read(std::uint64_t offset, char* to, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n =
        ::pread(fd_, to + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Exit(EX_IOERR, "read failed: " + errno_text(errno));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  if (done == size && offset + size < size_) return;
  struct stat status;
  if (done < size || ::fstat(fd_, &status) != 0 ||
      static_cast<std::uint64_t>(status.st_size) != size_ ||
      time_of(status) != modified_)
    throw Exit(EX_TEMPFAIL, "changed while it was being read");
}

SessionFile::SessionFile(const std::string& folder, const std::string& object,
                         std::string content)
    : path_(folder + "/" + hex(sha256(object)) + ".json"),
      content_(std::move(content)) {
  ::mkdir(folder.c_str(), 0700);
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ < 0)
    throw Exit(EX_CANTCREAT, path_ + ": cannot make: " + errno_text(errno));
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(fd_);
  throw Exit(EX_TEMPFAIL, "another process is uploading it");
}

SessionFile::~SessionFile() {
  if (::lseek(fd_, 0, SEEK_END) == 0) ::unlink(path_.c_str());
  ::close(fd_);
}

std::string SessionFile::load(std::string& problem) const {
  std::string text(kMaxSessionFile, '\0');
  const ssize_t size = ::pread(fd_, text.data(), text.size(), 0);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (text.empty()) return "";
  if (!keeps_secret(file_access(fd_), ::geteuid())) {
    problem = "others may read or write it";
    return "";
  }
  JsonReader reader;
  const auto error = reader.parse(text);
  const JsonValue content = reader.root()["content"];
  const JsonValue session = reader.root()["session"];
  if (error || !content.is_string() || !session.is_string()) {
    problem = "not a session";
    return "";
  }
  if (content.string() != content_) {
    problem = "a session for other content";
    return "";
  }
  return session.string();
}

void SessionFile::keep(const std::string& session) const {
  std::string text;
  if (!session.empty()) {
    JsonWriter json(text);
    json.begin_object();
    json.member("content", content_);
    json.member("session", session);
    json.end_object();
    text += '\n';
  }
  if (::fchmod(fd_, 0600) != 0 || ::ftruncate(fd_, 0) != 0 ||
      ::lseek(fd_, 0, SEEK_SET) != 0)
    throw Exit(EX_IOERR, path_ + ": cannot write: " + errno_text(errno));
  write_all(fd_, text, path_);
  if (::fsync(fd_) != 0)
    throw Exit(EX_IOERR, path_ + ": cannot write: " + errno_text(errno));
}

}  // namespace mill
