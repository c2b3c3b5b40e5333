// json_lines.h - what a file is that was to be JSON Lines and is not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mill {

// What a file seems to be, with what to do about it, if it is a JSON array,
// JSON over several lines, or comma- or tab-separated values: "is CSV, not ...".
// `lines` is its first line that is not empty and maybe some after it; one bad
// record alone is none of these.
std::optional<std::string> is_not_json_lines(std::string_view lines);

}  // namespace mill
