#include "lib/cli/command_line.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <cctype>
#include <charconv>
#include <cmath>
#include <new>

#include "lib/base/exit.h"
#include "lib/io/output.h"

namespace mill {

namespace {

void write_stderr(std::string text) {
  text += '\n';
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, left.data(), left.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // nowhere is left to say so
    left.remove_prefix(static_cast<std::size_t>(n));
  }
}

// A closed standard descriptor would be handed to the next file opened. Fill
// each with one on which its use fails: stdin cannot be read, the others
// cannot be written.
void hold_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    if (::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
      ::_exit(EX_OSERR);
  }
}

template <typename Number>
Number parse_whole(const char* text) {
  Number number = 0;
  const char* end = text + ::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  if (error == std::errc::result_out_of_range)
    throw std::string("is out of range");
  if (error != std::errc() || stop != end)
    throw std::string("is not a whole number");
  return number;
}

double parse_real(const char* text) {
  double number = 0;
  const char* end = text + ::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  if (error != std::errc() || stop != end || !std::isfinite(number))
    throw std::string("is not a number");
  return number;
}

std::uint64_t parse_bytes(const char* text) {
  std::uint64_t number = 0;
  const char* end = text + ::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, number);
  int shift = 0;
  if (stop + 1 == end) {
    switch (std::toupper(static_cast<unsigned char>(*stop))) {
      case 'K': shift = 10; break;
      case 'M': shift = 20; break;
      case 'G': shift = 30; break;
      default: shift = -1;
    }
  }
  if (error != std::errc() || shift < 0 || (shift == 0 && stop != end) ||
      number > (UINT64_MAX >> shift))
    throw std::string("is not a number of bytes such as 4096, 64K or 64M");
  return number << shift;
}

std::string plain(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return std::string(text, end);
}

std::string plain_bytes(std::uint64_t bytes) {
  for (const auto& [shift, suffix] : {std::pair{30, "G"}, {20, "M"}, {10, "K"}})
    if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0)
      return std::to_string(bytes >> shift) + suffix;
  return std::to_string(bytes);
}

constexpr char kExitStatus[] =
    "Exit status: 0 all good; 1 the answer is no (validation, verification or "
    "acceptance failed); 64 wrong usage; 65 bad records were met; 66 input "
    "missing; 69 a service is unavailable; 73 output cannot be created or "
    "exists; 74 reading or writing failed; 75 try again later; 77 no "
    "permission; 78 wrong configuration.";

// Appends text, broken at spaces so that no line passes column 80; every line
// but the first starts at column indent.
void append_wrapped(std::string& out, std::string_view text, std::size_t column,
                    std::size_t indent) {
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (column > indent && column + 1 + word.size() > 79) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(space == text.npos ? text.size() : space + 1);
  }
  out += '\n';
}

}  // namespace

std::string_view version() { return ANSWERMILL_VERSION; }

void Program::warn(std::string_view text) const {
  write_stderr(name_ + ": " + std::string(text));
}

void Program::warn_at(std::string_view source, std::uint64_t line,
                      std::string_view text) const {
  write_stderr(name_ + ": " + std::string(source) + ":" + std::to_string(line) +
               ": " + std::string(text));
}

int run(std::string_view name, const std::function<int(Program&)>& body) {
  hold_standard_descriptors();
  ::signal(SIGPIPE, SIG_DFL);  // some parents, Python among them, ignore it
  Program program(name);
  try {
    return body(program);
  } catch (const Exit& exit) {
    if (*exit.what() != '\0') program.warn(exit.what());
    return exit.code;
  } catch (const std::bad_alloc&) {
    program.warn("out of memory");
    return EX_OSERR;
  } catch (const std::exception& error) {
    program.warn(std::string("internal error: ") + error.what());
    return EX_SOFTWARE;
  }
}

CommandLine::CommandLine(std::string_view program, std::string_view purpose)
    : program_(program), purpose_(purpose) {}

