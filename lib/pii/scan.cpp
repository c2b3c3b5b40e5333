#include "lib/pii/scan.h"

#include "lib/base/utf8.h"

namespace mill::internal {

bool Scan::has_letter_before(std::size_t i) const {
  std::size_t begin = i - 1;
  while (is_continuation(text[begin])) --begin;
  return is_spaced_letter(take_code_point(text, begin));
}

bool Scan::has_letter_at(std::size_t i) const {
  return !is_continuation(text[i]) &&
         is_spaced_letter(take_code_point(text, i));
}

}  // namespace mill::internal
