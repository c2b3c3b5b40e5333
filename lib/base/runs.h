// runs.h - a text's words, or whatever else its bytes make.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace mill {

// Calls use(run) with each longest run of bytes for which is_in(byte), in order.
template <typename IsIn, typename Use>
void for_each_run(std::string_view text, IsIn is_in, Use use) {
  // Where runs begin and end, by turns, of a part of the text. Each place is
  // written before it is known to be one, and the next one over it if it is
  // none: there is no branch, which for words none could foresee.
  constexpr std::size_t kPart = 2048;
  const char* places[kPart + 2];
  const char* const end = text.data() + text.size();
  std::size_t count = 0;
  bool was_in = false;
  for (const char* p = text.data(); p != end;) {
    const char* const part_end =
        static_cast<std::size_t>(end - p) > kPart ? p + kPart : end;
    for (; p != part_end; ++p) {
      const bool is = is_in(*p);
      places[count] = p;
      count += is != was_in;
      was_in = is;
    }
    if (p == end && was_in) places[count++] = end;
    for (std::size_t i = 0; i + 1 < count; i += 2)
      use(std::string_view(
          places[i], static_cast<std::size_t>(places[i + 1] - places[i])));
    // The run that goes on.
    places[0] = places[count - count % 2];
    count %= 2;
  }
}

}  // namespace mill
