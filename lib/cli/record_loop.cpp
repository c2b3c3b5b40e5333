#include "lib/cli/record_loop.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "lib/base/exit.h"
#include "lib/io/paths.h"
#include "lib/json/json_lines.h"

namespace mill {

namespace {

constexpr std::uint64_t kReportedBadRecords = 20;
constexpr std::uint64_t kRecordsBetweenClockReads = 4096;

// The bytes of all files together; 0 if one of them is no regular file.
std::uint64_t total_size(const std::vector<std::string>& files) {
  std::uint64_t total = 0;
  for (const std::string& file : files) {
    struct stat info;
    const int status = file == "-" ? ::fstat(STDIN_FILENO, &info)
                                   : ::stat(file.c_str(), &info);
    if (status != 0) continue;  // said when it is opened
    if (!S_ISREG(info.st_mode)) return 0;
    total += static_cast<std::uint64_t>(info.st_size);
  }
  return total;
}

}  // namespace

void StreamOptions::define(CommandLine& line) {
  define_without_files(line);
  line.operands("FILE", &files);
}

void StreamOptions::define_without_files(CommandLine& line) {
  line.group("Records");
  line.option("rejects", "FILE",
              "write bad records to FILE, byte for byte; %p in its name is the "
              "process's id",
              &rejects);
  line.option("max-bad", "N", "succeed in spite of N bad records, or N% of all",
              &max_bad);
  line.option("max-line", "SIZE", "a longer line is a bad record", &max_line);
  line.flag("q,quiet", "say nothing about records; the exit status tells",
            &is_quiet);
  define_stats(line, &stats);
  define_progress(line, &progress);
  line.group("");
  line.exits({EX_DATAERR, EX_NOINPUT, EX_CANTCREAT});
}

void StreamOptions::side_file(std::optional<std::string>& path) {
  if (!path) return;
  *path = side_path(*path);
  also_written.push_back(*path);
}

RecordLoop::RecordLoop(Program& program, const StreamOptions& options)
    : program_(program),
      options_(options),
      files_(options.files),
      unseen_fields_(options.named_fields),
      max_bad_(options.max_bad),
      progress_(program.name(), options.progress) {
  if (files_.empty()) {
    files_.emplace_back("-");
    program.say_if_it_waits();
  }
  std::vector<std::string> read = files_, written = options.also_written;
  read.insert(read.end(), options.also_read.begin(), options.also_read.end());
  if (options.stats) written.push_back(side_path(*options.stats));
  std::optional<std::string> rejects = options.rejects;
  if (rejects) written.push_back(*rejects = side_path(*rejects));
  check_outputs(read, written);
  if (rejects) rejects_ = std::make_unique<AtomicFile>(*rejects);
  if (progress_.is_shown()) bytes_to_read_ = total_size(files_);
}

RecordLoop::~RecordLoop() = default;

const std::string& RecordLoop::source() const { return lines_->input().name(); }

bool RecordLoop::open_next_file() {
  while (next_file_ < files_.size()) {
    try {
      lines_.emplace(Input(files_[next_file_++]), options_.max_line.bytes);
      is_file_new_ = true;
      return true;
    } catch (const Exit& exit) {
      program_.warn(exit.what());
      status_ = exit.code;
    }
  }
  lines_.reset();
  return false;
}

// True if the line, a file's first, shows that the file is not JSON Lines. It is
// then named once, instead of each of its lines, and left.
bool RecordLoop::is_other_file() {
  const auto what = is_not_json_lines(line_->and_more());
  if (!what) return false;
  program_.warn(source() + ": " + *what);
  status_ = EX_DATAERR;
  lines_.reset();
  return true;
}

void RecordLoop::skip_lines(std::string_view reason,
                            std::function<bool(std::string_view line)> skip) {
  skip_ = std::move(skip);
  skipped_ = &stats_.dropped[std::string(reason)];
}

bool RecordLoop::next() {
  for (;;) {
    if (!lines_ && !open_next_file()) return false;
    if (lines_->would_read()) out_.flush();
    line_ = nullptr;
    try {
      line_ = lines_->next();
    } catch (const Exit& exit) {
      if (exit.code != EX_DATAERR) throw;
      // Damaged compressed data: what came before it has been handled.
      program_.warn(exit.what());
      status_ = exit.code;
    }
    if (!line_) {
      bytes_done_ += lines_->input().file_size();
      lines_.reset();
      continue;
    }
    if (line_->is_empty()) {
      if (!line_->held.empty()) reader_.look_ahead(line_->held);
      stats_.bytes_in += line_->text.size() + 1;
      on_skipped_({});
      continue;
    }
    if (std::exchange(is_file_new_, false) && is_other_file()) continue;
    if (!line_->held.empty()) reader_.look_ahead(line_->held);
    ++stats_.records_read;
    stats_.bytes_in += line_->text.size() + 1;
    if (stats_.records_read % kRecordsBetweenClockReads == 0 &&
        progress_.is_due())
      progress_.show(progress_text());
    if (line_->is_too_long) {
      report_bad("longer than --max-line");
      reject_rest_of_line();
      continue;
    }
    if (skip_ && !lines_->is_unterminated() && skip_(line_->text)) {
      ++*skipped_;
      continue;
    }
    if (const auto error = reader_.parse(line_->text)) {
      bad(error->message());
      continue;
    }
    if (!reader_.root().is_object()) {
      bad(mismatch("an object", reader_.root()));
      continue;
    }
    look_for_named_fields();
    return true;
  }
}

void RecordLoop::look_for_named_fields() {
  const auto has = [&](const std::string& path) {
    const JsonValue value = record().at_path(path);
    return value && !value.is_null();
  };
  std::erase_if(unseen_fields_, [&](const auto& field) {
    return has(field.path) ||
           (!field.other_path.empty() && has(field.other_path));
  });
}

void RecordLoop::keep() {
  out_.write_line(line_->text);
  ++stats_.records_written;
}

void RecordLoop::replace(std::string_view out) {
  out_.write(out);
  for (std::size_t end = 0; (end = out.find('\n', end)) != out.npos; ++end)
    ++stats_.records_written;
}

void RecordLoop::drop(std::string_view reason) {
  const auto found = stats_.dropped.find(reason);
  if (found != stats_.dropped.end())
    ++found->second;
  else
    stats_.dropped.emplace(reason, 1);
}

RecordLoop::Place RecordLoop::place() const {
  return {source(), line_->number,
          std::string(rejects_ ? line_->text : std::string_view())};
}

void RecordLoop::bad(const Place& place, std::string_view why) {
  if (++stats_.bad <= kReportedBadRecords && !options_.is_quiet)
    program_.warn_at(place.source, place.line_number, why);
  if (rejects_) rejects_->write_line(place.text);
}

void RecordLoop::report_bad(std::string_view why) {
  if (++stats_.bad <= kReportedBadRecords && !options_.is_quiet)
    program_.warn_at(source(), line_->number, why);
  on_skipped_(why);
}

void RecordLoop::bad(std::string_view why) {
  report_bad(why);
  if (rejects_) rejects_->write_line(line_->text);
}

void RecordLoop::reject_rest_of_line() {
  if (rejects_) rejects_->write(line_->text);
  while (const auto piece = lines_->rest()) {
    stats_.bytes_in += piece->size();
    if (rejects_) rejects_->write(*piece);
  }
  if (rejects_) rejects_->write("\n");
}

void RecordLoop::apply(const Outcome& outcome, std::string_view out) {
  switch (outcome.kind) {
    case Outcome::kKeep: return keep();
    case Outcome::kReplace: return replace(out);
    case Outcome::kDrop: return drop(outcome.reason);
    case Outcome::kBad: return bad(outcome.reason);
    case Outcome::kTaken: return;
  }
}

void RecordLoop::run(const Stage& stage) {
  std::string out;
  while (next()) {
    out.clear();
    // First the stage, then out's view: arguments are evaluated in no fixed
    // order.
    const Outcome outcome = run_stage(stage, {record(), text()}, out);
    apply(outcome, out);
  }
}

void RecordLoop::count_written(std::uint64_t bytes) {
  ++stats_.records_written;
  stats_.bytes_out += bytes;
}

std::string RecordLoop::progress_text() const {
  const double seconds = progress_.seconds();
  char text[120];
  ::snprintf(text, sizeof text, "%llu records, %.0f/s",
             static_cast<unsigned long long>(stats_.records_read),
             static_cast<double>(stats_.records_read) / seconds);
  std::string out = text;
  if (!lines_ || bytes_to_read_ == 0) return out;
  const Input& input = lines_->input();
  const double done =
      std::min(1.0, static_cast<double>(bytes_done_ + input.consumed()) /
                        static_cast<double>(bytes_to_read_));
  const auto left = static_cast<long>(seconds * (1 - done) / done);
  ::snprintf(text, sizeof text, ", %.0f%%, %ld:%02ld:%02ld left, in ",
             done * 100, left / 3600, left / 60 % 60, left % 60);
  return out + text + input.name().substr(0, 40);
}

void RecordLoop::finish_rejects() {
  if (!rejects_) return;
  struct stat there;
  if (stats_.bad > 0 || ::stat(rejects_->path().c_str(), &there) != 0 ||
      there.st_size == 0)
    return rejects_->commit();
  // The option may name any file by mistake.
  rejects_->abandon();
  program_.warn(rejects_->path() +
                ": left as it is, since there are no bad records");
}

int RecordLoop::finish() {
  out_.close();
  finish_rejects();
  stats_.bytes_out += out_.bytes();
  progress_.finish(progress_text());
  if (!options_.is_quiet) {
    if (stats_.bad > kReportedBadRecords)
      program_.warn(std::to_string(stats_.bad - kReportedBadRecords) +
                    " more bad records");
    if (stats_.records_read > 0)
      for (const auto& field : unseen_fields_)
        program_.warn(field.option + ": no record has '" + field.path + "'");
    warn_if_none_came_out(program_, stats_);
  }
  append_stats(options_.stats, program_.name(), stats_, progress_.seconds());
  if (status_ != EX_OK) return status_;
  return max_bad_.allows(stats_.bad, stats_.records_read) ? EX_OK : EX_DATAERR;
}

int run_filter(Program& program, const StreamOptions& options,
               const Stage& stage) {
  RecordLoop loop(program, options);
  loop.run(stage);
  return loop.finish();
}

}  // namespace mill
