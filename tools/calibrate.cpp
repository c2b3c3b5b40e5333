// calibrate - what a confidence is worth, by the marks of people who read some
//
//   pick-answer --explain threads.jsonl > interactions.jsonl
//   calibrate --marks marks.jsonl interactions.jsonl
//   calibrate --marks marks.jsonl --profile qa --output mine.json
//             interactions.jsonl
//
// A mark is a line {"id": ID, "mark": "good" | "bad" | "unsure"}, as review
// gives them; with answer_id it is of that answer only, so that a mark does not
// pass on to another answer that a changed profile chooses. Other members are
// not read. Of several marks of one record in a file the last counts. Two files
// are two readers: what both marked gives their agreement, and records on which
// they differ are left out, as are those that a reader is unsure of.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/answers/calibration.h"
#include "lib/answers/profile.h"
#include "lib/answers/profile_text.h"
#include "lib/base/exit.h"
#include "lib/base/numbers.h"
#include "lib/base/table.h"
#include "lib/cli/command_line.h"
#include "lib/cli/record_loop.h"
#include "lib/io/output.h"
#include "lib/json/json.h"
#include "lib/json/json_writer.h"
#include "lib/record/marks_file.h"
#include "lib/record/record_text.h"
#include "lib/report/reliability_chart.h"

namespace {

std::vector<std::pair<std::string, std::string>> marked_by_both(
    const mill::Marks& first, const mill::Marks& second) {
  std::vector<std::pair<std::string, std::string>> both;
  for (const auto& [id, mark] : first)
    if (const auto other = second.find(id); other != second.end())
      both.emplace_back(mark, other->second);
  return both;
}

// The judged records, cross-validated: each fifth of them, by place, mapped by
// what was fitted to the other four.
std::vector<mill::Judged> cross_validated(
    const std::vector<mill::Judged>& judged) {
  constexpr std::size_t kParts = 5;
  std::vector<mill::Judged> mapped;
  for (std::size_t part = 0; part < kParts; ++part) {
    std::vector<mill::Judged> others;
    for (std::size_t i = 0; i < judged.size(); ++i)
      if (i % kParts != part) others.push_back(judged[i]);
    const mill::Calibration map(mill::isotonic_fit(std::move(others)));
    for (std::size_t i = part; i < judged.size(); i += kParts)
      mapped.push_back({map(judged[i].confidence), judged[i].is_good});
  }
  return mapped;
}

std::string share(double value) { return mill::decimal(value, 3); }

std::string reliability_table(const std::vector<mill::Judged>& judged) {
  std::vector<std::vector<std::string>> rows = {
      {"confidence", "marked", "good", "share", "95 %", "mean confidence"}};
  const auto bins = mill::reliability(judged);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const mill::ReliabilityBin& bin = bins[i];
    if (bin.all == 0) continue;
    const auto reach = mill::wilson_interval(bin.good, bin.all);
    rows.push_back({mill::decimal(static_cast<double>(i) / 10, 1) + " to " +
                        mill::decimal(static_cast<double>(i + 1) / 10, 1),
                    mill::grouped(bin.all), mill::grouped(bin.good),
                    share(bin.share()),
                    share(reach.low) + " to " + share(reach.high),
                    share(bin.mean_confidence())});
  }
  return mill::aligned(rows, {mill::Side::kLeft, mill::Side::kRight});
}

