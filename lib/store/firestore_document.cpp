#include "lib/store/firestore_document.h"

#include <array>
#include <cstdio>
#include <random>

#include "lib/google/firestore_value.h"
#include "lib/record/interaction.h"

namespace mill {

namespace {

constexpr std::size_t kMaxDocument = (1 << 20) - 4;             // bytes
constexpr std::size_t kWriteIdSize = sizeof kWriteId + 24 + 1;  // as stored

constexpr auto kFieldNames = [] {
  std::array<std::string_view, kInteractionFields.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i)
    names[i] = kInteractionFields[i].name;
  return names;
}();

}  // namespace

std::string new_write_id() {
  std::random_device random;
  char text[25];
  std::snprintf(text, sizeof text, "%08x%08x%08x", random(), random(),
                random());
  return text;
}

bool is_written_by(JsonValue fields, std::string_view write_id) {
  const JsonValue id = fields[kWriteId]["stringValue"];
  return id.is_string() && id.string() == write_id;
}

std::optional<std::string> encode_document(const std::string& collection,
                                           const Document& document,
                                           const std::string& write_id,
                                           std::string& fields) {
  JsonReader reader;
  if (const auto error = reader.parse(document.body)) return error->message();
  if (reader.root()[kWriteId])
    return "has a field write_id, which is the store's own";
  FirestoreFields encoded;
  if (auto why = encode_fields(reader.root(), time_field, encoded)) return why;
  if (document_size(collection, document.id, encoded.size + kWriteIdSize) >
      kMaxDocument)
    return "is larger than Firestore's 1048572 bytes";
  fields = std::move(encoded.json);
  fields.pop_back();
  if (fields.back() != '{') fields += ',';
  fields.append("\"")
      .append(kWriteId)
      .append(R"(":{"stringValue":")")
      .append(write_id)
      .append("\"}}");
  return std::nullopt;
}

std::string decode_document(JsonValue fields) {
  const JsonValue question = fields["question"];
  const bool is_in_title = (!question || question["nullValue"]) &&
                           fields[kTitle] &&
                           interaction_field(fields, "answer");
  return decode_fields(fields, kFieldNames, kWriteId,
                       is_in_title ? Renamed{kTitle, "question"} : Renamed{});
}

std::optional<Timestamp> time_field(std::string_view name,
                                    std::string_view text) {
  const bool is_query_time = name == "timestamp" || name == "collected_at";
  if (!is_query_time && name != "created_at" && name != "withdrawn_at")
    return std::nullopt;
  const auto time = parse_timestamp(text);
  if (!time || is_query_time || format_timestamp(*time) == text) return time;
  return std::nullopt;
}

}  // namespace mill
