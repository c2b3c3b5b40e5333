// acceptance-check - judge whether a version is fit to be published
//
//   acceptance-check --baseline v1/manifest.json v2/manifest.json
//
// Reads the files that the manifest names, after making sure that they are
// those, and compares them with limits and with the version before. The exit
// status is the verdict; each failed check is explained by one sentence on
// standard error. Nothing is changed.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/numbers.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/io/checksums.h"
#include "lib/io/lines.h"
#include "lib/io/output.h"
#include "lib/json/json_file.h"
#include "lib/record/marks_file.h"
#include "lib/store/store.h"
#include "lib/tokens/tokenizer_file.h"
#include "lib/version/acceptance.h"
#include "lib/version/version_files.h"

namespace {

// "20%" or "20" as 20. Throws Exit(EX_USAGE).
double percent(const std::string& option, std::string_view text) {
  std::string_view digits = text;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  const auto value = mill::parse_number<double>(digits);
  if (!value || !(*value >= 0))
    throw mill::Exit(
        EX_USAGE, option + ": not a percentage: '" + std::string(text) + "'");
  return *value;
}

struct Options {
  std::string manifest, folder, tokenizer_file;
  std::optional<std::string> baseline;
  mill::StoreOptions store{.collection = "training_artifacts"};
  std::vector<std::string> marks;
  mill::AcceptanceLimits limits;
  bool as_json = false;

  // The drifts as they are given, with or without a percent sign.
  std::string token_drift = "20%", type_drift = "20%";
  std::optional<std::string> total_drift;
  std::optional<std::string> accepted;

