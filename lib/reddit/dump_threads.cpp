#include "lib/reddit/dump_threads.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/numbers.h"
#include "lib/record/stage.h"

namespace mill {

namespace {

constexpr std::int64_t kLastSecond = 253402300799;  // of year 9999

// A time in Unix seconds: a number, or as in some years a string of digits.
std::optional<std::int64_t> unix_seconds(JsonValue value) {
  const auto number = value.is_string()
                          ? parse_number<double>(value.raw_string())
                          : value.number();
  if (!number || !(std::abs(*number) <= kLastSecond)) return std::nullopt;
  return static_cast<std::int64_t>(std::floor(*number));
}

// When a record was last retrieved, by whichever name its year knows.
std::int64_t retrieved(JsonValue record) {
  std::int64_t last = INT64_MIN;
  for (const char* path :
       {"retrieved_on", "retrieved_utc", "_meta.retrieved_2nd_on"})
    last = std::max(last, unix_seconds(record.at_path(path)).value_or(last));
  return last;
}

// The number that prefix and a number in base 36 spell, as "t3_xz8s".
std::optional<std::uint64_t> read_id(std::string_view text,
                                     std::string_view prefix) {
  constexpr std::size_t kMaxDigits = 12;  // 36^12 < 2^63
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  if (text.size() > kMaxDigits ||
      std::any_of(text.begin(), text.end(), is_ascii_upper))
    return std::nullopt;
  return parse_number<std::uint64_t>(text, 36);
}

std::optional<std::uint64_t> read_id(JsonValue value, std::string_view prefix) {
  if (!value.is_string()) return std::nullopt;
  std::string scratch;
  return read_id(value.string(scratch), prefix);
}

// What is wrong with a field: its type, or else its value.
Outcome bad_field(JsonValue record, std::string_view name,
                  std::string_view wanted) {
  const JsonValue value = record[name];
  std::string why(name);
  why += ": ";
  if (!value) return Outcome::bad(why + "missing");
  why += "not ";
  why += wanted;
  if (!value.is_string()) why += " but " + std::string(describe(value.kind()));
  return Outcome::bad(why);
}

}  // namespace

Outcome read_post(const DumpChoice& choice, JsonValue record, DumpPost& post) {
  if (!choice.subreddits.takes_all() &&
      !choice.subreddits.is_in(record["subreddit"]))
    return Outcome::drop("other_subreddit");
  if (record["link_id"])
    return Outcome::bad("link_id: a comment among the submissions");
  const auto id = read_id(record["id"], "");
  if (!id) return bad_field(record, "id", "an id in base 36");
  const auto created = unix_seconds(record["created_utc"]);
  if (!created) return bad_field(record, "created_utc", "a time");

  const Timestamp time = from_unix_seconds(*created);
  if ((choice.since && time < *choice.since) ||
      (choice.until && time >= *choice.until))
    return Outcome::drop("outside_time");
  post = {*id, retrieved(record)};
  return Outcome::taken();
}

Outcome read_link(const DumpChoice& choice, JsonValue record,
                  std::uint64_t& post) {
  if (!choice.subreddits.takes_all() &&
      !choice.subreddits.is_in(record["subreddit"]))
    return Outcome::drop("other_subreddit");
  const auto link = read_id(record["link_id"], "t3_");
  if (!link) return bad_field(record, "link_id", "a post's fullname");
  post = *link;
  return Outcome::taken();
}

Outcome read_comment(JsonValue record, DumpComment& comment) {
  const auto id = read_id(record["id"], "");
  if (!id) return bad_field(record, "id", "an id in base 36");
  const bool answers_post = read_id(record["parent_id"], "t3_").has_value();
  const auto parent =
      answers_post ? DumpComment::kPost : read_id(record["parent_id"], "t1_");
  if (!parent)
    return bad_field(record, "parent_id", "a post's or comment's fullname");
  const auto created = unix_seconds(record["created_utc"]);
  if (!created) return bad_field(record, "created_utc", "a time");

  constexpr std::string_view kDepth = ",\"depth\":";
  std::string text;
  text.reserve(record.raw().size() + kDepth.size());  // no more, kept long
  text = record.raw();
  std::size_t depth_at = text.size() - 1;
  if (const JsonValue depth = record["depth"]) {
    depth_at = depth.offset() - record.offset();
    text.erase(depth_at, depth.raw().size());
  } else {
    text.insert(depth_at, kDepth);
    depth_at += kDepth.size();
  }
  comment = {.id = *id,
             .parent = *parent,
             .created = *created,
             .retrieved = retrieved(record),
             .depth_at = static_cast<std::uint32_t>(depth_at),
             .text = std::move(text)};
  return Outcome::taken();
}

Outcome DumpThreads::add_post(JsonValue record) {
  DumpPost post;
  const Outcome outcome = read_post(choice_, record, post);
  if (outcome.kind != Outcome::kTaken) return outcome;
  return put_post(post, std::string(record.raw()));
}

Outcome DumpThreads::add_comment(JsonValue record) {
  std::uint64_t link;
  Outcome outcome = read_link(choice_, record, link);
  if (outcome.kind != Outcome::kTaken) return outcome;
  const auto post = post_by_id_.find(link);
  if (post == post_by_id_.end()) return Outcome::drop("no_submission");
  DumpComment comment;
  outcome = read_comment(record, comment);
  if (outcome.kind != Outcome::kTaken) return outcome;
  return put_comment(post->second, std::move(comment));
}

Outcome DumpThreads::put_post(const DumpPost& post, std::string text) {
  const auto [found, is_new] = post_by_id_.try_emplace(
      post.id, static_cast<std::uint32_t>(posts_.size()));
  if (is_new) {
    posts_.push_back({post.retrieved, std::move(text)});
    return Outcome::taken();
  }
  Post& there = posts_[found->second];
  if (post.retrieved >= there.retrieved)
    there = {post.retrieved, std::move(text)};
  return Outcome::drop("duplicate");
}

Outcome DumpThreads::put_comment(std::uint32_t post, DumpComment comment) {
  const auto [found, is_new] = comment_by_id_.try_emplace(
      {post, comment.id}, static_cast<std::uint32_t>(comments_.size()));
  if (is_new) {
    comments_.push_back({std::move(comment), post});
    return Outcome::taken();
  }
  Comment& there = comments_[found->second];
  if (comment.retrieved >= there.retrieved) there = {std::move(comment), post};
  return Outcome::drop("duplicate");
}

void DumpThreads::arrange() {
  std::sort(comments_.begin(), comments_.end(),
            [](const Comment& a, const Comment& b) {
              return std::tie(a.post, a.created, a.id) <
                     std::tie(b.post, b.created, b.id);
            });
  const auto count = static_cast<std::uint32_t>(comments_.size());
  first_comment_.assign(posts_.size() + 1, count);
  for (std::uint32_t i = count; i-- > 0;) {
    comment_by_id_[{comments_[i].post, comments_[i].id}] = i;
    first_comment_[comments_[i].post] = i;
  }
  for (std::size_t i = posts_.size(); i-- > 0;)  // a post without comments
    first_comment_[i] = std::min(first_comment_[i], first_comment_[i + 1]);

  for (std::uint32_t i = 0; i < count; ++i) {
    Comment& comment = comments_[i];
    if (comment.parent == DumpComment::kPost) continue;
    const auto found = comment_by_id_.find({comment.post, comment.parent});
    comment.is_orphan = found == comment_by_id_.end();
    if (comment.is_orphan) continue;
    comment.answer_before =
        std::exchange(comments_[found->second].last_answer, i);
  }
}

// Writes root and what replies to it, except what has been written already.
void DumpThreads::write_tree(std::uint32_t root, std::uint32_t depth,
                             std::string& out) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> to_write{{root, depth}};
  while (!to_write.empty()) {
    const auto [index, at_depth] = to_write.back();
    to_write.pop_back();
    Comment& comment = comments_[index];
    if (std::exchange(comment.is_written, true)) continue;
    if (out.back() != '[') out += ',';
    out.append(comment.text, 0, comment.depth_at);
    out += std::to_string(at_depth);
    out.append(comment.text, comment.depth_at);
    for (std::uint32_t answer = comment.last_answer; answer != kNone;
         answer = comments_[answer].answer_before)
      to_write.emplace_back(answer, at_depth + 1);
  }
}

Outcome DumpThreads::write(std::size_t index, std::string& out) {
  const std::uint32_t begin = first_comment_[index];
  const std::uint32_t end = first_comment_[index + 1];
  if (end - begin < choice_.min_comments) return Outcome::drop("few_comments");
  out = "{\"post\":" + posts_[index].text + ",\"comments\":[";
  for (std::uint32_t i = begin; i < end; ++i)
    if (comments_[i].parent == DumpComment::kPost) write_tree(i, 0, out);
  for (std::uint32_t i = begin; i < end; ++i)
    if (comments_[i].is_orphan) write_tree(i, 1, out);
  for (std::uint32_t i = begin; i < end; ++i) write_tree(i, 1, out);
  out += "]}\n";
  return Outcome::replace();
}

}  // namespace mill
