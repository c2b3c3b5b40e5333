// vendor_profiles.h - what vendors require of one training example.
//
// A profile holds the checks that a vendor documents or ships; if a vendor has
// names for its findings, as OpenAI's cookbook does, the codes are those. All
// findings of an example are given, not only the first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"

namespace mill {

enum class Severity { kError, kWarning };

struct Finding {
  Severity severity;
  std::string_view code;  // a constant, as "missing_content"
  std::string field;      // as "messages[1].role"; empty: the whole line
  std::string sentence;   // what is wrong; never the record's text
};

// The findings of one line, and the texts it holds.
class Findings {
 public:
  void add(Severity severity, std::string_view code, std::string field,
           std::string sentence);
  void error(std::string_view code, std::string field, std::string sentence) {
    add(Severity::kError, code, std::move(field), std::move(sentence));
  }
  void warn(std::string_view code, std::string field, std::string sentence) {
    add(Severity::kWarning, code, std::move(field), std::move(sentence));
  }
  void clear();

  const std::vector<Finding>& all() const { return all_; }
  bool has_errors() const { return has_errors_; }

  // The strings that would be trained on or prompted with; valid as long as the
  // example's values are.
  std::vector<JsonValue> texts;

 private:
  std::vector<Finding> all_;
  bool has_errors_ = false;
};

// Those from kHf on are trainers that read files with Hugging Face's datasets.
enum class Vendor {
  kOpenai,
  kOpenaiRft,
  kTogether,
  kFireworks,
  kMistral,
  kVertex,
  kBedrock,
  kBedrockClaude,
  kHf,
  kSharegpt,
  kAlpaca,
  kAxolotl
};

// All names, as --profile has them.
std::vector<std::string> vendor_names();

// True if the vendor's program wants one type a column in all lines.
bool reads_with_arrow(Vendor vendor);

// The vendor of that name, such as "openai".
std::optional<Vendor> vendor_named(std::string_view name);

// What a vendor requires of a file as a whole; 0: nothing.
struct FileLimits {
  std::uint64_t max_bytes = 0;
  std::uint64_t min_examples = 0;
  std::uint64_t max_examples = 0;
  Severity too_few = Severity::kWarning;  // how bad too few examples are
};
// As share/vendor-limits.tsv has them, with their sources.
FileLimits file_limits(Vendor vendor);
std::string_view embedded_vendor_limits();

// What must be the same in all lines of a file. Together's format, and TRL's type
// of a data set, by its columns, such as "prompt, completion"; for the others, who
// train on answers or on pairs of answers, the column that holds the pair, or "no
// pair". Empty: it cannot be told.
std::string_view columns_in_common(Vendor vendor, JsonValue example);

// Checks example by itself; appends to findings.
void check_example(Vendor vendor, JsonValue example, Findings& findings);

// A path with one more key: "metadata" + "id" is "metadata.id". A key that is
// not a plain word is quoted, and shortened if it is long.
std::string path_to(std::string_view path, std::string_view key);
std::string path_to(std::string_view path, std::size_t index);

}  // namespace mill
