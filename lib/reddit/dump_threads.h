// dump_threads.h - joins the comments of dumps to their posts, as threads.
//
//   mill::DumpThreads threads({.subreddits = scan, .min_comments = 1});
//   for each line of the submissions   threads.add_post(record);
//   for each line of the comments      threads.add_comment(record);
//   const std::uint64_t duplicates = threads.arrange();
//   for (std::size_t i = 0; i < threads.size(); ++i) threads.write(i, out);
//
// A thread is {"post":{...},"comments":[{...},...]}, on one line. Posts and
// comments keep the bytes they had in the dump, except for a comment's `depth`,
// which is added as its last member, or replaces the one it had. Order:
//
//   - threads: in the order of their posts; a post that came twice counts at
//     its first place;
//   - comments: depth first, a reply after what it replies to. Those with the
//     same parent by created_utc, then by id as a number (base 36);
//   - comments whose parent is missing: at the end, by created_utc and id, each
//     followed by its replies. Its true depth is unknown but at least 1, so it
//     gets 1. A cycle of comments that reply to each other, which only damaged
//     data has, is entered at its first comment in the same way.
//
// Of a post or comment that came several times, the copy retrieved last stays;
// if there are several such, the last one that came. A comment is the same one
// if it has the same id and belongs to the same post.
//
// Memory: for each post and comment taken, its bytes and about 80 more; for
// those not taken, none.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/base/timestamp.h"
#include "lib/json/json.h"
#include "lib/record/stage.h"
#include "lib/reddit/subreddit_scan.h"

namespace mill {

// The posts that are wanted.
struct DumpChoice {
  SubredditScan subreddits{{}};
  std::optional<Timestamp> since;  // created then or later
  std::optional<Timestamp> until;  // created before
  std::uint64_t min_comments = 1;
};

// A line of a dump, and what is looked at of it.
struct DumpRecord {
  DumpRecord(JsonValue record);  // for whoever has just a record

  JsonValue json;
  JsonValue subreddit, id, link_id, parent_id, created_utc, depth;
  JsonValue retrieved_on, retrieved_utc, meta;
};

// A post that is wanted: its number in base 36, and when it was retrieved.
struct DumpPost {
  std::uint64_t id;
  std::int64_t retrieved;
};
// Reads a line of the submissions: kTaken and post, or drops it,
// "other_subreddit" or "outside_time", or finds it bad.
Outcome read_post(const DumpChoice& choice, const DumpRecord& record,
                  DumpPost& post);

// Reads of a line of the comments which post it belongs to, as a number: kTaken
// and post, or drops it, "other_subreddit", or finds it bad.
Outcome read_link(const DumpChoice& choice, const DumpRecord& record,
                  std::uint64_t& post);

struct DumpComment {
  static constexpr std::uint64_t kPost = UINT64_MAX;

  std::uint64_t id;
  std::uint64_t parent;  // a comment's id, or kPost
  std::int64_t created;
  std::int64_t retrieved;
  // Its depth is to replace these bytes of its text; where they are none, the
  // text has no such member.
  std::uint32_t depth_begin;
  std::uint32_t depth_end;
};
// The rest of a comment: kTaken and comment, or finds it bad.
Outcome read_comment(const DumpRecord& record, DumpComment& comment);

class DumpThreads {
 public:
  explicit DumpThreads(DumpChoice choice) : choice_(std::move(choice)) {}

  // Each takes a copy of the record (kTaken), drops it or finds it bad. Drops:
  // "other_subreddit", "outside_time", "duplicate" (of two posts, the one that
  // goes), "no_submission" (its post was not taken).
  // REQUIRES: add_post() is called for all posts before add_comment().
  Outcome add_post(const DumpRecord& record);
  Outcome add_comment(const DumpRecord& record);

  // The same for what was read earlier and stays where it is: a post's text,
  // which comes once; a comment's, of the post with that number, counted from 0
  // as they were put in.
  void put_post(std::string_view text) { posts_.push_back({0, text}); }
  void put_comment(std::uint32_t post, const DumpComment& comment,
                   std::string_view text) {
    comments_.push_back({comment, text, post});
  }

  // Puts the comments in order. To be called once, when all are there. Gives
  // how many comments came again.
  std::uint64_t arrange();
  // One thread for each post taken.
  std::size_t size() const { return posts_.size(); }
  // Appends a thread's line to out, newline included; or drops it,
  // "few_comments".
  Outcome write(std::size_t index, std::string& out);

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Post {
    std::int64_t retrieved;
    std::string_view text;
  };
  struct Comment : DumpComment {
    std::string_view text;
    std::uint32_t post;
    // Set by arrange(), as indices of comments_ or kNone. The replies to a
    // comment are a list, last one first.
    std::uint32_t last_answer = kNone;
    std::uint32_t answer_before = kNone;
    bool is_orphan = false;
    bool is_written = false;
  };
  std::string_view kept(std::string_view text);
  std::uint32_t arrange_thread(std::uint32_t begin, std::uint32_t end);
  void write_tree(std::uint32_t root, std::uint32_t depth, std::string& out);

  DumpChoice choice_;
  std::pmr::monotonic_buffer_resource texts_;
  std::vector<Post> posts_;
  std::vector<Comment> comments_;  // as they came
  std::unordered_map<std::uint64_t, std::uint32_t> post_by_id_;
  // Set by arrange(): the indices of comments_, those of a post one after the
  // other, and where they begin and end in that list.
  struct Range {
    std::uint32_t begin, end;
  };
  std::vector<std::uint32_t> order_;
  std::vector<Range> thread_;
  std::vector<std::uint32_t> by_id_;  // room of arrange_thread()
};

}  // namespace mill
