#include "lib/version/manifest.h"

#include <algorithm>
#include <cmath>

#include "lib/base/hash.h"
#include "lib/cli/program.h"
#include "lib/examples/sample.h"
#include "lib/json/json_file.h"
#include "lib/json/json_writer.h"
#include "lib/record/document.h"
#include "lib/record/score.h"
#include "lib/version/run_accounts.h"
#include "lib/version/version_files.h"

namespace mill {

namespace {

constexpr std::int64_t kOne = 1'000'000'000;  // in billionths

JsonValue field(JsonValue example, std::string_view name) {
  const JsonValue value = example["metadata"][name];
  return value ? value : example[name];
}

void write_tools(JsonWriter& json, const Manifest& manifest) {
  std::map<std::string, std::string> versions;
  for (const auto& [stage, account] : manifest.stages) {
    JsonReader reader;
    reader.parse(account);
    versions[reader.root()["tool"].string()] =
        reader.root()["version"].string();
  }
  versions["make-manifest"] = version();
  json.key("tools");
  json.begin_object();
  for (const auto& [tool, its_version] : versions)
    json.member(tool, its_version);
  json.end_object();
}

void write_stages(JsonWriter& json, const Manifest& manifest) {
  json.key("stages");
  json.begin_array();
  for (const auto& [stage, account] : manifest.stages) {
    JsonReader reader;
    reader.parse(account);
    json.begin_object();
    json.member("stage", stage);
    for (const auto& [key, value] : reader.root().members())
      if (key.string() != "seconds" && key.string() != "stage")
        json.raw_member(key.string(), value.raw());
    json.end_object();
  }
  json.end_array();
}

void write_files(JsonWriter& json, const NamedSums& files) {
  json.key("files");
  json.begin_array();
  for (const auto& [name, sums] : files) {
    json.begin_object();
    json.member("name", name);
    json.member("bytes", sums.bytes);
    json.member("lines", sums.lines);
    json.member("sha256", hex(sums.sha256));
    json.member("crc32c", crc32c_base64(sums.crc32c));
    json.end_object();
  }
  json.end_array();
}

void write_also(JsonWriter& json, const Manifest& manifest) {
  json.key("also");
  json.begin_array();
  for (const auto& [format, files] : manifest.also) {
    json.begin_object();
    json.member("format", format);
    write_files(json, files);
    json.end_object();
  }
  json.end_array();
}

void write_examples(JsonWriter& json, const ExampleSummary& examples) {
  json.member("examples", examples.records);
  const ScoreSummary& confidence = examples.confidence;
  json.key("confidence");
  json.begin_object();
  json.member("count", confidence.count());
  if (confidence.count() > 0) {
    json.member("mean", confidence.mean());
    json.member("median", confidence.median());
  }
  json.key("histogram");
  json.begin_array();
  for (const std::uint64_t count : confidence.histogram()) json.value(count);
  json.end_array();
  json.end_object();
  for (const auto& [member, counts] :
       {std::pair{"interaction_types", &examples.interaction_types},
        std::pair{"subreddits", &examples.subreddits}}) {
    json.key(member);
    json.begin_object();
    for (const auto& [name, count] : *counts) json.member(name, count);
    json.end_object();
  }
}

void write_split(JsonWriter& json, const Manifest& manifest) {
  json.key("split");
  json.begin_object();
  json.key("fractions");
  json.begin_array();
  for (const double fraction : *manifest.split) json.value(fraction);
  json.end_array();
  json.member("seed", manifest.seed);
  if (manifest.group_by) json.member("group_by", *manifest.group_by);
  json.key("counts");
  json.begin_object();
  for (const std::string_view part : kPartNames)
    for (const auto& [name, sums] : manifest.files)
      if (part_of_name(name) == part) json.member(part, sums.lines);
  json.end_object();
  json.end_object();
}

void write_withdrawn(
    JsonWriter& json,
    const std::vector<std::pair<std::string, std::string>>& withdrawn) {
  json.key("withdrawn");
  json.begin_array();
  for (const auto& [id, reason] : withdrawn) {
    json.begin_object();
    json.member("id", id);
    json.member("reason", reason);
    json.end_object();
  }
  json.end_array();
}

// A text and its hash.
void write_text(JsonWriter& json, std::string_view text) {
  json.member("sha256", hex(sha256(text)));
  json.member("text", text);
}

void write_origin(JsonWriter& json, const Manifest& manifest) {
  if (!manifest.profile.empty()) {
    json.key("profile");
    json.begin_array();
    for (const ProfileText& profile : manifest.profile) {
      json.begin_object();
      json.member("name", profile.name());
      write_text(json, profile.json);
      json.end_object();
    }
    json.end_array();
  }
  if (manifest.system_prompt) {
    json.key("system_prompt");
    json.begin_object();
    write_text(json, *manifest.system_prompt);
    json.end_object();
  }
}

void write_dropped(JsonWriter& json, const Manifest& manifest) {
  if (manifest.dropped.empty()) return;
  json.key("dropped");
  json.begin_array();
  for (const DroppedRecords& dropped : manifest.dropped) {
    json.begin_object();
    json.member("stage", dropped.stage);
    json.member("reason", dropped.reason);
    json.member("count", dropped.count);
    json.key("samples");
    json.begin_array();
    for (const DroppedRecords::Sampled& sampled : dropped.samples) {
      json.begin_object();
      json.member("id", sampled.id);
      json.member("detail", sampled.detail);
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
}

}  // namespace

void ScoreSummary::add(double score) {
  const std::int64_t whole = billionths(score);
  ++counts_[whole];
  ++count_;
  sum_ += whole;
}

double ScoreSummary::mean() const {
  const auto count = static_cast<std::int64_t>(count_);
  return static_cast<double>((sum_ + count / 2) / count) / 1e9;
}

double ScoreSummary::nth(std::uint64_t n) const {
  auto at = counts_.begin();
  while (n >= at->second) n -= at++->second;
  return static_cast<double>(at->first);
}

double ScoreSummary::median() const {
  const double middle = (nth((count_ - 1) / 2) + nth(count_ / 2)) / 2;
  return std::round(middle) / 1e9;
}

std::array<std::uint64_t, 10> ScoreSummary::histogram() const {
  std::array<std::uint64_t, 10> bins = {};
  for (const auto& [whole, count] : counts_)
    bins[static_cast<std::size_t>(std::min(whole, kOne - 1) / (kOne / 10))] +=
        count;
  return bins;
}

void ExampleSummary::add(JsonValue example) {
  ++records;
  const auto score = field(example, "confidence").number();
  if (score && *score >= 0 && *score <= 1) confidence.add(*score);
  const JsonValue type = field(example, "interaction_type");
  if (type.is_string()) ++interaction_types[type.string()];
  const JsonValue subreddit = field(example, "subreddit");
  if (subreddit.is_string()) ++subreddits[subreddit.string()];
}

ExampleSummary summarize_examples(const std::string& path) {
  ExampleSummary summary;
  for_each_object(path, [&](JsonValue example, const LineOfFile&) {
    summary.add(example);
  });
  return summary;
}

std::vector<std::pair<std::string, std::string>> read_withdrawn(
    const std::string& path) {
  std::vector<std::pair<std::string, std::string>> withdrawn;
  for_each_object(path, [&](JsonValue one, const LineOfFile& line) {
    if (!one["id"].is_string() || !one["reason"].is_string())
      line.fail("nothing withdrawn: no id, reason");
    withdrawn.emplace_back(one["id"].string(), one["reason"].string());
  });
  return withdrawn;
}

std::vector<std::pair<std::string, std::string>> read_stages(
    const std::string& path, const std::string& stage) {
  std::vector<std::pair<std::string, std::string>> stages;
  RunAccounts of_stage;
  for_each_object(path, [&](JsonValue account, const LineOfFile& line) {
    if (!is_account(account))
      line.fail("not a run's account: no tool, version");
    if (stage.empty())
      stages.emplace_back(account["tool"].string(), account.raw());
    else
      of_stage.add(account);
  });
  for (const RunAccounts::Sum& sum : of_stage.sums())
    stages.emplace_back(stage, sum.json);
  return stages;
}

std::vector<DroppedRecords> read_dropped(const std::string& path,
                                         const std::string& stage) {
  constexpr std::uint64_t kSamples = 3, kSeed = 42;
  struct Some {
    std::uint64_t count = 0;
    Sample sample{kSamples, kSeed};
  };
  std::map<std::string, Some> reasons;
  for_each_object(path, [&](JsonValue dropped, const LineOfFile& line) {
    if (!dropped["id"].is_string() || !dropped["reason"].is_string())
      line.fail("no account of a dropped record: no id, reason");
    Some& some = reasons[dropped["reason"].string()];
    ++some.count;
    const std::string id = dropped["id"].string();
    some.sample.offer(id, path, line.number, line.text);
  });
  std::vector<DroppedRecords> list;
  for (auto& [reason, some] : reasons) {
    list.push_back({stage, reason, some.count});
    for (const Sample::Record& record : some.sample.take()) {
      JsonReader reader;
      reader.parse(record.text);
      std::string detail = reader.root()["detail"].string_or_empty();
      const JsonValue other = reader.root()["duplicate_of"];
      if (detail.empty() && other.is_string())
        detail = "repeats " + other.string();
      list.back().samples.push_back(
          {reader.root()["id"].string(), std::move(detail)});
    }
  }
  return list;
}

std::string manifest_json(const Manifest& manifest) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("version", manifest.version);
  json.member("name", manifest.name);
  json.member("created_at", format_timestamp(manifest.created_at));
  write_tools(json, manifest);
  json.key("parameters");
  json.begin_object();
  for (const auto& [name, value] : manifest.parameters)
    json.member(name, value);
  json.end_object();
  if (manifest.store) json.member("store", *manifest.store);
  if (manifest.query) json.member("query", *manifest.query);
  write_origin(json, manifest);
  write_stages(json, manifest);
  write_dropped(json, manifest);
  write_files(json, manifest.files);
  if (!manifest.also.empty()) write_also(json, manifest);
  write_examples(json, manifest.examples);
  if (manifest.split) write_split(json, manifest);
  if (manifest.tokens) json.raw_member("tokens", *manifest.tokens);
  if (manifest.acceptance) json.raw_member("acceptance", *manifest.acceptance);
  if (manifest.withdrawn) write_withdrawn(json, *manifest.withdrawn);
  json.end_object();
  return indent_json(text) + "\n";
}

}  // namespace mill
