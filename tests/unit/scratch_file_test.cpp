#include "lib/io/scratch_file.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "lib/base/exit.h"
#include "tests/unit/catch.h"

TEST_CASE("a scratch file has what was written, in order") {
  mill::ScratchFile file;
  std::string wanted;
  for (std::size_t i = 0; i < 2000; ++i) {
    // Some larger than what is written at once.
    const std::size_t size = i % 500 == 3 ? 64 * i : i % 600;
    const std::string text = std::to_string(i) + std::string(size, 'x');
    file.write(text);
    wanted += text;
    if (i % 700 == 0) file.flush();
  }
  file.flush();
  REQUIRE(file.bytes() == wanted.size());
  std::string read(wanted.size(), ' ');
  file.read(0, read);
  CHECK((read == wanted));
  std::string some(10, ' ');
  file.read(1000, some);
  CHECK(some == wanted.substr(1000, 10));
}

// In a process of its own, for what it sets.
TEST_CASE("what a scratch file cannot hold is an error") {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      mill::ScratchFile file;
      file.write(std::string(2 << 20, 'x'));
    } catch (const mill::Exit& exit) {
      ::_exit(exit.code);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == EX_IOERR));
}
