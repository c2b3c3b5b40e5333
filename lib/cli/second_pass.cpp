#include "lib/cli/second_pass.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "lib/base/exit.h"
#include "lib/io/lines.h"

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

bool is_regular(const std::string& path) {
  struct stat info;
  return path != "-" && ::stat(path.c_str(), &info) == 0 &&
         S_ISREG(info.st_mode);
}

}  // namespace

Spool::Spool() : fd_(make_nameless_file()), out_(fd_, "temporary file") {}

Spool::~Spool() { ::close(fd_); }

std::string Spool::path() {
  out_.flush();
  return "/dev/fd/" + std::to_string(fd_);
}

SecondPass::SecondPass(RecordLoop& loop, const StreamOptions& options)
    : loop_(loop),
      options_(options),
      files_(std::max<std::size_t>(1, options.files.size())) {
  loop.on_skipped([this](std::string_view) { add_line(false); });
}

void SecondPass::add() {
  add_line(true);
  ++size_;
}

void SecondPass::add_line(bool is_record) {
  const std::size_t index = loop_.file_index();
  File& file = files_[index];
  if (file.lines == 0) {
    file.name = loop_.source();
    if (options_.files.empty() || !is_regular(options_.files[index]))
      file.spool = std::make_unique<Spool>();
  }
  ++file.lines;
  is_record_.push_back(is_record);
  // An empty line for the others, so that lines keep their numbers.
  if (file.spool)
    file.spool->write_line(is_record ? loop_.text() : std::string_view());
}

void SecondPass::for_each(const std::function<void(const RecordLine&)>& visit) {
  std::size_t at = 0, number = 0;
  for (std::size_t index = 0; index < files_.size(); ++index) {
    File& file = files_[index];
    if (file.lines == 0) continue;
    LineReader lines(
        Input(file.spool ? file.spool->path() : options_.files[index]),
        options_.max_line.bytes);
    for (std::uint64_t i = 0; i < file.lines; ++i) {
      const auto line = lines.next();
      if (!line)
        throw Exit(EX_IOERR, file.name + ": has become shorter meanwhile");
      if (is_record_[at++])
        visit({number++, file.name, line->number, line->text});
    }
  }
}

}  // namespace mill
