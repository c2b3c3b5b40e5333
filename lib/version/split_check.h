// split_check.h - whether the parts of a split keep apart what must not meet:
// equal ids, and texts that are nearly the same; now and since before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
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
};

// Throws Exit: EX_NOINPUT, or EX_DATAERR if it says nothing of a split.
VersionSplit read_split(const std::string& manifest_path);

// Rows are numbered from 0 in the order in which they are added, those of
// earlier versions and of the one that is checked together. Takes
// NearDuplicates::kBytesPerText and about 70 more for each.
class SplitCheck {
 public:
  enum Fault {
    kIdInTwoParts,
    kIdMoved,  // its id was in another part in an earlier version
    kNearDuplicateInTwoParts,
    kNearDuplicateMoved,  // it was in another part
  };
  struct Finding {
    Fault fault;
    std::size_t other_row;
    std::size_t other_part;
    double similarity;  // 1 if the ids are the same
  };

  // near as for NearDuplicates.
  explicit SplitCheck(double near) : now_(near), earlier_(near) {}

  // Adds a row of an earlier version. The id may be empty: none.
  void add_earlier(std::size_t part, std::string_view id,
                   std::string_view text) {
    add_row(earlier_, part, id, sign_(text));
  }

  // Adds a row of the version that is checked, and says what is wrong with it,
  // if anything: the first that applies, in the order of Fault.
  std::optional<Finding> add(std::size_t part, std::string_view id,
                             std::string_view text);

 private:
  struct Row {
    std::uint32_t number;
    std::uint32_t part;
  };
  struct Part {
    NearDuplicates texts;
    std::vector<std::uint32_t> rows;  // by number in texts
  };
  struct Version {
    explicit Version(double near)
        : parts{Part{NearDuplicates(near), {}}, Part{NearDuplicates(near), {}},
                Part{NearDuplicates(near), {}}} {}
    std::array<Part, 3> parts;
    std::unordered_map<std::uint64_t, Row> ids;  // by hash, where first
  };

  void add_row(Version& version, std::size_t part, std::string_view id,
               const TextSignature& text);

  TextSigner sign_;
  Version now_, earlier_;
  std::uint32_t rows_ = 0;
};

struct SplitCheckOptions {
  std::string manifest;
  std::vector<std::string> against = {};  // earlier versions' manifests
  double near = 0.8;
  std::string field = {};  // that decided; see split_key()
  std::optional<std::string> stats = {};
};

// Checks the parts of a version: each row by itself, whether it stands where
// the split puts it, and by SplitCheck. Names the first 20 findings on stderr,
// writes an object with all counts to stdout, and returns EX_OK or kExitNo.
// Throws Exit as for_each_object() and read_split() do.
int check_split(Program& program, const SplitCheckOptions& options);

}  // namespace mill
