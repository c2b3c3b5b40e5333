// env_file.h - settings and secrets from the environment or a .env file.
//
// A file holds NAME=VALUE lines, which may begin with "export "; empty lines
// and lines that begin with # are skipped. A value may be in single quotes
// (taken as it is) or double quotes (\n \" \\ \$ are resolved); without quotes
// it ends at " #" and loses the spaces around it. Nothing is expanded.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lib/base/secret.h"

namespace mill {

class EnvFile {
 public:
  // Takes names from the environment alone.
  EnvFile() = default;
  // Takes names from the environment, else from the file. Throws Exit:
  // EX_NOINPUT if it cannot be read, EX_CONFIG if others may read or write it
  // or a line makes no sense. Messages hold no value.
  explicit EnvFile(const std::string& path);

  // The value; empty where the name is unset or set to nothing.
  Secret get(const std::string& name) const;

 private:
  std::map<std::string, Secret, std::less<>> values_;
};

// The variables of an .env file's text; messages call the file `name`. Throws
// Exit(EX_CONFIG).
std::map<std::string, Secret, std::less<>> parse_env(std::string_view text,
                                                     const std::string& name);

}  // namespace mill
