#include "lib/io/output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "lib/cli/command_line.h"
#include "tests/unit/catch.h"

namespace {

std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// An empty directory that goes away with its contents.
struct Scratch {
  Scratch() { std::filesystem::create_directory(path); }
  ~Scratch() { std::filesystem::remove_all(path); }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path), {}));
  }
  std::string path = "output_test." + std::to_string(::getpid());
};

}  // namespace

TEST_CASE("AtomicFile is whole or absent") {
  const Scratch scratch;
  const std::string path = scratch.path + "/file";
  {
    mill::AtomicFile file(path);
    file.write(std::string(300'000, 'x'));
    CHECK(!std::filesystem::exists(path));
  }
  CHECK(scratch.entries() == 0);  // not committed: nothing stays

  mill::AtomicFile file(path);
  file.write_line("new");
  file.commit();
  CHECK(contents(path) == "new\n");
  CHECK(scratch.entries() == 1);

  mill::AtomicFile(path).write("half");
  CHECK(contents(path) == "new\n");  // what was there stays
}

TEST_CASE("AtomicFile honors the umask and takes devices as they are") {
  const Scratch scratch;
  const std::string path = scratch.path + "/file";
  const mode_t mask = ::umask(027);
  mill::AtomicFile file(path);
  file.commit();
  ::umask(mask);
  struct stat info;
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);

  mill::AtomicFile device("/dev/null");
  device.write("gone");
  device.commit();
  REQUIRE(::stat("/dev/null", &info) == 0);
  CHECK(S_ISCHR(info.st_mode));
}

TEST_CASE("files that cannot be made or written are errors with a code") {
  auto code_of = [](auto&& action) {
    try {
      action();
    } catch (const mill::Exit& exit) {
      return exit.code;
    }
    return 0;
  };
  CHECK(code_of([] { mill::AtomicFile("no/such/folder/file"); }) ==
        EX_CANTCREAT);
  CHECK(code_of([] {
          mill::AtomicFile full("/dev/full");
          full.write("x");
          full.commit();
        }) == EX_IOERR);
}
