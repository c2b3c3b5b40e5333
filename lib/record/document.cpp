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

Query part_of(Query query, std::uint64_t index, std::uint64_t count) {
  const Timestamp since = *query.since, until = *query.until;
  const auto parts = static_cast<std::int64_t>(count);
  const std::int64_t span = until.microseconds - since.microseconds;
  // until less k of the parts of span, whose product could be out of range.
  const auto end_of = [&](std::uint64_t before) {
    const auto k = static_cast<std::int64_t>(before);
    return Timestamp{until.microseconds - span / parts * k -
                     span % parts * k / parts};
  };
  query.until = end_of(index - 1);
  query.since = end_of(index);
  return query;
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
