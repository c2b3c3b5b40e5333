#include "lib/version/split_check.h"

#include <stdio.h>

#include <charconv>
#include <chrono>
#include <map>

#include "lib/base/exit.h"
#include "lib/base/hash.h"
#include "lib/cli/record_loop.h"
#include "lib/examples/hash_split.h"
#include "lib/io/lines.h"
#include "lib/json/json_file.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"
#include "lib/record/record_text.h"
#include "lib/version/version_files.h"

namespace mill {

namespace {

std::uint64_t hash_of(std::string_view id) { return first_64_bits(sha256(id)); }

}  // namespace

VersionSplit read_split(const std::string& manifest_path) {
  const JsonFile file(manifest_path);
  const auto fail = [&](const std::string& what) {
    throw Exit(EX_DATAERR, file.name() + ": " + what);
  };
  VersionSplit version;
  const std::vector<VersionFile> files = version_files(file);
  for (std::size_t part = 0; part < kPartNames.size(); ++part) {
    for (const VersionFile& candidate : files)
      if (candidate.part == kPartNames[part])
        version.files[part] = candidate.path;
    if (version.files[part].empty())
      fail("names no file that ends in ." + std::string(kPartNames[part]) +
           ".jsonl");
  }
  const JsonValue split = file.object()["split"];
  std::size_t count = 0;
  for (const JsonValue fraction : split["fractions"].elements())
    if (const auto number = fraction.number(); number && count < 3)
      version.fractions[count++] = *number;
  const std::string_view seed = split["seed"] ? split["seed"].raw() : "";
  const auto [stop, error] =
      std::from_chars(seed.data(), seed.data() + seed.size(), version.seed);
  if (count != 3 || error != std::errc() || stop != seed.data() + seed.size())
    fail("has no split with three fractions and a seed");
  return version;
}

void SplitCheck::add_row(Version& version, std::size_t part,
                         std::string_view id, const TextSignature& text) {
  if (!id.empty())
    version.ids.try_emplace(hash_of(id),
                            Row{rows_, static_cast<std::uint32_t>(part)});
  version.parts[part].texts.add(text);
  version.parts[part].rows.push_back(rows_++);
}

std::optional<SplitCheck::Finding> SplitCheck::add(std::size_t part,
                                                   std::string_view id,
                                                   std::string_view text) {
  const TextSignature signature = sign_(text);
  std::optional<Finding> found;
  const auto find_id = [&](const Version& version, Fault fault) {
    if (found || id.empty()) return;
    const auto row = version.ids.find(hash_of(id));
    if (row != version.ids.end() && row->second.part != part)
      found = Finding{fault, row->second.number, row->second.part, 1};
  };
  const auto find_text = [&](const Version& version, Fault fault) {
    for (std::size_t other = 0; !found && other < 3; ++other) {
      if (other == part) continue;
      if (const auto match = version.parts[other].texts.find(signature))
        found = Finding{fault, version.parts[other].rows[match->number], other,
                        match->similarity};
    }
  };
  find_id(now_, kIdInTwoParts);
  find_id(earlier_, kIdMoved);
  find_text(now_, kNearDuplicateInTwoParts);
  find_text(earlier_, kNearDuplicateMoved);
  add_row(now_, part, id, signature);
  return found;
}

namespace {

// Where a row stands: the number of its file, and its line.
struct Place {
  std::uint32_t file;
  std::uint32_t line;
};

// Checks a version's rows, says what is wrong with them, and counts it.
class SplitChecker {
 public:
  SplitChecker(Program& program, const SplitCheckOptions& options)
      : program_(program), options_(options), check_(options.near) {}

