#include "lib/reddit/dump_threads.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/numbers.h"
#include "lib/json/json_keys.h"
#include "lib/record/stage.h"

namespace mill {

namespace {

constexpr std::int64_t kLastSecond = 253402300799;  // of year 9999

// A time in Unix seconds: a number, or as in some years a string of digits.
std::optional<std::int64_t> unix_seconds(JsonValue value) {
  const std::string_view text = value.is_string()   ? value.raw_string()
                                : value.is_number() ? value.raw()
                                                    : std::string_view();
  // Nearly always whole, which is read much faster.
  const auto whole = parse_number<std::int64_t>(text);
  if (whole && *whole >= -kLastSecond && *whole <= kLastSecond) return whole;
  const auto number =
      value.is_string() ? parse_number<double>(text) : value.number();
  if (!number || !(std::abs(*number) <= kLastSecond)) return std::nullopt;
  return static_cast<std::int64_t>(std::floor(*number));
}

// When a record was last retrieved, by whichever name its year knows.
std::int64_t retrieved(const DumpRecord& record) {
  std::int64_t last = INT64_MIN;
  for (const JsonValue value : {record.retrieved_on, record.retrieved_utc,
                                record.meta["retrieved_2nd_on"]})
    last = std::max(last, unix_seconds(value).value_or(last));
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
Outcome bad_field(JsonValue value, std::string_view name,
                  std::string_view wanted) {
  std::string why(name);
  why += ": ";
  if (!value) return Outcome::bad(why + "missing");
  why += "not ";
  why += wanted;
  if (!value.is_string()) why += " but " + std::string(describe(value.kind()));
  return Outcome::bad(why);
}

}  // namespace

DumpRecord::DumpRecord(JsonValue record) : json(record) {
  static const JsonKeys keys({"subreddit", "id", "link_id", "parent_id",
                              "created_utc", "depth", "retrieved_on",
                              "retrieved_utc", "_meta"});
  JsonValue* const members[] = {
      &subreddit, &id,           &link_id,       &parent_id, &created_utc,
      &depth,     &retrieved_on, &retrieved_utc, &meta};
  keys.find(record,
            [&](std::size_t i, JsonValue value) { *members[i] = value; });
}

Outcome read_post(const DumpChoice& choice, const DumpRecord& record,
                  DumpPost& post) {
  if (!choice.subreddits.takes_all() &&
      !choice.subreddits.is_in(record.subreddit))
    return Outcome::drop("other_subreddit");
  if (record.link_id)
    return Outcome::bad("link_id: a comment among the submissions");
  const auto id = read_id(record.id, "");
  if (!id) return bad_field(record.id, "id", "an id in base 36");
  const auto created = unix_seconds(record.created_utc);
  if (!created) return bad_field(record.created_utc, "created_utc", "a time");

  const Timestamp time = from_unix_seconds(*created);
  if ((choice.since && time < *choice.since) ||
      (choice.until && time >= *choice.until))
    return Outcome::drop("outside_time");
  post = {*id, retrieved(record)};
  return Outcome::taken();
}

Outcome read_link(const DumpChoice& choice, const DumpRecord& record,
                  std::uint64_t& post) {
  if (!choice.subreddits.takes_all() &&
      !choice.subreddits.is_in(record.subreddit))
    return Outcome::drop("other_subreddit");
  const auto link = read_id(record.link_id, "t3_");
  if (!link) return bad_field(record.link_id, "link_id", "a post's fullname");
  post = *link;
  return Outcome::taken();
}

Outcome read_comment(const DumpRecord& record, DumpComment& comment) {
  const auto id = read_id(record.id, "");
  if (!id) return bad_field(record.id, "id", "an id in base 36");
  const auto parent = read_id(record.parent_id, "t3_")
                          ? DumpComment::kPost
                          : read_id(record.parent_id, "t1_");
  if (!parent)
    return bad_field(record.parent_id, "parent_id",
                     "a post's or comment's fullname");
  const auto created = unix_seconds(record.created_utc);
  if (!created) return bad_field(record.created_utc, "created_utc", "a time");

  const std::string_view text = record.json.raw();
  std::size_t begin = text.size() - 1, end = begin;
  if (const JsonValue depth = record.depth) {
    begin = depth.offset() - record.json.offset();
    end = begin + depth.raw().size();
  }
  comment = {.id = *id,
             .parent = *parent,
             .created = *created,
             .retrieved = retrieved(record),
             .depth_begin = static_cast<std::uint32_t>(begin),
             .depth_end = static_cast<std::uint32_t>(end)};
  return Outcome::taken();
}

// A copy of text that stays.
std::string_view DumpThreads::kept(std::string_view text) {
  char* const copy = static_cast<char*>(texts_.allocate(text.size(), 1));
  return {std::copy(text.begin(), text.end(), copy) - text.size(), text.size()};
}

Outcome DumpThreads::add_post(const DumpRecord& record) {
  DumpPost post;
  Outcome outcome = read_post(choice_, record, post);
  if (outcome.kind != Outcome::kTaken) return outcome;
  const auto [found, is_new] = post_by_id_.try_emplace(
      post.id, static_cast<std::uint32_t>(posts_.size()));
  if (is_new) {
    posts_.push_back({post.retrieved, kept(record.json.raw())});
    return outcome;
  }
  Post& there = posts_[found->second];
  if (post.retrieved >= there.retrieved)
    there = {post.retrieved, kept(record.json.raw())};
  return Outcome::drop("duplicate");
}

Outcome DumpThreads::add_comment(const DumpRecord& record) {
  std::uint64_t link;
  Outcome outcome = read_link(choice_, record, link);
  if (outcome.kind != Outcome::kTaken) return outcome;
  const auto post = post_by_id_.find(link);
  if (post == post_by_id_.end()) return Outcome::drop("no_submission");
  DumpComment comment;
  outcome = read_comment(record, comment);
  if (outcome.kind == Outcome::kTaken)
    put_comment(post->second, comment, kept(record.json.raw()));
  return outcome;
}

// Puts a post's comments in order, which stand from begin to end in order_, as
// they came. Returns the new end, before which each stands once.
std::uint32_t DumpThreads::arrange_thread(std::uint32_t begin,
                                          std::uint32_t end) {
  const auto first = order_.begin() + begin;
  std::vector<std::uint32_t>& by_id = by_id_;
  by_id.assign(first, order_.begin() + end);
  std::sort(by_id.begin(), by_id.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(comments_[a].id, a) < std::tie(comments_[b].id, b);
  });
  auto last = by_id.begin();
  for (const std::uint32_t i : by_id) {
    if (last == by_id.begin() || comments_[last[-1]].id != comments_[i].id)
      *last++ = i;
    else if (comments_[i].retrieved >= comments_[last[-1]].retrieved)
      last[-1] = i;
  }
  by_id.erase(last, by_id.end());

