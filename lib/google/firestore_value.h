// firestore_value.h - JSON as Firestore's values, and back.
//
//   const auto no_times = [](auto, auto) { return std::nullopt; };
//   mill::FirestoreFields fields;
//   mill::encode_fields(object, no_times, fields);
//   fields.json;  // {"score":{"integerValue":"3"}}
//   mill::decode_fields(answer["fields"], {"id"});  // {"id":"a","score":3}
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/base/timestamp.h"
#include "lib/json/json.h"

namespace mill {

// A document's fields as Firestore writes them, and the bytes that Firestore
// counts them as.
struct FirestoreFields {
  std::string json;
  std::size_t size = 0;
};

// The time that a document's field of text becomes; nothing if it stays text.
using TimeField = std::function<std::optional<Timestamp>(
    std::string_view name, std::string_view text)>;

// The members of an object as fields. A whole number that fits 64 bits and is
// written without a fraction is an integer, any other a double. Returns what
// Firestore would not take, if there is such a thing.
std::optional<std::string> encode_fields(JsonValue object,
                                         const TimeField& time_field,
                                         FirestoreFields& fields);

// Appends a value as plain JSON: times in RFC 3339, bytes in base64, a
// reference as its name, a place as {"latitude","longitude"}; a number that is
// not finite, which JSON lacks, as null. The members of maps are in the byte
// order of their names.
void append_value(std::string& out, JsonValue value);

// A field by another name, in place of what has that name.
struct Renamed {
  std::string_view from = {}, to = {};
};
// Fields as one JSON object: those named in `first` first, in that order, the
// others by their names; without the field left_out.
std::string decode_fields(JsonValue fields,
                          std::span<const std::string_view> first,
                          std::string_view left_out = {},
                          const Renamed& renamed = {});

// The number that a value is, if it is one.
std::optional<double> value_number(JsonValue value);

// The bytes that Firestore counts a document of a collection as.
std::size_t document_size(std::string_view collection, std::string_view id,
                          std::size_t fields_size);

}  // namespace mill