  int run() {
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& manifest : options_.against)
      read(read_split(manifest), true);
    stats_ = {};
    read(read_split(options_.manifest), false);
    std::uint64_t wrong = 0;
    for (const auto& [name, count] : counts_) wrong += count;
    if (wrong > kFindingsSaid)
      program_.warn(std::to_string(wrong - kFindingsSaid) + " more findings");
    Output out;
    out.write_line(summary());
    out.close();
    const std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    append_stats(options_.stats, program_.name(), stats_, taken.count());
    return wrong == 0 ? EX_OK : kExitNo;
  }

 private:
  static constexpr std::uint64_t kFindingsSaid = 20;

  void read(const VersionSplit& version, bool is_earlier) {
    std::string text;
    for (std::size_t part = 0; part < kPartNames.size(); ++part) {
      files_.push_back(version.files[part]);
      for_each_object(
          files_.back(), [&](JsonValue row, const LineOfFile& line) {
            text.clear();
            if (!append_record_text(text, row))
              line.fail("no message of a user or assistant");
            places_.push_back({static_cast<std::uint32_t>(files_.size() - 1),
                               static_cast<std::uint32_t>(line.number)});
            ++stats_.records_read;
            stats_.bytes_in += row.raw().size() + 1;
            const std::string id = record_id(row);
            if (is_earlier) return check_.add_earlier(part, id, text);
            const std::string name = id.empty() ? "it" : "id " + id;
            check_place(row, version, part, name);
            if (const auto finding = check_.add(part, id, text))
              say(*finding, name);
          });
    }
  }

  void check_place(JsonValue row, const VersionSplit& version, std::size_t part,
                   const std::string& name) {
    std::string scratch;
    const auto key = split_key(row, options_.field, scratch);
    if (!key) return say("misplaced", name + " has no key");
    const std::size_t right =
        part_of(seeded_digest(version.seed, *key), version.fractions);
    if (right != part)
      say("misplaced", name + " belongs to " + std::string(kPartNames[right]) +
                           " by its key");
  }

  void say(const SplitCheck::Finding& finding, const std::string& name) {
    const Place& place = places_[finding.other_row];
    const std::string there = std::string(kPartNames[finding.other_part]) +
                              ", at " +
                              place_of(files_[place.file], place.line);
    char similarity[8];
    ::snprintf(similarity, sizeof similarity, "%.2f", finding.similarity);
    const std::string repeats =
        name + " nearly repeats (" + similarity + ") a row that ";
    switch (finding.fault) {
      case SplitCheck::kIdInTwoParts:
        return say("ids_in_two_parts", name + " is also in " + there);
      case SplitCheck::kIdMoved:
        return say("ids_moved", name + " was in " + there);
      case SplitCheck::kNearDuplicateInTwoParts:
        return say("near_duplicates_in_two_parts", repeats + "is in " + there);
      case SplitCheck::kNearDuplicateMoved:
        return say("near_duplicates_moved", repeats + "was in " + there);
    }
  }

  // Counts a finding about the last row, and says the first ones.
  void say(const std::string& kind, const std::string& sentence) {
    ++counts_[kind];
    if (++said_ <= kFindingsSaid)
      program_.warn_at(files_[places_.back().file], places_.back().line,
                       sentence);
  }

  std::string summary() {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.member("rows", stats_.records_read);
    for (const auto& [name, count] : counts_) {
      json.member(name, count);
      stats_.others.emplace_back(name, std::to_string(count));
    }
    json.end_object();
    return text;
  }

  Program& program_;
  const SplitCheckOptions& options_;
  SplitCheck check_;
  Stats stats_;
  std::vector<std::string> files_;
  std::vector<Place> places_;  // by row
  std::map<std::string, std::uint64_t> counts_ = {
      {"misplaced", 0},
      {"ids_in_two_parts", 0},
      {"ids_moved", 0},
      {"near_duplicates_in_two_parts", 0},
      {"near_duplicates_moved", 0}};
  std::uint64_t said_ = 0;
};

}  // namespace

int check_split(Program& program, const SplitCheckOptions& options) {
  return SplitChecker(program, options).run();
}

}  // namespace mill
