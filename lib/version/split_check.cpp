#include "lib/version/split_check.h"

#include <stdio.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_map>

#include "lib/base/exit.h"
#include "lib/base/numbers.h"
#include "lib/base/sha256.h"
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
  const auto seed = parse_number<decltype(version.seed)>(
      split["seed"] ? split["seed"].raw() : "");
  if (count != 3 || !seed) fail("has no split with three fractions and a seed");
  version.seed = *seed;
  if (split["group_by"].is_string())
    version.group_by = split["group_by"].string();
  return version;
}

void SplitCheck::add(const Row& row, bool is_earlier) {
  rows_.push_back({row.id.empty() ? 0 : hash_of(row.id) | 1,
                   static_cast<std::uint8_t>(row.part), is_earlier});
  texts_.add(row.text);
  questions_.add(row.question);
}

namespace {

// The rows of one version that were met so far.
struct Met {
  Met(const TextSet& texts, const TextSet& questions, double near)
      : texts_by_part(kPartNames.size(), NearDuplicates(texts, near)),
        questions_by_part(kPartNames.size(), NearDuplicates(questions, near)) {}
  std::unordered_map<std::uint64_t, std::size_t> ids;  // the first row of each
  std::vector<NearDuplicates> texts_by_part, questions_by_part;
};

// The most similar text of another part.
std::optional<NearDuplicates::Match> find_elsewhere(
    const std::vector<NearDuplicates>& by_part, std::size_t part,
    std::size_t row) {
  std::optional<NearDuplicates::Match> best;
  for (std::size_t other = 0; other < by_part.size(); ++other) {
    if (other == part) continue;
    const auto match = by_part[other].find(row);
    if (match && (!best || match->similarity > best->similarity)) best = match;
  }
  return best;
}

}  // namespace

// Rows are looked up only among those of other parts, so that the index of the
// largest part needs to hold little.
SplitCheck::Seekers SplitCheck::seekers_of_largest_part() const {
  std::array<std::size_t, kPartNames.size()> rows{};
  std::size_t all = 0;
  for (const Kept& kept : rows_) {
    if (kept.is_earlier) continue;
    ++rows[kept.part];
    ++all;
  }
  const auto largest = std::max_element(rows.begin(), rows.end());
  Seekers seekers{static_cast<std::size_t>(largest - rows.begin()),
                  BandFilter(all - *largest), BandFilter(all - *largest)};
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].is_earlier || rows_[row].part == seekers.part) continue;
    seekers.texts.add(texts_, row);
    seekers.questions.add(questions_, row);
  }
  return seekers;
}

std::vector<SplitCheck::Finding> SplitCheck::findings() {
  texts_.sign();
  questions_.sign();
  Met now(texts_, questions_, near_), earlier(texts_, questions_, near_);
  const Seekers seekers = seekers_of_largest_part();
  std::vector<Finding> findings;
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const Kept& kept = rows_[row];
    std::optional<Finding> found;
    const auto set = [&](Fault fault, std::size_t other, double similarity) {
      found = Finding{row, fault, other, rows_[other].part, similarity};
    };
    const auto find_id = [&](const Met& met, Fault fault) {
      if (found || !kept.id) return;
      const auto other = met.ids.find(kept.id);
      if (other != met.ids.end() && rows_[other->second].part != kept.part)
        set(fault, other->second, 1);
    };
    const auto find_text = [&](const Met& met, Fault fault) {
      if (found) return;
      if (const auto match = find_elsewhere(met.texts_by_part, kept.part, row))
        set(fault, match->number, match->similarity);
    };
    const auto find_question = [&](const Met& met, Fault same, Fault near) {
      if (found) return;
      if (const auto match =
              find_elsewhere(met.questions_by_part, kept.part, row))
        set(match->similarity == 1 ? same : near, match->number,
            match->similarity);
    };
    if (!kept.is_earlier) {
      find_id(now, kIdInTwoParts);
      find_id(earlier, kIdMoved);
      find_text(now, kNearDuplicateInTwoParts);
      find_text(earlier, kNearDuplicateMoved);
      find_question(now, kSameQuestionInTwoParts, kNearQuestionInTwoParts);
      find_question(earlier, kSameQuestionMoved, kNearQuestionMoved);
    }
    if (found) findings.push_back(*found);
    Met& its = kept.is_earlier ? earlier : now;
    if (kept.id) its.ids.try_emplace(kept.id, row);
    const bool is_largest = kept.part == seekers.part;
    its.texts_by_part[kept.part].admit(row,
                                       is_largest ? &seekers.texts : nullptr);
    its.questions_by_part[kept.part].admit(
        row, is_largest ? &seekers.questions : nullptr);
  }
  return findings;
}

