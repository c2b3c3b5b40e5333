// hash-split - split examples into train, val and test files by hash
//
//   hash-split --output mtg < examples.jsonl
//
// makes mtg.train.jsonl, mtg.val.jsonl and mtg.test.jsonl, all three or none:
// a run that ends with another status than 0 leaves what was there. Lines are
// copied byte for byte, in the order of the input.
//
//   hash-split --check v2/manifest.json --against v1/manifest.json
//
// proves of a version that was split that nothing leaks between its parts.

#include <stdio.h>

#include <array>
#include <chrono>

#include "lib/cli.h"
#include "lib/hash_split.h"
#include "lib/json_writer.h"
#include "lib/record_file.h"
#include "lib/record_text.h"
#include "lib/records.h"
#include "lib/split_check.h"

namespace {

struct Part {
  Part(std::string part_name, const std::string& prefix)
      : name(std::move(part_name)), file(prefix + "." + name + ".jsonl") {}
  std::string name;
  mill::AtomicFile file;
  std::uint64_t records = 0;
};

std::string summary(const Part& part) {
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  json.member("file", part.file.path());
  json.member("split", part.name);
  json.member("records", part.records);
  json.member("bytes", part.file.bytes());
  json.end_object();
  return text;
}

// ---- --check ----------------------------------------------------------------

struct CheckOptions {
  std::optional<std::string> manifest;
  std::vector<std::string> against;  // earlier manifests
  double near = 0.8;
  std::string field;  // that decides; see example_key()
  std::optional<std::string> stats;
};

// Where a row stands: the number of its file, and its line.
struct Place {
  std::uint32_t file;
  std::uint32_t line;
};

// Checks a version's rows, says what is wrong with them, and counts it.
class Checker {
 public:
  Checker(mill::Program& program, const CheckOptions& options)
      : program_(program), options_(options), check_(options.near) {}

  int run() {
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& manifest : options_.against)
      read(mill::read_split(manifest), true);
    stats_ = {};
    read(mill::read_split(*options_.manifest), false);
    std::uint64_t wrong = 0;
    for (const auto& [name, count] : counts_) wrong += count;
    if (wrong > kFindingsSaid)
      program_.warn(std::to_string(wrong - kFindingsSaid) + " more findings");
    mill::Output out;
    out.write_line(summary());
    out.close();
    const std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    if (options_.stats)
      mill::append_stats(*options_.stats, program_.name(), stats_,
                         taken.count());
    return wrong == 0 ? EX_OK : mill::kExitNo;
  }

 private:
  static constexpr std::uint64_t kFindingsSaid = 20;

  void read(const mill::VersionSplit& version, bool is_earlier) {
    std::string text;
    for (std::size_t part = 0; part < mill::kPartNames.size(); ++part) {
      files_.push_back(version.files[part]);
      mill::for_each_record(
          files_.back(), [&](mill::JsonValue row, std::uint64_t line) {
            text.clear();
            if (!mill::append_record_text(text, row))
              throw mill::Exit(EX_DATAERR,
                               mill::place_of(files_.back(), line) +
                                   ": no message of a user or assistant");
            places_.push_back({static_cast<std::uint32_t>(files_.size() - 1),
                               static_cast<std::uint32_t>(line)});
            ++stats_.records_read;
            stats_.bytes_in += row.raw().size() + 1;
            const std::string id = mill::record_id(row);
            if (is_earlier) return check_.add_earlier(part, id, text);
            const std::string name = id.empty() ? "it" : "id " + id;
            check_place(row, version, part, name);
            if (const auto finding = check_.add(part, id, text))
              say(*finding, name);
          });
    }
  }

  void check_place(mill::JsonValue row, const mill::VersionSplit& version,
                   std::size_t part, const std::string& name) {
    std::string scratch;
    const auto key = mill::example_key(row, options_.field, scratch);
    if (!key) return say("misplaced", name + " has no key");
    const std::size_t right = mill::part_of(
        mill::seeded_digest(version.seed, *key), version.fractions);
    if (right != part)
      say("misplaced", name + " belongs to " +
                           std::string(mill::kPartNames[right]) +
                           " by its key");
  }

