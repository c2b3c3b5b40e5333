// scratch_files.h - several files of scratch_file.h, filled by turns: what is
// to be written gathers in memory, and a thread writes it while more gathers.
//
//   mill::ScratchFiles files(128);
//   for (...) files.write(n, bytes);
//   files.flush();
//   files.read(n, offset, buffer);
#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/io/scratch_file.h"

namespace mill {

// Holds kGathered bytes that gather, as many that are written, and room for
// four times as many, however they are spread over the files.
class ScratchFiles {
 public:
  explicit ScratchFiles(std::size_t count) : files_(count) {}  // as ScratchFile

  // Appends bytes to that file. Throws Exit(EX_IOERR) if they, or what came
  // before, cannot be written.
  void write(std::size_t file, std::string_view bytes);
  // How many bytes the file has got.
  std::uint64_t bytes(std::size_t file) const { return files_[file].bytes; }
  // Waits until all is written, and can be read.
  void flush();
  // As ScratchFile's. REQUIRES: flush() since the last write().
  void read(std::size_t file, std::uint64_t offset,
            std::span<char> bytes) const {
    files_[file].file->read(offset, bytes);
  }
  // Gives a file away, once all are written: none is written to, then.
  std::unique_ptr<ScratchFile> take(std::size_t file) {
    return std::move(files_[file].file);
  }

 private:
  static constexpr std::size_t kGathered = 3 << 20;
  struct File {
    std::unique_ptr<ScratchFile> file = std::make_unique<ScratchFile>();
    std::string gathered, leaving;
    std::uint64_t bytes = 0;
  };
  void write_gathered();

  std::vector<File> files_;
  std::size_t gathered_ = 0;  // bytes, in all files
  // Writes what is leaving. The last member: its destructor waits for it.
  std::future<void> writing_;
};

}  // namespace mill
