// confidence-filter - keep the records that score at least a threshold
//
//   confidence-filter --min 0.9 < scored.jsonl > kept.jsonl
//
// A kept line is copied byte for byte: key order, spacing and the spelling of
// numbers survive, so that checksums of records still match after the filter.
// A record without a usable score is a bad record: reported, never kept.

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/examples/confidence_filter.h"

int main(int argc, char** argv) {
  return mill::run("confidence-filter", [&](mill::Program& program) {
    mill::ConfidenceFilter filter;
    mill::StreamOptions stream;
    mill::CommandLine line(program,
                           "Keep the records that score at least a threshold.");
    line.option("m,min", "X",
                "the threshold, from 0 to 1; compared at nine decimals",
                &filter.min);
    line.option("f,field", "NAME",
                "the field that holds the score; dots descend (default "
                "confidence, else metadata.confidence)",
                &filter.field);
    line.flag("v,invert", "keep the records that score less", &filter.invert);
    stream.define(line);
    line.note(
        "Kept lines are copied byte for byte. A record whose score is missing "
        "or not a number is a bad record.");
    line.example("confidence-filter --min 0.9 scored.jsonl > kept.jsonl");
    line.parse(argc, argv);
    mill::demand(filter.min >= 0 && filter.min <= 1,
                 "--min must lie between 0 and 1");
    if (!filter.field.empty())
      stream.named_fields.push_back({"--field", filter.field});
    return mill::run_filter(program, stream, filter);
  });
}
