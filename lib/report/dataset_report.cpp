#include "lib/report/dataset_report.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/numbers.h"
#include "lib/report/charts.h"
#include "lib/report/examples.h"
#include "lib/report/html.h"
#include "lib/report/links.h"
#include "lib/report/style.h"
#include "lib/report/svg_chart.h"
#include "lib/version/stages.h"
#include "lib/version/version_files.h"

namespace mill {

namespace {

std::string code(std::string_view text) {
  return "<code>" + html(text) + "</code>";
}

std::string paragraph(std::string_view content, std::string_view classes = "") {
  std::string out = classes.empty()
                        ? std::string("<p>")
                        : "<p class=\"" + std::string(classes) + "\">";
  return out.append(content).append("</p>\n");
}

std::string section(std::string_view id, std::string_view title,
                    std::string_view content) {
  std::string out;
  out.append("<section aria-labelledby=\"").append(id).append("\">\n<h2 id=\"");
  out.append(id).append("\">").append(title).append("</h2>\n");
  return out.append(content).append("</section>\n");
}

std::string verdict(std::optional<bool> is_good, std::string_view sentence) {
  const char* kind = !is_good ? "unknown" : *is_good ? "good" : "bad";
  const char* sign = !is_good ? "?" : *is_good ? "✓" : "✗";
  return "<li class=\"" + std::string(kind) +
         "\"><span class=\"sign\" aria-hidden=\"true\">" + sign + "</span>" +
         std::string(sentence) + "</li>\n";
}

std::string validation_verdict(const DatasetFolder& folder) {
  const JsonValue summary = folder.validation()["summary"];
  if (!summary.is_object())
    return verdict({},
                   "Not validated: there is no <code>validation.json</code> "
                   "in the folder.");
  const std::uint64_t records = count_of(summary["records"]);
  const std::string of_them = grouped(count_of(summary["valid_records"])) +
                              " of " + counted(records, "example", "examples") +
                              " checked by " + code("jsonl-validate") +
                              " with the profile " +
                              code(plain_text(summary["profile"])) + " passed.";
  return summary["valid"].is_true() ? verdict(true, "Valid: " + of_them)
                                    : verdict(false, "Not valid: " + of_them);
}

std::string acceptance_verdict(const DatasetFolder& folder) {
  const JsonValue acceptance = folder.acceptance();
  if (!acceptance["verdict"].is_string())
    return verdict({},
                   "Not judged: there is no verdict of "
                   "<code>acceptance-check</code> in the folder.");
  std::size_t passed = 0, made = 0;
  for (const JsonValue check : acceptance["checks"].elements()) {
    passed += check["passed"].is_true();
    made += check["passed"].is_bool();
  }
  const bool is_accepted = plain_text(acceptance["verdict"]) == "pass";
  std::string sentence = is_accepted ? "Accepted: " : "Not accepted: ";
  sentence += grouped(passed) + " of " + counted(made, "check", "checks") +
              " that <code>acceptance-check</code> made passed";
  if (const std::size_t left = acceptance["checks"].size() - made)
    sentence +=
        ", " + grouped(left) + (left == 1 ? " was" : " were") + " not made";
  if (acceptance["baseline"].is_string())
    sentence += ", against " + code(plain_text(acceptance["baseline"]));
  if (const JsonValue accepted = acceptance["accepted_as_baseline"])
    sentence += ". Drift is accepted by " + html(plain_text(accepted["who"])) +
                ": " + html(plain_text(accepted["why"]));
  return verdict(is_accepted, sentence + ".");
}

std::string residue_verdict(const DatasetFolder& folder) {
  std::uint64_t residue = 0;
  for (const std::uint64_t count : folder.facts().residue) residue += count;
  if (residue == 0)
    return verdict(true,
                   "No personal data of a kind that <code>anonymize</code> "
                   "knows is left in the texts.");
  return verdict(false,
                 "Personal data is left in the texts: <code>anonymize"
                 "</code> would replace " +
                     counted(residue, "passage", "passages") + ".");
}

std::string header(const DatasetFolder& folder) {
  const std::string made = folder.text("created_at");
  return "<header>\n<h1>" + html(folder.text("name")) +
         " <span class=\"version\">" + html(folder.text("version")) +
         "</span></h1>\n" +
         paragraph("A data set of " +
                       counted(folder.facts().examples, "example", "examples") +
                       " of questions and answers from Reddit, to train "
                       "language models on. Made <time>" +
                       html(made) + "</time>.",
                   "note") +
         "<ul class=\"verdicts\">\n" + acceptance_verdict(folder) +
         validation_verdict(folder) + residue_verdict(folder) +
         "</ul>\n</header>\n";
}

std::string tile(std::string_view name, const std::string& number,
                 const std::string& note = "") {
  std::string out = "<div><dt>" + std::string(name) + "</dt><dd>" + number;
  if (!note.empty()) out += " <span class=\"note\">" + note + "</span>";
  return out + "</dd></div>\n";
}

std::string numbers(const DatasetFolder& folder) {
  const JsonValue manifest = folder.manifest();
  std::string out = "<dl class=\"tiles\">\n" +
                    tile("Examples", grouped(folder.facts().examples));
  for (const auto& [part, name] :
       {std::pair{"train", "Train"}, {"val", "Validation"}, {"test", "Test"}})
    for (const DatasetFolder::File& file : folder.files())
      if (file.part == part)
        out += tile(name, grouped(file.lines),
                    percent(file.lines, folder.merged().lines));
  if (const auto mean = manifest["confidence"]["mean"].number())
    out += tile(
        "Mean confidence", decimal(*mean, 3),
        "median " +
            decimal(manifest["confidence"]["median"].number().value_or(0), 3));
  const JsonValue tokens = manifest["tokens"]["tokens"];
  if (tokens.is_object())
    out += tile("Tokens", grouped(count_of(tokens["total"])),
                "median " + grouped(count_of(tokens["median"])) +
                    " per example, by " +
                    html(plain_text(manifest["tokens"]["encoding"])));
  return section("numbers", "In numbers", out + "</dl>\n");
}

std::string reasons_table(const std::vector<StageAccount>& stages) {
  HtmlTable table("", "Why records were left out",
                  {{"Reason"},
                   {"Stage", "wide"},
                   {"Records", "number"},
                   {"Share", "number"},
                   {"", "bars"}});
  bool is_empty = true;
  for (const StageAccount& stage : stages)
    for (const auto& [reason, count] : stage.reasons) {
      is_empty = false;
      table.row({html(reason), code(stage.name), grouped(count),
                 percent(count, stage.read),
                 bar(count, stage.read, stage.read)});
    }
  return is_empty ? paragraph("No stage left anything out.")
                  : std::move(table).finish();
}

// A check's number; "" where there is none.
std::string number_of(JsonValue value) {
  const auto number = value.number();
  if (!number) return "";
  const auto whole = value.integer();
  return whole && *whole >= 0 ? grouped(count_of(value)) : decimal(*number, 3);
}

std::string dropped_samples(const DatasetFolder& folder) {
  const JsonValue dropped = folder.manifest()["dropped"];
  if (dropped.size() == 0) return "";
  HtmlTable table("", "Some of what was left out",
                  {{"Record"}, {"Stage", "wide"}, {"Reason"}, {"Detail"}});
  for (const JsonValue reason : dropped.elements())
    for (const JsonValue sample : reason["samples"].elements())
      table.row({linked(plain_text(sample["id"])),
                 code(plain_text(reason["stage"])),
                 html(reason_in_words(plain_text(reason["reason"]))),
                 html(plain_text(sample["detail"]))});
  return "<h3>For example</h3>\n" +
         paragraph("Of each reason up to three, chosen by hash.", "note") +
         std::move(table).finish();
}

std::string stages(const DatasetFolder& folder) {
  const std::vector<StageAccount> stages = stages_of(folder.manifest());
  if (stages.empty())
    return section("stages", "What came in, and what was left out",
                   paragraph("The manifest has no account of the stages."));

  HtmlTable table("", "Records by stage",
                  {{"Stage"},
                   {"Read", "number"},
                   {"Left out", "number"},
                   {"Written", "number"},
                   {"", "bars"}});
  std::uint64_t most = 0;
  for (const StageAccount& stage : stages)
    most = std::max({most, stage.read, stage.written});
  std::string breaks;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const StageAccount& stage = stages[i];
    table.row({code(stage.name) + " <span class=\"note wide\">" +
                   std::string(purpose_of(stage.tool)) + "</span>",
               grouped(stage.read), grouped(stage.left_out()),
               grouped(stage.written), bar(stage.written, stage.read, most)});
    if (i > 0 && stages[i - 1].written != stage.read)
      breaks += paragraph(
          code(stages[i - 1].name) + " wrote " +
              grouped(stages[i - 1].written) + " and " + code(stage.name) +
              " read " + grouped(stage.read) +
              (stage.tool == "fs-query"
                   ? ": it reads what the store holds, from earlier runs too, "
                     "and of that only what the query asks for" +
                         (folder.text("query").empty()
                              ? std::string(".")
                              : " (" + html(folder.text("query")) + ").")
                   : std::string(".")),
          "note");
  }
  return section(
      "stages", "What came in, and what was left out",
      paragraph(code(stages.front().name) + " read " +
                counted(stages.front().read, "record", "records") +
                "; the version holds " +
                counted(folder.facts().examples, "example", "examples") +
                ". Of each bar, the outline is what a stage read, and what is "
                "filled is what it passed on.") +
          std::move(table).finish() + breaks + "<h3>Why</h3>\n" +
          paragraph("Shares are of what the stage read.", "note") +
          reasons_table(stages) + dropped_samples(folder));
}

std::string subreddits(const DatasetFolder& folder) {
  constexpr std::size_t kMost = 20;
  std::vector<std::pair<std::uint64_t, std::string>> counts;
  std::uint64_t known = 0;
  for (const auto& [name, count] : folder.manifest()["subreddits"].members()) {
    counts.emplace_back(count_of(count), name.string());
    known += counts.back().first;
  }
  if (counts.empty())
    return section("subreddits", "Subreddits",
                   paragraph("Not known: the examples' metadata has no "
                             "<code>subreddit</code> (<code>to-messages "
                             "--include-fields subreddit</code>)."));
  std::stable_sort(
      counts.begin(), counts.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  HtmlTable table("", "Examples by subreddit",
                  {{"Subreddit"},
                   {"Examples", "number"},
                   {"Share", "number"},
                   {"", "bars"}});
  const std::uint64_t all = folder.facts().examples;
  const auto row = [&](const std::string& name, std::uint64_t count) {
    table.row(
        {name, grouped(count), percent(count, all), bar(count, all, all)});
  };
  std::uint64_t shown = 0;
  for (std::size_t i = 0; i < std::min(kMost, counts.size()); ++i) {
    row(code("r/" + counts[i].second), counts[i].first);
    shown += counts[i].first;
  }
  if (counts.size() > kMost)
    row(grouped(counts.size() - kMost) + " others", known - shown);
  if (all > known) row("not known", all - known);
  return section("subreddits", "Subreddits", std::move(table).finish());
}

// "+5 (+12.5%)".
std::string difference(double before, double now) {
  const double by = now - before;
  std::string text = (by < 0 ? "−" : "+") + decimal(std::abs(by), 3);
  if (before != 0)
    text += " (" + std::string(by < 0 ? "−" : "+") +
            decimal(std::abs(by / before) * 100, 1) + "%)";
  return by == 0 ? "the same" : text;
}

// What became of the last version's examples, by their ids.
std::string changes(const DiffSummary& since) {
  HtmlTable table("", "Examples since the last version",
                  {{"Part"},
                   {"Before", "number"},
                   {"Now", "number"},
                   {"Added", "number"},
                   {"Removed", "number"},
                   {"Changed", "number"}});
  const auto row = [&](const std::string& name,
                       const DiffSummary::Counts& counts) {
    table.row({name, grouped(counts.before), grouped(counts.after),
               grouped(counts.added), grouped(counts.removed),
               grouped(counts.changed)});
  };
  for (const auto& [part, counts] : since.parts) row(code(part), counts);
  row("all", since.all);
  return std::move(table).finish() +
         (since.moved == 0
              ? ""
              : paragraph(counted(since.moved, "example is", "examples are") +
                          " in another part than before."));
}

std::string comparison(const DatasetFolder& folder, const DiffSummary* since) {
  const JsonValue acceptance = folder.acceptance();
  if (!acceptance["baseline"].is_string())
    return section("comparison", "Since the last version",
                   paragraph("There was no version to compare with."));
  HtmlTable table("", "Figures of both versions",
                  {{"Figure"},
                   {"Before", "number"},
                   {"Now", "number"},
                   {"Difference", "number"}});
  const auto row = [&](const std::string& name, JsonValue before,
                       JsonValue now) {
    const auto was = before.number(), is = now.number();
    if (was && is)
      table.row(
          {name, number_of(before), number_of(now), difference(*was, *is)});
  };
  for (const JsonValue check : acceptance["checks"].elements())
    row(html(reason_in_words(plain_text(check["name"]))), check["baseline"],
        check["value"]);
  for (const auto& [member, what] :
       {std::pair{"interaction_types", "type "}, {"subreddits", "r/"}})
    for (const JsonValue one : acceptance[member].elements())
      row(what + code(plain_text(one["name"])), one["before"], one["now"]);
  return section(
      "comparison", "Since the last version",
      paragraph("Against " + code(plain_text(acceptance["baseline"])) + ".") +
          (since ? changes(*since) : "") + std::move(table).finish());
}

// By how much answers were better than the best others of their threads.
std::string margins(const DatasetFolder& folder) {
  const TokenSummary& margins = folder.facts().margins;
  if (margins.records() == 0)
    return paragraph(
        "Choice margins are not known: no metadata has <code>margin</code> "
        "(<code>pick-answer --margin</code>, <code>to-messages "
        "--include-fields margin</code>).");
  const auto value = [](std::uint64_t hundredths) {
    return decimal(static_cast<double>(hundredths) / 100, 2);
  };
  const std::uint64_t all = folder.facts().examples;
  return paragraph(
      "Choice margins, by how much an answer was better than the best other "
      "of its thread, in the profile's measure: " +
      grouped(margins.records()) + " of " + grouped(all) +
      " examples have one; a tenth of them at most " +
      value(margins.percentile(10)) + ", half at most " +
      value(margins.percentile(50)) + ", nine tenths at most " +
      value(margins.percentile(90)) + ".");
}

// What the confidence is worth, by the marks that acceptance-check was given.
std::string reliability(const DatasetFolder& folder) {
  const JsonValue acceptance = folder.acceptance();
  if (acceptance["reliability"].size() == 0)
    return section(
        "reliability", "Reliability",
        paragraph("Not known: nobody's marks were given (<code>review</code> "
                  "makes them, <code>acceptance-check --marks</code> takes "
                  "them).") +
            margins(folder));
  const auto share = [](JsonValue value) {
    return decimal(100 * value.number().value_or(0), 1) + "%";
  };
  HtmlTable table("", "Good examples by confidence",
                  {{"Confidence"},
                   {"Marked", "number"},
                   {"Good", "number"},
                   {"Share", "number"},
                   {"95% interval", "number"}});
  for (const JsonValue bin : acceptance["reliability"].elements()) {
    const double from = bin["from"].number().value_or(0);
    table.row({decimal(from, 1) + " to " + decimal(from + 0.1, 1),
               grouped(count_of(bin["marked"])), grouped(count_of(bin["good"])),
               percent(count_of(bin["good"]), count_of(bin["marked"])),
               share(bin["low"]) + " to " + share(bin["high"])});
  }
  return section(
      "reliability", "Reliability",
      paragraph("Of the examples that readers marked, how many are good; the "
                "interval is Wilson's. The expected calibration error is " +
                number_of(acceptance["calibration_error"]) + ".") +
          std::move(table).finish() + margins(folder));
}

std::string splits(const DatasetFolder& folder) {
  const JsonValue split = folder.manifest()["split"];
  std::vector<std::string> wanted;
  for (const JsonValue fraction : split["fractions"].elements())
    wanted.push_back(decimal(100 * fraction.number().value_or(0), 1) + '%');
  wanted.resize(3);
  HtmlTable table("", "Parts of the split",
                  {{"Part"},
                   {"Examples", "number"},
                   {"Share", "number"},
                   {"Wanted", "number"},
                   {"", "bars"}});
  std::size_t parts = 0;
  for (std::size_t i = 0; i < 3; ++i)
    for (const DatasetFolder::File& file : folder.files()) {
      if (file.part != kPartNames[i]) continue;
      ++parts;
      table.row(
          {std::string(kPartNames[i]) + " <span class=\"note wide\">" +
               code(file.name) + "</span>",
           grouped(file.lines), percent(file.lines, folder.merged().lines),
           wanted[i],
           bar(file.lines, folder.merged().lines, folder.merged().lines)});
    }
  if (parts == 0)
    return section("splits", "Splits", paragraph("The version is not split."));
  const auto seed = split["seed"].integer();
  return section(
      "splits", "Splits",
      paragraph(
          "By the hash of each example's key" +
          (seed ? " and the seed " + std::to_string(*seed) : std::string()) +
          ", so that adding examples later moves none of these.") +
          std::move(table).finish());
}

// "examples.jsonl:17" of "/where/it/was/made/examples.jsonl:17".
std::string without_folder(const std::string& place) {
  return place.substr(place.rfind('/') + 1);
}

std::string validation_findings(const DatasetFolder& folder) {
  const JsonValue codes = folder.validation()["codes"];
  std::string out = "<h3>Format and duplicates</h3>\n";
  if (!folder.validation())
    return out + paragraph(
                     "Not known: there is no <code>validation.json</code> "
                     "in the folder.");
  if (codes.size() == 0)
    return out + paragraph("<code>jsonl-validate</code> found nothing.");
  HtmlTable table("", "What jsonl-validate found",
                  {{"Finding"}, {"Kind"}, {"Times", "number"}});
  for (const JsonValue finding : codes.elements())
    table.row(
        {html(plain_text(finding["sentence"])) + " <span class=\"note\">" +
             code(plain_text(finding["code"])) + ", first at " +
             html(without_folder(plain_text(finding["first"]))) + "</span>",
         html(plain_text(finding["severity"])),
         grouped(count_of(finding["count"]))});
  return out +
         paragraph(
             "What was found in the input of <code>jsonl-validate</code>, "
             "which passes on what is valid.") +
         std::move(table).finish();
}

std::string acceptance_findings(const DatasetFolder& folder) {
  const JsonValue checks = folder.acceptance()["checks"];
  if (checks.size() == 0) return "";
  HtmlTable table("", "Checks of acceptance-check",
                  {{"Check"},
                   {"Value", "number"},
                   {"Limit", "number"},
                   {"Before", "number wide"},
                   {"Verdict"}});
  for (const JsonValue check : checks.elements()) {
    const std::string why = plain_text(check["sentence"]);
    table.row(
        {html(reason_in_words(plain_text(check["name"]))) +
             (why.empty() ? ""
                          : " <span class=\"note\">" + html(why) + "</span>"),
         number_of(check["value"]), number_of(check["limit"]),
         number_of(check["baseline"]),
         !check["passed"].is_bool()    ? "not checked"
         : check["accepted"].is_true() ? "accepted"
         : check["passed"].is_true()   ? "passed"
                                       : "failed"});
  }
  return "<h3>Acceptance</h3>\n" + std::move(table).finish();
}

std::string personal_data(const DatasetFolder& folder) {
  const ExampleFacts& facts = folder.facts();
  std::string out =
      "<h3>Personal data</h3>\n" +
      paragraph(folder.stage("anonymize")
                    ? "The texts went through <code>anonymize</code>. Names "
                      "in plain words, street addresses and what someone "
                      "tells of themselves have no form to go by, and stay."
                    : "The manifest names no <code>anonymize</code> among the "
                      "stages.");
  HtmlTable table("", "Personal data replaced and left",
                  {{"Kind"}, {"Replaced", "number"}, {"Left", "number"}});
  bool is_empty = true;
  for (std::size_t i = 0; i < facts.tags.size(); ++i) {
    if (facts.tags[i] + facts.residue[i] == 0) continue;
    is_empty = false;
    table.row({code(name(static_cast<PiiType>(i))), grouped(facts.tags[i]),
               grouped(facts.residue[i])});
  }
  return out + (is_empty ? paragraph("No tag that it puts in and nothing that "
                                     "it would replace was found.")
                         : std::move(table).finish());
}

std::string findings(const DatasetFolder& folder) {
  return section("findings", "Findings",
                 acceptance_findings(folder) + validation_findings(folder) +
                     personal_data(folder));
}

std::string files(const DatasetFolder& folder) {
  HtmlTable table("", "Files of the version",
                  {{"File"}, {"Examples", "number"}, {"Bytes", "number"}});
  const auto row = [&](const DatasetFolder::File& file) {
    table.row({code(file.name) + " <span class=\"note mono\">sha256 " +
                   html(file.sha256) + "</span>",
               grouped(file.lines), grouped(file.bytes)});
  };
  for (const DatasetFolder::File& file : folder.files()) row(file);
  for (const DatasetFolder::Further& format : folder.further())
    for (const DatasetFolder::File& file : format.files) row(file);
  return section(
      "files", "Files",
      std::move(table).finish() +
          paragraph("<code>sha256sum -c SHA256SUMS</code> checks them. This "
                    "page, the data set card and <code>croissant.json</code> "
                    "are made from the folder: <code>dataset-report</code> "
                    "makes the same bytes again.",
                    "note"));
}

// A text in full, closed; with its hash.
std::string in_full(const std::string& title, JsonValue text) {
  return "<details><summary>" + title + " <span class=\"note mono\">sha256 " +
         html(plain_text(text["sha256"])) + "</span></summary>\n<pre>" +
         html(plain_text(text["text"])) + "</pre>\n</details>\n";
}

std::string origin(const DatasetFolder& folder) {
  const JsonValue manifest = folder.manifest();
  std::string out;
  if (const JsonValue prompt = manifest["system_prompt"])
    out += in_full("The system message", prompt);
  for (const JsonValue profile : manifest["profile"].elements())
    out += in_full("The profile " + code(plain_text(profile["name"])), profile);
  return out;
}

std::string manifest_section(const DatasetFolder& folder) {
  const JsonValue manifest = folder.manifest();
  HtmlTable table("", "Parameters", {{"Parameter"}, {"Value"}});
  for (const char* member : {"store", "query"})
    if (!folder.text(member).empty())
      table.row({member, code(folder.text(member))});
  for (const auto& [key, value] : manifest["parameters"].members())
    table.row({html(key.string()), code(plain_text(value))});
  std::string tools;
  for (const auto& [tool, version] : manifest["tools"].members())
    tools += (tools.empty() ? "" : ", ") + html(tool.string()) + " " +
             html(plain_text(version));
  if (!tools.empty()) table.row({"programs", tools});
  return section("manifest", "How it was made",
                 std::move(table).finish() + origin(folder) +
                     "<details><summary>The manifest in full</summary>\n<pre>" +
                     html(manifest.raw()) + "</pre>\n</details>\n");
}

std::string contents() {
  std::string out = "<nav aria-label=\"Contents\">\n<ul>\n";
  for (const auto& [id, title] : {std::pair{"numbers", "Numbers"},
                                  {"stages", "Stages"},
                                  {"comparison", "Comparison"},
                                  {"distributions", "Distributions"},
                                  {"reliability", "Reliability"},
                                  {"subreddits", "Subreddits"},
                                  {"splits", "Splits"},
                                  {"findings", "Findings"},
                                  {"examples", "Examples"},
                                  {"doubtful", "Extremes"},
                                  {"files", "Files"},
                                  {"manifest", "How it was made"}})
    out += "<li><a href=\"#" + std::string(id) + "\">" + title + "</a></li>\n";
  return out + "</ul>\n</nav>\n";
}

}  // namespace

std::string dataset_report(const DatasetFolder& folder,
                           const DiffSummary* since) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
         "<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" "
         "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\">\n<title>" +
         html(folder.text("name") + " " + folder.text("version")) +
         "</title>\n<style>" + std::string(report_style()) +
         "</style>\n</head>\n<body>\n"
         "<a class=\"skip\" href=\"#content\">Skip to the content</a>\n" +
         header(folder) + contents() + "<main id=\"content\">\n" +
         numbers(folder) + stages(folder) + comparison(folder, since) +
         section("distributions", "Distributions",
                 distribution_charts(folder)) +
         reliability(folder) + subreddits(folder) + splits(folder) +
         findings(folder) +
         section("examples", "Examples to read", examples_to_read(folder)) +
         section("doubtful", "The longest, the least confident, the closest",
                 examples_to_doubt(folder)) +
         files(folder) + manifest_section(folder) +
         "</main>\n<footer>Reddit's terms ask for the deletion of what users "
         "deleted, and restrict training models on their content: the data "
         "set card says more.</footer>\n</body>\n</html>\n";
}

}  // namespace mill
