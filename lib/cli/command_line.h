// command_line.h - what every program does the same way around its own work.
//
//   int main(int argc, char** argv) {
//     return mill::run("shout", [&](mill::Program& program) {
//       bool twice = false;
//       std::vector<std::string> files;
//       mill::CommandLine line("shout", "Write each line in capitals.");
//       line.flag("t,twice", "write it twice", &twice);
//       line.operands("FILE", &files);
//       line.parse(argc, argv);
//       ...
//       return EX_OK;
//     });
//   }
//
// The programs then agree that
//
//   - each message on stderr reads "PROG: TEXT" or "PROG: SOURCE:LINE: TEXT";
//   - Exit, thrown anywhere, ends the program with its code and message;
//   - a reader that has gone away, like head(1), ends the program by SIGPIPE;
//   - a standard descriptor that was closed is an error when it is used, and
//     never becomes some other file.
//
// A record that makes no sense is data, not an Exit: report it and go on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/exit.h"

namespace mill {

// Answermill's version, as --version prints it.
std::string_view version();

// The running program: its name, and its messages on stderr.
class Program {
 public:
  explicit Program(std::string_view name) : name_(name) {}
  const std::string& name() const { return name_; }
  // Writes "PROG: TEXT".
  void warn(std::string_view text) const;
  // Writes "PROG: SOURCE:LINE: TEXT".
  void warn_at(std::string_view source, std::uint64_t line,
               std::string_view text) const;

 private:
  std::string name_;
};

// Runs body and turns its outcome, however it comes, into an exit status.
int run(std::string_view name, const std::function<int(Program&)>& body);

// A number of bytes: an option of this type takes 4096, 64K, 64M or 1G, in
// powers of 1024.
struct ByteCount {
  std::uint64_t bytes;
};

// The command line, one definition an option: names, help and the variable
// that takes the value. The variable's value when it is bound is the default
// that --help shows. Names are "s,long",
// "long" or "s". --help and --version are
// always there. Options may be abbreviated as getopt_long(3) allows.
class CommandLine {
 public:
  CommandLine(std::string_view program, std::string_view purpose);

  void flag(std::string_view names, std::string_view help, bool* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, std::string* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, std::optional<std::string>* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, double* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, std::optional<double>* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, std::uint64_t* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, std::optional<std::uint64_t>* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, std::int64_t* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, std::optional<std::int64_t>* value);
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, ByteCount* value);
  // May be given several times; each adds one value.
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, std::vector<std::string>* value);
  // One of choices; anything else is a usage error that lists them.
  void choice(std::string_view names, std::string_view metavar,
              std::string_view help, std::vector<std::string> choices,
              std::string* value);
  // An option whose value may be left out (--name or --name=VALUE); without
  // it, value becomes `alone`.
  void optional_value(std::string_view names, std::string_view metavar,
                      std::string_view help, std::string alone,
                      std::string* value);

  // Operands. Without this call any operand is a usage error.
  void operands(std::string_view metavar, std::vector<std::string>* values);

  // A paragraph under the options, and a command shown at the end of --help.
  void note(std::string_view paragraph);
  void example(std::string_view command);

  // Reads argv into the bound variables. --help and --version print and throw
  // Exit(EX_OK); what was not defined throws Exit(EX_USAGE).
  void parse(int argc, char** argv);

  std::string help() const;

 private:
  struct Option {
    char short_name;  // 0 if there is none
    std::string long_name;
    std::string metavar;  // empty: a flag
    std::string help;
    std::string default_text;
    bool value_optional;
    std::function<void(const char* value)> set;  // throws std::string: why not
  };
  void add(std::string_view names, std::string_view metavar,
           std::string_view help, std::string default_text,
           std::function<void(const char*)> set, bool value_optional = false);
  [[noreturn]] void usage_error(const std::string& what) const;

  std::string program_;
  std::string purpose_;
  std::vector<Option> options_;
  std::string operand_metavar_;
  std::vector<std::string>* operands_ = nullptr;
  std::vector<std::string> notes_;
  std::vector<std::string> examples_;
};

// Splits at each comma; no trimming, and an empty text gives nothing.
std::vector<std::string> split_at_commas(std::string_view text);

}  // namespace mill
