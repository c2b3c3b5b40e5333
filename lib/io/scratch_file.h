// scratch_file.h - a file without a name, in TMPDIR or /tmp, that disappears
// with the program.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mill {

class ScratchFile {
 public:
  ScratchFile();  // throws Exit(EX_CANTCREAT)
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  void write(std::string_view bytes);
  void write_line(std::string_view line) {
    write(line);
    write("\n");
  }
  // Flushes, so that all that was written can be read.
  void flush();
  std::uint64_t bytes() const { return bytes_; }
  // A path by which to read it from its beginning; flushes.
  std::string path();
  // Fills bytes with what stands at offset. REQUIRES: written and flushed.
  // Throws Exit(EX_IOERR).
  void read(std::uint64_t offset, std::span<char> bytes) const;

 private:
  // What is written at once; a multiple of all sizes of pages, so that each is
  // written to once, and several in one go.
  static constexpr std::size_t kAtOnce = 64 << 10;

  int fd_;
  std::string gathered_;
  std::uint64_t bytes_ = 0;
};

}  // namespace mill