  void define(mill::CommandLine& line);
  void check();  // throws Exit(EX_USAGE)
};

void Options::define(mill::CommandLine& line) {
  line.option("baseline", "MANIFEST",
              "the version to compare with; only its manifest is read",
              &baseline);
  line.option("store", "URL",
              "compare with the version registered last in this store, other "
              "than this one",
              &store.url);
  line.option("collection", "NAME", "with --store: where versions are",
              &store.collection);
  line.option("folder", "DIR",
              "where the manifest's files are (default: beside it)", &folder);
  line.option("tokenizer", "FILE",
              "what the manifest's tokens were counted by, if that was a file",
              &tokenizer_file);
  line.option("min-examples", "N", "minimum number of examples",
              &limits.min_examples);
  line.option("min-confidence", "X", "minimum confidence of any example",
              &limits.min_confidence);
  line.option("min-mean-confidence", "X", "minimum mean of the confidences",
              &limits.min_mean_confidence);
  line.option("min-median-confidence", "X", "minimum median of the confidences",
              &limits.min_median_confidence);
  line.option("marks", "FILE",
              "readers' marks of the examples, as review gives them; a second "
              "reader's in a second file",
              &marks);
  line.option("min-good", "X",
              "with --marks: least share of good examples, by the lower bound "
              "of the 95 % interval (Wilson's) that the marks give",
              &limits.min_good);
  line.option("max-confidence-drop", "X",
              "how far their mean and median may be below the baseline's",
              &limits.max_confidence_drop);
  line.option("max-token-drift", "P%",
              "how far the mean, median and 95th percentile of an example's "
              "tokens may be from the baseline's",
              &token_drift);
  line.option("max-total-token-drift", "P%",
              "how far the tokens of all examples may be from the baseline's "
              "(default any, since versions grow)",
              &total_drift);
  line.option("max-type-drift", "P%",
              "how much the mix of interaction types may change: half the sum "
              "of the changes of their shares",
              &type_drift);
  line.option("min-drift-sample", "N",
              "with fewer examples, now or in the baseline, drift is reported "
              "and does not fail",
              &limits.min_drift_sample);
  line.option("accept-as-baseline", "WHO: WHY",
              "drift from the baseline does not fail: the version is what the "
              "next is compared with; who says so, and why, is in the verdict",
              &accepted);
  line.option("max-duplicates", "N",
              "maximum number of examples that repeat another in their part",
              &limits.max_duplicates);
  line.option("max-leaks", "N",
              "maximum number of examples that are in another part of the "
              "split, too: with the same id, the same question, or nearly the "
              "same text",
              &limits.max_leaks);
  line.option("max-near-questions", "N",
              "maximum number of examples that ask nearly the same question as "
              "one in another part (default any)",
              &limits.max_near_questions);
  line.option("max-pii", "N",
              "maximum number of pieces of personal data that anonymize would "
              "still replace",
              &limits.max_pii);
  line.flag("json", "write one JSON object instead of the table", &as_json);
  line.operand("MANIFEST", &manifest);
  line.note(
      "MANIFEST may be the folder that it is in. The verdict is made from the "
      "files, the parts of the split or else the merged file; before that each "
      "file's SHA-256 is compared with the manifest's. What the manifest says "
      "about the contents of its files is "
      "not trusted; what the baseline's says is all that is known of that. "
      "Tokens are counted as they were for the manifest, and compared only if "
      "the baseline's were counted so, too. Questions are the same if they "
      "have the same words in the same order; texts are nearly the same by "
      "dedup's rule, at 0.8.");
  line.note(
      "What has no limit, or no baseline to be compared with, is not checked: "
      "its passed is null, and its sentence says why.");
  line.note(
      "Exit status 0 is a pass. 1 is a failed check, or a file that is not the "
      "manifest's; each has a sentence on standard error. 65 is a malformed "
      "manifest or line, 66 a missing file. Whether answers are right is for "
      "people to judge: read a sample.");
  line.note(
      "--json gives {\"verdict\", \"version\", \"baseline\", \"checks\": "
      "[{\"name\", \"value\", \"limit\", \"baseline\", \"passed\", "
      "\"sentence\"}]} and how many examples of each interaction type and "
      "subreddit there were before and are now, which make-manifest "
      "--acceptance puts into the "
      "manifest that is published. Memory is about 1.2 kB an "
      "example; the words of all are kept in a temporary file (TMPDIR).");
  line.exits({mill::kExitNo, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE,
              EX_TEMPFAIL, EX_NOPERM, EX_CONFIG});
  line.example("acceptance-check --baseline v1/manifest.json v2/manifest.json");
  line.example(
      "acceptance-check --store sqlite:mtg.db --json v2/manifest.json > "
      "verdict.json");
}

void Options::check() {
  mill::demand(!baseline || !store.url,
               "--baseline and --store are mutually exclusive");
  store.check();
  if (accepted) {
    const std::size_t colon = accepted->find(": ");
    mill::demand(colon != 0 && colon < accepted->size() - 2,
                 "--accept-as-baseline: not of the form 'WHO: WHY'");
    limits.accepted = {accepted->substr(0, colon), accepted->substr(colon + 2)};
  }
  mill::demand(marks.empty() == !limits.min_good,
               "--marks and --min-good need each other");
  limits.max_token_drift = percent("--max-token-drift", token_drift);
  limits.max_type_drift = percent("--max-type-drift", type_drift);
  if (total_drift)
    limits.max_total_token_drift =
        percent("--max-total-token-drift", *total_drift);
}

// What the files are compared with.
struct Baseline {
  std::string version;
  mill::Figures figures;
};

Baseline baseline_of(mill::JsonValue manifest,
                     const mill::TokenCounting& counting) {
  return {manifest["version"].is_string() ? manifest["version"].string() : "?",
          mill::figures_of(manifest, counting)};
}

// The version that was registered last, this one left out; nothing if there is
// none.
std::optional<Baseline> last_registered(const mill::StoreOptions& options,
                                        const std::string& version,
                                        const mill::TokenCounting& counting) {
  const auto store = options.open(mill::StoreAccess::kRead);
  std::optional<Baseline> last;
  store->query(options.collection, {.limit = 2},
               [&](std::string_view, std::string_view body) {
                 mill::JsonReader reader;
                 reader.parse(body);
                 Baseline found = baseline_of(reader.root(), counting);
                 if (!last && found.version != version) last = std::move(found);
               });
  return last;
}

// What is wrong with each of the further formats' files that does not say what
// the main format's file of that name says.
std::vector<std::string> differing(
    const std::vector<mill::VersionFile>& files,
    const std::vector<mill::VersionFile>& further) {
  std::vector<std::string> sentences;
  std::map<std::string, std::vector<std::uint64_t>> said;  // by file name
  for (const mill::VersionFile& file : further) {
    const std::string name = file.name.substr(file.name.find('/') + 1);
    const auto same = std::find_if(
        files.begin(), files.end(),
        [&](const mill::VersionFile& each) { return each.name == name; });
    if (same == files.end()) {
      sentences.push_back(file.name +
                          " is the same as no file of the main format");
      continue;
    }
    const auto [main, is_new] = said.try_emplace(name);
    if (is_new) main->second = mill::hashes_of_turns(same->path);
    const auto hashes = mill::hashes_of_turns(file.path);
    if (hashes == main->second) continue;
    const auto at = std::mismatch(hashes.begin(), hashes.end(),
                                  main->second.begin(), main->second.end());
    sentences.push_back(file.name + " does not say what " + name +
                        " says, from line " +
                        std::to_string(at.first - hashes.begin() + 1) + " on");
  }
  return sentences;
}

// Whether the files are those of the manifest, and further formats say what the
// main one says.
mill::Check check_files(const std::vector<mill::VersionFile>& files,
                        const std::vector<mill::VersionFile>& further) {
  std::vector<std::string> wrong;
  for (const auto* list : {&files, &further})
    for (const mill::VersionFile& file : *list) {
      const auto sums = mill::sum_file(
          file.path, {.sha256 = true, .crc32c = false, .lines = false});
      if (mill::hex(sums.sha256) != file.sha256)
        wrong.push_back(file.name +
                        " is not the file that the manifest names: its "
                        "SHA-256 is another");
    }
  if (wrong.empty()) wrong = differing(files, further);
  mill::Check check{"changed_files", std::to_string(wrong.size()), "0"};
  check.passed = wrong.empty();
  if (!wrong.empty())
    check.sentence = wrong.front() + "; nothing else was checked";
  return check;
}

void inspect(const std::vector<mill::VersionFile>& files,
             mill::Inspection& inspection) {
  for (const mill::VersionFile& file : files)
    mill::for_each_object(
        file.path, [&](mill::JsonValue example, const mill::LineOfFile& line) {
          inspection.add(example, line.text, file.part, file.name, line.number);
        });
  inspection.finish();
}

// The baseline that the options name, if there is one.
std::optional<Baseline> find_baseline(const Options& options,
                                      const std::string& version,
                                      const mill::TokenCounting& counting) {
  if (options.baseline)
    return baseline_of(
        mill::JsonFile(mill::manifest_path(*options.baseline)).object(),
        counting);
  if (options.store.url)
    return last_registered(options.store, version, counting);
  return std::nullopt;
}

// What counts as it was counted for the manifest.
mill::TokenCounter counter_of(const Options& options,
                              const mill::TokenCounting& counting) {
  if (!options.tokenizer_file.empty()) {
    mill::Tokenizer tokenizer(
        mill::read_tokenizer_file(options.tokenizer_file));
    if (tokenizer.name() == counting.tokenizer)
      return mill::TokenCounter(std::move(tokenizer), counting.overhead);
    throw mill::Exit(EX_USAGE, "--tokenizer: " + tokenizer.name() +
                                   " is not what the manifest's tokens were "
                                   "counted by: " +
                                   counting.tokenizer);
  }
  const auto names = mill::encoding_names();
  if (std::find(names.begin(), names.end(), counting.tokenizer) == names.end())
    throw mill::Exit(EX_USAGE, "the manifest's tokens were counted by " +
                                   counting.tokenizer +
                                   ": give that file to --tokenizer");
  return mill::TokenCounter(mill::encoding_named(counting.tokenizer),
                            counting.overhead);
}

mill::Verdict judge_version(const Options& options) {
  const mill::JsonFile manifest(mill::manifest_path(options.manifest));
  const auto files = mill::version_files(manifest, options.folder);
  mill::Verdict verdict{
      .version = manifest.object()["version"].string(),
      .checks = {
          check_files(files, mill::further_files(manifest, options.folder))}};
  if (!verdict.passed()) return verdict;
  const auto counting = mill::token_counting(manifest.object());
  const auto baseline = find_baseline(options, verdict.version, counting);
  std::vector<mill::Marks> readers;
  for (const std::string& file : options.marks)
    readers.push_back(mill::read_marks(file));
  mill::Inspection inspection(counter_of(options, counting),
                              mill::agreed(readers));
  inspect(mill::example_files(files), inspection);
  std::optional<mill::Figures> figures;
  if (baseline) {
    verdict.baseline = baseline->version;
    figures = baseline->figures;
    verdict.compare(*figures, inspection.figures());
    verdict.accepted = options.limits.accepted;
  }
  verdict.judged = inspection.judged();
  verdict.checks.push_back(mill::changed_split(manifest.object(), figures));
  for (mill::Check& check : mill::judge(inspection, figures, options.limits))
    verdict.checks.push_back(std::move(check));
  return verdict;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("acceptance-check", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(program,
                           "Judge whether a version is fit to be published.");
    options.define(line);
    line.parse(argc, argv);
    options.check();
    const mill::Verdict verdict = judge_version(options);
    mill::Output out;
    if (options.as_json)
      out.write_line(mill::verdict_json(verdict));
    else
      out.write_for_reading(mill::verdict_table(verdict));
    out.close();
    for (const mill::Check& check : verdict.checks) {
      const bool has_baseline = !verdict.baseline.empty();
      if (check.failed())
        program.warn(check.sentence);
      else if (check.is_accepted)
        program.warn("accepted by " + verdict.accepted->who + ": " +
                     check.sentence);
      else if (!check.passed && !check.limit.empty() && has_baseline)
        program.warn(check.name + " is not checked: " + check.sentence);
    }
    return verdict.passed() ? EX_OK : mill::kExitNo;
  });
}