// A profile with the map: a built-in one is extended; a file's members stay, but
// for the map it had, since only built-in profiles can be extended.
std::string profile_text(const mill::ProfileText& profile,
                         const std::vector<mill::Knot>& knots,
                         std::size_t marked) {
  std::string text, scratch;
  mill::JsonWriter json(text);
  json.begin_object();
  if (!mill::is_profile_file(profile.source)) {
    json.member("extends", profile.source);
    json.member("description", "Confidence as the share of good answers, by " +
                                   mill::grouped(marked) + " marks");
  } else {
    mill::JsonReader reader;
    reader.parse(profile.json);  // read_profile() found it right
    for (const auto& [key, value] : reader.root().members())
      if (const auto name = key.string(scratch); name != "calibration")
        json.raw_member(name, value.raw());
  }
  json.key("calibration");
  json.begin_array();
  for (const auto& [from, to] : knots) {
    json.begin_array();
    json.raw(mill::decimal(from, 2));
    json.raw(mill::decimal(to, 2));
    json.end_array();
  }
  json.end_array();
  json.end_object();
  return mill::indent_json(text) + "\n";
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("calibrate", [&](mill::Program& program) {
    std::vector<std::string> marks_files;
    std::string profile = "qa";
    std::optional<std::string> output, picture;
    mill::StreamOptions stream;
    mill::CommandLine line(program,
                           "Say what a confidence is worth, by the marks of "
                           "people who read some of the records.");
    line.option(
        "marks", "FILE",
        "marks as JSON lines: id, answer_id (if of that answer only), mark "
        "(good, bad or unsure); a second "
        "reader's in a second file",
        &marks_files);
    line.option("p,profile", "NAME|FILE",
                "the profile that --output's is made of: it extends a built-in "
                "one, and is a file's with another map",
                &profile);
    line.option("o,output", "FILE",
                "write a profile with the map from confidence to the share of "
                "good answers",
                &output);
    line.option("picture", "FILE", "draw a reliability diagram, as SVG",
                &picture);
    stream.define(line);
    line.note(
        "Reads interactions or examples, and joins them with the marks by id. "
        "Where a record has raw_confidence (pick-answer --explain writes it), "
        "that is what is judged and mapped, so that a profile's old map is "
        "replaced and not applied twice. The interval is Wilson's; the "
        "expected calibration error has ten bins; the map is isotonic, by "
        "pooling adjacent violators, and its error is cross-validated in five "
        "parts.");
    line.example("calibrate --marks marks.jsonl interactions.jsonl");
    line.example("calibrate --marks marks.jsonl --output mine.json rows.jsonl");
    line.parse(argc, argv);
    mill::demand(!marks_files.empty(), "--marks is missing");
    std::vector<mill::ProfileText> texts;
    if (output) {
      texts = mill::profile_texts(profile);
      mill::read_profile(texts);  // better now than in its use
      if (mill::is_profile_file(profile)) stream.also_read.push_back(profile);
    }
    stream.also_read.insert(stream.also_read.end(), marks_files.begin(),
                            marks_files.end());
    stream.side_file(output);
    stream.side_file(picture);

    std::vector<mill::Marks> readers;
    for (const std::string& file : marks_files)
      readers.push_back(mill::read_marks(file));
    const mill::Marks marks = mill::agreed(readers);

    mill::RecordLoop loop(program, stream);
    std::map<mill::MarkKey, mill::Judged> found;
    loop.run([&](mill::JsonValue record, std::string&) {
      const auto mark = mill::find_mark(marks, record);
      if (mark == marks.end()) return mill::Outcome::drop("not_marked");
      const mill::JsonValue raw = record["raw_confidence"];
      const auto confidence =
          (raw ? raw : mill::record_value(record, "confidence")).number();
      if (!confidence || !(*confidence >= 0 && *confidence <= 1))
        return mill::Outcome::bad("confidence: not a number from 0 to 1");
      found[mark->first] = {*confidence, mark->second == "good"};
      return mill::Outcome::taken();
    });
    std::vector<mill::Judged> judged;
    for (const auto& [id, one] : found) judged.push_back(one);
    if (judged.empty())
      throw mill::Exit(EX_DATAERR, "no record has a mark by its id");

    mill::Output& out = loop.out();
    out.write(reliability_table(judged));
    const auto knots = mill::isotonic_fit(judged);
    out.write("\n");
    out.write_line("marked: " + mill::grouped(judged.size()) + " of " +
                   mill::grouped(marks.size()) + " marks have a record");
    out.write_line("expected calibration error: " +
                   share(mill::expected_calibration_error(judged)));
    out.write_line(
        "after the map, cross-validated: " +
        share(mill::expected_calibration_error(cross_validated(judged))));
    for (std::size_t i = 1; i < readers.size(); ++i) {
      const auto both = marked_by_both(readers[0], readers[i]);
      if (!both.empty())
        out.write_for_reading(
            "Cohen's kappa of " + marks_files[0] + " and " + marks_files[i] +
            ": " + share(mill::cohens_kappa(both)) + ", " +
            mill::counted(both.size(), "record", "records") + "\n");
    }
    const int status = loop.finish();
    if (output) {
      mill::AtomicFile file(*output);
      file.write(profile_text(texts.front(), knots, judged.size()));
      file.commit();
    }
    if (picture) {
      mill::AtomicFile file(*picture);
      file.write(mill::reliability_chart(judged));
      file.commit();
    }
    return status;
  });
}
