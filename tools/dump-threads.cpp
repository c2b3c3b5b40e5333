// dump-threads - join the comments of Reddit dumps to their posts
//
//   dump-threads --submissions RS.zst --comments RC.zst > threads.jsonl
//
// Reads the submissions and keeps the posts that are wanted, then the comments
// and keeps those of these posts, then writes the threads in the order of the
// posts. The order of comments, and what becomes of those whose parent is
// missing, is described in lib/reddit/dump_threads.h; why other subreddits'
// lines can be skipped unparsed, in lib/reddit/subreddit_scan.h.

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/reddit/dump_buckets.h"
#include "lib/reddit/dump_threads.h"

namespace {

constexpr std::size_t kMostBuckets = 512;  // each is an open file

void join_in_memory(mill::RecordLoop& loop, const mill::DumpChoice& choice,
                    std::size_t submissions) {
  mill::DumpThreads threads(choice);
  loop.run([&](mill::JsonValue record, std::string&) {
    return loop.file_index() < submissions ? threads.add_post(record)
                                           : threads.add_comment(record);
  });
  threads.arrange();
  std::string out;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    const mill::Outcome outcome = threads.write(i, out);
    loop.apply(outcome, out);
  }
}

void join_in_buckets(mill::RecordLoop& loop, const mill::DumpChoice& choice,
                     std::size_t submissions, std::size_t count) {
  mill::DumpBuckets buckets(choice, count);
  bool has_all_posts = false;
  const auto finish_posts = [&] {
    if (std::exchange(has_all_posts, true)) return;
    for (auto left = buckets.finish_posts(); left > 0; --left)
      loop.drop("duplicate");
  };
  loop.run([&](mill::JsonValue record, std::string&) {
    if (loop.file_index() < submissions) return buckets.add_post(record);
    finish_posts();
    return buckets.add_comment(record);
  });
  finish_posts();
  buckets.write([&](const mill::Outcome& outcome, std::string_view out) {
    loop.apply(outcome, out);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("dump-threads", [&](mill::Program& program) {
    std::vector<std::string> submissions, comments, subreddits;
    mill::DumpChoice choice;
    std::optional<std::uint64_t> buckets;
    mill::StreamOptions stream;
    mill::CommandLine line(program.name(),
                           "Join the comments of Reddit dumps to their posts.");
    line.option("submissions", "FILE",
                "a dump of posts (RS_*), plain, gzip or zstd; - is standard "
                "input; may be repeated",
                &submissions);
    line.option("comments", "FILE", "a dump of comments (RC_*), likewise",
                &comments);
    line.option("subreddit", "NAME",
                "take this subreddit only, case aside, without r/; may be "
                "repeated (default all)",
                &subreddits);
    line.option("since", "T", "take posts created at this time or later",
                &choice.since);
    line.option("until", "T", "take posts created before this time",
                &choice.until);
    line.option("min-comments", "N", "leave out posts with fewer comments",
                &choice.min_comments);
    line.option("buckets", "N",
                "join in N parts, one after the other, by temporary files: "
                "memory holds one of them; at most 512",
                &buckets);
    stream.define_without_files(line);
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
        "its file asks for, at most 2 GiB. With --buckets it holds 40 bytes a "
        "post and one bucket, of posts in their order with their comments; "
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

    mill::demand(!submissions.empty(), "--submissions: a file is needed");
    mill::demand(!comments.empty() || choice.min_comments == 0,
                 "--comments: a file is needed, or --min-comments 0");
    mill::demand(!buckets || (*buckets >= 1 && *buckets <= kMostBuckets),
                 "--buckets must lie between 1 and 512");
    choice.subreddits = mill::SubredditScan(subreddits);
    stream.files = submissions;
    stream.files.insert(stream.files.end(), comments.begin(), comments.end());
    mill::demand(std::count(stream.files.begin(), stream.files.end(), "-") <= 1,
                 "standard input can be read only once");

    mill::RecordLoop loop(program, stream);
    if (!choice.subreddits.takes_all())
      loop.skip_lines("other_subreddit", [&](std::string_view text) {
        return !choice.subreddits.may_be_in(text);
      });
    if (buckets)
      join_in_buckets(loop, choice, submissions.size(),
                      static_cast<std::size_t>(*buckets));
    else
      join_in_memory(loop, choice, submissions.size());
    return loop.finish();
  });
}
