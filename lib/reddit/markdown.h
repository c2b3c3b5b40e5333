// markdown.h - Reddit's Markdown as its writer typed it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mill {

// Whether the source may have escaped <, > and & on its way: Reddit's API does
// unless it is asked not to (raw_json=1), and old dumps are of both kinds.
enum class ApiEscapes : std::uint8_t { kUnknown, kNone };

// Undoes what the API and the editor did to a text, and no more: Markdown
// stays as it is.
//
//   - control characters but tab and newline go away; CR LF and CR become LF;
//   - &lt; &gt; &amp; become < > &, once, if the API may have escaped the text
//     and did: it has such an entity, no < or > and no other &;
//   - entities that Reddit shows as characters, "&#37;", "&mdash;", become
//     these, but for code, where Reddit shows them as they are;
//   - U+200B, which the editor puts into empty lines, goes away, a no-break
//     space that an entity wrote becomes a space;
//   - white space at both ends goes away.
std::string clean_text(std::string text,
                       ApiEscapes escapes = ApiEscapes::kUnknown);

// The same of a title, which is no Markdown: Reddit shows its entities as they
// are.
std::string clean_title(std::string title,
                        ApiEscapes escapes = ApiEscapes::kUnknown);

// A clean text without what a text cannot show: marks of giphy's pictures,
// emotes and uploaded pictures, links to polls, and lines that are a link to a
// picture of Reddit's; within a line such a link becomes "[image]". A text of
// nothing else is empty.
std::string without_media(std::string text);

// text without the blanks, tabs and line ends around it.
std::string_view trimmed(std::string_view text);

}  // namespace mill
