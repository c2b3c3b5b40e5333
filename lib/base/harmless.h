// harmless.h - text that a terminal shows and does not obey.
//
// A record, a file's name or a server's answer may hold escape sequences that
// move the cursor, set the clipboard or hide what follows, and marks that turn
// text around. Where people read, each such character becomes \uXXXX, and each
// byte that is not UTF-8 \xXX.
#pragma once

#include <string>
#include <string_view>

namespace mill {

// True for control characters (C0, DEL, C1), what turns the direction of text,
// and Unicode's line and paragraph separators. LF and tab are among them.
bool is_harmful(char32_t code_point);

// Text of several lines: LF and tab stay.
std::string harmless(std::string_view text);
// Text of one line: LF becomes \n.
std::string harmless_line(std::string_view text);

}  // namespace mill
