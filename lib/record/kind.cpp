#include "lib/record/kind.h"

#include <algorithm>

#include "lib/record/example.h"

namespace mill {

RecordKind kind_of(JsonValue record) {
  if (record["post"].is_object() && record["comments"])
    return RecordKind::kThread;
  if (example_format(record)) return RecordKind::kExample;
  if (record["interactions"].is_array() && record["metrics"])
    return RecordKind::kCollected;
  for (const std::string_view mark : kInteractionFormat.marks)
    if (record[mark]) return RecordKind::kInteraction;
  if (record["version"] && record["files"].is_array())
    return RecordKind::kManifest;
  if (record["withdrawn"].is_true()) return RecordKind::kTombstone;
  for (const std::string_view mark : kTextFormat.marks)
    if (record[mark]) return RecordKind::kText;
  return RecordKind::kUnknown;
}

std::string_view describe(RecordKind kind) {
  switch (kind) {
    case RecordKind::kThread: return "a thread";
    case RecordKind::kInteraction: return "an interaction";
    case RecordKind::kExample: return "an example";
    case RecordKind::kText: return "a plain text";
    case RecordKind::kManifest: return "a manifest";
    case RecordKind::kTombstone: return "a withdrawn document";
    case RecordKind::kCollected: return "a collector's answer";
    case RecordKind::kUnknown: break;
  }
  return "an unknown record";
}

std::string wrong_kind(JsonValue record,
                       std::initializer_list<RecordKind> read) {
  const RecordKind kind = kind_of(record);
  if (kind == RecordKind::kUnknown ||
      std::find(read.begin(), read.end(), kind) != read.end())
    return {};
  std::string text(describe(kind));
  std::string_view link = ", not ";
  for (const RecordKind wanted : read) {
    text += link;
    text += describe(wanted);
    link = " or ";
  }
  return text;
}

}  // namespace mill
