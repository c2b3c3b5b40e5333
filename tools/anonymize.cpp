// anonymize - replace personal data and secrets by tags
//
//   anonymize --report found.jsonl < examples.jsonl > clean.jsonl
//
// Finds what lib/pii/pii.h lists in the texts of a record and writes [TYPE] in
// its place, or a pseudonym made with a key. All other bytes of a line stay; a
// line without findings is kept byte for byte. Running it again changes
// nothing.

#include "lib/examples/anonymize.h"

#include <memory>

#include "lib/base/utf8.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/io/input.h"
#include "lib/io/lines.h"
#include "lib/io/output.h"
#include "lib/json/json_writer.h"

namespace {

// The types that a comma-separated list names.
mill::PiiTypes parse_types(std::string_view option, std::string_view list) {
  mill::PiiTypes types = 0;
  for (const std::string& name : mill::split_at_commas(list)) {
    const auto type = mill::pii_type(name);
    if (!type)
      throw mill::Exit(EX_USAGE,
                       std::string(option) + ": no type '" + name + "'");
    types |= mill::bit(*type);
  }
  return types;
}

std::string list_types() {
  std::string list;
  for (unsigned i = 0; i < static_cast<unsigned>(mill::PiiType::kNothing);
       ++i) {
    if (i > 0) list += ", ";
    list += name(static_cast<mill::PiiType>(i));
  }
  return list;
}

// The lines of a file of names.
std::vector<std::string> read_names(const std::string& path) {
  constexpr std::size_t kMaxLine = 64 << 10;
  std::vector<std::string> names;
  mill::LineReader lines(mill::Input(path), kMaxLine);
  while (const auto line = lines.next()) {
    if (line->is_too_long || mill::find_invalid_utf8(line->text))
      throw mill::Exit(EX_DATAERR, mill::place_of(path, line->number) +
                                       ": not a name in UTF-8");
    names.emplace_back(line->text);
  }
  return names;
}

void write_report(mill::AtomicFile& report, const mill::RecordLoop& loop,
                  bool with_file, const mill::Anonymizer& anonymizer) {
  for (const mill::Replacement& replaced : anonymizer.replacements()) {
    std::string text;
    mill::JsonWriter json(text);
    json.begin_object();
    if (with_file) json.member("file", loop.source());
    json.member("line", loop.line_number());
    json.member("field", replaced.field);
    json.member("start", std::uint64_t{replaced.start});
    json.member("end", std::uint64_t{replaced.end});
    json.member("type", name(replaced.type));
    json.end_object();
    report.write_line(text);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("anonymize", [&](mill::Program& program) {
    std::string fields, only, except, mode = "redact";
    std::optional<std::string> key_file, names_file, report_file;
    mill::StreamOptions stream;
    mill::CommandLine line(program.name(),
                           "Replace personal data and secrets by tags.");
    line.option("fields", "PATHS",
                "search only these fields, separated by commas, dots "
                "descending, through arrays: messages.content (default all "
                "text)",
                &fields);
    line.choice("mode", "MODE",
                "redact ([TYPE]) or pseudonym ([TYPE:abcdefgh], the same for "
                "the same value and key)",
                {"redact", "pseudonym"}, &mode);
    line.option("key-file", "FILE",
                "the key of the pseudonyms: 16 bytes or more, not readable by "
                "everyone",
                &key_file);
    line.option("only", "TYPES", "replace only these types", &only);
    line.option("except", "TYPES", "replace all but these types", &except);
    line.option("names", "FILE",
                "replace these people too, one name a line, by [NAME]",
                &names_file);
    line.option("report", "FILE",
                "write a JSON line for each replacement: line, field, start "
                "and end in bytes of the field's text, type; never the value",
                &report_file);
    stream.define(line);
    line.note("Types: " + list_types() + ".");
    line.note(
        "USERNAME is a Reddit user (u/NAME, profile links), SOCIAL_HANDLE "
        "@name and name#1234. Values of keys such as author, username, user, "
        "email and ip are replaced at any depth. Ids, times, source_url, role, "
        "subreddit and the like are kept. All other text is searched.");
    line.note(
        "Kept: private, loopback, link-local, multicast and reserved IP "
        "addresses; URLs but for credentials, e-mail addresses, public IP "
        "addresses, coordinates and Reddit users in them; subreddits; rule "
        "numbers, mana, prices and dates. Numbers without a check digit count "
        "as phones only in a phone's form or near a word such as \"call\".");
    line.note(
        "Not found: names of people that --names does not list, street "
        "addresses, birthdays, passwords in prose, account names without a "
        "mark, invitation links, and the names of JSON members. Read a sample "
        "before you publish.");
    line.exits({EX_CONFIG});
    line.example("anonymize --report found.jsonl examples.jsonl > clean.jsonl");
    line.example(
        "anonymize --mode pseudonym --key-file key --except IP_ADDRESS < in "
        "> out");
    line.parse(argc, argv);

    mill::AnonymizeOptions options;
    if (!only.empty() && !except.empty())
      throw mill::Exit(EX_USAGE, "--only and --except exclude each other");
    if (!only.empty()) options.types = parse_types("--only", only);
    if (!except.empty()) options.types &= ~parse_types("--except", except);
    if ((mode == "pseudonym") != key_file.has_value())
      throw mill::Exit(EX_USAGE,
                       "--mode pseudonym and --key-file need each other");
    options.fields = mill::split_at_commas(fields);
    if (key_file) options.key = mill::read_key_file(*key_file);
    if (names_file) options.lists.names = read_names(*names_file);

    mill::Anonymizer anonymizer(std::move(options));
    std::unique_ptr<mill::AtomicFile> report;
    if (report_file) report = std::make_unique<mill::AtomicFile>(*report_file);
    const bool with_file = stream.files.size() > 1;

    mill::RecordLoop loop(program, stream);
    loop.run([&](const mill::Record& record, std::string& out) {
      const mill::Outcome outcome = anonymizer(record, out);
      if (report) write_report(*report, loop, with_file, anonymizer);
      return outcome;
    });
    // A misspelt field would leave everything as it was.
    if (loop.stats().records_read > 0)
      for (const std::string& field : anonymizer.unseen_fields())
        program.warn("--fields: no record has '" + field + "'");
    if (report) report->commit();
    return loop.finish();
  });
}
