#include "lib/cli/second_pass.h"

#include <sys/stat.h>

#include <algorithm>

#include "lib/base/exit.h"
#include "lib/io/lines.h"

namespace mill {

namespace {

bool is_regular(const std::string& path) {
  struct stat info;
  return path != "-" && ::stat(path.c_str(), &info) == 0 &&
         S_ISREG(info.st_mode);
}

}  // namespace

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
      file.spool = std::make_unique<ScratchFile>();
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
        throw Exit(EX_IOERR,
                   file.name + ": was truncated while it was being read");
      if (is_record_[at++])
        visit({number++, file.name, line->number, line->text});
    }
  }
}

}  // namespace mill
