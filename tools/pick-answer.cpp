// pick-answer - pick the best answer of each thread
//
//   pick-answer --profile mtg threads.jsonl > interactions.jsonl
//
// One thread in, one interaction out, in the order of the input; with --pairs,
// the thread's answers two by two, a better with a worse. A thread that
// is no question, or has no comment that could answer it, is dropped; --stats
// counts the reasons, --dropped tells that of each. Every comment is tested
// before one is chosen, so that a joke with many votes does not lose the
// thread. No author's name is written.

#include <memory>
#include <set>
#include <string>

#include "lib/answers/pick_answer.h"
#include "lib/answers/profile_text.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/io/input.h"
#include "lib/io/output.h"
#include "lib/text/language.h"

namespace {

std::set<std::string, std::less<>> languages_of(const std::string& list) {
  std::set<std::string, std::less<>> languages;
  for (const std::string& code : mill::split_at_commas(list)) {
    mill::demand(mill::is_language(code),
                 "--languages: '" + code + "' is no language's code");
    languages.insert(code);
  }
  return languages;
}

void set_drop_if(mill::AnswerProfile& profile, const std::string& names) {
  try {
    profile.set_drop_if(mill::split_at_commas(names));
  } catch (const mill::Exit& exit) {
    throw mill::Exit(EX_USAGE, std::string("--drop-if: ") + exit.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("pick-answer", [&](mill::Program& program) {
    std::string profile = "mtg";
    std::optional<std::string> cards_file, dropped_file, drop_if, languages;
    mill::PickOptions options;
    mill::PairOptions pairs;
    bool writes_pairs = false;
    mill::StreamOptions stream;
    mill::CommandLine line(program, "Pick the best answer of each thread.");
    line.option("p,profile", "NAME|FILE",
                "weights, patterns and lists: mtg (Magic rules), qa (any "
                "questions), mtg-first, shp or dolma (others' rules), or a "
                "file of your own",
                &profile);
    line.option("min-score", "N",
                "minimum score of an answer (default the profile's: 1)",
                &options.min_score);
    line.option("min-length", "N",
                "minimum number of characters of an answer (default the "
                "profile's: 80)",
                &options.min_length);
    line.option("languages", "A,B",
                "languages that question and answer must be in, as en, where "
                "they can be told (default the profile's)",
                &languages);
    line.option("drop-if", "A,B",
                "drop what these doubts or signals of the profile are found "
                "in, as hedges,vents, and do not only lower its confidence "
                "(default the profile's drop_if)",
                &drop_if);
    line.flag("explain",
              "add `why`: each addend of the choice and confidence, and "
              "`runner_up`, the best of the other answers, with the `margin` "
              "between them; of a dropped thread, what each answer failed on",
              &options.explains);
    line.flag("margin",
              "add `margin`: by how much the choice was better than the best "
              "of the other answers, where there was one",
              &options.adds_margin);
    line.option("dropped", "FILE",
                "write a JSON line for each dropped thread to FILE: id, "
                "reason, detail; %p in its name is the process's id",
                &dropped_file);
    line.flag("all-candidates",
              "write a line for each answer that could be chosen, the best "
              "first, with `rank` and `candidate_score`; for reading only, "
              "since they share one id",
              &options.shows_all);
    line.flag("pairs",
              "write pairs of answers for preference training: the best and, "
              "as `rejected`, one that it is clearly preferred to",
              &writes_pairs);
    line.option("score-ratio", "X",
                "with --pairs: the best answer's score must be at least X "
                "times the rejected one's",
                &pairs.score_ratio);
    line.option("max-pairs", "N",
                "with --pairs: at most N from each thread, the lowest scores "
                "first",
                &pairs.max_pairs);
    line.option("cards", "FILE",
                "find these cards' names too: one a line, or a JSON array, or "
                "an object that holds one in `data`",
                &cards_file);
    stream.define(line);
    line.note(
        "A thread is {\"post\": {...}, \"comments\": [...]}, with Reddit's own "
        "fields of any year. Deleted and removed texts, bots, stickied "
        "comments, the asker's own and those whose score is hidden are never "
        "answers. Answers are comments on the post itself, not replies to "
        "comments. Posts on a user's own page are dropped, since their "
        "subreddit and URL name their author.");
    line.note(
        "cards_mentioned holds [[Card]] links and, with --cards, names of two "
        "words or more in their exact case. A thread that does not say when it "
        "was retrieved gets no collected_at, unless SOURCE_DATE_EPOCH is set.");
    line.note(
        "In a pair, the best answer has the higher score and is not the older "
        "one, since an older answer has had more readers. That is the rule of "
        "the Stanford Human Preferences data set, "
        "https://huggingface.co/datasets/stanfordnlp/SHP; models trained on it "
        "took a ratio of 2 and up to 5 pairs of a thread. Answers of unknown "
        "age are not paired. A thread's pairs share its id, so that hash-split "
        "puts them into one part; a store holds one for each id.");
    line.note(
        "The id of a dropped thread is its post's, as t3_1abcd; its detail "
        "names the answer that came furthest. No name and no text is among "
        "them. With --explain and without --dropped they go to standard "
        "error.");
    line.note(
        "It fetches nothing, does not look at pictures or links, and cannot "
        "tell whether an answer is right.");
    line.exits({EX_CONFIG});
    line.example("pick-answer --profile qa threads.jsonl > interactions.jsonl");
    line.example("pick-answer --explain threads.jsonl | head -1");
    line.example(
        "pick-answer --pairs < threads.jsonl | to-messages --format "
        "trl-preference");
    line.parse(argc, argv);
    mill::demand(!writes_pairs || !options.shows_all,
                 "--pairs and --all-candidates are mutually exclusive");
    mill::demand(pairs.score_ratio >= 1, "--score-ratio must be 1 or more");
    mill::demand(pairs.max_pairs >= 1, "--max-pairs must be 1 or more");
    if (writes_pairs) options.pairs = pairs;
    if (::getenv("SOURCE_DATE_EPOCH")) options.collected_at = mill::now();
    mill::CardNames cards;
    if (cards_file) cards = {mill::read_all(*cards_file), *cards_file};
    mill::AnswerProfile loaded = mill::load_profile(profile);
    if (languages) loaded.languages = languages_of(*languages);
    if (drop_if) set_drop_if(loaded, *drop_if);
    const mill::PickAnswer pick(std::move(loaded), options, std::move(cards));
    if (mill::is_profile_file(profile)) stream.also_read.push_back(profile);
    if (cards_file) stream.also_read.push_back(*cards_file);
    stream.side_file(dropped_file);
    std::unique_ptr<mill::AtomicFile> dropped_lines;
    if (dropped_file)
      dropped_lines = std::make_unique<mill::AtomicFile>(*dropped_file);

    mill::RecordLoop loop(program, stream);
    mill::DroppedThread dropped;
    const bool tells = dropped_lines || options.explains;
    loop.run([&](const mill::Record& thread, std::string& out) {
      mill::Outcome outcome = pick(thread, out, tells ? &dropped : nullptr);
      if (outcome.kind != mill::Outcome::kDrop) return outcome;
      if (dropped_lines)
        dropped_lines->write_line(
            mill::dropped_json(dropped, options.explains));
      else if (options.explains)
        program.warn_at(loop.source(), loop.line_number(),
                        "dropped: " + mill::dropped_json(dropped, true));
      return outcome;
    });
    if (dropped_lines) dropped_lines->commit();
    return loop.finish();
  });
}
