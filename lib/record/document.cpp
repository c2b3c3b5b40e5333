#include "lib/record/document.h"

#include "lib/json/json_writer.h"

namespace mill {

std::optional<std::string> bad_document_id(std::string_view id) {
  constexpr std::size_t kMaxBytes = 1500;
  if (id.empty()) return "is empty";
  if (id.size() > kMaxBytes) return "is longer than 1500 bytes";
  if (id.find('/') != id.npos) return "has a slash in it";
  if (id == "." || id == "..") return "is a dot name";
  if (id.size() >= 4 && id.starts_with("__") && id.ends_with("__"))
    return "is a reserved name";
  return std::nullopt;
}

std::string tombstone(std::string_view id, Timestamp at) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.member("id", id);
  json.member("withdrawn", true);
  json.member("withdrawn_at", format_timestamp(at));
  json.end_object();
  return body;
}

}  // namespace mill
