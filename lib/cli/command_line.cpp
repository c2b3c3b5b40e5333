#include "lib/cli/command_line.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <numeric>
#include <optional>

// cxxopts's regular expressions would be compiled at each start, and overflow
// the stack on a long word.
#define CXXOPTS_NO_REGEX
#include <cxxopts.hpp>

#include "lib/base/numbers.h"
#include "lib/base/timestamp.h"
#include "lib/cli/program.h"
#include "lib/io/output.h"

namespace mill {

namespace {

// ---- values ---------------------------------------------------------------

template <typename Number>
Number parse_whole(std::string_view text) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc::result_out_of_range)
    throw std::string("is out of range");
  if (error != std::errc() || stop != end)
    throw std::string("is not a whole number");
  return number;
}

void parse(const std::string& text, std::string& value) { value = text; }

void parse(const std::string& text, std::uint64_t& value) {
  value = parse_whole<std::uint64_t>(text);
}

void parse(const std::string& text, std::int64_t& value) {
  value = parse_whole<std::int64_t>(text);
}

void parse(const std::string& text, double& value) {
  const auto number = parse_number<double>(text);
  if (!number || !std::isfinite(*number)) throw std::string("is not a number");
  value = *number;
}

void parse(const std::string& text, ByteCount& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value.bytes);
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
      value.bytes > (UINT64_MAX >> shift))
    throw std::string("is not a number of bytes such as 4096, 64K or 64M");
  value.bytes <<= shift;
}

void parse(const std::string& text, Timestamp& value) {
  const auto time = parse_timestamp(text);
  if (!time)
    throw std::string("is neither an RFC 3339 time, a date nor Unix seconds");
  value = *time;
}

void parse(const std::string& text, std::vector<std::string>& value) {
  value.push_back(text);
}

template <typename Value>
void parse(const std::string& text, std::optional<Value>& value) {
  parse(text, value.emplace());
}

// A default, as --help shows it; empty if there is none.
std::string show(const std::string& value) { return value; }
std::string show(std::uint64_t value) { return std::to_string(value); }
std::string show(std::int64_t value) { return std::to_string(value); }
std::string show(Timestamp value) { return format_timestamp(value); }
std::string show(const std::vector<std::string>&) { return ""; }

std::string show(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string show(ByteCount value) {
  const std::uint64_t bytes = value.bytes;
  for (const auto& [shift, suffix] : {std::pair{30, "G"}, {20, "M"}, {10, "K"}})
    if (bytes != 0 && bytes % (std::uint64_t{1} << shift) == 0)
      return std::to_string(bytes >> shift) + suffix;
  return std::to_string(bytes);
}

template <typename Value>
std::string show(const std::optional<Value>& value) {
  return value ? show(*value) : "";
}

// ---- --help ---------------------------------------------------------------

struct Status {
  int status;
  std::string_view when;
};
constexpr Status kStatuses[] = {
    {EX_OK, "all good"},
    {kExitNo, "the answer is no"},
    {EX_USAGE, "wrong usage"},
    {EX_DATAERR, "bad records were met"},
    {EX_NOINPUT, "input missing"},
    {EX_UNAVAILABLE, "a service is unavailable"},
    {EX_CANTCREAT, "output cannot be created or exists"},
    {EX_IOERR, "reading or writing failed"},
    {EX_TEMPFAIL, "try again later"},
    {EX_NOPERM, "no permission"},
    {EX_CONFIG, "wrong configuration"},
};

std::string exit_statuses(const std::set<int>& statuses) {
  std::string text;
  for (const auto& [status, when] : kStatuses)
    if (statuses.contains(status))
      text.append(text.empty() ? "Exit status: " : "; ")
          .append(std::to_string(status))
          .append(" ")
          .append(when);
  return text + ".";
}

// A space that append_wrapped() does not break at.
constexpr char kNoBreak = '\1';

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
    for (const char c : word) out += c == kNoBreak ? ' ' : c;
    column += word.size();
    text.remove_prefix(space == text.npos ? text.size() : space + 1);
  }
  out += '\n';
}

void print(const std::string& text) {
  Output out;
  out.write(text);
  out.close();
}

// ---- words ----------------------------------------------------------------

// What cxxopts gives as the value of an option without one; no word of a
// command line can contain it.
const std::string kNoValue(1, '\0');

