// fs-query - write a store's interactions, newest first
//
//   fs-query --store sqlite:answermill.db --min-confidence 0.8 > kept.jsonl
//
// Each line is a document, from SQLite byte for byte as it was stored. Order:
// timestamp descending, equal times by id. Withdrawn documents are left out.
// Memory is bounded by the longest document, with Firestore by 500 of them or
// by those of one time.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/numbers.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/stats.h"
#include "lib/io/output.h"
#include "lib/store/query_journal.h"
#include "lib/store/store.h"

namespace {

struct Shard {
  std::uint64_t index;  // from 1
  std::uint64_t count;
};

Shard shard_of(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto index = mill::parse_number<std::uint64_t>(text.substr(0, slash));
  const auto count = mill::parse_number<std::uint64_t>(
      text.substr(std::min(slash + 1, text.size())));
  mill::demand(index && count && 1 <= *index && *index <= *count &&
                   *count <= mill::kMostParts,
               "--shard: '" + std::string(text) +
                   "' is not I/N, with I from 1 to N and N up to a million");
  return {*index, *count};
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("fs-query", [&](mill::Program& program) {
    mill::StoreOptions options{.collection = "reddit_interactions"};
    std::optional<std::string> stats_file, shard_text;
    double min_confidence = 0.7;
    mill::Query query;
    query.limit = 10'000;
    mill::CommandLine line(program,
                           "Write a store's interactions, newest first.");
    options.define(line, "the collection to read");
    line.option("m,min-confidence", "X",
                "minimum confidence, from 0 to 1; compared at nine decimals",
                &min_confidence);
    line.option("limit", "N", "write at most N of them; 0: all", &query.limit);
    line.option("since", "T", "only what has a timestamp of T or later",
                &query.since);
    line.option("until", "T", "only what has a timestamp before T",
                &query.until);
    line.option("collected-since", "T",
                "only what was collected at T or later: what is new",
                &query.collected_since);
    line.option("subreddit", "NAME",
                "only from this subreddit; may be given several times",
                &query.subreddits);
    line.option("shard", "I/N",
                "only the I-th of N equal parts of the time from --since to "
                "--until, the newest first; with --limit 0",
                &shard_text);
    line.option("resume", "FILE",
                "keep in FILE what was read of Firestore; after a kill go on "
                "from there",
                &query.resume_file);
    options.define_service(line);
    mill::define_stats(line, &stats_file);
    line.exits({EX_DATAERR, EX_NOINPUT});
    line.note(
        "Lines are what was stored, by timestamp, the newest first, and by id "
        "where times are equal: from SQLite byte for byte, from Firestore with "
        "an interaction's fields in their order, the others by name, and times "
        "in UTC. What was withdrawn is left out. T is RFC 3339 "
        "(2026-01-02T03:04:05Z), a date (its midnight, UTC) or Unix seconds. A "
        "store that does not exist is not created: exit status 66. The names "
        "of subreddits are compared exactly.");
    line.note(
        "--stats counts what was left out: below_threshold; over_limit, what "
        "is older than the last one, whatever its confidence; withdrawn, of "
        "the whole collection, since nothing else is known of it. Other times "
        "and subreddits are not read.");
    line.note(
        "Firestore is read in pages, all as of the first, at the price of one "
        "read for each interaction written, and one more for each 1,000 that "
        "are passed over or counted. That takes the indexes of "
        "share/firestore.indexes.json; without them it works, too, but "
        "everything of the query's time is read, and a message has the link "
        "that creates one. With --collected-since all confidences and "
        "subreddits of that time are read.");
    line.note(
        "--shard lets N processes or machines share a query: every interaction "
        "is in one part, 1/N to N/N one after another are the lines of the "
        "whole, and their accounts add up to its account, the withdrawn "
        "counted by the first. Parts are equal in time, not in number; what "
        "others write meanwhile moves nothing from one to another. Each reads, "
        "and pays for, its own part only.");
    line.note(
        "--resume keeps each page before it is written, so that none is paid "
        "for twice but the one under way; the lines are then those of a run "
        "that was not killed. FILE is its owner's alone, is removed at the "
        "end, and begins anew for another query or after an hour, when "
        "Firestore no longer keeps the time of the first page. What was "
        "withdrawn within that hour is still in it: remove FILE after a "
        "withdrawal. SQLite needs no such file.");
    line.example(
        "fs-query --min-confidence 0.8 --limit 0 > interactions.jsonl");
    line.example("fs-query --since 2026-01-01 --subreddit askjudge");
    line.example(
        "fs-query --since 2025-01-01 --until 2026-01-01 --limit 0 --shard "
        "3/12");
    line.example(
        "fs-query --store firestore:my-project --limit 0 --resume query.part");
    line.parse(argc, argv);
    mill::demand(min_confidence >= 0 && min_confidence <= 1,
                 "--min-confidence must lie between 0 and 1");
    options.check();
    query.min_confidence = min_confidence;
    bool is_first_shard = true;
    if (shard_text) {
      const Shard shard = shard_of(*shard_text);
      mill::demand(query.since && query.until && *query.since <= *query.until,
                   "--shard needs --since and a later --until");
      mill::demand(query.limit == 0, "--shard needs --limit 0");
      query = mill::part_of(query, shard.index, shard.count);
      is_first_shard = shard.index == 1;
    }

    const auto start = std::chrono::steady_clock::now();
    const auto store = options.open(mill::StoreAccess::kRead);
    mill::Output out;
    mill::Stats stats;
    const mill::QueryCounts counts = store->query(
        options.collection, query,
        [&](std::string_view, std::string_view body) { out.write_line(body); });
    out.close();
    if (query.resume_file) mill::QueryJournal::remove(*query.resume_file);
    if (!counts.warning.empty()) program.warn(counts.warning);
    stats.records_written = counts.found;
    stats.bytes_in = stats.bytes_out = out.bytes();
    const auto leave_out = [&](const char* reason, std::uint64_t count) {
      if (count > 0) stats.dropped[reason] = count;
    };
    leave_out("below_threshold", counts.below_threshold);
    if (is_first_shard)
      leave_out("withdrawn", store->count_withdrawn(options.collection));
    const bool is_full = query.limit > 0 && counts.found == query.limit;
    const auto all =
        is_full ? store->count(options.collection, query) : std::nullopt;
    if (all) {
      // Others may write meanwhile.
      const std::uint64_t seen = counts.found + counts.below_threshold;
      leave_out("over_limit", *all - std::min(*all, seen));
    }
    stats.records_read = stats.records_written;
    for (const auto& [reason, count] : stats.dropped)
      stats.records_read += count;
    const auto over = stats.dropped.find("over_limit");
    if (over != stats.dropped.end() || (is_full && !all))
      program.warn("--limit " + std::to_string(query.limit) + " left out " +
                   (all ? mill::counted(over->second, "older one", "older ones")
                        : "what is older, if anything is") +
                   "; 0 takes all");
    mill::warn_if_none_came_out(program, stats);
    const std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - start;
    mill::append_stats(stats_file, program.name(), stats, taken.count());
    return EX_OK;
  });
}
