#include "lib/io/scratch_files.h"

#include <utility>

namespace mill {

void ScratchFiles::write(std::size_t file, std::string_view bytes) {
  File& to = files_[file];
  to.gathered.append(bytes);
  to.bytes += bytes.size();
  gathered_ += bytes.size();
  if (gathered_ >= kGathered) write_gathered();
}

void ScratchFiles::write_gathered() {
  if (writing_.valid()) writing_.get();
  for (File& file : files_) std::swap(file.gathered, file.leaving);
  gathered_ = 0;
  // Another thread where one can be had, else at the call of get().
  writing_ = std::async([this] {
    const std::size_t most_room = 2 * kGathered / files_.size();
    for (File& file : files_) {
      file.file->write(file.leaving);
      file.leaving.clear();
      // Of dumps, one file after the other has most of what comes.
      if (file.leaving.capacity() > most_room) file.leaving.shrink_to_fit();
    }
  });
}

void ScratchFiles::flush() {
  write_gathered();
  writing_.get();
  for (File& file : files_) {
    file.file->flush();
    file.gathered.shrink_to_fit();
    file.leaving.shrink_to_fit();
  }
}

}  // namespace mill
