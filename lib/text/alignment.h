// alignment.h - the words that two texts have in common, in their order.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "lib/text/words.h"

namespace mill {

// The positions, in a and in b, of a longest common subsequence. If there are
// several, the same one on every machine. Takes a / 64 * b words of memory, and
// time in proportion, so that it is for texts of a few thousand words.
std::vector<std::pair<std::uint32_t, std::uint32_t>> common_words(
    std::span<const Word> a, std::span<const Word> b);

}  // namespace mill
