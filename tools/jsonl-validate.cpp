// jsonl-validate - check training examples as a vendor would
//
//   jsonl-validate --profile together --report report.json < examples.jsonl
//
// Valid lines are copied byte for byte. Each finding has a code, a line, a
// field and a sentence; the first 20 are printed as they come, then a table of
// all codes, and --report holds every one. Exit status 1 says that the file,
// as it came, is not what the vendor takes.

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/examples/validate.h"
#include "lib/tokens/tokenizer_file.h"

namespace {

// What the record loop says of a line that is no record, as a finding.
mill::Finding bad_line(std::string_view text, std::string_view why) {
  auto has = [&](std::string_view words) {
    return why.find(words) != why.npos;
  };
  std::string_view code = "invalid_json";
  if (text.starts_with("\xEF\xBB\xBF"))
    code = "byte_order_mark";
  else if (has("UTF-8"))
    code = "invalid_utf8";
  else if (why.starts_with("not an object"))
    code = "data_type";
  else if (has("--max-line"))
    code = "line_too_long";
  return {mill::Severity::kError, code, "",
          code == "byte_order_mark" ? "the file begins with a byte order mark"
                                    : std::string(why)};
}

std::string profile_list() {
  std::string list;
  for (const std::string& name : mill::vendor_names())
    list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("jsonl-validate", [&](mill::Program& program) {
    std::string profile = "openai", duplicates = "fail", limits = "fail";
    std::optional<std::string> report;
    std::string encoding = "o200k_base", tokenizer_file;
    std::uint64_t min_examples = 0;
    mill::Validator::Options options;
    mill::StreamOptions stream;
    mill::CommandLine line(program,
                           "Check training examples as a vendor would.");
    line.choice("profile", "NAME", "whose checks: " + profile_list(),
                mill::vendor_names(), &profile);
    line.option("report", "FILE",
                "write all findings to FILE, as JSON; %p in its "
                "name is the process's id",
                &report);
    line.choice("duplicates", "HOW",
                "what to do with an example that has the same content as an "
                "earlier one: fail (an error), drop (leave it out) or allow",
                {"fail", "drop", "allow"}, &duplicates);
    line.choice("limits", "HOW",
                "what to do if a vendor takes no file of so many examples or "
                "bytes: fail (an error) or warn",
                {"fail", "warn"}, &limits);
    line.option("max-tokens", "N", "an example with more tokens is invalid",
                &options.max_tokens);
    line.choice("encoding", "NAME",
                "whose tokens --max-tokens counts: o200k_base, o200k_harmony, "
                "cl100k_base, or words: the longest runs without white space",
                mill::encoding_names(), &encoding);
    line.option("tokenizer", "FILE",
                "count them by a model's own tokenizer, as token-stats does",
                &tokenizer_file);
    line.option("min-examples", "N", "fewer valid examples are an error",
                &min_examples);
    stream.define(line);
    line.note(
        "Writes the valid lines byte for byte. Duplicates are found by SHA-256 "
        "of the content: messages or text columns, keys sorted, escapes "
        "resolved, metadata left out. That takes some 60 bytes of memory for "
        "each example, and covers the files of one run only.");
    line.note(
        "A line that is not a JSON object is a bad record: exit status 65 "
        "unless --max-bad allows it. Otherwise any error makes it 1; warnings "
        "do not. openai allows answermill's metadata beside messages.");
    line.note(
        "--max-tokens counts the tokens of an example's texts, as token-stats "
        "does; what a vendor adds around each message is not counted.");
    line.note(
        "openai-rft is reinforcement fine-tuning, of Azure, too. sharegpt and "
        "alpaca are as LLaMA-Factory reads them, axolotl as its chat_template "
        "does, hf as TRL does: these four want one type a column. Pairs of "
        "answers are checked where a profile has them: openai, together, "
        "fireworks, vertex, hf, sharegpt, alpaca, axolotl. A file has pairs in "
        "all "
        "its lines, or in none.");
    line.note("It does not look into images or files.");
    line.exits({mill::kExitNo});
    line.example("jsonl-validate < examples.jsonl > valid.jsonl");
    line.example(
        "jsonl-validate --profile together --report report.json all.jsonl "
        "> /dev/null");
    line.parse(argc, argv);
    options.vendor = *mill::vendor_named(profile);
    options.encoding = mill::encoding_named(encoding);
    options.duplicates = duplicates == "fail"   ? mill::Duplicates::kFail
                         : duplicates == "drop" ? mill::Duplicates::kDrop
                                                : mill::Duplicates::kAllow;

    stream.side_file(report);
    mill::FindingLog log(program, report.value_or(""));
    mill::Validator validator(options);
    if (!tokenizer_file.empty())
      validator.count_with(
          mill::Tokenizer(mill::read_tokenizer_file(tokenizer_file)));
    mill::RecordLoop loop(program, stream);
    loop.on_skipped([&](std::string_view why) {
      if (!why.empty())
        return log.add_bad_line(loop.source(), loop.line_number(),
                                bad_line(loop.text(), why));
      log.add(
          loop.source(), loop.line_number(),
          {options.vendor == mill::Vendor::kTogether ? mill::Severity::kError
                                                     : mill::Severity::kWarning,
           "blank_line", "", "the line is blank"});
    });
    mill::Findings findings;
    loop.run([&](const mill::Record& record, std::string&) {
      findings.clear();
      if (record.line.ends_with('\r'))
        findings.warn("carriage_return", "",
                      "the line ends with a carriage return");
      const auto verdict =
          validator.check(record, loop.source(), loop.line_number(), findings);
      for (const mill::Finding& finding : findings.all())
        log.add(loop.source(), loop.line_number(), finding);
      switch (verdict) {
        case mill::Validator::Verdict::kValid: break;
        case mill::Validator::Verdict::kInvalid:
          return mill::Outcome::drop("invalid");
        case mill::Validator::Verdict::kDuplicate:
          return mill::Outcome::drop("duplicate");
      }
      return mill::Outcome::keep();
    });
    const int status = loop.finish();
    mill::check_file(
        options.vendor, loop.stats(), min_examples,
        limits == "fail" ? mill::Severity::kError : mill::Severity::kWarning,
        log);
    const bool is_valid = status == EX_OK && log.errors() == 0;
    log.finish(profile, is_valid, loop.stats());
    if (status != EX_OK) return status;
    return is_valid ? EX_OK : mill::kExitNo;
  });
}
