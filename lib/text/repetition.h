// repetition.h - texts that say one thing over and over, and texts that are
// hardly words: the rules of Gopher that hold for a text of a few sentences.
//
// J. W. Rae and others, "Scaling Language Models: Methods, Analysis & Insights
// from Training Gopher" (2021), arXiv:2112.11446, section A1.1 and table A1.
// Left out are the rules that are about web pages: their least length, their
// bullets, their stop words. Of C4 (C. Raffel and others, "Exploring the Limits
// of Transfer Learning", arXiv:1910.10683, section 2.2) one is here, "lorem
// ipsum", and one in profanity.h; its others are about web pages and code.
#pragma once

#include <string_view>
#include <vector>

#include "lib/base/prefilter.h"

namespace mill {

// What stands between blanks and line ends.
std::vector<std::string_view> split_words(std::string_view text);

// Both take a text and its split_words().

// Too large a part of the text is in lines or in runs of 5 to 10 words that
// stood in it before; or, in a text of 50 words or more, is one run of 2 to 4
// words. What Gopher measures in characters of words is measured in them here.
bool is_repetitive(std::string_view text,
                   const std::vector<std::string_view>& words);

// Less than 80 % of the words have a letter; "#" and "..." are more than a
// tenth of the words; more than 30 % of the lines end in "..."; the mean word
// has less than 3 characters or more than 10 (links not counted); or it is
// "lorem ipsum". Code is left out: symbols are its words.
bool is_mostly_symbols(const Subject& text,
                       const std::vector<std::string_view>& words);

}  // namespace mill
