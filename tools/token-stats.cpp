// token-stats - count the tokens of training examples, by file and role
//
//   token-stats v1.train.jsonl v1.val.jsonl v1.test.jsonl
//
// The counts are those of OpenAI's tiktoken, exactly; text that looks like a
// special token counts as text. A table goes to stdout, or one JSON object, or
// with --counts one number a record. A bad record is reported and not counted.
// Memory does not grow with the number of records.

#include <string>
#include <utility>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/examples/token_stats.h"
#include "lib/tokens/tokenizer_file.h"

namespace {

// The input's files by the names that messages give them, in order, so that
// one without records has its line in the report too.
std::vector<mill::TokenReport::File> files_of(
    const mill::StreamOptions& stream) {
  std::vector<mill::TokenReport::File> files;
  for (const std::string& name : stream.files)
    files.push_back({name.empty() || name == "-" ? "stdin" : name, {}});
  if (files.empty()) files.push_back({"stdin", {}});
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("token-stats", [&](mill::Program& program) {
    std::string encoding_name = "o200k_base";
    std::string model, tokenizer_file, chat_template;
    bool as_json = false, as_counts = false, with_bars = false;
    bool chat_overhead = false, from_counts = false;
    mill::StreamOptions stream;
    mill::CommandLine line(
        program, "Count the tokens of training examples, by file and role.");
    line.choice("encoding", "NAME",
                "o200k_base, o200k_harmony, cl100k_base, or words: the longest "
                "runs without white space",
                mill::encoding_names(), &encoding_name);
    line.option("model", "NAME",
                "use the encoding of an OpenAI model, such as gpt-4o-mini",
                &model);
    line.option(
        "tokenizer", "FILE",
        "count by a model's own tokenizer: a tekken.json, a tokenizer.json "
        "that is a BPE, or a tokenizer.model, as of Gemma, Llama or "
        "Mistral",
        &tokenizer_file);
    line.flag("json", "write one JSON object", &as_json);
    line.flag("counts",
              "write only each record's number of tokens, one a line; with "
              "--json one object, for --from-counts",
              &as_counts);
    line.flag("from-counts",
              "read what --counts --json wrote of parts of the files, instead "
              "of records, and add it up",
              &from_counts);
    line.flag(
        "chat-overhead",
        "add what a chat's frame costs, as OpenAI's cookbook estimates: 3 "
        "a record, and for each message 3, its role and its name",
        &chat_overhead);
    line.choice("chat-template", "NAME",
                "count examples as a model's template writes them: chatml, as "
                "Qwen 2 has it, qwen3, llama3, gemma, or mistral; with "
                "--tokenizer",
                mill::chat_template_names(), &chat_template);
    line.flag("histogram", "add a bar chart of the records' lengths",
              &with_bars);
    stream.define(line);
    line.note(
        "Counts examples (messages), the other formats that to-messages writes "
        "(conversations, contents, instruction and output, prompt with "
        "completion or with chosen and rejected, text), and interactions "
        "(question and answer). Only their "
        "texts are counted: no images, tool calls or metadata.");
    line.note(
        "median and p95 are exact, by nearest rank: the smallest count that "
        "half, or 95%, of the records do not exceed. The ranges of --histogram "
        "double: 1, 2-3, 4-7, ...");
    line.note(
        "A tokenizer's FILE that is not known to be counted exactly is "
        "refused, with the reason. Tokens that it adds to its vocabulary, such "
        "as <|im_start|>, count as the text that they are, but for symbols of "
        "the user's in a SentencePiece model and added tokens that are not "
        "special in a tokenizer.json with byte_fallback, as Gemma's <b>.");
    line.note(
        "--chat-template counts each of the template's own tokens, such as "
        "<|im_start|>, as one, and the token at the text's beginning that "
        "Llama, Gemma and Mistral have; qwen3 knows <think> and </think> in "
        "an answer, too. None knows tools or images; text for these counts as "
        "text.");
    line.example("token-stats --histogram v1.train.jsonl v1.val.jsonl");
    line.example(
        "token-stats --json --from-counts part.*.counts > tokens.json");
    line.example("token-stats --model gpt-4o-mini --json < v1.jsonl");
    line.example("token-stats --tokenizer tekken.json v1.train.jsonl");
    line.example(
        "token-stats --tokenizer tokenizer.json --chat-template gemma "
        "v1.train.jsonl");
    line.parse(argc, argv);
    mill::demand(!as_counts || !with_bars,
                 "--counts does not go with --histogram");
    mill::demand(!from_counts || !(chat_overhead || (as_counts && !as_json)),
                 "--from-counts goes with neither --chat-overhead nor --counts "
                 "without --json");
    mill::Encoding encoding = mill::encoding_named(encoding_name);
    if (!model.empty()) {
      const auto found = mill::encoding_of_model(model);
      if (!found)
        throw mill::Exit(EX_USAGE, "--model: '" + model + "' is none of " +
                                       mill::known_models());
      encoding = *found;
    }

    mill::demand(tokenizer_file.empty() || !(chat_overhead || !model.empty()),
                 "--tokenizer goes with neither --model nor --chat-overhead, "
                 "which are of OpenAI's models");
    mill::demand(chat_template.empty() || !tokenizer_file.empty(),
                 "--chat-template needs --tokenizer, the same model's");
    mill::Tokenizer tokenizer =
        tokenizer_file.empty()
            ? mill::Tokenizer(encoding)
            : mill::Tokenizer(mill::read_tokenizer_file(tokenizer_file));
    mill::TokenCounter counter =
        chat_template.empty()
            ? mill::TokenCounter(std::move(tokenizer),
                                 chat_overhead ? mill::TokenCounter::kChatFrame
                                               : mill::TokenCounter::kTextOnly)
            : mill::TokenCounter(std::move(tokenizer),
                                 *mill::chat_template_named(chat_template));
    mill::TokenReport report;
    report.encoding = counter.name();
    if (!from_counts) report.files = files_of(stream);
    std::size_t file = 0;
    mill::RecordLoop loop(program, stream);
    loop.run([&](mill::JsonValue record, std::string& out) {
      if (from_counts) {
        const auto why = report.add_counts(record);
        return why ? mill::Outcome::bad(*why) : mill::Outcome::taken();
      }
      while (report.files[file].name != loop.source()) ++file;
      if (const auto why = counter.count(record))
        return mill::Outcome::bad(*why);
      if (as_counts && !as_json) {
        out = std::to_string(counter.tokens().total()) + '\n';
        return mill::Outcome::replace();
      }
      report.add(counter.tokens(), file);
      return mill::Outcome::taken();
    });
    if (as_json) {
      loop.out().write_line(as_counts ? report.counts_json() : report.json());
    } else if (!as_counts) {
      loop.out().write(report.table());
      if (with_bars) loop.out().write('\n' + report.bars());
    }
    return loop.finish();
  });
}