void CommandLine::add(std::string_view names, std::string_view metavar,
                      std::string_view help, std::string default_text,
                      std::function<void(const char*)> set,
                      bool value_optional) {
  Option option{0,
                "",
                std::string(metavar),
                std::string(help),
                std::move(default_text),
                value_optional,
                std::move(set)};
  if (names.size() == 1 || (names.size() > 1 && names[1] == ',')) {
    option.short_name = names[0];
    names.remove_prefix(names.size() > 1 ? 2 : 1);
  }
  option.long_name = names;
  options_.push_back(std::move(option));
}

void CommandLine::flag(std::string_view names, std::string_view help,
                       bool* value) {
  add(names, "", help, "", [value](const char*) { *value = true; });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help, std::string* value) {
  add(names, metavar, help, *value, [value](const char* v) { *value = v; });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help,
                         std::optional<std::string>* value) {
  add(names, metavar, help, value->value_or(""),
      [value](const char* v) { *value = v; });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help, double* value) {
  add(names, metavar, help, plain(*value),
      [value](const char* v) { *value = parse_real(v); });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help, std::optional<double>* value) {
  add(names, metavar, help, *value ? plain(**value) : "",
      [value](const char* v) { *value = parse_real(v); });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help, std::uint64_t* value) {
  add(names, metavar, help, std::to_string(*value),
      [value](const char* v) { *value = parse_whole<std::uint64_t>(v); });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help,
                         std::optional<std::uint64_t>* value) {
  add(names, metavar, help, *value ? std::to_string(**value) : "",
      [value](const char* v) { *value = parse_whole<std::uint64_t>(v); });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help, std::int64_t* value) {
  add(names, metavar, help, std::to_string(*value),
      [value](const char* v) { *value = parse_whole<std::int64_t>(v); });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help,
                         std::optional<std::int64_t>* value) {
  add(names, metavar, help, *value ? std::to_string(**value) : "",
      [value](const char* v) { *value = parse_whole<std::int64_t>(v); });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help, ByteCount* value) {
  add(names, metavar, help, plain_bytes(value->bytes),
      [value](const char* v) { value->bytes = parse_bytes(v); });
}

void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help,
                         std::vector<std::string>* value) {
  add(names, metavar, help, "",
      [value](const char* v) { value->emplace_back(v); });
}

void CommandLine::choice(std::string_view names, std::string_view metavar,
                         std::string_view help,
                         std::vector<std::string> choices, std::string* value) {
  add(names, metavar, help, *value,
      [value, choices = std::move(choices)](const char* v) {
        std::string list;
        for (const std::string& choice : choices) {
          if (choice == v) {
            *value = choice;
            return;
          }
          list += (list.empty() ? "" : ", ") + choice;
        }
        throw "is not one of " + list;
      });
}

void CommandLine::optional_value(std::string_view names,
                                 std::string_view metavar,
                                 std::string_view help, std::string alone,
                                 std::string* value) {
  add(
      names, metavar, help, *value,
      [value, alone = std::move(alone)](const char* v) {
        *value = v ? v : alone;
      },
      true);
}

void CommandLine::operands(std::string_view metavar,
                           std::vector<std::string>* values) {
  operand_metavar_ = metavar;
  operands_ = values;
}

void CommandLine::note(std::string_view paragraph) {
  notes_.emplace_back(paragraph);
}

void CommandLine::example(std::string_view command) {
  examples_.emplace_back(command);
}

