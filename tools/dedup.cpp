// dedup - keep the records that repeat no other, byte for byte
//
//   dedup --against v1/mtg.jsonl --removed gone.jsonl < new.jsonl > kept.jsonl
//
// Finds the same text, the same words, and nearly the same words, whatever
// stands between. Of those that repeat each other the best is kept: the highest
// confidence, then the earliest timestamp, then the smaller id. Needs all
// records before it writes the first, so it reads its input twice; what comes
// through a pipe is kept in a temporary file meanwhile. Memory grows with the
// number of records, not with their length.

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/examples/dedup_files.h"

int main(int argc, char** argv) {
  return mill::run("dedup", [&](mill::Program& program) {
    mill::DedupOptions options;
    mill::CommandLine line(program, "Keep the records that repeat no other.");
    line.option("against", "FILE",
                "records that an earlier version's file holds are repetitions, "
                "too; may be given several times",
                &options.against);
    line.option("overlap", "N",
                "records that hold N words in a row of a question in these "
                "files are repetitions, too; N from 8 to 100, usually 13",
                &options.overlap);
    line.option("near", "X",
                "how similar two texts must be, from 0.8 to 1; 1 finds exact "
                "repetitions only",
                &options.near);
    line.option("key", "FIELD",
                "compare this field (dots descend) instead of the question and "
                "the answer; question is what is asked first, in every format",
                &options.key);
    line.option("removed", "FILE",
                "write each removed record to FILE, with the one it repeats",
                &options.removed);
    line.option("mark", "FIELD",
                "remove nothing: write all records, each with the name of its "
                "cluster in FIELD, for hash-split --group-by",
                &options.mark);
    line.flag("keys",
              "write only what the decision goes by, a JSON object for each "
              "record: its key",
              &options.writes_keys);
    line.option("decide", "FILE",
                "decide by keys that were made elsewhere; several files are "
                "one, in the order of the records",
                &options.decide);
    options.stream.define(line);
    line.note(
        "Compares an interaction's question and answer, or an example's user "
        "and assistant messages. Three kinds of repetition: exact, the same "
        "text; normalized, the same words in the same order, letter case, "
        "white space and punctuation aside; near, a similarity of at least X, "
        "which is the share of words, in their order, that both have: of 100 "
        "words, 10 substituted make 0.9. Candidates are found by MinHash over "
        "pairs of neighboring words and compared by their words; of pairs at "
        "0.8 some 80% are found, at 0.9 99.9%. A text without letters or "
        "digits has exact repetitions only.");
    line.note(
        "What only looks like a repetition is kept. Passages that more than 8 "
        "other texts share, such as footers and templates, do not count. Two "
        "texts with fewer than 30 words of their own are not near each other "
        "if they differ in a number, in a capitalized word that begins no "
        "sentence, in a [[linked]] word, in a \"not\" or the like, or if a "
        "long word of one is replaced by another long word.");
    line.note(
        "The record with the highest confidence is kept; of equals the one "
        "with the earliest timestamp, then the one with the smaller id, then "
        "the shorter one; the order of the input never matters. What an "
        "earlier version holds takes precedence over all. What is removed "
        "repeats the one that is kept, directly and never through a chain; no "
        "two that are kept repeat each other. Kept lines are copied byte for "
        "byte, in the order of the input.");
    line.note(
        "--overlap is for benchmarks: a model should not be trained on a "
        "test's questions. A question of fewer than N words is looked for as a "
        "whole, one of fewer than 8 not at all. GPT-3 was checked in this way "
        "with 13 words (Brown et al. 2020, appendix C), Llama 2 with more than "
        "10 tokens (Touvron et al. 2023, A.6), Llama 3 with 8 (Dubey et al. "
        "2024, 5.1.4).");
    line.note(
        "--rejects holds bad records, byte for byte. --removed holds good "
        "ones, and says more about them, one JSON object a record: reason, "
        "similarity, id, duplicate_of (the id of the one that is kept), line, "
        "duplicate_of_line (FILE:LINE), and record, as it came in. With --mark "
        "a cluster is all that such pairs connect, and its name is the id of "
        "its best record.");
    line.note(
        "It needs all records before it writes the first: files are read "
        "twice, and what comes through a pipe is kept in a temporary file "
        "(TMPDIR) until the end, as are the words of all. Memory: about 650 "
        "bytes a record, however long it is; with --near 1 about 90.");
    line.note(
        "Reading the texts can be spread over machines: dedup --keys makes of "
        "each part of the records their keys, with --key, --against and "
        "--overlap as they are later; dedup --decide with all keys and all "
        "records then does what dedup does without, the same bytes.");
    line.example("dedup --removed removed.jsonl examples.jsonl > kept.jsonl");
    line.example("dedup --against v1/mtg_llm_training.jsonl new.jsonl");
    line.example("dedup --against benchmark.jsonl --overlap 13 new.jsonl");
    line.example("dedup --keys part1.jsonl > 1.keys  # and so on, then");
    line.example(
        "dedup --decide 1.keys --decide 2.keys part1.jsonl part2.jsonl "
        "> kept.jsonl");
    line.example("dedup --mark metadata.cluster all.jsonl > marked.jsonl");
    line.parse(argc, argv);
    mill::demand(options.near >= 0.8 && options.near <= 1,
                 "--near must lie between 0.8 and 1");
    mill::demand(
        !options.overlap || (*options.overlap >= 8 && *options.overlap <= 100),
        "--overlap must lie between 8 and 100");
    mill::demand(!options.overlap || !options.against.empty(),
                 "--overlap needs --against");
    mill::demand(options.mark.empty() || !options.overlap,
                 "--mark removes nothing by --overlap");
    mill::demand(options.mark.empty() || !options.removed,
                 "--mark removes nothing for --removed");
    mill::demand(
        !options.writes_keys || (options.decide.empty() &&
                                 options.mark.empty() && !options.removed),
        "--keys only writes keys: no --decide, --mark or --removed");
    options.stream.also_read = options.against;
    options.stream.also_read.insert(options.stream.also_read.end(),
                                    options.decide.begin(),
                                    options.decide.end());
    if (!options.key.empty() && options.key != "question")
      options.stream.named_fields.push_back({"--key", options.key});
    options.stream.side_file(options.removed);
    return mill::dedup_files(program, options);
  });
}
