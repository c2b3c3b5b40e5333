// cues.h - the words that say what a number or a name beside them is.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace mill::internal {

enum class Cue {
  kAddress,
  kCard,
  kHandle,
  kPhone,
  kSsn,
  kThing,
  kVersion,
  kCount
};

// Finds cues in one text. As long as each call asks about a later place than
// the one before, each byte of the text is read once for each cue.
class Cues {
 public:
  // True if a word of cue begins in the bytes of text from begin to end, at the
  // beginning of a word and in any case. REQUIRES: always the same text, or its
  // beginning.
  bool has(std::string_view text, Cue cue, std::size_t begin, std::size_t end);

 private:
  struct Read {
    std::size_t end = 0;  // how far the text is read
    std::size_t last = static_cast<std::size_t>(-1);  // where one begins
  };
  std::array<Read, static_cast<std::size_t>(Cue::kCount)> reads_;
};

}  // namespace mill::internal
