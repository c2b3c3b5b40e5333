#include "lib/reddit/comment_tree.h"

#include <algorithm>
#include <map>

#include "lib/base/ascii.h"

namespace mill {

namespace {

constexpr std::size_t kMostChildren = 100;  // in one request
// The fewest comments that Reddit is known to call a full answer.
constexpr std::size_t kSmallestPage = 20;

std::string comment_name(std::string_view id) {
  return std::string("t1_").append(id);
}

}  // namespace

bool is_reddit_id(std::string_view text) {
  return !text.empty() && text.size() <= 16 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_ascii_lower(c) || is_ascii_digit(c);
         });
}

void CommentTree::add(JsonValue things) {
  for (const JsonValue thing : things.elements()) {
    const JsonValue data = thing["data"];
    const JsonValue kind = thing["kind"];
    if (kind.is_string() && kind.raw_string() == "t1")
      add_comment(data);
    else if (kind.is_string() && kind.raw_string() == "more")
      add_more(data);
    else
      ++malformed_;
  }
}

void CommentTree::add_comment(JsonValue data) {
  const JsonValue id = data["id"], parent = data["parent_id"];
  if (!id.is_string() || !is_reddit_id(id.raw_string()) ||
      !parent.is_string()) {
    ++malformed_;
    return;
  }
  const std::string name = comment_name(id.raw_string());
  if (names_.insert(name).second) {
    Comment comment{name, parent.string(), "", 1};
    for (const JsonValue::Member member : data.members()) {
      const std::string_view key = member.key.raw_string();
      if (key == "depth")
        comment.depth = member.value.integer().value_or(1);
      else if (key != "replies")
        comment.members.append(member.key.raw())
            .append(":")
            .append(member.value.raw())
            .append(",");
    }
    comments_.push_back(std::move(comment));
  }
  add(data["replies"]["data"]["children"]);
}

void CommentTree::add_more(JsonValue data) {
  const JsonValue parent = data["parent_id"];
  if (!parent.is_string()) {
    ++malformed_;
    return;
  }
  More more{parent.string(), {}, 0};
  for (const JsonValue child : data["children"].elements()) {
    if (!child.is_string() || !is_reddit_id(child.raw_string())) {
      ++malformed_;
      continue;
    }
    std::string id = child.string();
    if (names_.contains(comment_name(id))) continue;
    const bool is_asked =
        std::find(asked_.ids.begin(), asked_.ids.end(), id) != asked_.ids.end();
    const bool is_new = is_asked ? listed_again_.insert(id).second
                                 : mentioned_.insert(id).second;
    if (is_new) more.ids.push_back(std::move(id));
  }
  more.count = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, data["count"].integer().value_or(0)));
  if (!more.ids.empty()) {
    mores_.push_back(std::move(more));
  } else if (data["children"].size() == 0 && more.parent.starts_with("t1_") &&
             is_reddit_id(more.parent.substr(3)) &&
             mentioned_.insert(more.parent).second) {
    continued_.push_back(more.parent.substr(3));
  }
}

std::optional<CommentTree::Request> CommentTree::next_request() {
  listed_again_.clear();
  size_before_ = comments_.size();
  asked_ = {};
  const auto largest = std::max_element(
      mores_.begin(), mores_.end(),
      [](const More& a, const More& b) { return a.count < b.count; });
  if (largest != mores_.end()) {
    const auto begin = largest->ids.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(
                                 std::min(kMostChildren, largest->ids.size()));
    asked_ = {largest->parent, {begin, end}, 0};
    largest->ids.erase(begin, end);
    if (largest->ids.empty()) mores_.erase(largest);
    return Request{asked_.ids, ""};
  }
  if (continued_.empty()) return std::nullopt;
  Request request{{}, continued_.front()};
  continued_.erase(continued_.begin());
  return request;
}

void CommentTree::answered() {
  const std::size_t added = comments_.size() - size_before_;
  if (added == 0 && listed_again_.size() == asked_.ids.size()) {
    // Only the same ids again: they cannot be fetched.
    for (More& more : mores_)
      std::erase_if(more.ids, [&](const std::string& id) {
        return listed_again_.contains(id);
      });
    std::erase_if(mores_, [](const More& more) { return more.ids.empty(); });
  }
  std::vector<std::string> silent;
  for (const std::string& id : asked_.ids)
    if (!names_.contains(comment_name(id)) && !listed_again_.contains(id))
      silent.push_back(id);
  if (added > 0 && listed_again_.empty() && !silent.empty() &&
      added + silent.size() >= kSmallestPage) {
    const std::uint64_t count = silent.size();
    mores_.push_back({asked_.parent, std::move(silent), count});
  }
  asked_ = {};
}

void CommentTree::append_comments(JsonWriter& json) const {
  std::map<std::string_view, std::vector<std::size_t>> replies;
  for (std::size_t i = 0; i < comments_.size(); ++i)
    replies[comments_[i].parent].push_back(i);
  std::vector<bool> is_written(comments_.size());
  std::string text;
  struct Place {
    std::size_t comment;
    std::int64_t depth;
  };
  std::vector<Place> stack;  // to be written, the next one last
  auto push_replies = [&](std::string_view parent, std::int64_t depth) {
    const auto found = replies.find(parent);
    if (found == replies.end()) return;
    for (auto i = found->second.rbegin(); i != found->second.rend(); ++i)
      stack.push_back({*i, depth});
  };
  auto write_stack = [&] {
    while (!stack.empty()) {
      const auto [i, depth] = stack.back();
      stack.pop_back();
      if (is_written[i]) continue;
      is_written[i] = true;
      text.clear();
      text += '{';
      text += comments_[i].members;
      text += "\"depth\":";
      text += std::to_string(depth);
      text += '}';
      json.raw(text);
      push_replies(comments_[i].name, depth + 1);
    }
  };
  json.begin_array();
  push_replies(post_, 0);
  write_stack();
  for (const bool has_parent : {false, true}) {  // true: parents in a ring
    for (std::size_t i = 0; i < comments_.size(); ++i) {
      if (is_written[i] || names_.contains(comments_[i].parent) != has_parent)
        continue;
      stack.push_back({i, std::max<std::int64_t>(1, comments_[i].depth)});
      write_stack();
    }
  }
  json.end_array();
}

}  // namespace mill
