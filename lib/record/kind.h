// kind.h - what kind of record a record is, for messages about wrong ones.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "lib/json/json.h"

namespace mill {

enum class RecordKind : std::uint8_t {
  kUnknown,
  kThread,       // a post with its comments
  kInteraction,  // a question with its answer
  kExample,      // of any format
  kText,         // a text without a conversation
  kManifest,     // of a version
  kTombstone,    // what a withdrawn document leaves in a store
  kCollected,    // what the collector endpoint answers
};

// Tells a record's kind by the names of its fields, not by what they hold.
RecordKind kind_of(JsonValue record);

// The kind in a message's words: "a thread".
std::string_view describe(RecordKind kind);

// "a thread, not an interaction or an example", if the record is of a known
// kind and of none of those that a program reads; else empty.
std::string wrong_kind(JsonValue record,
                       std::initializer_list<RecordKind> read);

}  // namespace mill
