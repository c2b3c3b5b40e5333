#include "lib/io/env_file.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "lib/cli/command_line.h"
#include "lib/io/private_file.h"
#include "tests/unit/catch.h"

TEST_CASE("parse_env reads names and values") {
  const auto values = mill::parse_env(
      "# comment\n"
      "\n"
      "A=1\r\n"
      " export B = two words # comment\n"
      "C='as $it \\n is'\n"
      "D=\"x\\n\\\"y\\\" # z\" # comment\n"
      "E=\n"
      "F=a#b=c\n"
      "A=2",
      "env");
  auto value = [&](const char* name) {
    return std::string(values.at(name).reveal());
  };
  CHECK(value("A") == "2");
  CHECK(value("B") == "two words");
  CHECK(value("C") == "as $it \\n is");
  CHECK(value("D") == "x\n\"y\" # z");
  CHECK(value("E") == "");
  CHECK(value("F") == "a#b=c");
}

TEST_CASE("parse_env says which line is wrong, and not what it holds") {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"A=1\nsecret\n", "env:2: not NAME=VALUE"},
      {"1A=secret\n", "env:1: not NAME=VALUE"},
      {"A='secret\n", "env:1: quotes that do not match"},
      {"A='secret' x\n", "env:1: quotes that do not match"},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    std::string message;
    try {
      mill::parse_env(c.text, "env");
    } catch (const mill::Exit& exit) {
      CHECK(exit.code == EX_CONFIG);
      message = exit.what();
    }
    CHECK(message == c.message);
  }
}

TEST_CASE("EnvFile refuses a file that others may read or change") {
  char path[] = "/tmp/env-file-test.XXXXXX";
  ::close(::mkstemp(path));
  std::ofstream(path) << "MILL_TEST_VALUE=from the file\n";
  const struct {
    mode_t mode;
    int code;
  } cases[] = {{0600, 0},         {0400, 0},         {0640, 0},
               {0604, EX_CONFIG}, {0644, EX_CONFIG}, {0620, EX_CONFIG}};
  for (const auto& c : cases) {
    INFO(c.mode);
    ::chmod(path, c.mode);
    int code = 0;
    try {
      const mill::EnvFile env(path);
      CHECK(env.get("MILL_TEST_VALUE").reveal() == "from the file");
      ::setenv("MILL_TEST_VALUE", "from the environment", 1);
      CHECK(env.get("MILL_TEST_VALUE").reveal() == "from the environment");
      ::unsetenv("MILL_TEST_VALUE");
    } catch (const mill::Exit& exit) {
      code = exit.code;
    }
    CHECK(code == c.code);
  }
  ::unlink(path);
}

TEST_CASE("EnvFile passes over a byte order mark, and names UTF-16") {
  char path[] = "/tmp/env-file-test.XXXXXX";
  ::close(::mkstemp(path));
  std::ofstream(path) << "\xEF\xBB\xBFMILL_TEST_VALUE=1\r\n";
  CHECK(mill::EnvFile(path).get("MILL_TEST_VALUE").reveal() == "1");
  std::ofstream(path) << std::string("\xFF\xFEM\0I\0=\0001\0", 10);
  try {
    const mill::EnvFile env(path);
    CHECK(false);
  } catch (const mill::Exit& exit) {
    CHECK(exit.code == EX_DATAERR);
    CHECK(std::string(exit.what()) ==
          std::string(path) +
              ": is UTF-16, not text in UTF-8; convert it: "
              "iconv -f UTF-16 -t UTF-8 FILE");
  }
  ::unlink(path);
}

TEST_CASE("who may read a secret: one rule for every file that holds one") {
  constexpr uid_t kRoot = 0, kMe = 1000, kOther = 1001;
  constexpr mode_t kFile = S_IFREG;
  const struct {
    const char* what;
    mill::FileAccess file;
    uid_t user;
    bool keeps;
  } cases[] = {
      {"my own", {kMe, kFile | 0600}, kMe, true},
      {"my own, read by its group", {kMe, kFile | 0640}, kMe, true},
      {"my own, changed by its group", {kMe, kFile | 0620}, kMe, false},
      {"my own, read by all", {kMe, kFile | 0644}, kMe, false},
      {"a pipe of mine", {kMe, S_IFIFO | 0600}, kMe, true},
      {"a folder", {kMe, S_IFDIR | 0700}, kMe, false},
      {"somebody else's", {kOther, kFile | 0640}, kMe, false},
      {"somebody else's, for root", {kOther, kFile | 0600}, kRoot, true},
      {"root's, for its group", {kRoot, kFile | 0440}, kMe, true},
      {"Cloud Run's", {kRoot, kFile | 0444, true}, kMe, true},
      {"Kubernetes'", {kRoot, kFile | 0644, true}, kMe, true},
      {"root's on a disk", {kRoot, kFile | 0444, false}, kMe, false},
      {"a mount that all may write", {kRoot, kFile | 0666, true}, kMe, false},
      {"mine on such a mount", {kMe, kFile | 0644, true}, kMe, false},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(mill::keeps_secret(c.file, c.user) == c.keeps);
  }
}
