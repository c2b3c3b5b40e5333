// version_diff.h - which examples two versions have in common, by their ids.
//
//   const auto before = mill::version_rows("v1");
//   const auto after = mill::version_rows("v2");
//   mill::DiffSummary summary;
//   for (const auto& change : mill::diff_rows(before, after, summary)) ...
//
// Of an example only its id, its part and a hash of its line are kept, about
// 200 bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mill {

struct VersionRow {
  std::string id;          // see example_id()
  std::string part;        // see part_of_name()
  std::uint64_t hash = 0;  // of the line's bytes
  auto operator<=>(const VersionRow&) const = default;
};

// The rows of a version: a folder with a manifest.json, a manifest, or else a
// file of examples, whose name ends in .jsonl, .gz or .zst. Throws Exit:
// EX_NOINPUT, EX_DATAERR.
std::vector<VersionRow> version_rows(const std::string& path);

struct RowChange {
  enum Kind { kAdded, kRemoved, kChanged, kMoved } kind;
  std::string id;
  std::string from, to;  // parts; they may differ for a changed row, too
};
std::string_view name_of(RowChange::Kind kind);

// How many rows of each part became what. A row that changed and moved counts
// as both.
struct DiffSummary {
  struct Counts {
    std::uint64_t before = 0, after = 0, added = 0, removed = 0, changed = 0;
  };
  std::map<std::string, Counts> parts;  // changed: by the new part
  Counts all;
  std::map<std::pair<std::string, std::string>, std::uint64_t> moves;
  std::uint64_t moved = 0;

  bool is_same() const {
    return all.added + all.removed + all.changed + moved == 0;
  }
};

// The changes, ordered by id. Rows that share an id are matched by part and
// bytes first, then by bytes, then by part.
std::vector<RowChange> diff_rows(std::vector<VersionRow> before,
                                 std::vector<VersionRow> after,
                                 DiffSummary& summary);

// For people, several lines; as one JSON object; a change as one JSON object.
// The objects are without a newline.
std::string diff_table(const DiffSummary& summary);
std::string diff_json(const DiffSummary& summary);
std::string change_json(const RowChange& change);

}  // namespace mill
