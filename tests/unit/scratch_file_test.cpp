#include "lib/io/scratch_file.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/exit.h"
#include "tests/unit/catch.h"

TEST_CASE("a scratch file has what was written, in order, in pieces or not") {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 2000; ++i)
    texts.push_back(std::to_string(i) + std::string(i % 600, 'x'));
  const std::vector<std::string_view> pieces(texts.begin(), texts.end());
  mill::ScratchFile file;
  std::string wanted;
  for (const std::size_t count : {3u, 0u, 1u, 256u, 257u, 2000u}) {
    const std::span some = std::span(pieces).first(count);
    file.write("between");
    file.write(some);
    wanted += "between";
    for (const std::string_view piece : some) wanted += piece;
  }
  file.write("end");
  wanted += "end";
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
  for (const bool as_pieces : {false, true}) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit = {1 << 20, 1 << 20};
      ::setrlimit(RLIMIT_FSIZE, &limit);
      try {
        mill::ScratchFile file;
        const std::string text(700 << 10, 'x');
        const std::string_view pieces[] = {text, text};
        if (as_pieces)
          file.write(pieces);
        else
          file.write(text + text);
      } catch (const mill::Exit& exit) {
        ::_exit(exit.code);
      }
      ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == EX_IOERR));
  }
}