// The option or word that an exception of cxxopts quotes.
std::string quoted(std::string_view message) {
  const std::size_t begin = message.find(cxxopts::LQUOTE);
  const std::size_t end = message.rfind(cxxopts::RQUOTE);
  if (begin == message.npos || end == message.npos) return "";
  const std::size_t from = begin + cxxopts::LQUOTE.size();
  return std::string(message.substr(from, end - from));
}

// An option's name, as cxxopts knows it, with its dashes.
std::string with_dashes(const std::string& name) {
  return (name.size() == 1 ? "-" : "--") + name;
}

// How many letters must be inserted, deleted, replaced or swapped with their
// neighbor to turn b into a.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last, last, row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::move(last);
    last = row;
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1,
                         last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

char CommandLine::Option::short_name() const {
  return names.size() == 1 || names[1] == ',' ? names[0] : '\0';
}

std::string_view CommandLine::Option::long_name() const {
  std::string_view name = names;
  if (short_name()) name.remove_prefix(names.size() > 1 ? 2 : 1);
  return name;
}

std::string CommandLine::Option::shown_name() const {
  return with_dashes(long_name().empty() ? names : std::string(long_name()));
}

CommandLine::CommandLine(Program& program, std::string_view purpose)
    : program_(program.name()), color_(&program.color), purpose_(purpose) {}

void CommandLine::add(Option option) {
  option.group = group_;
  options_.push_back(std::move(option));
}

void CommandLine::flag(std::string_view names, std::string_view help,
                       bool* value) {
  add({std::string(names), "", std::string(help), "", Takes::kNothing,
       [value](const std::string&) { *value = true; }});
}

template <typename Value>
void CommandLine::option(std::string_view names, std::string_view metavar,
                         std::string_view help, Value* value) {
  add({std::string(names), std::string(metavar), std::string(help),
       show(*value), Takes::kValue,
       [value](const std::string& text) { mill::parse(text, *value); }});
}

template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, std::string*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, double*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, std::uint64_t*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, std::int64_t*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, ByteCount*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, Timestamp*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view,
                                  std::optional<std::string>*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, std::optional<double>*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view,
                                  std::optional<std::uint64_t>*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view,
                                  std::optional<std::int64_t>*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, std::optional<ByteCount>*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, std::optional<Timestamp>*);
template void CommandLine::option(std::string_view, std::string_view,
                                  std::string_view, std::vector<std::string>*);

void CommandLine::choice(std::string_view names, std::string_view metavar,
                         std::string_view help,
                         std::vector<std::string> choices, std::string* value) {
  add({std::string(names), std::string(metavar), std::string(help), *value,
       Takes::kValue,
       [value, choices = std::move(choices)](const std::string& text) {
         std::string list;
         for (const std::string& choice : choices) {
           if (choice == text) {
             *value = choice;
             return;
           }
           list += (list.empty() ? "" : ", ") + choice;
         }
         throw "is not one of " + list;
       }});
}

void CommandLine::optional_value(std::string_view name,
                                 std::string_view metavar,
                                 std::string_view help, std::string alone,
                                 std::string* value) {
  add({std::string(name), std::string(metavar), std::string(help), *value,
       Takes::kMaybe, [value](const std::string& text) { *value = text; },
       std::move(alone)});
}

void CommandLine::operands(std::string_view metavar,
                           std::vector<std::string>* values) {
  operand_metavar_ = metavar;
  operands_ = values;
}

void CommandLine::operand(std::string_view metavar, std::string* value) {
  operand_metavar_ = metavar;
  operand_ = value;
}

void CommandLine::group(std::string_view heading) { group_ = heading; }

void CommandLine::note(std::string_view paragraph) {
  notes_.emplace_back(paragraph);
}

void CommandLine::example(std::string_view command) {
  examples_.emplace_back(command);
}

void CommandLine::exits(std::initializer_list<int> statuses) {
  statuses_.insert(statuses);
}

// The headings of what is shown, in the order of their first options; the
// program's own, "", is the first.
std::vector<std::string_view> CommandLine::groups() const {
  std::vector<std::string_view> groups = {""};
  for (const Option& option : options_)
    if (std::find(groups.begin(), groups.end(), option.group) == groups.end())
      groups.push_back(option.group);
  return groups;
}

