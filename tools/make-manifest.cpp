// make-manifest - write the manifest of a version's files
//
//   make-manifest --dataset-version v1 --stats v1.stats v1.jsonl > v1.json
//
// Reads the files, sums them up and adds what the earlier stages reported. The
// same files and options give the same manifest where SOURCE_DATE_EPOCH is set,
// or else one that differs in created_at only.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/answers/profile_text.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/examples/hash_split.h"
#include "lib/examples/prompt_file.h"
#include "lib/io/output.h"
#include "lib/io/paths.h"
#include "lib/json/json_file.h"
#include "lib/record/document.h"
#include "lib/version/manifest.h"

namespace {

// "KEY=VALUE" as the two; "" and text if there is no '=' that ends a name.
std::pair<std::string, std::string> split_at_equals(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::size_t slash = text.find('/');
  if (equals == text.npos || slash < equals) return {"", text};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::optional<std::string> read_object(const std::optional<std::string>& path) {
  if (!path) return std::nullopt;
  return std::string(mill::JsonFile(*path).object().raw());
}

// Sums up what lies in the folder under the files' names, which must be as many
// lines.
void add_folder(mill::Manifest& manifest, std::string folder) {
  while (folder.ends_with('/')) folder.pop_back();
  const std::string name = folder.substr(folder.rfind('/') + 1);
  mill::demand(mill::is_file_name(name), "--also: not a folder's name");
  auto& [format, files] = manifest.also.emplace_back(name, mill::NamedSums{});
  for (const auto& [file, sums] : manifest.files) {
    const std::string path = folder + '/' + file;
    files.emplace_back(name + '/' + file, mill::sum_file(path));
    if (const auto lines = files.back().second.lines; lines != sums.lines)
      throw mill::Exit(EX_DATAERR, path + ": has " + std::to_string(lines) +
                                       " lines; " + file + " has " +
                                       std::to_string(sums.lines));
  }
}

// Sums the files up under their names without folders.
void add_files(mill::Manifest& manifest,
               const std::vector<std::string>& files) {
  std::set<std::string> names;
  for (const std::string& file : files) {
    const std::string name = file.substr(file.rfind('/') + 1);
    mill::demand(names.insert(name).second,
                 "two files are named '" + name + "'");
    manifest.files.emplace_back(name, mill::sum_file(file));
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("make-manifest", [&](mill::Program& program) {
    mill::Manifest manifest;
    manifest.name = "mtg_llm_training";
    manifest.seed = 42;
    std::vector<std::string> stats, dropped, parameters, files, also;
    std::optional<std::string> split, examples, tokens, acceptance, withdrawn,
        output;
    std::optional<std::string> profile, prompt_file;
    mill::CommandLine line(program, "Write the manifest of a version's files.");
    line.option("dataset-version", "NAME", "the version (required)",
                &manifest.version);
    line.option("name", "NAME", "the data set's name", &manifest.name);
    line.option("stats", "[STAGE=]FILE",
                "what a stage wrote with its --stats; in the order of the "
                "stages; with STAGE the runs of several processes are one",
                &stats);
    line.option("dropped", "[STAGE=]FILE",
                "what a stage wrote with its --dropped or --removed; of each "
                "reason three records are recorded",
                &dropped);
    line.option("profile", "NAME|FILE",
                "pick-answer's, to record in full, and its system_prompt",
                &profile);
    line.option("system-prompt-file", "FILE",
                "to-messages', to record instead of the profile's",
                &prompt_file);
    line.option("parameter", "NAME=VALUE", "a parameter to record",
                &parameters);
    line.option("store", "URL", "the store that was read, to record",
                &manifest.store);
    line.option("query", "TEXT", "the query that was asked, to record",
                &manifest.query);
    line.option("split", "S0,S1,S2", "the fractions of train, val and test",
                &split);
    line.option("seed", "N", "the split's seed", &manifest.seed);
    line.option("group-by", "FIELD", "hash-split's --group-by or --key",
                &manifest.group_by);
    line.option("examples", "FILE",
                "the records to take confidence and interaction types from "
                "(default the first FILE)",
                &examples);
    line.option("tokens", "FILE", "what token-stats --json wrote", &tokens);
    line.option("acceptance", "FILE", "what acceptance-check --json wrote",
                &acceptance);
    line.option("withdrawn", "FILE",
                "what withdraw wrote since the version before, to record the "
                "ids and reasons",
                &withdrawn);
    line.option("o,output", "FILE", "write to FILE, whole or not at all",
                &output);
    line.option("also", "FOLDER",
                "where files of the same names have the same examples in "
                "another format, to record under FOLDER's name",
                &also);
    line.operands("FILE", &files);
    line.note(
        "The first FILE is the merged one. For each FILE the manifest has "
        "name, bytes, lines, sha256 and crc32c, the latter as Cloud Storage "
        "writes it; names are without folders. Files that end in .train.jsonl, "
        ".val.jsonl and .test.jsonl are the parts of the split. Of a stage's "
        "account it has everything but the seconds; of the profile, "
        "what it extends, and the system message the text and its SHA-256. "
        "Confidence: mean and median to nine decimals, and a histogram in "
        "tenths. created_at is SOURCE_DATE_EPOCH where that is set.");
    line.exits({EX_DATAERR, EX_NOINPUT, EX_CANTCREAT, EX_CONFIG});
    line.example(
        "make-manifest --dataset-version v1 --stats run.stats v1/*.jsonl");
    line.parse(argc, argv);
    if (const auto why = mill::bad_document_id(manifest.version))
      throw mill::Exit(EX_USAGE, "--dataset-version " + *why);
    mill::demand(!files.empty(), "no FILE is given");
    if (split) manifest.split = mill::parse_split(*split);
    for (const std::string& parameter : parameters) {
      manifest.parameters.push_back(split_at_equals(parameter));
      mill::demand(!manifest.parameters.back().first.empty(),
                   "--parameter: not NAME=VALUE");
    }

    std::vector<std::string> inputs = files;
    for (const auto* list : {&stats, &dropped})
      for (const std::string& text : *list)
        inputs.push_back(split_at_equals(text).second);
    for (const auto& file :
         {tokens, acceptance, examples, withdrawn, prompt_file})
      if (file) inputs.push_back(*file);
    for (const std::string& folder : also)
      for (const std::string& file : files)
        inputs.push_back(folder + '/' + file.substr(file.rfind('/') + 1));
    if (profile && mill::is_profile_file(*profile)) inputs.push_back(*profile);
    if (output)
      mill::check_outputs(inputs, {* output = mill::side_path(*output)});
    manifest.created_at = mill::now();
    for (const std::string& text : stats) {
      const auto [stage, file] = split_at_equals(text);
      for (auto& account : mill::read_stages(file, stage))
        manifest.stages.push_back(std::move(account));
    }
    for (const std::string& text : dropped) {
      const auto [stage, file] = split_at_equals(text);
      for (auto& records : mill::read_dropped(file, stage))
        manifest.dropped.push_back(std::move(records));
    }
    if (profile) {
      manifest.profile = mill::profile_texts(*profile);
      manifest.system_prompt = mill::system_prompt_of(manifest.profile);
    }
    if (prompt_file)
      manifest.system_prompt = mill::read_prompt_file(*prompt_file);
    manifest.tokens = read_object(tokens);
    manifest.acceptance = read_object(acceptance);
    if (withdrawn) manifest.withdrawn = mill::read_withdrawn(*withdrawn);
    add_files(manifest, files);
    for (const std::string& folder : also) add_folder(manifest, folder);
    manifest.examples = mill::summarize_examples(examples.value_or(files[0]));

    const std::string text = mill::manifest_json(manifest);
    if (output) {
      mill::AtomicFile file(*output);
      file.write(text);
      file.commit();
    } else {
      mill::Output out;
      out.write(text);
      out.close();
    }
    return EX_OK;
  });
}