  end = static_cast<std::uint32_t>(std::copy(by_id.begin(), last, first) -
                                   order_.begin());
  std::sort(first, order_.begin() + end, [&](std::uint32_t a, std::uint32_t b) {
    return std::tie(comments_[a].created, comments_[a].id) <
           std::tie(comments_[b].created, comments_[b].id);
  });
  for (std::uint32_t at = begin; at < end; ++at) {
    Comment& comment = comments_[order_[at]];
    if (comment.parent == DumpComment::kPost) continue;
    const auto parent =
        std::lower_bound(by_id.begin(), by_id.end(), comment.parent,
                         [&](std::uint32_t a, std::uint64_t id) {
                           return comments_[a].id < id;
                         });
    comment.is_orphan =
        parent == by_id.end() || comments_[*parent].id != comment.parent;
    if (comment.is_orphan) continue;
    comment.answer_before =
        std::exchange(comments_[*parent].last_answer, order_[at]);
  }
  return end;
}

std::uint64_t DumpThreads::arrange() {
  thread_.assign(posts_.size(), {0, 0});
  for (const Comment& comment : comments_) ++thread_[comment.post].end;
  std::uint32_t begin = 0;
  for (Range& thread : thread_) {
    thread.begin = begin;
    begin += std::exchange(thread.end, begin);
  }
  order_.resize(comments_.size());
  for (std::uint32_t i = 0; i < comments_.size(); ++i)
    order_[thread_[comments_[i].post].end++] = i;

  std::uint64_t unique = 0;
  for (Range& thread : thread_) {
    thread.end = arrange_thread(thread.begin, thread.end);
    unique += thread.end - thread.begin;
  }
  return comments_.size() - unique;
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
    out.append(comment.text, 0, comment.depth_begin);
    if (comment.depth_begin == comment.depth_end) out += ",\"depth\":";
    out += std::to_string(at_depth);
    out.append(comment.text, comment.depth_end);
    for (std::uint32_t answer = comment.last_answer; answer != kNone;
         answer = comments_[answer].answer_before)
      to_write.emplace_back(answer, at_depth + 1);
  }
}

Outcome DumpThreads::write(std::size_t index, std::string& out) {
  const auto [begin, end] = thread_[index];
  if (end - begin < choice_.min_comments) return Outcome::drop("few_comments");
  out.append("{\"post\":").append(posts_[index].text);
  out += ",\"comments\":[";
  const std::span comments(order_.begin() + begin, order_.begin() + end);
  for (const std::uint32_t i : comments)
    if (comments_[i].parent == DumpComment::kPost) write_tree(i, 0, out);
  for (const std::uint32_t i : comments)
    if (comments_[i].is_orphan) write_tree(i, 1, out);
  for (const std::uint32_t i : comments) write_tree(i, 1, out);
  out += "]}\n";
  return Outcome::replace();
}

}  // namespace mill
