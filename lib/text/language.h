// language.h - the language that a text is written in, as CLD2 tells it.
#pragma once

#include <string_view>

namespace mill {

// The code of the text's language ("en", "de", "zh-Hant"), or "" where too few
// words, or words of several languages, leave it open. Valid for ever.
// REQUIRES: valid UTF-8.
std::string_view language_of(std::string_view text);

// True if code is one that language_of() can give.
bool is_language(std::string_view code);

}  // namespace mill
