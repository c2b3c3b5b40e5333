// exit.h - how a program that cannot go on ends.
//
//   throw mill::Exit(EX_NOINPUT, path + ": cannot open: " +
//                                mill::errno_text(errno));
#pragma once

#include <sysexits.h>

#include <stdexcept>
#include <string>

namespace mill {

// Exit status where the answer is no: validation, verification or acceptance
// failed. The others are those of sysexits.h.
inline constexpr int kExitNo = 1;

// Thrown to end the program with an exit status. An empty message prints
// nothing. Caught in run() and nowhere else.
struct Exit : std::runtime_error {
  Exit(int exit_code, const std::string& message)
      : std::runtime_error(message), code(exit_code) {}
  int code;
};

// The text of errno, its first letter in lower case, as messages have it.
std::string errno_text(int error);

}  // namespace mill
