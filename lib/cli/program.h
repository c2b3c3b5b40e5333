// program.h - what every program does the same way around its own work.
//
//   int main(int argc, char** argv) {
//     return mill::run("shout", [&](mill::Program& program) {
//       ...
//       return EX_OK;
//     });
//   }
//
// The programs then agree that
//
//   - each message on stderr reads "PROG: TEXT" or "PROG: SOURCE:LINE: TEXT";
//   - Exit, thrown anywhere, ends the program with its code and message; for
//     wrong usage (EX_USAGE) the message points to --help;
//   - a reader that has gone away, like head(1), ends the program by SIGPIPE;
//   - a standard descriptor that was closed is an error when it is used, and
//     never becomes some other file.
//
// A record that makes no sense is data, not an Exit: report it and go on.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "lib/base/exit.h"

namespace mill {

// Answermill's version, as --version prints it.
std::string_view version();

// The running program: its name, and its messages on stderr.
class Program {
 public:
  explicit Program(std::string_view name) : name_(name) {}
  const std::string& name() const { return name_; }
  // When the program's name stands out in its messages: "always", "never", or
  // "auto", on a terminal unless NO_COLOR or TERM=dumb is set.
  std::string color = "auto";
  // Writes "PROG: TEXT", in one line that no terminal obeys (harmless.h).
  void warn(std::string_view text) const;
  // Writes "PROG: SOURCE:LINE: TEXT".
  void warn_at(std::string_view source, std::uint64_t line,
               std::string_view text) const;
  // Writes lines as they are, such as a table, but as harmless.
  void show(std::string_view lines) const;
  // For a program that reads standard input since no file is named: says that
  // it waits, if that is a terminal.
  void say_if_it_waits() const;

 private:
  std::string name_;
};

// Runs body and turns its outcome, however it comes, into an exit status.
int run(std::string_view name, const std::function<int(Program&)>& body);

// Throws Exit(EX_USAGE, why) unless is_so: for what options require of each
// other.
void demand(bool is_so, const std::string& why);

}  // namespace mill
