// dump_threads.h - joins the comments of dumps to their posts, as threads.
//
//   mill::DumpThreads threads({.subreddits = scan, .min_comments = 1});
//   for each line of the submissions   threads.add_post(record);
//   for each line of the comments      threads.add_comment(record);
//   threads.arrange();
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
// if there are several such, the last one that came.
//
// Memory: for each post and comment taken, its bytes and about 150 more; for
// those not taken, none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
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

class DumpThreads {
 public:
  explicit DumpThreads(DumpChoice choice) : choice_(std::move(choice)) {}

  // Each takes a copy of the record (kTaken), drops it or finds it bad. Drops:
  // "other_subreddit", "outside_time", "duplicate" (of the two, the one that
  // goes), "no_submission" (its post was not taken).
  // REQUIRES: add_post() is called for all posts before add_comment().
  Outcome add_post(JsonValue record);
  Outcome add_comment(JsonValue record);

  // Puts the comments in order. To be called once, when all are there.
  void arrange();
  // One thread for each post taken.
  std::size_t size() const { return posts_.size(); }
  // Sets out to a thread's line, newline included; or drops it,
  // "few_comments".
  Outcome write(std::size_t index, std::string& out);

 private:
  static constexpr std::uint64_t kPost = UINT64_MAX;
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Post {
    std::int64_t retrieved;
    std::string text;
  };
  struct Comment {
    std::uint64_t id;
    std::uint64_t parent;  // a comment's id, or kPost
    std::int64_t created;
    std::int64_t retrieved;
    std::string text;
    std::uint32_t depth_at;  // where in text the depth is to go
    std::uint32_t post;
    // Set by arrange(), as indices of comments_ or kNone. The replies to a
    // comment are a list, last one first.
    std::uint32_t last_answer = kNone;
    std::uint32_t answer_before = kNone;
    bool is_orphan = false;
    bool is_written = false;
  };
  void write_tree(std::uint32_t root, std::uint32_t depth, std::string& out);

  DumpChoice choice_;
  std::vector<Post> posts_;
  std::vector<Comment> comments_;
  std::unordered_map<std::uint64_t, std::uint32_t> post_by_id_;
  std::unordered_map<std::uint64_t, std::uint32_t> comment_by_id_;
  // Set by arrange(): where in comments_ those of each post begin, and the end.
  std::vector<std::uint32_t> first_comment_;
};

}  // namespace mill
