// anonymize - replace personal data and secrets with tags
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

// The lines of a file of names or values.
std::vector<std::string> read_list(const std::string& path) {
  constexpr std::size_t kMaxLine = 64 << 10;
  std::vector<std::string> list;
  mill::LineReader lines(mill::Input(path), kMaxLine);
  while (const auto line = lines.next()) {
    if (line->is_too_long || mill::find_invalid_utf8(line->text))
      throw mill::Exit(EX_DATAERR, mill::place_of(path, line->number) +
                                       ": not a line of UTF-8");
    list.emplace_back(line->text);
  }
  return list;
}

void write_report(mill::AtomicFile& report, const mill::RecordLoop& loop,
                  bool with_file, const mill::Anonymizer& anonymizer) {
  for (const mill::Replacement& replaced : anonymizer.replacements()) {
    std::string text;
    mill::JsonWriter json(text);
    json.begin_object();
    if (with_file) json.member("file", loop.source());
    json.member("line", loop.line_number());
    json.member("field", anonymizer.field(replaced));
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
    std::string fields, only, except, also, mode = "redact";
    std::optional<std::string> key_file, names_file, names_list_file,
        allow_file, report_file;
    mill::StreamOptions stream;
    mill::CommandLine line(program,
                           "Replace personal data and secrets with tags.");
    line.option("fields", "PATHS",
                "search only these fields, separated by commas; dots descend, "
                "through arrays too: messages.content (default all text)",
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
    line.option("also", "TYPES",
                "replace these types, too: DATE_OF_BIRTH, STREET_ADDRESS, "
                "SELF_DESCRIPTION",
                &also);
    line.option("except", "TYPES", "replace all but these types", &except);
    line.option("names", "FILE",
                "replace the names of these people, one a line, with [NAME]",
                &names_file);
    line.option("names-list", "FILE",
                "first and last names, one a line, to replace where the text "
                "speaks of a person: two in a row, or one after \"Mr.\", "
                "\"Dear\" or \"my brother\"",
                &names_list_file);
    line.option("allow", "FILE",
                "keep these values, one a line: numbers, addresses, abuse@, "
                "@name, u/name",
                &allow_file);
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
        "NAME is the name of people who introduce themselves (\"my name is "
        "Jane\", \"I'm Jane Roe\") or sign the text, and those that --names "
        "and --names-list give. Replaced only if asked for: DATE_OF_BIRTH "
        "after a word such as \"born\", STREET_ADDRESS with a number and a "
        "word such as \"Street\", SELF_DESCRIPTION (\"I'm 23F from Leeds\").");
    line.note(
        "Kept: private, loopback, link-local, multicast and reserved IP "
        "addresses; URLs, except for credentials, e-mail addresses, public IP "
        "addresses, coordinates and Reddit users in them; subreddits; rule "
        "numbers, mana, prices and dates; crisis lines, role addresses "
        "(abuse@) and words with '@' from programming languages. Numbers "
        "without a check digit are phone numbers only if they have the form of "
        "one or are near a word such as \"call\". In code only secrets, "
        "addresses, cards and IBANs count.");
    line.note(
        "Not found: other names of people, passwords in prose, account names "
        "without '@' or \"u/\", invitation links, and the names of JSON "
        "members. Read a sample before you publish.");
    line.exits({EX_CONFIG});
    line.example("anonymize --report found.jsonl examples.jsonl > clean.jsonl");
    line.example(
        "anonymize --mode pseudonym --key-file key --except IP_ADDRESS < in "
        "> out");
    line.parse(argc, argv);

    mill::AnonymizeOptions options;
    mill::demand(only.empty() || except.empty(),
                 "--only and --except are mutually exclusive");
    if (!only.empty()) options.types = parse_types("--only", only);
    if (!also.empty()) options.types |= parse_types("--also", also);
    if (!except.empty()) options.types &= ~parse_types("--except", except);
    mill::demand((mode == "pseudonym") == key_file.has_value(),
                 "--mode pseudonym and --key-file need each other");
    options.fields = mill::split_at_commas(fields);
    if (key_file) options.key = mill::read_key_file(*key_file);
    if (names_file) options.lists.names = read_list(*names_file);
    if (names_list_file)
      options.lists.common_names = read_list(*names_list_file);
    if (allow_file) options.lists.allowed = read_list(*allow_file);

    mill::Anonymizer anonymizer(std::move(options));
    for (const auto& file : {key_file, names_file})
      if (file) stream.also_read.push_back(*file);
    stream.side_file(report_file);
    std::unique_ptr<mill::AtomicFile> report;
    if (report_file) report = std::make_unique<mill::AtomicFile>(*report_file);
    const bool with_file = stream.files.size() > 1;

    mill::RecordLoop loop(program, stream);
    loop.run([&](const mill::Record& record, std::string& out) {
      const mill::Outcome outcome = anonymizer(record, out);
      if (report) write_report(*report, loop, with_file, anonymizer);
      return outcome;
    });
    // A misspelled field would leave everything as it was.
    if (loop.stats().records_read > 0)
      for (const std::string& field : anonymizer.unseen_fields())
        program.warn("--fields: no record has '" + field + "'");
    if (report) report->commit();
    return loop.finish();
  });
}
