// comment_tree.h - a thread's comments, gathered from the pieces Reddit sends.
//
//   mill::CommentTree tree("t3_6wmniq");
//   tree.add(listing["data"]["children"]);
//   while (const auto request = tree.next_request()) {
//     ... ask for what it names, then ...
//     tree.add(things);
//     tree.answered();
//   }
//   tree.append_comments(json);
//
// Reddit leaves comments out in two ways: a "more" with the ids it did not
// send, and one without ids below the deepest level ("continue this thread").
// Both are asked for until nothing is left. Of the ids asked for, Reddit sends
// as many comments as it likes, names the others in a new "more", and omits
// those that are gone; but below the top level it also omits what did not fit.
// So the ids that a full answer omits are asked for again as long as that
// brings any comments. What was sent or is gone is never asked for again.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"
#include "lib/json/json_writer.h"

namespace mill {

// True for what Reddit uses as an id, such as "6wmniq": safe in a path.
bool is_reddit_id(std::string_view text);

class CommentTree {
 public:
  // What to ask for: children of one parent at /api/morechildren, or, where
  // there are none, the replies to one comment.
  struct Request {
    std::vector<std::string> children;  // ids without prefix, at most 100
    std::string comment;                // an id without prefix
  };

  // post: the fullname that top-level comments have as their parent.
  explicit CommentTree(std::string post) : post_(std::move(post)) {}

  // Adds an array of t1 and more objects, with their replies where they are
  // nested. A comment that is there already stays as it is.
  void add(JsonValue things);

  // The next request, those for the most comments first; nothing if the tree is
  // whole.
  std::optional<Request> next_request();
  // Says that the answer to the last request has been added.
  void answered();

  std::size_t size() const { return comments_.size(); }
  // Objects that were neither a comment nor a "more", or lacked an id or a
  // parent.
  std::size_t malformed() const { return malformed_; }

  // Writes the comments as an array: depth first, replies in the order they
  // came; each as Reddit sent it, without `replies` and with `depth`, counted
  // from 0. Comments below one that Reddit does not show come last.
  void append_comments(JsonWriter& json) const;

 private:
  struct Comment {
    std::string name;
    std::string parent;
    std::string members;  // `"a":1,"b":2,`, without replies and depth
    std::int64_t depth;   // as Reddit says; 1 if it does not
  };
  struct More {
    std::string parent;
    std::vector<std::string> ids;
    std::uint64_t count;  // of comments, replies to those of ids included
  };
  void add_comment(JsonValue data);
  void add_more(JsonValue data);

  std::string post_;
  std::vector<Comment> comments_;  // in the order they came
  std::set<std::string> names_;    // of comments_
  std::size_t malformed_ = 0;
  std::vector<More> mores_;
  std::vector<std::string> continued_;  // comments whose replies are missing
  std::set<std::string> mentioned_;     // all ids that were in a more
  // Of the last request:
  More asked_;
  std::set<std::string> listed_again_;  // of asked_.ids, in a more once more
  std::size_t size_before_ = 0;
};

}  // namespace mill