// "-s, --long VALUE", as --help shows it.
std::string CommandLine::names_of(const Option& option) const {
  const char short_name = option.short_name();
  const std::string long_name(option.long_name());
  std::string names = short_name ? std::string("-") + short_name : "";
  if (!digits_.empty() && long_name == digits_) names = "-N";
  if (!names.empty() && !long_name.empty()) names += ", ";
  if (!long_name.empty()) names += "--" + long_name;
  if (option.takes == Takes::kMaybe) names += "[=" + option.metavar + "]";
  if (option.takes == Takes::kValue) names += " " + option.metavar;
  return names;
}

void CommandLine::append_options(std::string& out,
                                 std::string_view group) const {
  constexpr std::size_t kHelpColumn = 26;
  for (const Option& option : options_) {
    if (option.group != group || option.help.empty()) continue;
    std::string names = names_of(option);
    names.insert(0, names.starts_with("--") ? 6 : 2, ' ');
    std::string text = option.help;
    if (!option.default_text.empty())
      text += " (default " + option.default_text + ")";
    std::size_t column = names.size();
    if (column + 2 > kHelpColumn) {
      names += '\n';
      column = 0;
    }
    out += names.append(kHelpColumn - column, ' ');
    append_wrapped(out, text, kHelpColumn, kHelpColumn);
  }
}

void CommandLine::append_usage(std::string& out) const {
  out += "Usage: " + program_ + " [OPTION]...";
  if (operands_) out += " [" + operand_metavar_ + "]...";
  if (operand_) out += " " + operand_metavar_;
  out += '\n';
  append_wrapped(out, purpose_, 0, 0);
}

void CommandLine::append_examples(std::string& out) const {
  if (examples_.empty()) return;
  out += examples_.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
  for (const std::string& example : examples_) out += "  " + example + "\n";
}

// -h: what fits on a screen.
std::string CommandLine::summary() const {
  std::string out;
  append_usage(out);
  out += '\n';
  for (const std::string_view group : groups()) {
    std::string line(group.empty() ? "Options" : group);
    line += ':';
    for (const Option& option : options_) {
      if (option.group != group || option.help.empty()) continue;
      std::string names = names_of(option);
      std::replace(names.begin(), names.end(), ' ', kNoBreak);
      line += " [" + names + "]";
    }
    append_wrapped(out, line, 0, 2);
  }
  append_examples(out);
  out += "\n'" + program_ + " --help' says what each option means.\n";
  return out;
}

std::string CommandLine::help() const {
  std::string out;
  append_usage(out);
  for (const std::string_view group : groups()) {
    out += "\n" + std::string(group.empty() ? "Options" : group) + ":\n";
    append_options(out, group);
  }
  for (const std::string& paragraph : notes_) {
    out += '\n';
    append_wrapped(out, paragraph, 0, 0);
  }
  out += '\n';
  append_wrapped(out, exit_statuses(statuses_), 0, 0);
  append_examples(out);
  return out;
}

const CommandLine::Option* CommandLine::find(std::string_view name) const {
  for (const Option& option : options_)
    if (name.size() == 1 ? option.short_name() == name[0]
                         : option.long_name() == name)
      return &option;
  return nullptr;
}

// argv as cxxopts takes it: the value of a short option stands in a word of its
// own, since without regular expressions cxxopts takes only letters and digits
// beside one. What comes after --help or --version is left out, so that it
// cannot be wrong.
std::vector<std::string> CommandLine::words_of(int argc, char** argv) const {
  const std::vector<std::string> given(argv, argv + argc);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string& word = given[i];
    if (i > 0 && !digits_.empty() && word.size() > 1 && word[0] == '-' &&
        word.find_first_not_of("0123456789", 1) == word.npos) {
      words.push_back("--" + digits_ + "=" + word.substr(1));
      continue;
    }
    words.push_back(word);
    if (word == "--") {
      words.insert(words.end(), given.begin() + static_cast<long>(i) + 1,
                   given.end());
      break;
    }
    if (i == 0 || word.size() < 2 || word[0] != '-') continue;  // an operand
    const Option* option = nullptr;
    bool has_value = false;
    if (word[1] == '-') {
      const std::size_t equals = word.find('=');
      option = find(word.substr(2, equals - 2));
      has_value = equals != word.npos;
    } else {
      for (std::size_t k = 1; k < word.size(); ++k) {
        option = find(word.substr(k, 1));
        if (!option || option->takes == Takes::kNothing) continue;
        has_value = k + 1 < word.size();
        words.back() = word.substr(0, k + 1);
        if (has_value) words.push_back(word.substr(k + 1));
        break;
      }
    }
    if (!option) continue;
    if (option->names == "h" || option->names == "help" ||
        option->names == "V,version")
      break;
    if (option->takes == Takes::kValue && !has_value && i + 1 < given.size())
      words.push_back(given[++i]);
  }
  return words;
}

