#include "lib/cli/command_line.h"

#include <string>
#include <vector>

#include "lib/cli/program.h"
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
  mill::Program program("prog");
  mill::CommandLine line(program, "Do it.");
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

TEST_CASE("CommandLine takes values as they come") {
  const struct {
    std::vector<std::string> words;
    double real;
    std::uint64_t whole;
    bool flag;
    std::string when;
    std::vector<std::string> many;
    std::vector<std::string> files;
  } cases[] = {
      {{"-n5"}, 0.5, 5, false, "auto", {}, {}},
      {{"-fn5", "a"}, 0.5, 5, true, "auto", {}, {"a"}},
      {{"-fr-0.25", "-n", "1"}, -0.25, 1, true, "auto", {}, {}},
      {{"-r", "-1e3"}, -1000, 7, false, "auto", {}, {}},
      {{"--real=-2", "--real", "-3"}, -3, 7, false, "auto", {}, {}},
      {{"--many", "", "--many="}, 0.5, 7, false, "auto", {"", ""}, {}},
      {{"--many", "-f", "--many", "--", "-f"},
       0.5,
       7,
       true,
       "auto",
       {"-f", "--"},
       {}},
      {{"--many=a=b,c\nd"}, 0.5, 7, false, "auto", {"a=b,c\nd"}, {}},
      {{"a", "-f", "-", "b,c", ""},
       0.5,
       7,
       true,
       "auto",
       {},
       {"a", "-", "b,c", ""}},
      {{"--when", "never"}, 0.5, 7, false, "always", {}, {"never"}},
      {{"--when=never"}, 0.5, 7, false, "never", {}, {}},
      {{"--", "--many", "--"}, 0.5, 7, false, "auto", {}, {"--many", "--"}},
  };
  for (const auto& c : cases) {
    INFO(c.words[0]);
    Options options;
    CHECK(parse(c.words, options) == "");
    CHECK(options.real == c.real);
    CHECK(options.whole == c.whole);
    CHECK(options.flag == c.flag);
    CHECK(options.when == c.when);
    CHECK(options.many == c.many);
    CHECK(options.files == c.files);
  }
  Options options;
  const std::string wide(1 << 20, 'x');
  CHECK(parse({"--many=" + wide}, options) == "");
  CHECK(options.many == std::vector<std::string>{wide});
}

TEST_CASE("CommandLine takes exactly one operand where it is to") {
  const auto parse_one = [](std::vector<std::string> words) {
    std::string file;
    mill::Program program("prog");
    mill::CommandLine line(program, "Do it.");
    line.operand("FILE", &file);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    try {
      line.parse(static_cast<int>(argv.size()), argv.data());
    } catch (const mill::Exit& exit) {
      return std::string(exit.what());
    }
    return file;
  };
  CHECK(parse_one({"prog", "a"}) == "a");
  CHECK(parse_one({"prog", "--", "-a"}) == "-a");
  CHECK(parse_one({"prog"}) == "one FILE is needed");
  CHECK(parse_one({"prog", "a", "b"}) == "one FILE is needed");
}

TEST_CASE("CommandLine takes digits for an option's value") {
  const struct {
    std::vector<std::string> words;
    std::uint64_t count;
    std::vector<std::string> files;
  } cases[] = {
      {{"-12"}, 12, {}},          {{"-0", "a"}, 0, {"a"}},
      {{"--count", "-1"}, 7, {}},  // its value, which is no number
      {{"-n", "3"}, 3, {}},        // not shown, but there
      {{"--", "-5"}, 7, {"-5"}},  {{"-5", "--count=6"}, 6, {}},
      {{"-5x"}, 7, {}},  // an unknown option
  };
  for (auto c : cases) {
    INFO(c.words[0]);
    std::uint64_t count = 7;
    std::vector<std::string> files;
    mill::Program program("prog");
    mill::CommandLine line(program, "Do it.");
    line.option("count", "N", "how many", &count);
    line.digits_mean("count");
    line.option("n", "N", "", &count);
    line.operands("FILE", &files);
    c.words.insert(c.words.begin(), "prog");
    std::vector<char*> argv;
    for (std::string& word : c.words) argv.push_back(word.data());
    try {
      line.parse(static_cast<int>(argv.size()), argv.data());
    } catch (const mill::Exit& exit) {
      CHECK(exit.code == EX_USAGE);
    }
    CHECK(count == c.count);
    CHECK(files == c.files);
  }
}

TEST_CASE("CommandLine says what is wrong") {
  const struct {
    std::vector<std::string> words;
    std::string message;
  } cases[] = {
      {{"--nope"}, "unknown option '--nope'"},
      {{"--rael", "1"}, "unknown option '--rael'; did you mean '--real'?"},
      {{"--coice=red"}, "unknown option '--coice'; did you mean '--choice'?"},
      {{"--ma"}, "unknown option '--ma'; did you mean '--many'?"},
      {{"--by", "1"}, "unknown option '--by'; did you mean '--bytes'?"},
      {{"--m"}, "unknown option '--m'"},
      {{"--r\xc3\xa9"}, "unknown option '--r\xc3\xa9'"},
      {{"-="}, "unknown option '-'"},
      {{"--flag="}, "option '--flag' takes no value"},
      {{"--nope=secret"}, "unknown option '--nope'"},
      {{"-x"}, "unknown option '-x'"},
      {{"-fx"}, "unknown option '-x'"},
      {{"a", "--nope", "b"}, "unknown option '--nope'"},
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
    CHECK(parse(c.words, options) == c.message);
  }
}
