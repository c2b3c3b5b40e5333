// progress.h - one line on a terminal that is rewritten as work goes on, and
// --progress, which says whether to show it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "lib/cli/command_line.h"

namespace mill {

// Defines --progress[=WHEN]. *when is "auto" where it is not given.
void define_progress(CommandLine& line, std::string* when);

class Progress {
 public:
  // when "auto" shows it if stderr is a terminal and stdout is not. Throws
  // Exit(EX_USAGE) if it is none of auto, always, never.
  Progress(std::string_view program, const std::string& when);

  bool is_shown() const { return is_shown_; }
  double seconds() const;  // since it was made
  // True if it is shown, and has not been written for a fifth of a second.
  bool is_due() const;

  // Writes "PROG: TEXT" over the line. This and what follows do nothing if
  // progress is not shown.
  void show(std::string_view text);
  // Erases the line, so that a message can be written there.
  void clear();
  // Writes it a last time, and leaves it there.
  void finish(std::string_view text);

 private:
  using Clock = std::chrono::steady_clock;
  std::string program_;
  bool is_shown_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
};

}  // namespace mill
