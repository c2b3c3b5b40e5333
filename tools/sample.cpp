// sample - print a few examples, chosen by hash, for reading
//
//   sample -3 < examples.jsonl | less
//
// The choice depends on the records' keys and the seed alone: the same records
// are chosen from a file, from its lines in another order, and, as long as
// they are in it, from a part of it.

#include "lib/examples/sample.h"

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/io/lines.h"
#include "lib/json/json.h"
#include "lib/record/example.h"

int main(int argc, char** argv) {
  return mill::run("sample", [&](mill::Program& program) {
    std::uint64_t count = 5, seed = 42;
    bool as_json = false;
    mill::StreamOptions stream;
    mill::CommandLine line(program, "Print a few examples, chosen by hash.");
    line.option("count", "N", "how many", &count);
    line.digits_mean("count");
    line.option("n", "N", "", &count);  // as it once was: -n is a dry run
    line.option("seed", "S", "the seed; another one gives another choice",
                &seed);
    line.flag("json", "print the lines themselves, byte for byte", &as_json);
    stream.define(line);
    line.note(
        "It chooses the N records with the smallest SHA-256(SEED ':' KEY), and "
        "prints them in the order of the input. The key is metadata.id, else "
        "the first user message's content, else the whole line; so that any "
        "records can be sampled. Control characters, and those that reverse "
        "the direction of text, are printed as \\uXXXX, so that no record can "
        "act on the terminal; --json does not change them.");
    line.note("Holds N lines in memory.");
    line.example("sample -3 examples.jsonl | less");
    line.parse(argc, argv);

    mill::Sample sample(count, seed);
    mill::RecordLoop loop(program, stream);
    std::string scratch;
    loop.run([&](const mill::Record& record, std::string&) {
      const auto key = mill::example_key(record, scratch);
      sample.offer(key.value_or(record.line), loop.source(), loop.line_number(),
                   record.line);
      return mill::Outcome::taken();
    });
    const auto records = sample.take();
    mill::JsonReader reader;
    for (std::size_t i = 0; i < records.size(); ++i) {
      const mill::Sample::Record& record = records[i];
      ++loop.stats().records_written;
      if (as_json) {
        loop.out().write_line(record.text);
        continue;
      }
      if (i > 0) loop.out().write("\n");
      loop.out().write_for_reading(
          "=== " + std::to_string(i + 1) + " of " +
          std::to_string(records.size()) + ": " +
          mill::place_of(record.source, record.line_number) + " ===\n\n");
      reader.parse(record.text);
      loop.out().write_for_reading(mill::render_example(reader.root()));
    }
    return loop.finish();
  });
}
