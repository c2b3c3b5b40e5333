#include "lib/io/scratch_files.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/exit.h"
#include "tests/unit/catch.h"

// Far more than gathers at once, in files of very different sizes.
TEST_CASE("each of several scratch files has its bytes in order") {
  constexpr std::size_t kFiles = 5;
  mill::ScratchFiles files(kFiles);
  std::vector<std::string> wanted(kFiles);
  for (std::uint32_t i = 0; i < 40000; ++i) {
    const std::size_t file = i % 7 == 0 ? i % 3 : 3;  // none in the last
    const std::string bytes = std::to_string(i) + std::string(i % 600, 'x');
    files.write(file, bytes);
    wanted[file] += bytes;
  }
  files.flush();
  for (std::size_t i = 0; i < kFiles; ++i) {
    REQUIRE(files.bytes(i) == wanted[i].size());
    std::string read(wanted[i].size(), ' ');
    files.read(i, 0, read);
    CHECK((read == wanted[i]));
  }
  std::string some(10, ' ');
  files.read(3, 1000, some);
  CHECK(some == wanted[3].substr(1000, 10));
  CHECK(files.take(0)->bytes() == wanted[0].size());
}

TEST_CASE("more can be written to scratch files after flush()") {
  mill::ScratchFiles files(1);
  files.write(0, "ab");
  files.flush();
  files.write(0, "cd");
  files.flush();
  std::string read(4, ' ');
  files.read(0, 0, read);
  CHECK(read == "abcd");
}

// In a process of its own, for what it sets.
TEST_CASE("what scratch files cannot hold is an error") {
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1 << 20, 1 << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      mill::ScratchFiles files(2);
      files.write(0, std::string(2 << 20, 'x'));
      files.flush();
    } catch (const mill::Exit& exit) {
      ::_exit(exit.code);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFEXITED(status) && WEXITSTATUS(status) == EX_IOERR));
}
