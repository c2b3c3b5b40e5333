#include "lib/cli/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/base/harmless.h"
#include "lib/cli/program.h"

namespace mill {

namespace {

bool is_wanted(const std::string& when) {
  if (when == "auto")
    return ::isatty(STDERR_FILENO) && !::isatty(STDOUT_FILENO);
  demand(when == "always" || when == "never",
         "--progress: '" + when + "' is not one of auto, always, never");
  return when == "always";
}

}  // namespace

void define_progress(CommandLine& line, std::string* when) {
  line.optional_value("progress", "WHEN",
                      "show progress on stderr: auto (if it is a terminal), "
                      "always or never",
                      "always", when);
}

Progress::Progress(std::string_view program, const std::string& when)
    : program_(program), is_shown_(is_wanted(when)) {}

double Progress::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

bool Progress::is_due() const {
  return is_shown_ && Clock::now() - shown_ >= std::chrono::milliseconds(200);
}

void Progress::show(std::string_view text) {
  if (!is_shown_) return;
  shown_ = Clock::now();
  ::fprintf(stderr, "\r%s: %s\033[K", program_.c_str(),
            harmless_line(text).c_str());
}

void Progress::clear() {
  if (is_shown_) ::fputs("\r\033[K", stderr);
}

void Progress::finish(std::string_view text) {
  show(text);
  if (is_shown_) ::fputs("\n", stderr);
}

}  // namespace mill
