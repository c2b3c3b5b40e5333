#include "lib/record/stage.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <new>
#include <stdexcept>

#include "lib/base/exit.h"
#include "lib/cli/record_loop.h"
#include "lib/io/input.h"
#include "tests/unit/catch.h"

namespace {

// Keeps records, but for those with a member "throw".
mill::Outcome keep_or_throw(mill::JsonValue record, std::string& out) {
  const mill::JsonValue found = record["throw"];
  const std::string what = found ? found.string() : "";
  out = "half a li";
  if (what == "out_of_range") std::string().at(1);
  if (what == "runtime_error") throw std::runtime_error("match limit exceeded");
  if (what == "bad_alloc") throw std::bad_alloc();
  if (what == "Exit") throw mill::Exit(EX_IOERR, "disk full");
  return mill::Outcome::keep();
}

mill::Outcome run_on(const std::string& line) {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(line));
  std::string out;
  return mill::run_stage(keep_or_throw, {reader.root(), line}, out);
}

}  // namespace

TEST_CASE("run_stage makes a record bad whose stage throws") {
  CHECK(run_on(R"({"throw":""})").kind == mill::Outcome::kKeep);
  const mill::Outcome outcome = run_on(R"({"throw":"runtime_error"})");
  CHECK(outcome.kind == mill::Outcome::kBad);
  CHECK(outcome.reason == "internal error: match limit exceeded");
  CHECK(run_on(R"({"throw":"out_of_range"})").kind == mill::Outcome::kBad);
  CHECK_THROWS_AS(run_on(R"({"throw":"Exit"})"), mill::Exit);
  CHECK_THROWS_AS(run_on(R"({"throw":"bad_alloc"})"), std::bad_alloc);
}

TEST_CASE("run_filter goes on after a record whose stage threw") {
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::temp_directory_path() / ("stage-test-" + std::to_string(::getpid()));
  fs::create_directory(folder);
  const std::string input = folder / "input", output = folder / "output",
                    rejects = folder / "rejects";
  std::ofstream(input) << "{\"id\":1}\n{\"throw\":\"out_of_range\"}\n"
                          "{\"id\":3}\n";
  // In a process of its own, since a loop closes standard output.
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(::open(output.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
    mill::StreamOptions options;
    options.files = {input};
    options.rejects = rejects;
    ::_exit(mill::run("test", [&](mill::Program& program) {
      return mill::run_filter(program, options, keep_or_throw);
    }));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == EX_DATAERR);
  CHECK(mill::read_all(output) == "{\"id\":1}\n{\"id\":3}\n");
  CHECK(mill::read_all(rejects) == "{\"throw\":\"out_of_range\"}\n");
  fs::remove_all(folder);
}
