// markdown.h - Reddit's Markdown as its writer typed it.
#pragma once

#include <string>
#include <string_view>

namespace mill {

// Undoes what the API and the editor did to a text, and no more: Markdown
// stays as it is.
//
//   - &lt; &gt; &amp; become < > &, once, if the API escaped the text: it has
//     such an entity, no < or > and no other &. (An entity that the writer
//     typed is undone too if nothing shows the difference; Markdown renders
//     both alike.)
//   - &#x200B; and U+200B, which the editor puts into empty lines, are removed;
//   - &nbsp; becomes a space, CR LF becomes LF;
//   - white space at both ends is removed.
std::string clean_text(std::string_view text);

// text without the spaces, tabs and line ends around it.
std::string_view trimmed(std::string_view text);

}  // namespace mill
