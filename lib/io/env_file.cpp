#include "lib/io/env_file.h"

#include <stdlib.h>

#include <algorithm>
#include <optional>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/io/private_file.h"

namespace mill {

namespace {

bool is_name(std::string_view text) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  if (text.empty() || kLetters.find(text[0]) == text.npos) return false;
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return kLetters.find(c) != kLetters.npos || is_ascii_digit(c);
  });
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

// A value as it stands after '='; nothing if a quote does not close or text
// follows it.
std::optional<Secret> parse_value(std::string_view text) {
  text = trim(text);
  if (text.empty()) return Secret();
  const char quote = text[0];
  if (quote != '"' && quote != '\'') {
    for (std::size_t i = 1; i < text.size(); ++i)
      if (text[i] == '#' && (text[i - 1] == ' ' || text[i - 1] == '\t'))
        return Secret(trim(text.substr(0, i)));
    return Secret(text[0] == '#' ? std::string_view() : text);
  }
  std::string value;
  value.reserve(text.size());  // growing would leave a copy
  std::size_t i = 1;
  for (; i < text.size() && text[i] != quote; ++i) {
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      ++i;
      value += text[i] == 'n' ? '\n' : text[i];
    } else {
      value += text[i];
    }
  }
  Secret secret(value);
  wipe(value);
  if (i == text.size()) return std::nullopt;
  const std::string_view rest = trim(text.substr(i + 1));
  if (!rest.empty() && rest[0] != '#') return std::nullopt;
  return secret;
}

}  // namespace

std::map<std::string, Secret, std::less<>> parse_env(std::string_view text,
                                                     const std::string& name) {
  std::map<std::string, Secret, std::less<>> values;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t newline = text.find('\n');
    std::string_view line = trim(text.substr(0, newline));
    text.remove_prefix(newline == text.npos ? text.size() : newline + 1);
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with("export ")) line = trim(line.substr(7));
    const std::string where = name + ":" + std::to_string(number) + ": ";
    const std::size_t equals = line.find('=');
    const std::string_view key = trim(line.substr(0, equals));
    if (equals == line.npos || !is_name(key))
      throw Exit(EX_CONFIG, where + "not NAME=VALUE");
    auto value = parse_value(line.substr(equals + 1));
    if (!value) throw Exit(EX_CONFIG, where + "quotes that do not match");
    values[std::string(key)] = std::move(*value);
  }
  return values;
}

EnvFile::EnvFile(const std::string& path) {
  const Secret text = read_private_file(path);
  values_ = parse_env(text.reveal(), path);
}

Secret EnvFile::get(const std::string& name) const {
  const char* const value = ::getenv(name.c_str());
  if (value && *value) return Secret(value);
  const auto found = values_.find(name);
  return found == values_.end() ? Secret() : found->second.copy();
}

}  // namespace mill
