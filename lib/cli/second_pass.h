// second_pass.h - a loop's records a second time, whether they came from files
// or through a pipe.
//
//   mill::RecordLoop loop(program, stream);
//   mill::SecondPass again(loop, stream);
//   while (loop.next()) {
//     again.add();
//     ...
//   }
//   again.for_each([&](const mill::RecordLine& record) { ... });
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cli/record_loop.h"
#include "lib/io/scratch_file.h"

namespace mill {

// A line that was a record: which, counted from 0, and where.
struct RecordLine {
  std::size_t number;
  const std::string& source;
  std::uint64_t line;
  std::string_view text;
};

// A loop's records once more. Regular files are read again; lines that come
// through a pipe are kept in a ScratchFile. Takes one bit a line.
class SecondPass {
 public:
  // Uses loop.on_skipped(). Both must outlive it.
  SecondPass(RecordLoop& loop, const StreamOptions& options);

  // Adds the loop's current record, under the next number. Each record that
  // loop.next() gives must be either added or declared bad.
  void add();

  // Visits all that were added, in order. Throws Exit(EX_IOERR) if a file has
  // become shorter since.
  void for_each(const std::function<void(const RecordLine&)>& visit);

  std::size_t size() const { return size_; }

 private:
  struct File {
    std::string name = {};  // as messages have it; empty: nothing was read
    std::unique_ptr<ScratchFile> spool = {};
    std::uint64_t lines = 0;
  };
  void add_line(bool is_record);

  RecordLoop& loop_;
  const StreamOptions& options_;
  std::vector<File> files_;
  std::vector<bool> is_record_;  // each line of all files
  std::size_t size_ = 0;
};

}  // namespace mill
