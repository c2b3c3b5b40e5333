// links.h - ways from a page to Reddit.
#pragma once

#include <string>
#include <string_view>

namespace mill {

// text as HTML, and as a link where it is a post's fullname (t3_1abcd) or the
// address of a thread: nothing else of a record ever becomes one.
std::string linked(std::string_view text);

}  // namespace mill
