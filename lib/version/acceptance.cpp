#include "lib/version/acceptance.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "lib/answers/calibration.h"
#include "lib/base/exit.h"
#include "lib/base/numbers.h"
#include "lib/base/sha256.h"
#include "lib/base/table.h"
#include "lib/examples/confidence_filter.h"
#include "lib/examples/hash_split.h"
#include "lib/examples/validate.h"
#include "lib/io/lines.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"
#include "lib/record/record_text.h"
#include "lib/record/score.h"
#include "lib/version/version_files.h"

namespace mill {

namespace {

constexpr double kNearlyTheSame = 0.8;

std::string confidence_text(std::optional<double> value) {
  return value ? decimal(*value, 9) : "";
}

std::string kinds_text(const Inspection::Fault& fault) {
  std::string text;
  for (const auto& [kind, count] : fault.kinds)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + ' ' + kind;
  return text;
}

}  // namespace

TokenCounting token_counting(JsonValue manifest) {
  const JsonValue tokens = manifest["tokens"];
  TokenCounting counting;
  if (tokens["encoding"].is_string())
    counting.tokenizer = tokens["encoding"].string();
  if (tokens["roles"][name_of(Role::kOverhead)])
    counting.overhead = TokenCounter::kChatFrame;
  return counting;
}

namespace {

std::optional<std::string> group_by_of(JsonValue manifest) {
  const JsonValue split = manifest["split"];
  if (!split.is_object()) return std::nullopt;
  if (!split["group_by"].is_string()) return "";
  std::string field = split["group_by"].string();
  return field == "metadata.id" ? "" : field;  // the key of its own
}

}  // namespace

Figures figures_of(JsonValue manifest, const TokenCounting& counting) {
  Figures figures;
  figures.group_by = group_by_of(manifest);
  figures.examples =
      static_cast<std::uint64_t>(manifest["examples"].integer().value_or(0));
  figures.mean_confidence = manifest["confidence"]["mean"].number();
  figures.median_confidence = manifest["confidence"]["median"].number();
  const auto read = [&](const char* member, auto& counts) {
    for (const auto& [name, count] : manifest[member].members())
      if (const auto number = count.integer(); number && *number > 0)
        counts[name.string()] = static_cast<std::uint64_t>(*number);
  };
  read("interaction_types", figures.interaction_types);
  read("subreddits", figures.subreddits);
  const JsonValue tokens = manifest["tokens"]["tokens"];
  if (tokens["mean"].is_number() && token_counting(manifest) == counting)
    figures.tokens = {
        static_cast<std::uint64_t>(tokens["total"].integer().value_or(0)),
        *tokens["mean"].number(), tokens["median"].number().value_or(0),
        tokens["p95"].number().value_or(0), tokens["max"].number().value_or(0)};
  return figures;
}

void Inspection::Fault::add(std::string_view kind, const std::string& where) {
  if (count++ == 0) first = where;
  ++kinds.try_emplace(std::string(kind), 0).first->second;
}

Inspection::Inspection(TokenCounter counter, Marks marks)
    : counter_(std::move(counter)),
      anonymizer_({}),
      marks_(std::move(marks)),
      parts_(kNearlyTheSame) {}

void Inspection::add(JsonValue example, std::string_view line,
                     const std::string& part, const std::string& file,
                     std::uint64_t number) {
  const auto where = [&] { return place_of(file, number); };
  if (files_.empty() || file != files_.back()) files_.push_back(file);
  if (part != part_) contents_.clear();
  part_ = part;
  if (const auto why = counter_.count(example))
    throw Exit(EX_DATAERR, where() + ": " + *why);
  tokens_.add(counter_.tokens().total());
  summary_.add(example);
  if (const auto mark = find_mark(marks_, example); mark != marks_.end()) {
    ++marked_.all;
    const bool is_good = mark->second == "good";
    marked_.good += is_good ? 1 : 0;
    if (const auto confidence = example["metadata"]["confidence"].number())
      judged_.push_back({*confidence, is_good});
  }

  if (!contents_.insert(content_hash(example).low).second)
    duplicates_.add("", where());
  if (!part.empty()) {
    has_parts_ = true;
    const auto index = static_cast<std::size_t>(
        std::find(kPartNames.begin(), kPartNames.end(), part) -
        kPartNames.begin());
    text_.clear();
    append_record_text(text_, example);
    std::string scratch;
    parts_.add({index, example_id(example), text_,
                question_of(example, scratch).value_or("")});
    places_.push_back({static_cast<std::uint32_t>(files_.size() - 1),
                       static_cast<std::uint32_t>(number)});
  }
  text_.clear();
  anonymizer_({example, line}, text_);
  for (const Replacement& found : anonymizer_.replacements())
    personal_data_.add(name(found.type),
                       where() + ", " + anonymizer_.field(found));
}

void Inspection::finish() {
  for (const SplitCheck::Finding& finding : parts_.findings()) {
    const Place& place = places_[finding.row];
    const std::string where = place_of(files_[place.file], place.line) +
                              " and in " +
                              std::string(kPartNames[finding.other_part]);
    switch (finding.fault) {
      case SplitCheck::kIdInTwoParts: leaks_.add("same id", where); break;
      case SplitCheck::kNearDuplicateInTwoParts:
        leaks_.add("near duplicate", where);
        break;
      case SplitCheck::kSameQuestionInTwoParts:
        leaks_.add("same question", where);
        break;
      default: near_questions_.add("", where);
    }
  }
}

Figures Inspection::figures() const {
  Figures figures;
  figures.examples = summary_.records;
  figures.interaction_types = summary_.interaction_types;
  figures.subreddits = summary_.subreddits;
  if (summary_.confidence.count() > 0) {
    figures.mean_confidence = summary_.confidence.mean();
    figures.median_confidence = summary_.confidence.median();
    figures.least_confidence = summary_.confidence.min();
  }
  if (tokens_.records() > 0)
    figures.tokens = {tokens_.total(), tokens_.mean(),
                      static_cast<double>(tokens_.percentile(50)),
                      static_cast<double>(tokens_.percentile(95)),
                      static_cast<double>(tokens_.max())};
  return figures;
}

namespace {

// By how many percent now differs from before.
double change(double before, double now) {
  if (before == now) return 0;
  return before == 0 ? 100 : (now - before) / before * 100;
}

// "rose by 31.2%, from 120 to 157.4".
std::string change_text(double before, double now) {
  const double percent = change(before, now);
  return std::string(percent < 0 ? "fell" : "rose") + " by " +
         decimal(std::abs(percent), 1) + "%, from " + decimal(before, 2) +
         " to " + decimal(now, 2);
}

// True if value is at most limit, both at nine decimals.
bool is_within(double value, double limit) {
  return meets_threshold(limit, value);
}

constexpr char kNoBaseline[] = "there is no version to compare with";

Check not_made(std::string name, std::string limit, std::string why) {
  return {.name = std::move(name),
          .value = "",
          .limit = std::move(limit),
          .sentence = std::move(why)};
}

Check least_confidence(std::string name, const char* which,
                       std::optional<double> value,
                       std::optional<double> baseline,
                       std::optional<double> limit) {
  Check check{std::move(name), confidence_text(value), confidence_text(limit),
              confidence_text(baseline), true};
  if (!limit) return check;
  check.passed = value && meets_threshold(*value, *limit);
  check.sentence =
      value ? std::string("the ") + which + " confidence is " + check.value +
                  "; at least " + check.limit + " is required"
            : "no example has a confidence; a " + std::string(which) + " of " +
                  check.limit + " is required";
  return check;
}

// So few marks that the share may be luck do not pass.
Check good_share(const Inspection::Marked& marked, double limit) {
  const double low = wilson_interval(marked.good, marked.all).low;
  Check check{"good_share", decimal(low, 3), decimal(limit, 9), "", true};
  check.passed = meets_threshold(low, limit);
  check.sentence =
      marked.all == 0
          ? "no example has a mark by its id, and by its answer_id where the "
            "mark has one (to-messages --include-fields answer_id)"
          : "of " + counted(marked.all, "marked example", "marked examples") +
                ' ' + std::to_string(marked.good) +
                (marked.good == 1 ? " is" : " are") +
                " good, so that at least " + check.value +
                " of all are (Wilson's interval, 95 %); at least " +
                check.limit + " is required";
  return check;
}

// The larger drop of mean and median.
Check confidence_drop(const Figures& now, const Figures& before, double limit) {
  const double mean = *before.mean_confidence - *now.mean_confidence;
  const double median =
      before.median_confidence.value_or(0) - now.median_confidence.value_or(0);
  const bool is_mean = mean >= median;
  const double drop = std::max({mean, median, 0.0});
  Check check{"confidence_drop", decimal(drop, 9), decimal(limit, 9)};
  check.passed = is_within(drop, limit);
  check.sentence =
      std::string("the ") + (is_mean ? "mean" : "median") +
      " confidence fell by " + check.value + ", from " +
      confidence_text(is_mean ? before.mean_confidence
                              : before.median_confidence) +
      " to " +
      confidence_text(is_mean ? now.mean_confidence : now.median_confidence) +
      "; at most " + check.limit + " is allowed";
  return check;
}

// The largest change of what is typical of one example, so that a version that
// only grows does not drift.
Check token_drift(const TokenFigures& now, const TokenFigures& before,
                  double limit) {
  const struct {
    const char* name;
    double before, now;
  } figures[] = {{"mean", before.mean, now.mean},
                 {"median", before.median, now.median},
                 {"95th percentile", before.p95, now.p95}};
  const auto* most = std::max_element(
      std::begin(figures), std::end(figures), [](const auto& a, const auto& b) {
        return std::abs(change(a.before, a.now)) <
               std::abs(change(b.before, b.now));
      });
  const double drift = std::abs(change(most->before, most->now));
  Check check{"token_drift_percent", decimal(drift, 2), decimal(limit, 2)};
  check.passed = is_within(drift, limit);
  check.sentence = std::string("the tokens of an example, at the ") +
                   most->name + ", " + change_text(most->before, most->now) +
                   "; at most " + check.limit + "% is allowed";
  return check;
}

// How much of the mix is another: half the sum of what the shares changed.
Check type_drift(const Figures& now, const Figures& before, double limit) {
  const auto share = [](const Figures& figures, const std::string& type) {
    double all = 0;
    for (const auto& [name, count] : figures.interaction_types)
      all += static_cast<double>(count);
    const auto at = figures.interaction_types.find(type);
    return at == figures.interaction_types.end()
               ? 0
               : 100 * static_cast<double>(at->second) / all;
  };
  std::set<std::string> types;
  for (const Figures* figures : {&now, &before})
    for (const auto& [type, count] : figures->interaction_types)
      types.insert(type);
  double drift = 0, most = -1;
  std::string moved;
  for (const std::string& type : types) {
    const double moves = std::abs(share(now, type) - share(before, type));
    drift += moves / 2;
    if (moves > most) moved = type;
    most = std::max(most, moves);
  }
  Check check{"type_drift_percent", decimal(drift, 2), decimal(limit, 2)};
  check.passed = is_within(drift, limit);
  check.sentence = "the mix of interaction types moved by " + check.value +
                   "%, most of all " + moved + ", from " +
                   decimal(share(before, moved), 1) + "% of the examples to " +
                   decimal(share(now, moved), 1) + "%; at most " + check.limit +
                   "% is allowed";
  return check;
}

Check fault_check(std::string name, const Inspection::Fault& fault,
                  std::uint64_t limit, const std::string& sentence) {
  Check check{std::move(name), std::to_string(fault.count),
              std::to_string(limit)};
  check.passed = fault.count <= limit;
  check.sentence = sentence + ", first at " + fault.first + "; at most " +
                   check.limit + (limit == 1 ? " is" : " are") + " allowed";
  return check;
}

void add_token_checks(const TokenFigures& now,
                      const std::optional<Figures>& baseline,
                      const AcceptanceLimits& limits,
                      std::vector<Check>& checks) {
  const TokenFigures* before =
      baseline && baseline->tokens ? &*baseline->tokens : nullptr;
  const auto add = [&](const char* name, auto figure) {
    checks.push_back({.name = name,
                      .value = decimal(figure(now), 2),
                      .baseline = before ? decimal(figure(*before), 2) : ""});
  };
  add("total_tokens",
      [](const auto& of) { return static_cast<double>(of.total); });
  add("mean_tokens", [](const auto& of) { return of.mean; });
  add("median_tokens", [](const auto& of) { return of.median; });
  add("p95_tokens", [](const auto& of) { return of.p95; });
  add("max_tokens", [](const auto& of) { return of.max; });
  const std::string missing =
      baseline ? "the baseline's tokens are not known, or counted otherwise"
               : kNoBaseline;
  checks.push_back(before
                       ? token_drift(now, *before, limits.max_token_drift)
                       : not_made("token_drift_percent",
                                  decimal(limits.max_token_drift, 2), missing));
  if (!limits.max_total_token_drift) return;
  if (!before) {
    checks.push_back(not_made("total_token_drift_percent",
                              decimal(*limits.max_total_token_drift, 2),
                              missing));
    return;
  }
  const double was = static_cast<double>(before->total);
  const double is = static_cast<double>(now.total);
  Check total{"total_token_drift_percent",
              decimal(std::abs(change(was, is)), 2),
              decimal(*limits.max_total_token_drift, 2)};
  total.passed =
      is_within(std::abs(change(was, is)), *limits.max_total_token_drift);
  total.sentence = "the tokens of all examples " + change_text(was, is) +
                   "; at most " + total.limit + "% is allowed";
  checks.push_back(std::move(total));
}

bool is_drift(const Check& check) {
  return check.name == "confidence_drop" || check.name.ends_with("_percent");
}

// A drift that failed does not, if there are too few examples to tell it from
// luck, or somebody accepts it.
void excuse_drift(Check& check, std::uint64_t examples,
                  const AcceptanceLimits& limits) {
  if (!check.failed() || !is_drift(check)) return;
  if (examples < limits.min_drift_sample) {
    check.passed.reset();
    check.sentence += "; not judged, since " +
                      counted(examples, "example", "examples") +
                      " may be so by luck (--min-drift-sample " +
                      std::to_string(limits.min_drift_sample) + ")";
  } else if (limits.accepted) {
    check.passed = true;
    check.is_accepted = true;
  }
}

}  // namespace

std::vector<Check> judge(const Inspection& inspection,
                         const std::optional<Figures>& baseline,
                         const AcceptanceLimits& limits) {
  const Figures now = inspection.figures();
  const Figures before = baseline.value_or(Figures{});
  std::vector<Check> checks;
  Check examples{"examples", std::to_string(now.examples),
                 std::to_string(limits.min_examples),
                 baseline ? std::to_string(before.examples) : "", true};
  examples.passed = now.examples >= limits.min_examples;
  examples.sentence = (now.examples == 1 ? "there is " : "there are ") +
                      counted(now.examples, "example", "examples") +
                      "; at least " + examples.limit +
                      (limits.min_examples == 1 ? " is" : " are") + " required";
  checks.push_back(std::move(examples));

  checks.push_back(least_confidence("least_confidence", "least",
                                    now.least_confidence, std::nullopt,
                                    limits.min_confidence));
  checks.push_back(least_confidence("mean_confidence", "mean",
                                    now.mean_confidence, before.mean_confidence,
                                    limits.min_mean_confidence));
  checks.push_back(
      least_confidence("median_confidence", "median", now.median_confidence,
                       before.median_confidence, limits.min_median_confidence));
  if (limits.min_good)
    checks.push_back(good_share(inspection.marked(), *limits.min_good));
  checks.push_back(
      now.mean_confidence && before.mean_confidence
          ? confidence_drop(now, before, limits.max_confidence_drop)
          : not_made("confidence_drop", decimal(limits.max_confidence_drop, 9),
                     baseline ? "the baseline's confidence is not known"
                              : kNoBaseline));
  if (now.tokens) add_token_checks(*now.tokens, baseline, limits, checks);
  checks.push_back(
      !now.interaction_types.empty() && !before.interaction_types.empty()
          ? type_drift(now, before, limits.max_type_drift)
          : not_made("type_drift_percent", decimal(limits.max_type_drift, 2),
                     baseline ? "the baseline's interaction types are not known"
                              : kNoBaseline));

  const auto& duplicates = inspection.duplicates();
  checks.push_back(fault_check(
      "duplicates", duplicates, limits.max_duplicates,
      counted(duplicates.count, "example repeats", "examples repeat") +
          " another of the same part"));
  const auto& leaks = inspection.leaks();
  if (inspection.has_parts())
    checks.push_back(fault_check(
        "leaks", leaks, limits.max_leaks,
        counted(leaks.count, "example is", "examples are") +
            " in another part of the split, too (" + kinds_text(leaks) + ")"));
  const auto& near = inspection.near_questions();
  if (inspection.has_parts() && limits.max_near_questions)
    checks.push_back(
        fault_check("near_questions", near, *limits.max_near_questions,
                    counted(near.count, "example asks", "examples ask") +
                        " nearly the question of one in another part"));
  else if (inspection.has_parts())
    checks.push_back(
        {.name = "near_questions", .value = std::to_string(near.count)});
  const auto& pii = inspection.personal_data();
  checks.push_back(fault_check(
      "pii", pii, limits.max_pii,
      counted(pii.count, "piece", "pieces") + " of personal data " +
          (pii.count == 1 ? "is" : "are") + " left (" + kinds_text(pii) + ")"));
  const std::uint64_t sample = before.examples == 0  // not known
                                   ? now.examples
                                   : std::min(now.examples, before.examples);
  for (Check& check : checks) {
    if (check.passed == true) check.sentence.clear();
    excuse_drift(check, sample, limits);
  }
  return checks;
}

Check changed_split(JsonValue manifest,
                    const std::optional<Figures>& baseline) {
  const auto now = group_by_of(manifest);
  if (!now || !baseline || !baseline->group_by)
    return not_made("changed_split", "0",
                    !baseline ? kNoBaseline : "one of the two is not split");
  Check check{"changed_split", now == baseline->group_by ? "0" : "1", "0"};
  check.passed = now == baseline->group_by;
  const auto name = [](const std::string& key) {
    return key.empty() ? "the records' own keys" : key;
  };
  check.sentence = *check.passed ? ""
                                 : "the split goes by " + name(*now) +
                                       ", the baseline's by " +
                                       name(*baseline->group_by) +
                                       "; rows would move between its parts";
  return check;
}

bool Verdict::passed() const {
  return std::none_of(checks.begin(), checks.end(),
                      [](const Check& check) { return check.failed(); });
}

void Verdict::compare(const Figures& before, const Figures& now) {
  const auto mix = [](const auto& then, const auto& today, Mix& both) {
    for (const auto& [name, count] : then) both[name].first = count;
    for (const auto& [name, count] : today) both[name].second = count;
  };
  mix(before.interaction_types, now.interaction_types, interaction_types);
  mix(before.subreddits, now.subreddits, subreddits);
}

std::string verdict_table(const Verdict& verdict) {
  std::vector<std::vector<std::string>> rows = {
      {"check", "value", "limit", "baseline", "verdict"}};
  const auto or_dash = [](const std::string& text) {
    return text.empty() ? "-" : text;
  };
  for (const Check& check : verdict.checks)
    rows.push_back({check.name, or_dash(check.value),
                    check.limit.empty()
                        ? "-"
                        : (check.is_least ? ">= " : "<= ") + check.limit,
                    or_dash(check.baseline),
                    !check.passed       ? "not checked"
                    : check.is_accepted ? "accepted"
                    : *check.passed     ? "pass"
                                        : "FAIL"});
  return verdict.version +
         (verdict.baseline.empty() ? ", without a baseline"
                                   : ", compared with " + verdict.baseline) +
         ": " + (verdict.passed() ? "pass" : "FAIL") + "\n\n" +
         aligned(rows, {Side::kLeft, Side::kRight, Side::kRight, Side::kRight,
                        Side::kLeft});
}

namespace {

// What each tenth of confidence is worth, by the marks.
void write_reliability(JsonWriter& json, const std::vector<Judged>& judged) {
  json.key("reliability");
  json.begin_array();
  std::size_t tenth = 0;
  for (const ReliabilityBin& bin : reliability(judged)) {
    const double from = static_cast<double>(tenth++) / 10;
    if (bin.all == 0) continue;
    const Interval share = wilson_interval(bin.good, bin.all);
    json.begin_object();
    json.raw_member("from", decimal(from, 1));
    json.member("marked", bin.all);
    json.member("good", bin.good);
    json.raw_member("mean_confidence", decimal(bin.mean_confidence(), 3));
    json.raw_member("low", decimal(share.low, 3));
    json.raw_member("high", decimal(share.high, 3));
    json.end_object();
  }
  json.end_array();
  json.raw_member("calibration_error",
                  decimal(expected_calibration_error(judged), 3));
}

}  // namespace

std::string verdict_json(const Verdict& verdict) {
  std::string text;
  JsonWriter json(text);
  const auto number = [&](const char* name, const std::string& value) {
    json.raw_member(name, value.empty() ? "null" : value);
  };
  json.begin_object();
  json.member("verdict", verdict.passed() ? "pass" : "fail");
  json.member("version", verdict.version);
  if (!verdict.baseline.empty()) json.member("baseline", verdict.baseline);
  if (verdict.accepted) {
    json.key("accepted_as_baseline");
    json.begin_object();
    json.member("who", verdict.accepted->who);
    json.member("why", verdict.accepted->why);
    json.end_object();
  }
  json.key("checks");
  json.begin_array();
  for (const Check& check : verdict.checks) {
    json.begin_object();
    json.member("name", check.name);
    number("value", check.value);
    number("limit", check.limit);
    number("baseline", check.baseline);
    if (check.passed)
      json.member("passed", *check.passed);
    else
      json.raw_member("passed", "null");
    if (check.is_accepted) json.member("accepted", true);
    if (!check.sentence.empty()) json.member("sentence", check.sentence);
    json.end_object();
  }
  json.end_array();
  for (const auto& [member, mix] :
       {std::pair{"interaction_types", &verdict.interaction_types},
        std::pair{"subreddits", &verdict.subreddits}}) {
    if (mix->empty()) continue;
    json.key(member);
    json.begin_array();
    for (const auto& [name, counts] : *mix) {
      json.begin_object();
      json.member("name", name);
      json.member("before", counts.first);
      json.member("now", counts.second);
      json.end_object();
    }
    json.end_array();
  }
  if (!verdict.judged.empty()) write_reliability(json, verdict.judged);
  json.end_object();
  return text;
}

}  // namespace mill
