// to-messages - turn interactions, or examples, into examples of a format
//
//   to-messages --include-fields source_url interactions.jsonl > examples.jsonl
//
// One example a question with its best answer, in the order of the input. The
// text, and each value of the metadata, is copied as it is spelled, escapes and
// numbers included. An example in any format becomes one in the wanted format;
// one that has it already is copied byte for byte.

#include <memory>
#include <string>
#include <vector>

#include "lib/answers/profile_text.h"
#include "lib/base/sha256.h"
#include "lib/base/utf8.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/examples/prompt_file.h"
#include "lib/examples/to_messages.h"
#include "lib/json/json_writer.h"

namespace {

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const mill::ExampleFormat& format : mill::example_formats())
    names.emplace_back(format.name);
  return names;
}

std::string format_help() {
  std::string help = "the format to write: ";
  for (const std::string& name : format_names()) help += name + ", ";
  help.erase(help.size() - 2);
  return help;
}

// Where an example came from, for formats that have no place for it.
std::string provenance(std::uint64_t line, std::string_view example,
                       std::string_view metadata) {
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  json.member("line", line);
  json.member("sha256", mill::hex(mill::sha256(example)));
  json.raw_member("metadata", metadata);
  json.end_object();
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("to-messages", [&](mill::Program& program) {
    std::optional<std::string> prompt, prompt_file, sidecar_path;
    std::string include_fields;
    std::string profile = "mtg";
    std::string format = "openai";
    mill::StreamOptions stream;
    mill::CommandLine line(program,
                           "Turn interactions, or examples of any format, "
                           "into training examples.");
    line.option("p,profile", "NAME|FILE",
                "pick-answer's: its system_prompt is the system message",
                &profile);
    line.option("s,system-prompt", "TEXT",
                "another system message; empty for none", &prompt);
    line.option("system-prompt-file", "FILE",
                "another from FILE, without the newlines at its end",
                &prompt_file);
    line.option("include-fields", "A,B",
                "interaction fields to add to the metadata, where present",
                &include_fields);
    line.choice("format", "FORMAT", format_help(), format_names(), &format);
    line.option(
        "sidecar", "FILE",
        "write a line for each example to FILE: its line number, the "
        "SHA-256 of its line without the newline, its metadata; %p in its "
        "name is the process's id",
        &sidecar_path);
    stream.define(line);
    line.note(
        "The system message comes with the profile: mtg's is of Magic's rules, "
        "qa's of any question. A profile without one makes examples without "
        "one.");
    line.note(
        "Metadata is id, confidence, interaction_type and rule_references. An "
        "interaction without id gets the SHA-256 of its source_url, or of its "
        "question. together, vertex and bedrock forbid metadata, as their "
        "preference formats do: there it goes to the sidecar only. Fields are "
        "also found under the collector's names, such "
        "as topAnswer or ruleReferences. An interaction without question or "
        "answer, or with a blank one, is dropped and counted in --stats; a "
        "field of the wrong type makes it a bad record.");
    line.note(
        "An example in any of these formats is read, too, and keeps its own "
        "system message, metadata and further columns. It is a bad record if "
        "it holds what the wanted format has no place for: a tool's turn, a "
        "weight, an image, a rejected answer; only metadata is left out, where "
        "a format forbids it. Three things do not survive a round trip: "
        "metadata, Alpaca's input, which becomes the question's last line, and "
        "TRL's prompts that are plain texts, which become turns.");
    line.note(
        "The preference formats take the pairs that pick-answer --pairs "
        "writes; what has no rejected answer is dropped, too. Fireworks takes "
        "openai-preference. openai-rft has the answer as reference_answer, for "
        "a grader. together's examples without metadata are read as "
        "openai's.");
    line.note(
        "It does not judge quality: filter by confidence before it, anonymize "
        "and validate after it.");
    line.example(
        "confidence-filter < all.jsonl | to-messages > examples.jsonl");
    line.example("to-messages --profile qa asked.jsonl > examples.jsonl");
    line.example("to-messages --format sharegpt v1/mtg_llm_training.jsonl");
    line.example(
        "to-messages --format together --sidecar from.jsonl < all.jsonl");
    line.exits({EX_CONFIG});
    line.parse(argc, argv);

    mill::demand(!prompt || !prompt_file,
                 "--system-prompt and --system-prompt-file are mutually "
                 "exclusive");
    if (prompt && mill::find_invalid_utf8(*prompt))
      throw mill::Exit(EX_USAGE, "--system-prompt: not valid UTF-8");
    const std::string system =
        prompt        ? *prompt
        : prompt_file ? mill::read_prompt_file(*prompt_file)
                      : mill::system_prompt_of(mill::profile_texts(profile));
    mill::ToMessages convert(*mill::example_format(format), system,
                             mill::split_at_commas(include_fields));
    mill::demand(
        include_fields.empty() || convert.has_metadata() || sidecar_path,
        "--include-fields: the format '" + format +
            "' has no metadata; name a --sidecar");
    for (const std::string& name : mill::split_at_commas(include_fields))
      stream.named_fields.push_back(
          {"--include-fields", name, mill::ToMessages::other_name(name)});
    if (prompt_file)
      stream.also_read.push_back(*prompt_file);
    else if (!prompt && mill::is_profile_file(profile))
      stream.also_read.push_back(profile);
    stream.side_file(sidecar_path);
    std::unique_ptr<mill::AtomicFile> sidecar;
    if (sidecar_path)
      sidecar = std::make_unique<mill::AtomicFile>(*sidecar_path);

    std::string metadata;
    std::uint64_t written = 0;
    const int status = mill::run_filter(
        program, stream, [&](const mill::Record& record, std::string& example) {
          metadata.clear();
          const mill::Outcome outcome = convert(record, example, metadata);
          std::string_view written_line = example;
          if (outcome.kind == mill::Outcome::kKeep)
            written_line = record.line;
          else if (!written_line.empty())
            written_line.remove_suffix(1);  // the newline
          if (sidecar && !written_line.empty())
            sidecar->write_line(provenance(++written, written_line, metadata));
          return outcome;
        });
    if (sidecar) sidecar->commit();
    return status;
  });
}
