#include "lib/record/interaction.h"

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/base/sha256.h"
#include "lib/json/json_members.h"
#include "lib/json/json_writer.h"
#include "lib/record/kind.h"
#include "lib/record/stage.h"

namespace mill {

namespace {

enum FieldIndex : std::size_t {
  kId = 0,
  kQuestion = 1,
  kAnswer = 2,
  kConfidence = 3,
  kSourceUrl = 9,
  kSubreddit = 10,
  kCollectedAt = 14,
  kTimestamp = 15,
};

using Fields = std::array<JsonValue, kInteractionFields.size()>;

bool is_list_of_strings(JsonValue value) {
  for (const JsonValue element : value.elements())
    if (!element.is_string()) return false;
  return value.is_array();
}

// What a value of the type is, in a message; empty if value is one.
std::string_view wanted(InteractionField::Type type, JsonValue value) {
  switch (type) {
    case InteractionField::kText: return value.is_string() ? "" : "a string";
    case InteractionField::kTime:
      return value.is_string() && parse_timestamp(value.string())
                 ? ""
                 : "a time as RFC 3339 writes it";
    case InteractionField::kScore: {
      const auto number = value.number();
      return number && *number >= 0 && *number <= 1 ? ""
                                                    : "a number from 0 to 1";
    }
    case InteractionField::kWhole:
      return value.integer() ? "" : "a whole number";
    case InteractionField::kTruth: return value.is_bool() ? "" : "a boolean";
    case InteractionField::kTexts:
      return is_list_of_strings(value) ? "" : "a list of strings";
  }
  return "";
}

std::string document_id(const Fields& fields) {
  const JsonValue url = fields[kSourceUrl];
  const bool has_url = url && !url.raw_string().empty();
  return hex(sha256((has_url ? url : fields[kQuestion]).string()));
}

bool is_field_name(std::string_view key) {
  return std::any_of(kInteractionFields.begin(), kInteractionFields.end(),
                     [&](const InteractionField& field) {
                       return key == field.name || key == field.collector_name;
                     });
}

JsonValue named_field(JsonValue record, std::string_view name) {
  JsonValue value = record[name];
  if (value && !value.is_null()) return value;
  for (const InteractionField& field : kInteractionFields)
    if (field.name == name) value = record[field.collector_name];
  return value.is_null() ? JsonValue() : value;
}

// True if kTitle stands for the question.
bool is_question_in_title(JsonValue record) {
  return !named_field(record, "question") && named_field(record, kTitle) &&
         named_field(record, "answer");
}

// The record with our fields in our order, then the others.
std::string rewritten(JsonValue record, const Fields& fields,
                      const Document& document,
                      const std::string& collected_at) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view name = kInteractionFields[i].name;
    if (fields[i])
      json.raw_member(name, fields[i].raw());
    else if (i == kId)
      json.member(name, document.id);
    else if (i == kCollectedAt || i == kTimestamp)
      json.member(name, collected_at);
  }
  for (const NamedMember& member : unique_members(record))
    if (!is_field_name(member.name) &&
        !(member.name == kTitle && is_question_in_title(record)))
      json.raw_member(member.name, member.value.raw());
  json.end_object();
  return body;
}

}  // namespace

JsonValue interaction_field(JsonValue record, std::string_view name) {
  return name == "question" && is_question_in_title(record)
             ? record[kTitle]
             : named_field(record, name);
}

bool is_on_profile(std::string_view subreddit, std::string_view source_url) {
  if (ascii_lower(subreddit.substr(0, 2)) == "u_") return true;
  if (const std::size_t scheme = source_url.find("://");
      scheme != source_url.npos) {
    source_url.remove_prefix(scheme + 3);
    source_url.remove_prefix(std::min(source_url.find('/'), source_url.size()));
  }
  const std::string path = ascii_lower(source_url.substr(0, 6));
  return path.starts_with("/user/") || path.starts_with("/u/") ||
         path.starts_with("/r/u_");
}

Outcome to_document(JsonValue record, Timestamp stored_at, Document& document) {
  Fields fields;
  bool is_ours = !is_question_in_title(record);
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const InteractionField& field = kInteractionFields[i];
    fields[i] = interaction_field(record, field.name);
    if (field.collector_name != field.name && record[field.collector_name])
      is_ours = false;
    if (!fields[i]) continue;
    const std::string_view want = wanted(field.type, fields[i]);
    if (!want.empty())
      return Outcome::bad(std::string(field.name) + ": not " +
                          std::string(want));
  }
  const auto has_text = [&](FieldIndex i) {
    return fields[i] && !fields[i].raw_string().empty();
  };
  if (!fields[kQuestion])
    if (std::string why = wrong_kind(record, {RecordKind::kInteraction});
        !why.empty())
      return Outcome::bad(std::move(why));
  if (!has_text(kQuestion)) return Outcome::drop("no_question");
  if (!has_text(kAnswer)) return Outcome::drop("no_answer");
  const auto text_of = [&](FieldIndex i) {
    return fields[i] ? fields[i].string() : std::string();
  };
  if (is_on_profile(text_of(kSubreddit), text_of(kSourceUrl)))
    return Outcome::drop("post_on_profile");
  if (!fields[kConfidence]) return Outcome::bad("confidence: missing");

  document.id = fields[kId] ? fields[kId].string() : document_id(fields);
  if (const auto why = bad_document_id(document.id))
    return Outcome::bad("id: " + *why);
  const std::string collected_at = fields[kCollectedAt]
                                       ? fields[kCollectedAt].string()
                                       : format_timestamp(stored_at);
  document.confidence = fields[kConfidence].number();
  document.timestamp = parse_timestamp(
      fields[kTimestamp] ? fields[kTimestamp].string() : collected_at);
  document.subreddit.reset();
  if (fields[kSubreddit]) document.subreddit = fields[kSubreddit].string();

  const bool is_whole =
      fields[kId] && fields[kCollectedAt] && fields[kTimestamp];
  document.body = is_ours && is_whole
                      ? std::string(record.raw())
                      : rewritten(record, fields, document, collected_at);
  return Outcome::keep();
}

}  // namespace mill
