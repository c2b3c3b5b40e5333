#include "lib/version/version_diff.h"

#include <algorithm>
#include <iterator>

#include "lib/base/sha256.h"
#include "lib/base/table.h"
#include "lib/json/json_file.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"
#include "lib/record/kind.h"
#include "lib/version/version_files.h"

namespace mill {

namespace {

void read_rows(const std::string& path, const std::string& part,
               std::vector<VersionRow>& rows) {
  for_each_object(path, [&](JsonValue example, const LineOfFile& line) {
    std::string id = example_id(example);
    if (id.empty()) {
      const std::string kind = wrong_kind(example, {RecordKind::kExample});
      line.fail(kind.empty() ? "no id and no question" : kind);
    }
    rows.push_back({std::move(id), part, first_64_bits(sha256(line.text))});
  });
}

using Rows = std::vector<VersionRow>;

// Removes from both, which are sorted, the rows that are in both.
void leave_differences(Rows& before, Rows& after) {
  Rows gone, come;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(gone));
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(come));
  before = std::move(gone);
  after = std::move(come);
}

// Removes from both the pairs of rows for which is_match holds, and passes them
// to use.
template <typename IsMatch, typename Use>
void take_matches(Rows& before, Rows& after, const IsMatch& is_match,
                  const Use& use) {
  for (auto row = before.begin(); row != before.end();) {
    const auto match = std::find_if(
        after.begin(), after.end(),
        [&](const VersionRow& other) { return is_match(*row, other); });
    if (match == after.end()) {
      ++row;
      continue;
    }
    use(*row, *match);
    after.erase(match);
    row = before.erase(row);
  }
}

// The rows of one id.
Rows take_id(const std::string& id, Rows::iterator& at, Rows::iterator end) {
  Rows rows;
  for (; at != end && at->id == id; ++at) rows.push_back(std::move(*at));
  return rows;
}

std::string part_name(const std::string& part) {
  return part.empty() ? "examples" : part;
}

// train, val and test, then others.
std::vector<std::string> parts_in_order(const DiffSummary& summary) {
  std::vector<std::string> names;
  for (const std::string_view part : kPartNames)
    if (summary.parts.contains(std::string(part))) names.emplace_back(part);
  for (const auto& [part, counts] : summary.parts)
    if (std::find(names.begin(), names.end(), part) == names.end())
      names.push_back(part);
  return names;
}

void write_counts(JsonWriter& json, const DiffSummary::Counts& counts) {
  json.member("before", counts.before);
  json.member("after", counts.after);
  json.member("added", counts.added);
  json.member("removed", counts.removed);
  json.member("changed", counts.changed);
}

}  // namespace

std::vector<VersionRow> version_rows(const std::string& path) {
  Rows rows;
  const bool is_examples = path.ends_with(".jsonl") || path.ends_with(".gz") ||
                           path.ends_with(".zst");
  const std::string manifest_file = manifest_path(path);
  if (is_examples && manifest_file == path) {
    read_rows(path, "", rows);
    return rows;
  }
  const JsonFile manifest(manifest_file);
  for (const VersionFile& file : example_files(version_files(manifest)))
    read_rows(file.path, file.part, rows);
  return rows;
}

std::string_view name_of(RowChange::Kind kind) {
  switch (kind) {
    case RowChange::kAdded: return "added";
    case RowChange::kRemoved: return "removed";
    case RowChange::kChanged: return "changed";
    case RowChange::kMoved: break;
  }
  return "moved";
}

std::vector<RowChange> diff_rows(Rows before, Rows after,
                                 DiffSummary& summary) {
  for (const VersionRow& row : before) ++summary.parts[row.part].before;
  for (const VersionRow& row : after) ++summary.parts[row.part].after;
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  leave_differences(before, after);

  std::vector<RowChange> changes;
  const auto add = [&](RowChange::Kind kind, const std::string& id,
                       const std::string& from, const std::string& to) {
    changes.push_back({kind, id, from, to});
    if (kind == RowChange::kAdded) ++summary.parts[to].added;
    if (kind == RowChange::kRemoved) ++summary.parts[from].removed;
    if (kind == RowChange::kChanged) ++summary.parts[to].changed;
    if (kind == RowChange::kAdded || kind == RowChange::kRemoved || from == to)
      return;
    ++summary.moves[{from, to}];
    ++summary.moved;
  };
  auto old_row = before.begin(), new_row = after.begin();
  while (old_row != before.end() || new_row != after.end()) {
    const std::string id = new_row == after.end() ? old_row->id
                           : old_row == before.end()
                               ? new_row->id
                               : std::min(old_row->id, new_row->id);
    Rows olds = take_id(id, old_row, before.end());
    Rows news = take_id(id, new_row, after.end());
    using Row = VersionRow;
    take_matches(
        olds, news, [](const Row& a, const Row& b) { return a.hash == b.hash; },
        [&](const Row& a, const Row& b) {
          add(RowChange::kMoved, id, a.part, b.part);
        });
    const auto change = [&](const Row& a, const Row& b) {
      add(RowChange::kChanged, id, a.part, b.part);
    };
    take_matches(
        olds, news, [](const Row& a, const Row& b) { return a.part == b.part; },
        change);
    take_matches(
        olds, news, [](const Row&, const Row&) { return true; }, change);
    for (const Row& row : olds) add(RowChange::kRemoved, id, row.part, "");
    for (const Row& row : news) add(RowChange::kAdded, id, "", row.part);
  }
  for (const auto& [part, counts] : summary.parts) {
    summary.all.before += counts.before;
    summary.all.after += counts.after;
    summary.all.added += counts.added;
    summary.all.removed += counts.removed;
    summary.all.changed += counts.changed;
  }
  return changes;
}

std::string diff_table(const DiffSummary& summary) {
  std::vector<std::vector<std::string>> rows = {
      {"part", "before", "after", "added", "removed", "changed"}};
  const auto add = [&](const std::string& name,
                       const DiffSummary::Counts& counts) {
    rows.push_back({name, std::to_string(counts.before),
                    std::to_string(counts.after), std::to_string(counts.added),
                    std::to_string(counts.removed),
                    std::to_string(counts.changed)});
  };
  for (const std::string& part : parts_in_order(summary))
    add(part_name(part), summary.parts.at(part));
  if (summary.parts.size() != 1) add("all", summary.all);
  std::string text = aligned(rows, {Side::kLeft, Side::kRight});
  if (summary.moved == 0) return text;
  rows = {{"from", "to", "moved"}};
  for (const auto& [move, count] : summary.moves)
    rows.push_back(
        {part_name(move.first), part_name(move.second), std::to_string(count)});
  return text + '\n' + aligned(rows, {Side::kLeft, Side::kLeft, Side::kRight});
}

std::string diff_json(const DiffSummary& summary) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("same", summary.is_same());
  write_counts(json, summary.all);
  json.member("moved", summary.moved);
  json.key("parts");
  json.begin_array();
  for (const std::string& part : parts_in_order(summary)) {
    json.begin_object();
    json.member("part", part);
    write_counts(json, summary.parts.at(part));
    json.end_object();
  }
  json.end_array();
  json.key("moves");
  json.begin_array();
  for (const auto& [move, count] : summary.moves) {
    json.begin_object();
    json.member("from", move.first);
    json.member("to", move.second);
    json.member("moved", count);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

std::string change_json(const RowChange& change) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("change", name_of(change.kind));
  json.member("id", change.id);
  if (change.kind != RowChange::kAdded) json.member("from", change.from);
  if (change.kind != RowChange::kRemoved) json.member("to", change.to);
  json.end_object();
  return text;
}

}  // namespace mill
