// dump-threads - join the comments of Reddit dumps to their posts
//
//   dump-threads --submissions RS.zst --comments RC.zst > threads.jsonl
//
// Reads the submissions and keeps the posts that are wanted, then the comments
// and keeps those of these posts, then writes the threads in the order of the
// posts. The order of comments, and what becomes of those whose parent is
// missing, is described in lib/reddit/dump_threads.h; why other subreddits'
// lines can be skipped unparsed, in lib/reddit/subreddit_scan.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/reddit/dump_buckets.h"
#include "lib/reddit/dump_options.h"
#include "lib/reddit/dump_threads.h"

namespace {

constexpr std::size_t kMostBuckets = 256;  // each is two open files

void drop(mill::RecordLoop& loop, std::uint64_t count, std::string_view why) {
  for (; count > 0; --count) loop.drop(why);
}

void write_threads(mill::RecordLoop& loop, mill::DumpThreads& threads) {
  constexpr std::size_t kAtOnce = 256 << 10;  // many, since each is copied
  std::string out;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    const mill::Outcome outcome = threads.write(i, out);
    if (outcome.kind == mill::Outcome::kDrop) loop.drop(outcome.reason);
    if (out.size() < kAtOnce) continue;
    loop.replace(out);
    out.clear();
  }
  loop.replace(out);
}

void join_in_memory(mill::RecordLoop& loop, const mill::DumpOptions& dumps) {
  mill::DumpThreads threads(dumps.choice);
  loop.run([&](mill::JsonValue record, std::string&) {
    return dumps.is_post(loop) ? threads.add_post(record)
                               : threads.add_comment(record);
  });
  drop(loop, threads.arrange(), "duplicate");
  write_threads(loop, threads);
}

void join_in_buckets(mill::RecordLoop& loop, const mill::DumpOptions& dumps,
                     std::size_t count) {
  mill::DumpBuckets buckets(dumps.choice, 2 * count);  // memory holds two
  bool has_all_posts = false;
  const auto finish_posts = [&] {
    if (!std::exchange(has_all_posts, true))
      drop(loop, buckets.finish_posts(), "duplicate");
  };
  loop.run([&](mill::JsonValue record, std::string&) {
    if (dumps.is_post(loop)) return buckets.add_post(record);
    finish_posts();
    return buckets.add_comment(record);
  });
  finish_posts();
  drop(loop, buckets.finish_comments(), "no_submission");
  buckets.write([&](mill::DumpThreads& threads, std::uint64_t duplicates) {
    drop(loop, duplicates, "duplicate");
    write_threads(loop, threads);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("dump-threads", [&](mill::Program& program) {
    mill::DumpOptions dumps;
    std::optional<std::uint64_t> buckets;
    mill::CommandLine line(program,
                           "Join the comments of Reddit dumps to their posts.");
    dumps.define(line);
    line.option("min-comments", "N", "leave out posts with fewer comments",
                &dumps.choice.min_comments);
    line.option("buckets", "N",
                "join by temporary files: memory holds an Nth of what is "
                "taken; at most 256",
                &buckets);
    dumps.stream.define_without_files(line);
    line.note(
        "Writes {\"post\":{...},\"comments\":[{...},...]}, one thread a line, "
        "in the order of the posts. Objects keep their bytes; comments get "
        "their depth (0: a reply to the post) and are ordered depth first, "
        "replies to the same parent by created_utc and id. Comments whose "
        "parent is missing come last, with depth 1. Of a post or comment that "
        "comes several times the copy retrieved last is taken.");
    line.note(
        "With --subreddit, lines that are surely from other subreddits are "
        "skipped without checking that they are JSON; without it every line is "
        "checked. --stats counts what is left out: other_subreddit, "
        "outside_time, duplicate, no_submission (a comment whose post is not "
        "among those taken) and few_comments (a post).");
    line.note(
        "Memory holds the posts and comments taken, and for zstd the window "
        "its file asks for, at most 2 GiB. With --buckets it holds 52 bytes a "
        "post and two of 2 N parts, of posts in their order with their "
        "comments: one is written while the next is read; "
        "what is taken lies in TMPDIR meanwhile; the threads are the same, "
        "byte for byte. A damaged or cut-off file is an "
        "error (exit status 65); what could be read of it is used. T is a "
        "date, RFC 3339, or Unix seconds.");
    line.example(
        "dump-threads --submissions RS_2015-01.zst --comments RC_2015-01.zst "
        "\\\n      --subreddit askscience > threads.jsonl");
    line.example(
        "dump-threads --submissions RS_2015-01.zst --comments RC_2015-01.zst "
        "\\\n      --buckets 64 > threads.jsonl");
    line.parse(argc, argv);

    mill::demand(!dumps.submissions.empty(), "--submissions: a file is needed");
    mill::demand(!dumps.comments.empty() || dumps.choice.min_comments == 0,
                 "--comments: a file is needed, or --min-comments 0");
    mill::demand(!buckets || (*buckets >= 1 && *buckets <= kMostBuckets),
                 "--buckets must lie between 1 and 256");
    dumps.check();

    mill::RecordLoop loop(program, dumps.stream);
    dumps.skip_others(loop);
    if (buckets)
      join_in_buckets(loop, dumps, static_cast<std::size_t>(*buckets));
    else
      join_in_memory(loop, dumps);
    return loop.finish();
  });
}