  void say(const mill::SplitCheck::Finding& finding, const std::string& name) {
    using Check = mill::SplitCheck;
    const Place& place = places_[finding.other_row];
    const std::string there =
        std::string(mill::kPartNames[finding.other_part]) + ", at " +
        mill::place_of(files_[place.file], place.line);
    char similarity[8];
    ::snprintf(similarity, sizeof similarity, "%.2f", finding.similarity);
    const std::string repeats =
        name + " nearly repeats (" + similarity + ") a row that ";
    switch (finding.fault) {
      case Check::kIdInTwoParts:
        return say("ids_in_two_parts", name + " is also in " + there);
      case Check::kIdMoved: return say("ids_moved", name + " was in " + there);
      case Check::kNearDuplicateInTwoParts:
        return say("near_duplicates_in_two_parts", repeats + "is in " + there);
      case Check::kNearDuplicateMoved:
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
    mill::JsonWriter json(text);
    json.begin_object();
    json.member("rows", stats_.records_read);
    for (const auto& [name, count] : counts_) {
      json.member(name, count);
      stats_.others.emplace_back(name, std::to_string(count));
    }
    json.end_object();
    return text;
  }

  mill::Program& program_;
  const CheckOptions& options_;
  mill::SplitCheck check_;
  mill::Stats stats_;
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

int main(int argc, char** argv) {
  return mill::run("hash-split", [&](mill::Program& program) {
    std::string prefix, key_field, group_field;
    std::string split_text = "0.8,0.1,0.1";
    std::uint64_t seed = 42;
    mill::StreamOptions stream;
    mill::CommandLine line(program.name(),
                           "Split examples into train, val and test files.");
    line.option("o,output", "PREFIX",
                "make PREFIX.train.jsonl, PREFIX.val.jsonl and "
                "PREFIX.test.jsonl (required)",
                &prefix);
    line.option("split", "S0,S1,S2",
                "the fractions for train, val and test; they sum to 1",
                &split_text);
    line.option("seed", "N", "another seed, another split", &seed);
    line.option("key", "FIELD",
                "the field that decides, dots descending (default "
                "metadata.id, else the first user message's content)",
                &key_field);
    line.option("group-by", "FIELD",
                "records with the same value of FIELD go to the same part; "
                "takes the place of the key",
                &group_field);
    CheckOptions check;
    line.option("check", "MANIFEST",
                "split nothing: check the parts that lie beside MANIFEST",
                &check.manifest);
    line.option("against", "MANIFEST",
                "with --check: an earlier version's; may be given several "
                "times",
                &check.against);
    line.option("near", "X",
                "with --check: how similar near duplicates are, from 0.8 to 1",
                &check.near);
    stream.define(line);
    line.note(
        "With h = the first 8 bytes, big-endian, of SHA-256(SEED ':' KEY) and "
        "u = h / 2^64, a record is train if u < S0, val if u < S0 + S1, else "
        "test. So adding records moves none, and growing a part moves only "
        "what it must. The key is a string, or a number as it is spelt; a "
        "record without one is a bad record.");
    line.note(
        "Writes one JSON object a file: file, split, records, bytes. The "
        "files appear together, and only if the run succeeds; a part without "
        "records is an empty file. It does not look for duplicates: records "
        "with different keys may well hold the same text. Where records that "
        "nearly repeat each other are to stay together, dedup --mark gives "
        "them a field for --group-by.");
    line.note(
        "--check reads the three parts that MANIFEST names and says of each "
        "row where it does not stand where seed, key and fractions put it; "
        "where its id is in two parts, or was in another one in an earlier "
        "version; and where it nearly repeats a row of another part, now or "
        "then, as dedup finds it. It names the first 20, writes one JSON "
        "object with all counts, and ends with status 1 if there are any. Of "
        "--key and --group-by it wants what the split was made with. It takes "
        "about 560 bytes of memory a row.");
    line.example("hash-split --output mtg_llm_training < examples.jsonl");
    line.example(
        "hash-split --output thread --group-by metadata.post_id all.jsonl");
    line.example(
        "hash-split --check v2/manifest.json --against v1/manifest.json");
    line.parse(argc, argv);
    if (!key_field.empty() && !group_field.empty())
      throw mill::Exit(EX_USAGE, "--key and --group-by exclude each other");
    const std::string& field = key_field.empty() ? group_field : key_field;
    if (check.manifest) {
      if (!prefix.empty() || !stream.files.empty())
        throw mill::Exit(EX_USAGE, "--check takes neither --output nor FILE");
      if (!(check.near >= 0.8 && check.near <= 1))
        throw mill::Exit(EX_USAGE, "--near must lie between 0.8 and 1");
      check.field = field;
      check.stats = stream.stats;
      return Checker(program, check).run();
    }
    if (prefix.empty()) throw mill::Exit(EX_USAGE, "--output is required");
    const auto split = mill::parse_split(split_text);

    std::array<Part, 3> parts{Part("train", prefix), Part("val", prefix),
                              Part("test", prefix)};
    mill::RecordLoop loop(program, stream);
    std::string scratch;
    while (loop.next()) {
      const auto key = mill::example_key(loop.record(), field, scratch);
      if (!key) {
        loop.bad(field.empty() ? "no metadata.id and no user message with text"
                               : field + ": not a string");
        continue;
      }
      Part& part = parts[mill::part_of(mill::seeded_digest(seed, *key), split)];
      part.file.write_line(loop.text());
      ++part.records;
      loop.count_written(loop.text().size() + 1);
    }
    const int status = loop.finish();
    if (status != EX_OK) return status;
    for (Part& part : parts) part.file.sync();
    mill::Output out;
    for (const Part& part : parts) out.write_line(summary(part));
    out.close();
    for (Part& part : parts) part.file.commit();
    return EX_OK;
  });
}
