// split_check.h - whether the parts of a split keep apart what must not meet:
// equal ids, texts that are nearly the same, and the same question; within the
// version and against earlier ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cli/program.h"
#include "lib/text/near_duplicates.h"

namespace mill {

// What a manifest says of a version's split: the files, which lie beside it,
// of train, val and test.
struct VersionSplit {
  std::array<std::string, 3> files;
  std::array<double, 3> fractions;
  std::uint64_t seed;
  std::string group_by = {};  // empty: the records' own keys
};

// Throws Exit: EX_NOINPUT, or EX_DATAERR if it does not describe a split.
VersionSplit read_split(const std::string& manifest_path);

// Rows are numbered from 0 in the order of adding, those of earlier versions
// and of the one that is checked alike. Takes about 1.1 kB of memory for each,
// however long it is; see TextSet.
class SplitCheck {
 public:
  enum Fault {
    kIdInTwoParts,
    kIdMoved,  // its id was in another part in an earlier version
    kNearDuplicateInTwoParts,
    kNearDuplicateMoved,      // it was in another part
    kSameQuestionInTwoParts,  // word for word, with another answer
    kSameQuestionMoved,
    kNearQuestionInTwoParts,
    kNearQuestionMoved,
  };
  // A row: where it is, and what it says. An empty id or question: none.
  struct Row {
    std::size_t part = 0;
    std::string_view id = {};
    std::string_view text = {};      // as append_record_text() has it
    std::string_view question = {};  // as question_of() has it
  };
  struct Finding {
    std::size_t row;
    Fault fault;
    std::size_t other_row;
    std::size_t other_part;
    double similarity;  // 1 if the ids are the same
  };

  // near as for NearDuplicates.
  explicit SplitCheck(double near) : near_(near) {}

  // Adds a row of an earlier version, or of the one that is checked.
  void add_earlier(const Row& row) { add(row, true); }
  void add(const Row& row) { add(row, false); }

  // What is wrong with the rows of the version that is checked, by row; of each
  // the first fault that applies, in the order of Fault, among the rows before
  // it. Once, at the end.
  std::vector<Finding> findings();

 private:
  struct Kept {
    std::uint64_t id;  // hash; 0: none
    std::uint8_t part;
    bool is_earlier;
  };
  // The rows outside the part that has most.
  struct Seekers {
    std::size_t part;
    BandFilter texts, questions;
  };
  Seekers seekers_of_largest_part() const;
  void add(const Row& row, bool is_earlier);

  double near_;
  std::vector<Kept> rows_;
  TextSet texts_, questions_;  // by row
};

struct SplitCheckOptions {
  std::string manifest;
  std::vector<std::string> against = {};  // earlier versions' manifests
  double near = 0.8;
  // That decided, see split_key(); empty: what the manifest says.
  std::string field = {};
  std::optional<std::string> stats = {};
};

// Checks the parts of a version: each row by itself, whether it stands where
// the split puts it, and by SplitCheck. Names the first 20 findings on stderr,
// writes an object with all counts to stdout, and returns EX_OK or kExitNo.
// Throws Exit as for_each_object() and read_split() do.
int check_split(Program& program, const SplitCheckOptions& options);

}  // namespace mill
