// rpc_status.h - Google's canonical error codes.
//
//   mill::rpc_status_name(14);  // "UNAVAILABLE"
#pragma once

#include <cstdint>
#include <string_view>

namespace mill {

// The name of a google.rpc code; "UNKNOWN" for a number that is none.
std::string_view rpc_status_name(std::int64_t code);
// Whether sending again may help what failed with the code.
bool is_transient(std::int64_t code);

}  // namespace mill
