// validate.h - checks training examples: each by itself, and against the
// earlier ones.
//
// Besides a vendor's profile: duplicate keys, carriage returns, length, the
// same content twice, one format (together) and one type a column (hf) in all
// lines. Memory grows with the number of examples by about 60 bytes each, for
// duplicates, and by nothing else.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/examples/vendor_profiles.h"
#include "lib/io/output.h"
#include "lib/json/json.h"
#include "lib/tokens/tokenizer.h"

namespace mill {

enum class Duplicates { kFail, kDrop, kAllow };

// A hash of the part of an example that is trained on: its columns that hold
// messages or text, in any order, of duplicate keys the last, without white
// space; strings with escapes resolved; numbers as spelled. Columns that say
// where an example came from, such as metadata, are left out. Two examples are
// duplicates if this is the same.
struct ContentHash {
  std::uint64_t high, low;
  bool operator==(const ContentHash&) const = default;
};
ContentHash content_hash(JsonValue example);

class Validator {
 public:
  struct Options {
    Vendor vendor = Vendor::kOpenai;
    Duplicates duplicates = Duplicates::kFail;
    std::optional<std::uint64_t> max_tokens = {};
    Encoding encoding = Encoding::kO200k;
  };
  enum class Verdict { kValid, kInvalid, kDuplicate };

  explicit Validator(const Options& options) : options_(options) {}

  // Counts by this tokenizer rather than by the encoding.
  void count_with(Tokenizer tokenizer) {
    tokenizer_.emplace(std::move(tokenizer));
  }

  // Judges one example; findings says why. source and line say where it
  // stands, for the sentence about its duplicates.
  Verdict check(JsonValue example, const std::string& source,
                std::uint64_t line, Findings& findings);

 private:
  struct Column {
    JsonKind kind = JsonKind::kMissing;
    bool has_empty_list = false;
    bool has_filled_list = false;
    bool is_reported = false;
  };
  void check_duplicate_keys(JsonValue value, const std::string& path,
                            Findings& findings);
  void check_types(JsonValue value, const std::string& path,
                   Findings& findings);
  void check_format(JsonValue example, Findings& findings);
  void check_tokens(Findings& findings);
  bool is_duplicate(JsonValue example, const std::string& source,
                    std::uint64_t line, Findings& findings);

  Options options_;
  struct KeyHash {
    std::size_t operator()(const ContentHash& key) const { return key.low; }
  };
  struct Place {
    std::size_t source;  // in sources_
    std::uint64_t line;
  };
  // Where each valid example's content was first.
  std::unordered_map<ContentHash, Place, KeyHash> seen_;
  std::vector<std::string> sources_;
  std::unordered_map<std::string, Column> columns_;  // hf
  std::string_view first_columns_;                   // columns_in_common()
  std::optional<Tokenizer> tokenizer_;               // made when it is needed
};

// All findings of a run: the first as messages, a table of them all for
// people, and all of them in a report for programs.
class FindingLog {
 public:
  // report_path may be empty: no report.
  FindingLog(Program& program, const std::string& report_path);

  void add(const std::string& source, std::uint64_t line,
           const Finding& finding);
  // A line that is no record, which has been reported already.
  void add_bad_line(const std::string& source, std::uint64_t line,
                    const Finding& finding);
  // A finding about all the examples together.
  void add_to_all(const Finding& finding);

  // How many errors there were, bad lines not counted.
  std::uint64_t errors() const { return errors_; }

  // Prints the table, and completes the report.
  void finish(std::string_view profile, bool is_valid, const Stats& stats);

 private:
  struct Row {
    std::uint64_t count = 0;
    std::string first;
    std::string sentence;
  };
  void record(const std::string& source, std::uint64_t line,
              const Finding& finding);
  std::string table() const;

  Program& program_;
  std::unique_ptr<AtomicFile> report_;
  std::map<std::pair<Severity, std::string_view>, Row> rows_;  // by code
  std::uint64_t errors_ = 0;
  std::uint64_t printed_errors_ = 0, printed_warnings_ = 0;
  std::uint64_t findings_ = 0;
};

// Checks the valid examples as a whole: fewer than min_examples are an error;
// what file_limits() excludes is no worse than `worst`.
void check_file(Vendor vendor, const Stats& stats, std::uint64_t min_examples,
                Severity worst, FindingLog& log);

}  // namespace mill
