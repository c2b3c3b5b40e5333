// scratch_file.h - a file without a name, in TMPDIR or /tmp, that disappears
// with the program.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "lib/io/output.h"

namespace mill {

class ScratchFile {
 public:
  ScratchFile();  // throws Exit(EX_CANTCREAT)
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  void write(std::string_view bytes) { out_.write(bytes); }
  void write_line(std::string_view line) { out_.write_line(line); }
  // Flushes, so that all that was written can be read.
  void flush() { out_.flush(); }
  std::uint64_t bytes() const { return out_.bytes(); }
  // A path by which to read it from its beginning; flushes.
  std::string path();
  // Fills bytes with what stands at offset. REQUIRES: written and flushed.
  // Throws Exit(EX_IOERR).
  void read(std::uint64_t offset, std::span<char> bytes) const;

 private:
  int fd_;
  Output out_;
};

}  // namespace mill
