#include "lib/base/exit.h"

#include <string.h>

#include <cctype>

namespace mill {

std::string errno_text(int error) {
  std::string text = ::strerror(error);
  if (text.size() > 1 && std::islower(static_cast<unsigned char>(text[1])))
    text[0] =
        static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

}  // namespace mill
