// acceptance.h - whether a version is fit to be published.
//
//   mill::Inspection inspection(mill::token_counting(manifest));
//   for (...) inspection.add(example, line, "train", "v2.train.jsonl", number);
//   for (const mill::Check& check : mill::judge(inspection, baseline, limits))
//     if (!check.passed) ... check.sentence says why
//
// What is looked at is the examples themselves; of the version before only what
// its manifest says, so that its files need not be at hand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "lib/answers/calibration.h"
#include "lib/examples/anonymize.h"
#include "lib/examples/token_stats.h"
#include "lib/json/json.h"
#include "lib/record/marks_file.h"
#include "lib/version/manifest.h"
#include "lib/version/split_check.h"

namespace mill {

// Tokens of the examples; those of one example at the mean and so on.
struct TokenFigures {
  std::uint64_t total = 0;
  double mean = 0, median = 0, p95 = 0, max = 0;
};

// What is compared between versions.
struct Figures {
  std::uint64_t examples = 0;
  std::optional<double> mean_confidence, median_confidence;
  std::optional<double> least_confidence;  // no manifest has it
  std::optional<TokenFigures> tokens;
  std::map<std::string, std::uint64_t> interaction_types, subreddits;
  // What the split goes by, empty: the records' own keys; no split: nothing.
  std::optional<std::string> group_by;
};

// How a manifest's tokens were counted; make-manifest recorded what token-stats
// said.
struct TokenCounting {
  std::string tokenizer = "o200k_base";  // by Tokenizer::name()
  TokenCounter::Overhead overhead = TokenCounter::kTextOnly;
  bool operator==(const TokenCounting&) const = default;
};
TokenCounting token_counting(JsonValue manifest);

// A manifest's figures, as far as it has them; of tokens only if they were
// counted so.
Figures figures_of(JsonValue manifest, const TokenCounting& counting);

// Looks at a version's examples one by one, in the order of the parts.
//
// A leak is an example that another part has too: the same id; question and
// answer that are nearly the same (near_duplicates.h, 0.8); or the same
// question, letter case and all but words left out. A near question is one that
// is only nearly another part's. Each example counts once, in the later part.
// A duplicate is one whose content another of its own part has, as
// jsonl-validate judges it. Personal data is what anonymize would replace.
//
// Memory is about 1.2 kB an example, however long it is.
class Inspection {
 public:
  // What was found, and the first place and kind of it; no record's text.
  struct Fault {
    std::uint64_t count = 0;
    std::string first;
    std::map<std::string, std::uint64_t, std::less<>> kinds;
    void add(std::string_view kind, const std::string& where);
  };

  // What people marked of the examples; what they are unsure of is left out.
  struct Marked {
    std::uint64_t good = 0, all = 0;
  };

  // marks are readers' on examples by metadata.id; those of an answer are of
  // examples that say metadata.answer_id.
  explicit Inspection(TokenCounter counter, Marks marks = {});

  // part is train, val or test, or empty: then there are no others that
  // examples could be in. line stands in file at that number. Throws
  // Exit(EX_DATAERR) if it has no text to count.
  void add(JsonValue example, std::string_view line, const std::string& part,
           const std::string& file, std::uint64_t number);

  // Compares the parts. Once, after all were added, and before leaks().
  void finish();

  Figures figures() const;
  bool has_parts() const { return has_parts_; }
  const Fault& duplicates() const { return duplicates_; }
  const Fault& leaks() const { return leaks_; }
  const Fault& near_questions() const { return near_questions_; }
  const Fault& personal_data() const { return personal_data_; }
  const Marked& marked() const { return marked_; }
  // The marked examples that say their confidence.
  const std::vector<Judged>& judged() const { return judged_; }

 private:
  // Where a row of parts_ stands: the number of its file, and its line.
  struct Place {
    std::uint32_t file, line;
  };

  TokenCounter counter_;
  TokenSummary tokens_;
  ExampleSummary summary_;
  Anonymizer anonymizer_;
  Marks marks_;
  Marked marked_;
  std::vector<Judged> judged_;
  Fault duplicates_, leaks_, near_questions_, personal_data_;

  bool has_parts_ = false;
  std::vector<std::string> files_;
  std::string part_;
  std::unordered_set<std::uint64_t> contents_;  // of this part
  SplitCheck parts_;
  std::vector<Place> places_;  // by row of parts_
  std::string text_;
};

// A person's word that what a version has become is what the next is to be
// compared with, however far it is from the last.
struct BaselineAccepted {
  std::string who, why;
};

// Drifts are in percent, and need a version to compare with. Those of fewer
// examples than min_drift_sample, now or before, are reported and do not fail:
// two draws of 100 from eight types differ by 15 % on the average, by luck.
struct AcceptanceLimits {
  std::uint64_t min_examples = 1;
  std::optional<double> min_confidence = {};
  std::optional<double> min_mean_confidence = {};
  std::optional<double> min_median_confidence = {};
  // Of the marked examples' share of good, its Wilson interval's lower bound.
  std::optional<double> min_good = {};
  std::uint64_t min_drift_sample = 100;
  std::optional<BaselineAccepted> accepted = {};
  double max_confidence_drop = 0.05;
  double max_token_drift = 20;
  std::optional<double> max_total_token_drift = {};
  double max_type_drift = 20;
  std::uint64_t max_duplicates = 0, max_leaks = 0, max_pii = 0;
  std::optional<std::uint64_t> max_near_questions = {};
};

// One number and what became of it; numbers as JSON writes them, empty where
// there is none. What has no limit, or nothing to be compared with, is not
// checked.
struct Check {
  std::string name;
  std::string value;
  std::string limit = {};
  std::string baseline = {};
  bool is_least = false;  // the limit is a least, not a most
  std::optional<bool> passed = {};
  std::string sentence = "no limit is given";  // why it failed, or was not made
  bool is_accepted = false;  // it failed, and somebody accepts that

  bool failed() const { return passed == false; }
};

std::vector<Check> judge(const Inspection& inspection,
                         const std::optional<Figures>& baseline,
                         const AcceptanceLimits& limits);

// Whether the manifest's split goes by the baseline's key, so that no row moves
// between the parts.
Check changed_split(JsonValue manifest, const std::optional<Figures>& baseline);

struct Verdict {
  std::string version;
  std::string baseline = {};  // its version; empty: none
  std::vector<Check> checks = {};
  // Of how many examples each is, before and now.
  using Mix = std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>;
  Mix interaction_types = {}, subreddits = {};
  std::optional<BaselineAccepted> accepted = {};
  std::vector<Judged> judged = {};  // by readers' marks
  bool passed() const;              // none failed
  void compare(const Figures& before, const Figures& now);
};

// For people, several lines; and one JSON object, without a newline.
std::string verdict_table(const Verdict& verdict);
std::string verdict_json(const Verdict& verdict);

}  // namespace mill
