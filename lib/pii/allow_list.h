// allow_list.h - what looks personal but belongs to everybody: crisis lines,
// role addresses, words with '@' that are not accounts.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "lib/pii/pii.h"

namespace mill::internal {

class AllowList {
 public:
  // The embedded list, and these lines. share/pii-allow.txt says what a line
  // can be.
  explicit AllowList(const std::vector<std::string>& lines);

  bool has(PiiType type, std::string_view value) const;

 private:
  void add(std::string_view line);

  std::unordered_set<std::string> values_;
};

// The bytes of share/pii-allow.txt.
std::string_view embedded_allow_list();

}  // namespace mill::internal
