// fs-put - store the interactions that are not there yet
//
//   fs-put --store sqlite:answermill.db < interactions.jsonl > new.jsonl
//
// Creates only, never overwrites: what has the id of a stored document, or of a
// withdrawn one, is dropped as "exists". What was new goes to standard output
// as it was stored, after it is safe in the store, so that any number of
// writers at the same time write out each interaction once.

#include <optional>
#include <string>
#include <vector>

#include "lib/base/clock.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/record/interaction.h"
#include "lib/store/store.h"

namespace {

constexpr std::size_t kBatchBytes = 8 << 20;
constexpr double kLongestWait = 1;  // seconds; for a source that is slow

}  // namespace

int main(int argc, char** argv) {
  return mill::run("fs-put", [&](mill::Program& program) {
    mill::StoreOptions options{.collection = "reddit_interactions"};
    bool dry_run = false;
    mill::StreamOptions stream;
    mill::CommandLine line(program,
                           "Store the interactions that are not there yet, and "
                           "write those that were new.");
    options.define(line, "the collection to put them in");
    line.flag("n,dry-run", "write what would be new, and store nothing",
              &dry_run);
    options.define_service(line);
    stream.define(line);
    line.note(
        "An interaction is created if its id is free, and never overwritten; "
        "otherwise it is counted as dropped because it exists. A new one is "
        "written to standard output as it was stored, once it is safe. "
        "Interactions are stored in batches, of what comes within a second "
        "or is enough; a run that is killed, or "
        "gives up on a service (75), can be run again: what it had stored "
        "exists then.");
    line.note(
        "The collector endpoint's camelCase names are mapped to ours. An id "
        "(the SHA-256 of source_url, else of question), collected_at (now) and "
        "timestamp (collected_at) are added where they are missing; a record "
        "that needs none of this is stored byte for byte, in Firestore as its "
        "values. Without a question or an answer it is dropped, and so is a "
        "post on a user's own page, whose subreddit and URL name its author; "
        "without a confidence it is a bad record. A dry run keeps in memory "
        "the ids that it has seen.");
    line.example("fs-put interactions.jsonl > new.jsonl");
    line.example(
        "fs-put --dry-run --store sqlite:mtg.db < interactions.jsonl | wc -l");
    line.example("fs-put --store firestore:my-project interactions.jsonl");
    line.parse(argc, argv);
    options.check();

    mill::RecordLoop loop(program, stream);
    const auto store = options.open(dry_run ? mill::StoreAccess::kDryRun
                                            : mill::StoreAccess::kWrite);
    std::vector<mill::Document> batch;
    std::vector<mill::RecordLoop::Place> places;  // of the batch's records
    std::size_t batch_bytes = 0;
    const mill::Clock clock = mill::system_clock();
    double batch_began = 0;
    const auto put_batch = [&] {
      if (batch.empty()) return;
      const auto created = store->create(options.collection, batch);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        switch (created[i].kind) {
          case mill::Created::kNew: loop.replace(batch[i].body + "\n"); break;
          case mill::Created::kExists: loop.drop("exists"); break;
          case mill::Created::kRefused: loop.bad(places[i], created[i].why);
        }
      }
      batch.clear();
      places.clear();
      batch_bytes = 0;
    };

    loop.run([&](mill::JsonValue record, std::string&) {
      mill::Document document;
      mill::Outcome outcome = mill::to_document(record, mill::now(), document);
      if (outcome.kind != mill::Outcome::kKeep) return outcome;
      if (batch.empty()) batch_began = clock.now();
      batch_bytes += document.body.size();
      batch.push_back(std::move(document));
      places.push_back(loop.place());
      if (batch.size() >= store->most_at_once() || batch_bytes >= kBatchBytes ||
          clock.now() - batch_began >= kLongestWait)
        put_batch();
      return mill::Outcome::taken();
    });
    put_batch();
    return loop.finish();
  });
}
