#include "lib/google/rpc_status.h"

#include <array>

namespace mill {

namespace {

constexpr std::array<std::string_view, 17> kStatusNames = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

}  // namespace

std::string_view rpc_status_name(std::int64_t code) {
  return code >= 0 && code < static_cast<std::int64_t>(kStatusNames.size())
             ? kStatusNames[static_cast<std::size_t>(code)]
             : "UNKNOWN";
}

bool is_transient(std::int64_t code) {
  const std::string_view name = rpc_status_name(code);
  return name == "ABORTED" || name == "UNAVAILABLE" ||
         name == "RESOURCE_EXHAUSTED" || name == "INTERNAL" ||
         name == "DEADLINE_EXCEEDED" || name == "CANCELLED" ||
         name == "UNKNOWN";
}

}  // namespace mill
