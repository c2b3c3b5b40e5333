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

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/record_loop.h"
#include "lib/json/json_writer.h"
#include "lib/reddit/dump_options.h"
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
  void sync() {
    for (auto& file : files) file->sync();
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
    mill::DumpOptions dumps;
    std::string prefix;
    std::optional<std::uint64_t> buckets;
    mill::CommandLine line(
        program,
        "Split Reddit dumps by post, so that each part joins by itself.");
    dumps.define(line);
    line.option("buckets", "N", "how many parts, at most 256 (required)",
                &buckets);
    line.option("o,output", "PREFIX",
                "make PREFIX.posts.0.jsonl, PREFIX.comments.0.jsonl and so on "
                "(required)",
                &prefix);
    dumps.stream.define_without_files(line);
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
    mill::demand(buckets >= 1 && buckets <= kMostBuckets,
                 "--buckets must lie between 1 and 256");
    mill::demand(!dumps.submissions.empty() || !dumps.comments.empty(),
                 "--submissions or --comments: a file is needed");
    dumps.check();

    const auto count = static_cast<std::size_t>(*buckets);
    const std::size_t of_posts = dumps.submissions.empty() ? 0 : count;
    Buckets posts(prefix + ".posts.", ".jsonl", of_posts);
    Buckets places(prefix + ".posts.", ".places", of_posts);
    Buckets replies(prefix + ".comments.", ".jsonl",
                    dumps.comments.empty() ? 0 : count);
    Buckets* const all[] = {&posts, &places, &replies};
    for (const Buckets* kind : all)
      for (const auto& file : kind->files)
        dumps.stream.also_written.push_back(file->path());

    mill::RecordLoop loop(program, dumps.stream);
    dumps.skip_others(loop);
    loop.run([&](const mill::Record& record, std::string&) {
      const bool is_post = dumps.is_post(loop);
      const mill::DumpRecord fields(record);
      std::uint64_t id;
      mill::DumpPost post;
      const mill::Outcome outcome = is_post
                                        ? read_post(dumps.choice, fields, post)
                                        : read_link(dumps.choice, fields, id);
      if (outcome.kind != mill::Outcome::kTaken) return outcome;
      const auto bucket =
          static_cast<std::size_t>((is_post ? post.id : id) % count);
      (is_post ? posts : replies).write_line(bucket, record.line);
      loop.count_written(record.line.size() + 1);
      if (is_post)
        places.write_line(bucket, std::to_string(loop.stats().records_read) +
                                      '\t' + fields.id.string());
      return outcome;
    });
    const int status = loop.finish();
    if (status != EX_OK) return status;
    for (Buckets* kind : all) kind->sync();
    mill::Output out;
    write_summary(out, "posts", posts);
    write_summary(out, "comments", replies);
    out.close();
    for (Buckets* kind : all) kind->commit();
    return EX_OK;
  });
}
