// secret.h - text that must not be shown: tokens, passwords, keys.
//
//   mill::Secret token(answer["access_token"].string());
//   request.authorization = mill::Secret::join({"Bearer ", token.reveal()});
//
// A Secret wipes its bytes when it goes, is copied only by copy(), and does not
// print: reveal() is the one way to its text, and easy to search for.
#pragma once

#include <initializer_list>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace mill {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  ~Secret();
  Secret(Secret&& other) noexcept = default;  // a vector leaves nothing behind
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

  // The parts one after the other, with no copy left elsewhere.
  static Secret join(std::initializer_list<std::string_view> parts);

  Secret copy() const { return Secret(reveal()); }
  bool empty() const { return bytes_.empty(); }
  // Valid while the Secret stays unchanged.
  std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;  // never grows: growing would leave a copy
};

// Overwrites text with zeros, in a way that no optimizer removes, and empties
// it.
void wipe(std::string& text);

// Keeps the process's memory out of core files and away from debuggers of the
// same user. For programs that hold secrets, to call at their start.
void forbid_core_files();

}  // namespace mill
