// manifest.h - what a version of a data set is made of and how it came to be.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lib/answers/profile_text.h"
#include "lib/base/timestamp.h"
#include "lib/io/checksums.h"
#include "lib/json/json.h"

namespace mill {

// Scores from 0 to 1, summed up. Adds whole billionths, so that the result is
// exact to nine decimals and does not depend on the order.
class ScoreSummary {
 public:
  void add(double score);

  std::uint64_t count() const { return count_; }
  // To nine decimals. REQUIRES: count() > 0.
  double mean() const;
  double median() const;
  double min() const {
    return static_cast<double>(counts_.begin()->first) / 1e9;
  }
  // How many lie in each tenth: from 0 to below 0.1, and so on; 1 counts with
  // the last.
  std::array<std::uint64_t, 10> histogram() const;

 private:
  double nth(std::uint64_t n) const;
  std::map<std::int64_t, std::uint64_t> counts_;  // by billionths
  std::uint64_t count_ = 0;
  std::int64_t sum_ = 0;
};

// What a data set's records say of themselves, in their metadata or, for
// interactions, at the top.
struct ExampleSummary {
  std::uint64_t records = 0;
  ScoreSummary confidence;
  std::map<std::string, std::uint64_t> interaction_types, subreddits;

  void add(JsonValue example);
};

// Reads a file of records. Throws Exit: EX_NOINPUT, or EX_DATAERR at the first
// line that is no JSON object.
ExampleSummary summarize_examples(const std::string& path);

// Why records were dropped, and some of them; for each stage's reasons.
struct DroppedRecords {
  struct Sampled {
    std::string id, detail;
  };
  std::string stage, reason;
  std::uint64_t count = 0;
  std::vector<Sampled> samples = {};
};

// Files' names and their sums.
using NamedSums = std::vector<std::pair<std::string, FileSums>>;

struct Manifest {
  std::string version;
  std::string name;
  Timestamp created_at;
  std::vector<std::pair<std::string, std::string>> parameters = {};
  std::optional<std::string> store = {};
  std::optional<std::string> query = {};
  // A stage's name and the account it gave by --stats, in order.
  std::vector<std::pair<std::string, std::string>> stages = {};
  NamedSums files = {};
  // The same files in further formats: a format and its folder's, whose names
  // begin with that of the folder.
  std::vector<std::pair<std::string, NamedSums>> also = {};
  ExampleSummary examples = {};
  std::optional<std::array<double, 3>> split = {};
  std::uint64_t seed = 0;
  std::optional<std::string> group_by = {};  // hash-split's
  // The profile and what it extends; the system message of all examples.
  std::vector<ProfileText> profile = {};
  std::optional<std::string> system_prompt = {};
  std::vector<DroppedRecords> dropped = {};
  // JSON objects that other programs wrote.
  std::optional<std::string> tokens = {};
  std::optional<std::string> acceptance = {};
  // What was withdrawn since the version before: documents' ids, and why.
  std::optional<std::vector<std::pair<std::string, std::string>>> withdrawn =
      {};
};

// Reads the accounts in a --stats file: those of the stage that is named, which
// may have run in several processes, as their sum (run_accounts.h), or where
// none is named each by itself, under its program's name. Throws Exit: EX_NOINPUT, or EX_DATAERR
// at a line that is no account.
std::vector<std::pair<std::string, std::string>> read_stages(
    const std::string& path, const std::string& stage);

// Reads what withdraw wrote: ids and reasons. Throws Exit: EX_NOINPUT, or
// EX_DATAERR at a line without them.
std::vector<std::pair<std::string, std::string>> read_withdrawn(
    const std::string& path);

// Reads what pick-answer --dropped or dedup --removed wrote, of a stage: the
// reasons, each with three records, chosen by hash. Throws Exit: EX_NOINPUT, or
// EX_DATAERR at a line without id and reason.
std::vector<DroppedRecords> read_dropped(const std::string& path,
                                         const std::string& stage);

// The manifest, indented, with its keys in a fixed order; the same for equal
// contents. The seconds that stages took are left out. Parts of the split are
// recognized by their files' names, which end in ".train.jsonl" and so on.
std::string manifest_json(const Manifest& manifest);

}  // namespace mill
