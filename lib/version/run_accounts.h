// run_accounts.h - the accounts of a stage that ran in several processes, as
// one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lib/json/json.h"

namespace mill {

// True if it is what --stats writes: an object with tool and version.
bool is_account(JsonValue account);

// Adds such objects up, those of the same tool and version: whole numbers,
// seconds, and by name those in objects, such as `dropped`. Of other members
// the first account's stay.
class RunAccounts {
 public:
  struct Sum {
    std::string tool;
    std::uint64_t records_read = 0;
    std::uint64_t bad = 0;
    std::string json;  // members in the order in which they came
  };

  // REQUIRES: is_account(account).
  void add(JsonValue account);
  // In the order in which their tools came.
  std::vector<Sum> sums() const;

 private:
  using Counts = std::map<std::string, std::uint64_t>;
  // The last is JSON.
  using Value = std::variant<std::uint64_t, double, Counts, std::string>;
  using Account = std::vector<std::pair<std::string, Value>>;
  std::vector<std::pair<std::pair<std::string, std::string>, Account>>
      accounts_;  // by tool and version
};

}  // namespace mill
