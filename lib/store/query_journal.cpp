#include "lib/store/query_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sysexits.h>
#include <unistd.h>

#include <utility>

#include "lib/base/exit.h"
#include "lib/base/sha256.h"
#include "lib/io/lines.h"
#include "lib/io/output.h"
#include "lib/io/private_file.h"

namespace mill {

namespace {

constexpr std::size_t kMaxLine = 64 << 20;
constexpr std::string_view kTitle = "answermill query ";
constexpr char kEntry = '+', kState = '.';  // how a line begins

// The first bytes of a file, as many as a journal's title has.
std::string first_bytes(int fd) {
  std::string bytes(kTitle.size(), '\0');
  const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

}  // namespace

QueryJournal::QueryJournal(std::string path, std::string_view query)
    : path_(std::move(path)),
      header_(std::string(kTitle) + hex(sha256(query))),
      fd_(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC,
                 0600)) {
  if (fd_ < 0)
    throw Exit(EX_CANTCREAT, path_ + ": cannot make: " + errno_text(errno));
  const char* problem = nullptr;
  int code = EX_TEMPFAIL;
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    problem = "is in use by another program";
  } else if (!keeps_secret(file_access(fd_), ::geteuid())) {
    problem = "others may read or change it";
    code = EX_CONFIG;
  } else if (!kTitle.starts_with(first_bytes(fd_))) {  // a kill may cut it off
    problem = "is another file, and not what a query has read so far";
    code = EX_CANTCREAT;
  }
  if (!problem) return;
  ::close(fd_);
  throw Exit(code, path_ + ": " + problem);
}

QueryJournal::~QueryJournal() { ::close(fd_); }

void QueryJournal::replay(const std::function<bool(const Page&)>& visit) {
  LineReader lines{Input(path_), kMaxLine};
  std::uint64_t at = 0, whole = 0;
  Page page;
  while (const auto line = lines.next()) {
    if (line->is_too_long || line->text.empty() || lines.is_unterminated())
      break;
    at += line->text.size() + 1;
    const std::string_view text = line->text.substr(1);
    if (line->number == 1) {
      if (line->text != header_) break;
      whole = at;
    } else if (line->text[0] == kEntry) {
      page.entries.emplace_back(text);
    } else if (line->text[0] == kState) {
      page.state = text;
      if (!visit(page)) break;
      page = {};
      whole = at;
    } else {
      break;
    }
  }
  if (whole == 0)
    restart();
  else
    cut(whole);
}

void QueryJournal::append(const Page& page) {
  std::string text;
  for (const std::string& entry : page.entries)
    text.append(1, kEntry).append(entry).append("\n");
  text.append(1, kState).append(page.state).append("\n");
  write_all(fd_, text, path_);
}

void QueryJournal::restart() {
  cut(0);
  write_all(fd_, header_ + "\n", path_);
}

void QueryJournal::remove(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return;
  const bool is_journal = first_bytes(fd) == kTitle;
  ::close(fd);
  if (is_journal) ::unlink(path.c_str());
}

void QueryJournal::cut(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0)
    throw Exit(EX_IOERR, path_ + ": cannot write: " + errno_text(errno));
}

}  // namespace mill
