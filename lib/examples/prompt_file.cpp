#include "lib/examples/prompt_file.h"

#include "lib/base/exit.h"
#include "lib/base/utf8.h"
#include "lib/io/input.h"

namespace mill {

std::string read_prompt_file(const std::string& path) {
  std::string text = read_all(path);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  if (find_invalid_utf8(text))
    throw Exit(EX_DATAERR, path + ": not valid UTF-8");
  return text;
}

}  // namespace mill