// What is wrong with a word that names no option, and which one it may mean:
// the one that it abbreviates, or else the nearest, if at most a third of the
// letters differ.
std::string CommandLine::unknown(std::string word) const {
  word.resize(std::min(word.size(), word.find('=')));
  const std::string message = "unknown option '" + word + "'";
  if (!word.starts_with("--") || word.size() < 4) return message;
  const std::string_view name = std::string_view(word).substr(2);
  const Option* nearest = nullptr;
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (const Option& option : options_) {
    if (option.long_name().empty()) continue;
    const std::size_t off = option.long_name().starts_with(name)
                                ? 0
                                : distance(name, option.long_name());
    if (off >= least) continue;
    least = off;
    nearest = &option;
  }
  if (!nearest) return message;
  return message + "; did you mean '" + nearest->shown_name() + "'?";
}

void CommandLine::apply(const Option& option, const std::string& value) const {
  const std::string name = option.shown_name();
  const bool has_value = value != kNoValue;
  demand(option.takes != Takes::kNothing || !has_value,
         "option '" + name + "' takes no value");
  try {
    option.set(has_value ? value : option.alone);
  } catch (const std::string& why) {
    throw Exit(EX_USAGE, name + ": '" + value + "' " + why);
  }
}

void CommandLine::parse(int argc, char** argv) {
  group_.clear();
  choice("color", "WHEN",
         "color in messages: auto (on a terminal), always or never",
         {"auto", "always", "never"}, color_);
  add({"h", "", "print a summary and exit", "", Takes::kNothing,
       [this](const std::string&) {
         print(summary());
         throw Exit(EX_OK, "");
       }});
  add({"help", "", "print this help and exit", "", Takes::kNothing,
       [this](const std::string&) {
         print(help());
         throw Exit(EX_OK, "");
       }});
  add({"V,version", "", "print the version and exit", "", Takes::kNothing,
       [this](const std::string&) {
         print(program_ + " (answermill) " + std::string(version()) + "\n");
         throw Exit(EX_OK, "");
       }});
  try {
    read(words_of(argc, argv));
  } catch (const cxxopts::exceptions::no_such_option& error) {
    throw Exit(EX_USAGE, unknown(with_dashes(quoted(error.what()))));
  } catch (const cxxopts::exceptions::invalid_option_syntax& error) {
    throw Exit(EX_USAGE, unknown(quoted(error.what())));
  } catch (const cxxopts::exceptions::missing_argument& error) {
    throw Exit(EX_USAGE, "option '" + with_dashes(quoted(error.what())) +
                             "' needs a value");
  }
}

// cxxopts says which words are options, values and operands; all values are
// texts to it, since its numbers take 0.5abc and its lists end at commas.
void CommandLine::read(std::vector<std::string> words) {
  cxxopts::Options spec(program_);
  cxxopts::OptionAdder adder = spec.add_options();
  for (const Option& option : options_) {
    const auto text = cxxopts::value<std::string>();
    if (option.takes != Takes::kValue) text->implicit_value(kNoValue);
    adder(option.names, "", text);
  }
  std::vector<const char*> argv;
  for (const std::string& word : words) argv.push_back(word.c_str());
  const cxxopts::ParseResult result =
      spec.parse(static_cast<int>(argv.size()), argv.data());
  for (const cxxopts::KeyValue& given : result.arguments())
    apply(*find(given.key()), given.value());

  const std::vector<std::string>& rest = result.unmatched();
  if (operands_) {
    *operands_ = rest;
  } else if (operand_) {
    demand(rest.size() == 1, "one " + operand_metavar_ + " is needed");
    *operand_ = rest[0];
  } else if (!rest.empty()) {
    throw Exit(EX_USAGE, "unexpected operand '" + rest[0] + "'");
  }
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
