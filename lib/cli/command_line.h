// command_line.h - options and operands, one definition each, and the --help
// that is made from them.
//
//   bool twice = false;
//   std::vector<std::string> files;
//   mill::CommandLine line(program, "Write each line in capitals.");
//   line.flag("t,twice", "write it twice", &twice);
//   line.operands("FILE", &files);
//   line.parse(argc, argv);
//
// If an option is given several times, the last one counts. Long options are
// --name VALUE or --name=VALUE, and cannot be abbreviated, so that a new option
// breaks no script. Short ones are -n VALUE or -nVALUE, and flags can be
// combined: -vx. The next word is the value, whatever it begins with. Options
// may come after operands; after -- all words are operands, and - is one
// anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/exit.h"

namespace mill {

// A number of bytes: an option of this type takes 4096, 64K, 64M or 1G, in
// powers of 1024.
struct ByteCount {
  std::uint64_t bytes;
};

class Program;

class CommandLine {
 public:
  // --color acts on the program's messages.
  CommandLine(Program& program, std::string_view purpose);

  // Defines an option: its names ("s,long", "long" or "s"), help, and the
  // variable that takes the value. The variable's value at this moment is the
  // default that --help shows; with an empty help it is not shown. -h (a
  // summary), --help, --version and --color are always there.
  void flag(std::string_view names, std::string_view help, bool* value);
  // Value is std::string, double, std::uint64_t, std::int64_t, ByteCount, or
  // Timestamp; or std::optional of one of these; or std::vector<std::string>,
  // to which each use of the option adds.
  template <typename Value>
  void option(std::string_view names, std::string_view metavar,
              std::string_view help, Value* value);
  // One of choices; anything else is a usage error that lists them.
  void choice(std::string_view names, std::string_view metavar,
              std::string_view help, std::vector<std::string> choices,
              std::string* value);
  // An option whose value may be left out (--name or --name=VALUE); without
  // it, value becomes `alone`.
  void optional_value(std::string_view name, std::string_view metavar,
                      std::string_view help, std::string alone,
                      std::string* value);

  // From here on -5 stands for --NAME 5, NAME being an option that is defined.
  void digits_mean(std::string_view name) { digits_ = name; }

  // Operands: any number of them, or exactly one. Without one of these calls
  // any operand is a usage error.
  void operands(std::string_view metavar, std::vector<std::string>* values);
  void operand(std::string_view metavar, std::string* value);

  // What is defined from here on stands under this heading in --help; "" is
  // the program's own.
  void group(std::string_view heading);
  // A paragraph under the options, and a command shown at the end of --help.
  void note(std::string_view paragraph);
  void example(std::string_view command);
  // Statuses that the program can end with, for --help, besides EX_OK,
  // EX_USAGE and EX_IOERR, which any program can.
  void exits(std::initializer_list<int> statuses);

  // Reads argv into the bound variables. --help and --version print and throw
  // Exit(EX_OK); an undefined option or a wrong value throws Exit(EX_USAGE).
  void parse(int argc, char** argv);

 private:
  // Takes an option's value. Throws why it cannot, a std::string.
  using Set = std::function<void(const std::string& value)>;
  enum class Takes { kNothing, kValue, kMaybe };  // after its name
  struct Option {
    std::string names;
    std::string metavar;
    std::string help;
    std::string default_text;
    Takes takes;
    Set set;
    std::string alone = {};  // the value of kMaybe without one
    std::string group = {};

    char short_name() const;  // 0 if there is none
    std::string_view long_name() const;
    std::string shown_name() const;  // as messages have it: "--long", "-s"
  };
  void add(Option option);
  const Option* find(std::string_view name) const;
  std::vector<std::string> words_of(int argc, char** argv) const;
  void read(std::vector<std::string> words);
  void apply(const Option& option, const std::string& value) const;
  std::string unknown(std::string word) const;
  std::vector<std::string_view> groups() const;
  std::string names_of(const Option& option) const;
  void append_options(std::string& out, std::string_view group) const;
  void append_usage(std::string& out) const;
  void append_examples(std::string& out) const;
  std::string summary() const;
  std::string help() const;

  std::string program_;
  std::string* color_;
  std::string purpose_;
  std::vector<Option> options_;
  std::string group_;
  std::string digits_;
  std::string operand_metavar_;
  std::vector<std::string>* operands_ = nullptr;
  std::string* operand_ = nullptr;
  std::vector<std::string> notes_;
  std::vector<std::string> examples_;
  std::set<int> statuses_ = {EX_OK, EX_USAGE, EX_IOERR};
};

// Splits at each comma; no trimming, and an empty text gives nothing.
std::vector<std::string> split_at_commas(std::string_view text);

}  // namespace mill
