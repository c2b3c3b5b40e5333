#include "lib/cli/command_line.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace {

struct Options {
  bool flag = false;
  double real = 0.5;
  std::uint64_t whole = 7;
  mill::ByteCount bytes{64 << 20};
  std::string choice = "red";
  std::string when = "auto";
  std::vector<std::string> many;
  std::vector<std::string> files;
};

// Parses words into options; the error's message, or "" if there was none.
std::string parse(std::vector<std::string> words, Options& options) {
  mill::CommandLine line("prog", "Do it.");
  line.flag("f,flag", "a flag", &options.flag);
  line.option("r,real", "X", "a real", &options.real);
  line.option("n", "N", "a whole", &options.whole);
  line.option("bytes", "SIZE", "a size", &options.bytes);
  line.choice("choice", "C", "a choice", {"red", "green"}, &options.choice);
  line.optional_value("when", "WHEN", "when", "always", &options.when);
  line.option("many", "M", "again and again", &options.many);
  line.operands("FILE", &options.files);
  words.insert(words.begin(), "prog");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  try {
    line.parse(static_cast<int>(words.size()), argv.data());
  } catch (const mill::Exit& exit) {
    CHECK(exit.code == EX_USAGE);
    return exit.what();
  }
  return "";
}

}  // namespace

TEST_CASE("CommandLine binds options to variables") {
  Options options;
  CHECK(parse({"-f", "a", "--real=0.25", "-n", "9", "--bytes", "4K", "--choice",
               "green", "--when", "--many", "x,y", "--many", "z", "--", "-f"},
              options) == "");
  CHECK(options.flag);
  CHECK(options.real == 0.25);
  CHECK(options.whole == 9);
  CHECK(options.bytes.bytes == 4096);
  CHECK(options.choice == "green");
  CHECK(options.when == "always");
  CHECK(options.many == std::vector<std::string>{"x,y", "z"});
  CHECK(options.files == std::vector<std::string>{"a", "-f"});
}

TEST_CASE("CommandLine says what is wrong and where help is") {
  const struct {
    std::vector<std::string> words;
    std::string message;
  } cases[] = {
      {{"--nope"}, "unknown or ambiguous option '--nope'"},
      {{"--nope=secret"}, "unknown or ambiguous option '--nope'"},
      {{"-x"}, "unknown or ambiguous option '-x'"},
      {{"-fx"}, "unknown or ambiguous option '-x'"},
      {{"a", "--nope", "b"}, "unknown or ambiguous option '--nope'"},
      {{"-r"}, "option '-r' needs a value"},
      {{"--real"}, "option '--real' needs a value"},
      {{"--flag=1"}, "option '--flag' takes no value"},
      {{"--real", "many"}, "--real: 'many' is not a number"},
      {{"--real", "nan"}, "--real: 'nan' is not a number"},
      {{"-n", "-1"}, "-n: '-1' is not a whole number"},
      {{"-n", "99999999999999999999"},
       "-n: '99999999999999999999' is out of range"},
      {{"--bytes", "1T"},
       "--bytes: '1T' is not a number of bytes such as 4096, 64K or 64M"},
      {{"--choice", "blue"}, "--choice: 'blue' is not one of red, green"},
  };
  for (const auto& c : cases) {
    INFO(c.words[0]);
    Options options;
    CHECK(parse(c.words, options) == c.message + "; try 'prog --help'");
  }
}
