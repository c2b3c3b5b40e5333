// record_loop.h - the record loop: JSON Lines in, bytes out, and an account of
// the run.
//
// A filter's core is a Stage, a function from one record to an outcome and
// maybe some bytes, free of I/O; run_filter() makes a program of it:
//
//   mill::Outcome keep_short(mill::JsonValue record, std::string& out);
//   return mill::run_filter(program, stream, keep_short);
//
// A program that writes more than its records runs the loop itself:
//
//   mill::RecordLoop loop(program, stream);
//   loop.run([&](const mill::Record& record, std::string& out) {
//     return add(record) ? mill::Outcome::taken() : mill::Outcome::bad("why");
//   });
//   loop.out().write(report());
//   return loop.finish();
//
// or pulls the records one by one, with next().
//
// What every program with a record loop keeps:
//
//   - each line is checked whole before it is handed on; an empty line is
//     skipped, any other that is not one JSON object is a bad record;
//   - a bad record is reported with its file and line (the first 20, then a
//     count), written to --rejects byte for byte, and never stops the stream;
//   - the exit status is EX_DATAERR if there were bad records, unless
//     --max-bad allows so many; EX_NOINPUT if a file could not be opened;
//   - where records were read and none was written, stderr says so, with the
//     commonest reason, and which field that an option names no record had;
//   - a file that is not JSON Lines at all (an array, CSV) is named once, and
//     left, with EX_DATAERR;
//   - output order is input order, and memory is bounded by the longest line.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/exit.h"
#include "lib/cli/bad_limit.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/progress.h"
#include "lib/cli/stats.h"
#include "lib/io/lines.h"
#include "lib/io/output.h"
#include "lib/json/json.h"
#include "lib/record/stage.h"

namespace mill {

// The options of a program with a record loop.
struct StreamOptions {
  std::vector<std::string> files;  // empty: standard input
  std::optional<std::string> rejects;
  std::string max_bad = "0";  // "N" or "P%"
  ByteCount max_line{64 << 20};
  std::optional<std::string> stats;
  std::string progress = "auto";
  bool is_quiet = false;  // says nothing of bad records
  // Files that the program reads and writes besides; no file may be both.
  std::vector<std::string> also_read, also_written;
  // Fields that options name: the loop says at its end which no record had.
  struct NamedField {
    std::string option;
    std::string path;             // dots descend
    std::string other_path = {};  // where it may stand, too
  };
  std::vector<NamedField> named_fields;

  // Defines --rejects, --max-bad, --max-line, --quiet, --stats, --progress and
  // FILE operands.
  void define(CommandLine& line);
  // The same without operands, for a program that names its files in another
  // way.
  void define_without_files(CommandLine& line);
  // For an option's file that is written beside the output: makes it a
  // side_path(), and adds it to also_written.
  void side_file(std::optional<std::string>& path);
};

class RecordLoop {
 public:
  // Throws Exit(EX_USAGE) if options make no sense.
  RecordLoop(Program& program, const StreamOptions& options);
  ~RecordLoop();

  // Lines for which skip is true are skipped unparsed and unchecked, and
  // counted as dropped for reason; but not a file's last line without a
  // newline, since it may have been cut off.
  void skip_lines(std::string_view reason,
                  std::function<bool(std::string_view line)> skip);

  // Goes to the next line that is one JSON object; false at the end of all
  // input. Bad records on the way are reported and counted.
  bool next();

  // Calls hook for each line that is not handed on: for a bad record with what
  // is wrong with it, for an empty line with "". text() is the line, or the
  // beginning of one that is too long.
  void on_skipped(std::function<void(std::string_view why)> hook) {
    on_skipped_ = std::move(hook);
  }

  JsonValue record() const { return reader_.root(); }
  // The record's line without its newline, and where it stood.
  std::string_view text() const { return line_->text; }
  const std::string& source() const;
  std::size_t file_index() const { return next_file_ - 1; }  // in files
  std::uint64_t line_number() const { return line_->number; }

  // What became of the record: call at most one of these for each. A record for
  // which none is called counts as read, and the program must account for it.
  void keep();                         // writes the line as it came in
  void replace(std::string_view out);  // writes one or more lines
  void drop(std::string_view reason);
  void bad(std::string_view why);
  void apply(const Outcome& outcome, std::string_view out);

  // For a record that is found to be bad only after others have been read: take
  // its place while it is the current record, and pass it with the reason.
  struct Place {
    std::string source;
    std::uint64_t line_number;
    std::string text;  // for --rejects; empty without it
  };
  Place place() const;
  void bad(const Place& place, std::string_view why);

  // next(), stage and apply() until the input ends. A stage that throws makes
  // its record a bad one, as run_stage() has it.
  void run(const Stage& stage);

  // For a record that the program wrote to a place other than standard output.
  void count_written(std::uint64_t bytes);

  // For output that is no record's: a report's lines, a summary.
  Output& out() { return out_; }
  Stats& stats() { return stats_; }

  // Flushes and closes the output and the rejects, reports how many more bad
  // records there were, writes --stats; returns the exit status so far.
  int finish();

 private:
  bool open_next_file();
  bool is_other_file();
  void reject_rest_of_line();
  void finish_rejects();
  void look_for_named_fields();
  void report_bad(std::string_view why);
  std::string progress_text() const;

  Program& program_;
  const StreamOptions& options_;
  std::vector<std::string> files_;
  std::size_t next_file_ = 0;
  std::function<bool(std::string_view)> skip_;
  std::uint64_t* skipped_ = nullptr;
  std::vector<StreamOptions::NamedField> unseen_fields_;
  std::optional<LineReader> lines_;
  bool is_file_new_ = false;  // none of its lines has been looked at
  const Line* line_ = nullptr;
  std::function<void(std::string_view)> on_skipped_ = [](auto) {};
  JsonReader reader_;
  Output out_;
  std::unique_ptr<AtomicFile> rejects_;
  Stats stats_;
  int status_ = EX_OK;
  BadLimit max_bad_;
  Progress progress_;
  std::uint64_t bytes_to_read_ = 0;  // of all files; 0 if not known
  std::uint64_t bytes_done_ = 0;     // of the files before this one
};

// Runs stage over all records of options; returns the exit status.
int run_filter(Program& program, const StreamOptions& options,
               const Stage& stage);

}  // namespace mill