std::string CommandLine::help() const {
  constexpr std::size_t kHelpColumn = 26;
  std::string out = "Usage: " + program_ + " [OPTION]...";
  if (operands_) out += " [" + operand_metavar_ + "]...";
  out += '\n';
  append_wrapped(out, purpose_, 0, 0);
  out += "\nOptions:\n";
  auto list = [&](const std::string& names, const std::string& text) {
    out += names;
    std::size_t column = names.size();
    if (column + 2 > kHelpColumn) {
      out += '\n';
      column = 0;
    }
    out.append(kHelpColumn - column, ' ');
    append_wrapped(out, text, kHelpColumn, kHelpColumn);
  };
  for (const Option& option : options_) {
    std::string names =
        option.short_name ? std::string("  -") + option.short_name : "    ";
    if (!option.long_name.empty())
      names += (option.short_name ? ", --" : "  --") + option.long_name;
    if (option.value_optional)
      names += "[=" + option.metavar + "]";
    else if (!option.metavar.empty())
      names += " " + option.metavar;
    std::string text = option.help;
    if (!option.default_text.empty())
      text += " (default " + option.default_text + ")";
    list(names, text);
  }
  list("  -h, --help", "print this help and exit");
  list("      --version", "print the version and exit");
  for (const std::string& paragraph : notes_) {
    out += '\n';
    append_wrapped(out, paragraph, 0, 0);
  }
  out += '\n';
  append_wrapped(out, kExitStatus, 0, 0);
  if (!examples_.empty())
    out += examples_.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
  for (const std::string& example : examples_) out += "  " + example + "\n";
  return out;
}

void CommandLine::usage_error(const std::string& what) const {
  throw Exit(EX_USAGE, what + "; try '" + program_ + " --help'");
}

void CommandLine::parse(int argc, char** argv) {
  // getopt_long's codes: an option's index + kFirst, so that none is a
  // character of the short names or '?' and ':'.
  constexpr int kFirst = 1000, kHelp = 998, kVersion = 999;
  std::string short_names = ":h";
  std::vector<::option> long_names;
  for (std::size_t i = 0; i < options_.size(); ++i) {
    const Option& option = options_[i];
    const int argument = option.metavar.empty()  ? no_argument
                         : option.value_optional ? optional_argument
                                                 : required_argument;
    if (option.short_name) {
      short_names += option.short_name;
      if (argument == required_argument) short_names += ':';
    }
    if (!option.long_name.empty())
      long_names.push_back({option.long_name.c_str(), argument, nullptr,
                            kFirst + static_cast<int>(i)});
  }
  long_names.push_back({"help", no_argument, nullptr, kHelp});
  long_names.push_back({"version", no_argument, nullptr, kVersion});
  long_names.push_back({nullptr, 0, nullptr, 0});

  ::opterr = 0;
  ::optind = 0;  // glibc: start anew
  for (;;) {
    const int at = ::optind == 0 ? 1 : ::optind;
    const int code = ::getopt_long(argc, argv, short_names.c_str(),
                                   long_names.data(), nullptr);
    if (code == -1) break;
    if (code == '?' || code == ':') {
      // A long option is still whole in argv; a short one is in optopt.
      std::string name = ::optopt > 0 && ::optopt < 256
                             ? std::string("-") + static_cast<char>(::optopt)
                             : argv[std::max(at, ::optind - 1)];
      name = name.substr(0, name.find('='));
      if (code == ':') usage_error("option '" + name + "' needs a value");
      if (::optopt >= 256) usage_error("option '" + name + "' takes no value");
      usage_error("unknown or ambiguous option '" + name + "'");
    }
    if (code == 'h' || code == kHelp) {
      Output out;
      out.write(help());
      out.close();
      throw Exit(EX_OK, "");
    }
    if (code == kVersion) {
      Output out;
      out.write(program_ + " (answermill) " + std::string(version()) + "\n");
      out.close();
      throw Exit(EX_OK, "");
    }
    const Option* chosen = nullptr;
    for (std::size_t i = 0; i < options_.size(); ++i)
      if (code == kFirst + static_cast<int>(i) ||
          (code < 256 && code == options_[i].short_name))
        chosen = &options_[i];
    try {
      chosen->set(::optarg);
    } catch (const std::string& why) {
      const std::string name = chosen->long_name.empty()
                                   ? std::string("-") + chosen->short_name
                                   : "--" + chosen->long_name;
      usage_error(name + ": '" + (::optarg ? ::optarg : "") + "' " + why);
    }
  }
  if (::optind < argc && !operands_)
    usage_error(std::string("unexpected operand '") + argv[::optind] + "'");
  for (int i = ::optind; i < argc; ++i) operands_->emplace_back(argv[i]);
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma == text.npos ? text.size() : comma + 1);
  }
  return parts;
}

}  // namespace mill