namespace {

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
    for (const SplitCheck::Finding& finding : check_.findings())
      note(finding.row, kind_of(finding), sentence_of(finding));
    say_notes();
    std::uint64_t wrong = 0;
    for (const auto& [name, count] : counts_) wrong += count;
    if (wrong > kFindingsSaid)
      program_.warn(std::to_string(wrong - kFindingsSaid) + " more findings");
    Output out;
    out.write_for_reading(summary() + '\n');
    out.close();
    const std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    append_stats(options_.stats, program_.name(), stats_, taken.count());
    return wrong == 0 ? EX_OK : kExitNo;
  }

 private:
  static constexpr std::uint64_t kFindingsSaid = 20;

  // Where a row stands: the number of its file, and its line.
  struct Place {
    std::uint32_t file;
    std::uint32_t line;
  };
  struct Note {
    std::size_t row;
    std::string sentence;  // after the row's name
  };

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
            std::string scratch;
            const SplitCheck::Row its{part, id, text,
                                      question_of(row, scratch).value_or("")};
            if (is_earlier) return check_.add_earlier(its);
            check_.add(its);
            check_place(row, version, part);
          });
    }
  }

  // Whether the last row stands where its key puts it.
  void check_place(JsonValue row, const VersionSplit& version,
                   std::size_t part) {
    std::string scratch;
    const std::string& field =
        options_.field.empty() ? version.group_by : options_.field;
    const auto key = split_key(row, field, scratch);
    if (!key) return note(places_.size() - 1, "misplaced", "has no key");
    const std::size_t right =
        part_of(seeded_digest(version.seed, *key), version.fractions);
    if (right != part)
      note(places_.size() - 1, "misplaced",
           "belongs to " + std::string(kPartNames[right]) + " by its key");
  }

  static std::string kind_of(const SplitCheck::Finding& finding) {
    switch (finding.fault) {
      case SplitCheck::kIdInTwoParts: return "ids_in_two_parts";
      case SplitCheck::kIdMoved: return "ids_moved";
      case SplitCheck::kNearDuplicateInTwoParts:
        return "near_duplicates_in_two_parts";
      case SplitCheck::kNearDuplicateMoved: return "near_duplicates_moved";
      case SplitCheck::kSameQuestionInTwoParts:
        return "same_questions_in_two_parts";
      case SplitCheck::kSameQuestionMoved: return "same_questions_moved";
      case SplitCheck::kNearQuestionInTwoParts:
        return "near_questions_in_two_parts";
      case SplitCheck::kNearQuestionMoved: break;
    }
    return "near_questions_moved";
  }

  std::string sentence_of(const SplitCheck::Finding& finding) const {
    const Place& place = places_[finding.other_row];
    const std::string there = std::string(kPartNames[finding.other_part]) +
                              ", at " +
                              place_of(files_[place.file], place.line);
    char similarity[16];
    ::snprintf(similarity, sizeof similarity, " (%.2f) ", finding.similarity);
    const std::string repeats =
        "nearly repeats" + (similarity + std::string("a row that "));
    const std::string asks = "asks the same question as a row that ";
    const std::string nearly_asks =
        "asks nearly" + (similarity + asks.substr(5));
    switch (finding.fault) {
      case SplitCheck::kIdInTwoParts: return "is also in " + there;
      case SplitCheck::kIdMoved: return "was in " + there;
      case SplitCheck::kNearDuplicateInTwoParts:
        return repeats + "is in " + there;
      case SplitCheck::kNearDuplicateMoved: return repeats + "was in " + there;
      case SplitCheck::kSameQuestionInTwoParts: return asks + "is in " + there;
      case SplitCheck::kSameQuestionMoved: return asks + "was in " + there;
      case SplitCheck::kNearQuestionInTwoParts:
        return nearly_asks + "is in " + there;
      case SplitCheck::kNearQuestionMoved: break;
    }
    return nearly_asks + "was in " + there;
  }

  // Counts a finding, and keeps the first ones of each kind to be said.
  void note(std::size_t row, const std::string& kind, std::string sentence) {
    if (counts_[kind]++ < kFindingsSaid)
      notes_.push_back({row, std::move(sentence)});
  }

  // Says the first findings, in the order of the rows, with the rows' names,
  // for which they are read once more.
  void say_notes() {
    std::stable_sort(
        notes_.begin(), notes_.end(),
        [](const Note& a, const Note& b) { return a.row < b.row; });
    if (notes_.size() > kFindingsSaid) notes_.resize(kFindingsSaid);
    auto next = notes_.begin();
    for (std::size_t file = files_.size() - kPartNames.size();
         file < files_.size() && next != notes_.end(); ++file) {
      if (places_[next->row].file != file) continue;
      for_each_object(files_[file], [&](JsonValue row, const auto& line) {
        for (; next != notes_.end() && places_[next->row].file == file &&
               places_[next->row].line == line.number;
             ++next) {
          const std::string id = record_id(row);
          program_.warn_at(
              line.file, line.number,
              (id.empty() ? "it " : "id " + id + ' ') + next->sentence);
        }
      });
    }
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
      {"near_duplicates_moved", 0},
      {"same_questions_in_two_parts", 0},
      {"same_questions_moved", 0},
      {"near_questions_in_two_parts", 0},
      {"near_questions_moved", 0}};
  std::vector<Note> notes_;
};

}  // namespace

int check_split(Program& program, const SplitCheckOptions& options) {
  return SplitChecker(program, options).run();
}

}  // namespace mill
