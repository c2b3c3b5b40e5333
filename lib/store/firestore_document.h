// firestore_document.h - a document of ours as Firestore keeps it.
//
//   std::string fields;
//   if (auto why = mill::encode_document("c", document, write_id, fields))
//     ... Firestore would not take it ...
//   std::string body = mill::decode_document(found["fields"]);
//
// What does not survive is white space, the order and duplicates of keys, the
// spelling of numbers (1e2 comes back as 100.0, integers beyond 64 bits as the
// nearest double), of escapes and of times (`timestamp` and `collected_at` are
// Firestore timestamps and come back in UTC, rounded down to microseconds). A
// body comes back with the fields of an interaction in their order, then the
// others by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/timestamp.h"
#include "lib/json/json.h"
#include "lib/record/document.h"

namespace mill {

// The field that tells which write created a document. Never part of a body.
inline constexpr char kWriteId[] = "write_id";
std::string new_write_id();  // 24 random characters
bool is_written_by(JsonValue fields, std::string_view write_id);

// A document's body and write_id as Firestore's fields, in JSON. Returns why
// Firestore would not take it, if so.
std::optional<std::string> encode_document(const std::string& collection,
                                           const Document& document,
                                           const std::string& write_id,
                                           std::string& fields);

// The body that the fields make, without write_id; where the title stands for
// the question, it is that.
std::string decode_document(JsonValue fields);

// Which of our fields become Firestore's timestamps: `timestamp` and
// `collected_at`, and, if they come back with the same spelling, `created_at`
// and `withdrawn_at`.
std::optional<Timestamp> time_field(std::string_view name,
                                    std::string_view text);

}  // namespace mill
