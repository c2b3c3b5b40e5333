#include "lib/cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <exception>
#include <new>

#include "lib/base/harmless.h"

namespace mill {

namespace {

// The one way of text to stderr, but for progress.
void write_stderr(std::string_view left) {
  while (!left.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // nowhere is left to say so
    left.remove_prefix(static_cast<std::size_t>(n));
  }
}

// Whether messages are colored, by what --color says.
bool is_colored(std::string_view when) {
  if (when != "auto") return when == "always";
  const char* const no_color = ::getenv("NO_COLOR");
  const char* const terminal = ::getenv("TERM");
  return (!no_color || !*no_color) && terminal &&
         std::string_view(terminal) != "dumb" && ::isatty(STDERR_FILENO);
}

// A closed standard descriptor would be handed to the next file opened. Fill
// each with one on which its use fails: stdin cannot be read, the others
// cannot be written.
void hold_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
      ::_exit(EX_OSERR);
  }
}

// Why the program ends, with a pointer to --help after wrong usage. A message
// that asks "did you mean" says enough.
std::string words_of(const Exit& exit, const std::string& program) {
  std::string text = exit.what();
  if (exit.code == EX_USAGE && !text.ends_with('?'))
    text += "; try '" + program + " --help'";
  return text;
}

}  // namespace

std::string_view version() { return ANSWERMILL_VERSION; }

void Program::warn(std::string_view text) const {
  const bool is_bold = is_colored(color);
  std::string line = is_bold ? "\x1b[1m" : "";
  line += harmless_line(name_ + ":");
  line += is_bold ? "\x1b[m " : " ";
  line += harmless_line(text);
  line += '\n';
  write_stderr(line);
}

void Program::warn_at(std::string_view source, std::uint64_t line,
                      std::string_view text) const {
  warn(std::string(source) + ":" + std::to_string(line) + ": " +
       std::string(text));
}

void Program::show(std::string_view lines) const {
  write_stderr(harmless(lines));
}

void Program::say_if_it_waits() const {
  if (::isatty(STDIN_FILENO))
    warn(
        "waits for lines from the terminal, since no FILE is given; Ctrl-D "
        "ends them");
}

namespace {

// A message takes memory too, and may be what there was none for.
int say_out_of_memory(std::string_view name) {
  write_stderr(name);
  write_stderr(": out of memory\n");
  return EX_OSERR;
}

// For what a library throws out of a function that it declares noexcept, as
// simdjson does without memory for its first objects.
[[noreturn]] void end_where_nothing_catches() {
  try {
    if (const auto thrown = std::current_exception())
      std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
    ::_exit(say_out_of_memory(::program_invocation_short_name));
  } catch (...) {
  }
  write_stderr(::program_invocation_short_name);
  write_stderr(": internal error: a library gave up\n");
  ::_exit(EX_SOFTWARE);
}

int run_or_say_why(std::string_view name,
                   const std::function<int(Program&)>& body) {
  Program program(name);
  try {
    return body(program);
  } catch (const Exit& exit) {
    if (*exit.what() != '\0') program.warn(words_of(exit, program.name()));
    return exit.code;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    program.warn(std::string("internal error: ") + error.what());
    return EX_SOFTWARE;
  }
}

}  // namespace

int run(std::string_view name, const std::function<int(Program&)>& body) {
  hold_standard_descriptors();
  std::set_terminate(end_where_nothing_catches);
  ::signal(SIGPIPE, SIG_DFL);  // some parents, Python among them, ignore it
  try {
    return run_or_say_why(name, body);
  } catch (const std::bad_alloc&) {
    return say_out_of_memory(name);
  }
}

void demand(bool is_so, const std::string& why) {
  if (!is_so) throw Exit(EX_USAGE, why);
}

}  // namespace mill
