// hash-split - split examples into train, val and test files by hash
//
//   hash-split --output mtg < examples.jsonl
//
// makes mtg.train.jsonl, mtg.val.jsonl and mtg.test.jsonl, all three or none:
// a run that ends with another status than 0 leaves what was there. Lines are
// copied byte for byte, in the order of the input.
//
//   hash-split --check v2/manifest.json --against v1/manifest.json
//
// proves of a version that was split that nothing leaks between its parts.

#include <array>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/examples/hash_split.h"
#include "lib/json/json_writer.h"
#include "lib/version/split_check.h"

namespace {

struct Part {
  Part(std::string part_name, const std::string& prefix)
      : name(std::move(part_name)), file(prefix + "." + name + ".jsonl") {}
  std::string name;
  mill::AtomicFile file;
  std::uint64_t records = 0;
};

std::string summary(const Part& part) {
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  json.member("file", part.file.path());
  json.member("split", part.name);
  json.member("records", part.records);
  json.member("bytes", part.file.bytes());
  json.end_object();
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("hash-split", [&](mill::Program& program) {
    std::string prefix, key_field, group_field;
    std::string split_text = "0.8,0.1,0.1";
    std::uint64_t seed = 42;
    mill::StreamOptions stream;
    mill::CommandLine line(program,
                           "Split examples into train, val and test files.");
    line.option("o,output", "PREFIX",
                "make PREFIX.train.jsonl, PREFIX.val.jsonl and "
                "PREFIX.test.jsonl (required)",
                &prefix);
    line.option("split", "S0,S1,S2",
                "the fractions for train, val and test; they sum to 1",
                &split_text);
    line.option("seed", "N", "the seed; another one gives another split",
                &seed);
    line.option("key", "FIELD",
                "the field that decides; dots descend (default metadata.id, "
                "else the first user message's content)",
                &key_field);
    line.option("group-by", "FIELD",
                "records with the same value of FIELD go to the same part; "
                "replaces the key; question is what is asked first, in every "
                "format",
                &group_field);
    mill::SplitCheckOptions check;
    line.option("check", "MANIFEST",
                "split nothing: check the parts beside MANIFEST",
                &check.manifest);
    line.option("against", "MANIFEST",
                "with --check: an earlier version's; may be given several "
                "times",
                &check.against);
    line.option("near", "X",
                "with --check: how similar near duplicates are, from 0.8 to 1",
                &check.near);
    stream.define(line);
    line.note(
        "With h = the first 8 bytes, big-endian, of SHA-256(SEED ':' KEY) and "
        "u = h / 2^64, a record is train if u < S0, val if u < S0 + S1, else "
        "test. So adding records moves none, and growing a part moves only "
        "what it must. The key is a string, or a number as it is spelled; a "
        "record without one is a bad record.");
    line.note(
        "The key question is the words of what is asked first: the longest "
        "runs of letters, marks and digits, letter case folded, with single "
        "spaces between them (in scripts without spaces, each character). So a "
        "question with several answers is in one part, and where a record goes "
        "still depends on that record alone. Questions that are nearly the "
        "same have different keys: --check names them, and dedup --key "
        "question --mark FIELD makes groups of them, though a group may move "
        "when records are added.");
    line.note(
        "Writes one JSON object a file: file, split, records, bytes. The "
        "files appear together, and only if the run succeeds; a part without "
        "records is an empty file. It does not look for duplicates: records "
        "with different keys may well hold the same text. Where records that "
        "nearly repeat each other are to stay together, dedup --mark gives "
        "them a field for --group-by.");
    line.note(
        "--check reads the three parts that MANIFEST names and reports each "
        "row that is not where seed, key and fractions put it; whose id is in "
        "two parts, or was in another one in an earlier version; that nearly "
        "repeats a row of another part, now or then, as dedup finds it; or "
        "that asks the same question as such a row, or nearly so, with another "
        "answer. Each row counts once. It names the first 20, writes one JSON "
        "object with all counts, and ends with status 1 if there are any. If "
        "MANIFEST does not say what the split goes by, give its --key or "
        "--group-by. It takes about 1.2 kB of memory a row.");
    line.exits({mill::kExitNo});
    line.example("hash-split --output mtg_llm_training < examples.jsonl");
    line.example(
        "hash-split --output thread --group-by metadata.post_id all.jsonl");
    line.example(
        "hash-split --check v2/manifest.json --against v1/manifest.json");
    line.parse(argc, argv);
    mill::demand(key_field.empty() || group_field.empty(),
                 "--key and --group-by are mutually exclusive");
    const std::string& field = key_field.empty() ? group_field : key_field;
    if (!check.manifest.empty()) {
      mill::demand(prefix.empty() && stream.files.empty(),
                   "--check takes neither --output nor FILE");
      mill::demand(check.near >= 0.8 && check.near <= 1,
                   "--near must lie between 0.8 and 1");
      check.field = field;
      check.stats = stream.stats;
      return mill::check_split(program, check);
    }
    mill::demand(!prefix.empty(), "--output is required");
    const auto split = mill::parse_split(split_text);

    std::array<Part, 3> parts{Part("train", prefix), Part("val", prefix),
                              Part("test", prefix)};
    for (const Part& part : parts)
      stream.also_written.push_back(part.file.path());
    if (!field.empty() && field != "question")
      stream.named_fields.push_back(
          {key_field.empty() ? "--group-by" : "--key", field});
    mill::RecordLoop loop(program, stream);
    std::string scratch;
    loop.run([&](const mill::Record& record, std::string&) {
      const auto key = mill::split_key(record, field, scratch);
      if (!key)
        return mill::Outcome::bad(mill::why_no_split_key(record, field));
      Part& part = parts[mill::part_of(mill::seeded_digest(seed, *key), split)];
      part.file.write_line(record.line);
      ++part.records;
      loop.count_written(record.line.size() + 1);
      return mill::Outcome::taken();
    });
    const int status = loop.finish();
    if (status != EX_OK) return status;
    for (Part& part : parts) part.file.sync();
    mill::Output out;
    for (const Part& part : parts) out.write_for_reading(summary(part) + '\n');
    out.close();
    for (Part& part : parts) part.file.commit();
    return EX_OK;
  });
}
