#include "lib/cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <new>

namespace mill {

namespace {

void write_stderr(std::string text) {
  text += '\n';
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // nowhere is left to say so
    left.remove_prefix(static_cast<std::size_t>(n));
  }
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
  write_stderr(name_ + ": " + std::string(text));
}

void Program::warn_at(std::string_view source, std::uint64_t line,
                      std::string_view text) const {
  write_stderr(name_ + ": " + std::string(source) + ":" + std::to_string(line) +
               ": " + std::string(text));
}

int run(std::string_view name, const std::function<int(Program&)>& body) {
  hold_standard_descriptors();
  ::signal(SIGPIPE, SIG_DFL);  // some parents, Python among them, ignore it
  Program program(name);
  try {
    return body(program);
  } catch (const Exit& exit) {
    if (*exit.what() != '\0') program.warn(words_of(exit, program.name()));
    return exit.code;
  } catch (const std::bad_alloc&) {
    program.warn("out of memory");
    return EX_OSERR;
  } catch (const std::exception& error) {
    program.warn(std::string("internal error: ") + error.what());
    return EX_SOFTWARE;
  }
}

void demand(bool is_so, const std::string& why) {
  if (!is_so) throw Exit(EX_USAGE, why);
}

}  // namespace mill
