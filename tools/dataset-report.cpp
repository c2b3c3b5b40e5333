// dataset-report - write a version's report, its dataset card, its Croissant
//
//   dataset-report training/output/v1 --output report.html
//   dataset-report training/output/v1 --card README.md --croissant c.json
//
// The page is one HTML file that needs no network, in a light and a dark theme.
// What the manifest has is taken from there, the rest from the merged file, in
// one pass; what neither has is said to be missing. The same folder and options
// give the same bytes, so that what is published can be made again and
// compared. Files appear whole, and all or none.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/io/output.h"
#include "lib/io/paths.h"
#include "lib/report/croissant.h"
#include "lib/report/dataset_card.h"
#include "lib/report/dataset_report.h"
#include "lib/version/dataset_folder.h"
#include "lib/version/version_diff.h"

namespace {

using Document = std::pair<std::string, std::string>;  // path, text

void write(const std::vector<Document>& documents) {
  std::vector<std::unique_ptr<mill::AtomicFile>> files;
  mill::Output out;
  for (const auto& [path, text] : documents)
    if (path == "-") {
      out.write(text);
    } else {
      files.push_back(std::make_unique<mill::AtomicFile>(path));
      files.back()->write(text);
      files.back()->sync();
    }
  for (const auto& file : files) file->commit();
  if (out.bytes() > 0) out.close();
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("dataset-report", [&](mill::Program& program) {
    std::string output, card, croissant;
    mill::Publication publication;
    std::string folder_path, previous;
    mill::CommandLine line(program,
                           "Write a version's report, its dataset card and its "
                           "Croissant description.");
    line.option("o,output", "FILE", "write the HTML page to FILE", &output);
    line.option("card", "FILE",
                "write a Hugging Face dataset card, to be named README.md",
                &card);
    line.option("croissant", "FILE",
                "write an MLCommons Croissant 1.1 description, to be named "
                "croissant.json",
                &croissant);
    line.option("previous", "FOLDER",
                "the last version: the page says how many examples were added, "
                "removed and changed since",
                &previous);
    line.option("language", "CODE", "the language of the texts",
                &publication.language);
    line.option("contact", "TEXT", "whom to ask for a withdrawal, for the card",
                &publication.contact);
    line.option("url", "URL", "where the data set is published, for Croissant",
                &publication.url);
    line.option("creator", "NAME", "who made the data set, for Croissant",
                &publication.creator);
    line.operand("FOLDER", &folder_path);
    line.note(
        "FOLDER is a version folder with manifest.json, the files that it "
        "names and, where there is one, validation.json. A FILE may be - for "
        "standard output, where the page goes if no FILE is given. The page "
        "shows the ten examples that sample -n 10 prints, and counts what "
        "anonymize would still replace.");
    line.note(
        "It does not verify checksums (checksum --check does), only the files' "
        "sizes. Croissant requires a url and a creator: give --url and "
        "--creator.");
    line.note(
        "Holds only those ten examples in memory, which grows with "
        "validation.json.");
    line.exits({EX_DATAERR, EX_NOINPUT, EX_CANTCREAT});
    line.example(
        "dataset-report v1 -o report.html --card README.md "
        "--croissant croissant.json");
    line.parse(argc, argv);
    if (output.empty() && card.empty() && croissant.empty())
      output.assign(1, '-');
    mill::demand((output == "-") + (card == "-") + (croissant == "-") <= 1,
                 "only one FILE can be standard output");

    const mill::DatasetFolder folder(folder_path);
    std::vector<std::string> inputs, outputs;
    for (const char* name :
         {"manifest.json", "validation.json", "acceptance.json"})
      inputs.push_back(folder_path + "/" + name);
    if (!previous.empty()) inputs.push_back(previous + "/manifest.json");
    for (const auto& file : folder.files())
      inputs.push_back(folder_path + "/" + file.name);
    for (const std::string& path : {output, card, croissant})
      if (!path.empty() && path != "-") outputs.push_back(path);
    mill::check_outputs(inputs, outputs);
    std::vector<Document> documents;
    if (!output.empty()) {
      mill::DiffSummary since;
      if (!previous.empty())
        mill::diff_rows(mill::version_rows(previous),
                        mill::version_rows(folder_path), since);
      documents.emplace_back(
          output,
          mill::dataset_report(folder, previous.empty() ? nullptr : &since));
    }
    if (!card.empty())
      documents.emplace_back(card, mill::dataset_card(folder, publication));
    if (!croissant.empty())
      documents.emplace_back(croissant,
                             mill::croissant_json(folder, publication));
    write(documents);
    return EX_OK;
  });
}
