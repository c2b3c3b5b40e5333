#include "lib/version/version_diff.h"

#include "tests/unit/catch.h"

namespace {

using Rows = std::vector<mill::VersionRow>;

// The changes as "KIND ID FROM>TO", in order.
std::string changes(const Rows& before, const Rows& after,
                    mill::DiffSummary summary = {}) {
  std::string text;
  for (const mill::RowChange& change : diff_rows(before, after, summary)) {
    if (!text.empty()) text += ", ";
    text += std::string(name_of(change.kind)) + ' ' + change.id + ' ' +
            change.from + '>' + change.to;
  }
  CHECK(summary.is_same() == text.empty());
  return text;
}

}  // namespace

TEST_CASE("rows are added, removed, changed, and moved between parts") {
  const Rows rows = {{"b", "train", 1}, {"a", "test", 2}};
  const struct {
    const char* what;
    Rows before, after;
    const char* changes;
  } cases[] = {
      {"the same in another order",
       rows,
       {{"a", "test", 2}, {"b", "train", 1}},
       ""},
      {"added", {}, rows, "added a >test, added b >train"},
      {"removed", rows, {}, "removed a test>, removed b train>"},
      {"changed",
       rows,
       {{"b", "train", 9}, {"a", "test", 2}},
       "changed b train>train"},
      {"moved", rows, {{"b", "val", 1}, {"a", "test", 2}}, "moved b train>val"},
      {"moved and changed",
       rows,
       {{"b", "val", 9}, {"a", "test", 2}},
       "changed b train>val"},
      {"of one id, one more",
       {{"a", "train", 1}},
       {{"a", "train", 2}, {"a", "train", 1}},
       "added a >train"},
      {"of one id, what fits best",
       {{"a", "train", 1}, {"a", "train", 2}, {"a", "val", 3}},
       {{"a", "val", 4}, {"a", "test", 2}, {"a", "train", 1}},
       "moved a train>test, changed a val>val"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(changes(c.before, c.after) == c.changes);
  }
}

TEST_CASE("a row that changed and moved counts as both") {
  mill::DiffSummary summary;
  diff_rows({{"a", "train", 1}, {"b", "train", 2}},
            {{"a", "test", 9}, {"b", "test", 2}}, summary);
  CHECK(summary.all.changed == 1);
  CHECK(summary.moved == 2);
  CHECK(summary.moves[{"train", "test"}] == 2);
  CHECK(summary.parts["test"].changed == 1);
  CHECK(summary.parts["train"].before == 2);
}
