// dump-split - split Reddit dumps by post, so that each part joins by itself
//
//   dump-split --submissions RS.zst --comments RC.zst --buckets 64 -o part
//
// makes part.posts.0.jsonl to part.posts.63.jsonl and part.comments.0.jsonl to
// part.comments.63.jsonl, all or none. A post goes to the bucket that its id
// names, a comment to the one of its post: id modulo N, the id as a number in
// base 36. Lines are copied byte for byte, in the order of the input. So
// dump-threads makes of each bucket its threads, wherever that is done, and of
// all buckets all threads.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/json/json_writer.h"
#include "lib/reddit/dump_threads.h"

namespace {

constexpr std::size_t kMostBuckets = 256;  // each is three open files

// The files of one kind of record, by bucket.
struct Buckets {
  Buckets(const std::string& prefix, std::string_view suffix,
          std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      files.push_back(std::make_unique<mill::AtomicFile>(
          prefix + std::to_string(i) + std::string(suffix)));
    records.resize(count);
  }
  void write_line(std::size_t bucket, std::string_view line) {
    files[bucket]->write_line(line);
    ++records[bucket];
  }
  void commit() {
    for (auto& file : files) file->commit();
  }
  std::vector<std::unique_ptr<mill::AtomicFile>> files;
  std::vector<std::uint64_t> records;
};

void write_summary(mill::Output& out, std::string_view kind,
                   const Buckets& buckets) {
  for (std::size_t i = 0; i < buckets.files.size(); ++i) {
    std::string text;
    mill::JsonWriter json(text);
    json.begin_object();
    json.member("file", buckets.files[i]->path());
    json.member("kind", kind);
    json.member("bucket", std::uint64_t{i});
    json.member("records", buckets.records[i]);
    json.member("bytes", buckets.files[i]->bytes());
    json.end_object();
    out.write_for_reading(text + '\n');
  }
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("dump-split", [&](mill::Program& program) {
    std::vector<std::string> submissions, comments, subreddits;
    std::string prefix;
    std::uint64_t count = 0;
    mill::DumpChoice choice;
    mill::StreamOptions stream;
    mill::CommandLine line(
        program.name(),
        "Split Reddit dumps by post, so that each part joins by itself.");
    line.option("submissions", "FILE",
                "a dump of posts (RS_*), plain or compressed; - is standard "
                "input; may be repeated",
                &submissions);
    line.option("comments", "FILE", "a dump of comments (RC_*), likewise",
                &comments);
    line.option("buckets", "N", "how many parts, at most 256 (required)",
                &count);
    line.option("o,output", "PREFIX",
                "make PREFIX.posts.0.jsonl, PREFIX.comments.0.jsonl and so on "
                "(required)",
                &prefix);
    line.option("subreddit", "NAME",
                "take this subreddit only, case aside, without r/; may be "
                "repeated (default all)",
                &subreddits);
    line.option("since", "T", "take posts created at this time or later",
                &choice.since);
    line.option("until", "T", "take posts created before this time",
                &choice.until);
    stream.define_without_files(line);
    line.note(
        "A post goes to the bucket id modulo N, its id being a number in base "
        "36; a comment to the bucket of its post. Lines are copied byte for "
        "byte, in the order of the input. dump-threads joins a bucket's posts "
        "and comments; of several dumps it takes the same bucket of each, in "
        "the order of the dumps.");
    line.note(
        "PREFIX.posts.0.places and so on have a line for each of a bucket's "
        "posts: the number of its line in the input, counted over all files, a "
        "tab, and its id. By the first place of their posts the threads of all "
        "buckets can be merged into the order that dump-threads has without "
        "buckets.");
    line.note(
        "Writes one JSON object a file: file, kind, bucket, records, bytes. "
        "The files appear only if the run succeeds; of --submissions and "
        "--comments only those of the kinds that are given. What is left out "
        "is other_subreddit and outside_time; bad records are those that have "
        "no place: no id, no link_id. Memory does not grow with the input.");
    line.example(
        "dump-split --submissions RS.zst --comments RC.zst --buckets 2 -o "
        "part\n  dump-threads --submissions part.posts.0.jsonl \\\n      "
        "--comments part.comments.0.jsonl > threads.0.jsonl");
    line.parse(argc, argv);
    mill::demand(!prefix.empty(), "--output is required");
    mill::demand(count >= 1 && count <= kMostBuckets,
                 "--buckets must lie between 1 and 256");
    mill::demand(!submissions.empty() || !comments.empty(),
                 "--submissions or --comments: a file is needed");
    choice.subreddits = mill::SubredditScan(subreddits);
    stream.files = submissions;
    stream.files.insert(stream.files.end(), comments.begin(), comments.end());
    mill::demand(std::count(stream.files.begin(), stream.files.end(), "-") <= 1,
                 "standard input can be read only once");

    const std::size_t of_posts = submissions.empty() ? 0 : count;
    Buckets posts(prefix + ".posts.", ".jsonl", of_posts);
    Buckets places(prefix + ".posts.", ".places", of_posts);
    Buckets replies(prefix + ".comments.", ".jsonl",
                    comments.empty() ? 0 : count);
    for (const Buckets* buckets : {&posts, &places, &replies})
      for (const auto& file : buckets->files)
        stream.also_written.push_back(file->path());

    mill::RecordLoop loop(program, stream);
    if (!choice.subreddits.takes_all())
      loop.skip_lines("other_subreddit", [&](std::string_view text) {
        return !choice.subreddits.may_be_in(text);
      });
    loop.run([&](const mill::Record& record, std::string&) {
      const bool is_post = loop.file_index() < submissions.size();
      std::uint64_t id;
      mill::DumpPost post;
      const mill::Outcome outcome = is_post ? read_post(choice, record, post)
                                            : read_link(choice, record, id);
      if (outcome.kind != mill::Outcome::kTaken) return outcome;
      const auto bucket =
          static_cast<std::size_t>((is_post ? post.id : id) % count);
      (is_post ? posts : replies).write_line(bucket, record.line);
      loop.count_written(record.line.size() + 1);
      if (is_post)
        places.write_line(bucket, std::to_string(loop.stats().records_read) +
                                      '\t' + record.json["id"].string());
      return outcome;
    });
    const int status = loop.finish();
    if (status != EX_OK) return status;
    mill::Output out;
    write_summary(out, "posts", posts);
    write_summary(out, "comments", replies);
    out.close();
    for (Buckets* buckets : {&posts, &places, &replies}) buckets->commit();
    return EX_OK;
  });
}
