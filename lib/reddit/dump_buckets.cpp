#include "lib/reddit/dump_buckets.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace mill {

namespace {

// What stands in a bucket's file before each comment's text.
struct Head {
  std::uint64_t id, parent;
  std::int64_t created, retrieved;
  std::uint32_t post;  // in posts_
  std::uint32_t depth_at;
  std::uint64_t bytes;
};

// A file from its beginning, in pieces.
class Reader {
 public:
  Reader(const ScratchFile& file, std::uint64_t size)
      : file_(file), left_(size) {}

  // The next bytes, valid until the next call. REQUIRES: so many are left.
  std::string_view take(std::size_t bytes) {
    if (bytes > buffer_.size() - at_) refill(bytes);
    at_ += bytes;
    return std::string_view(buffer_).substr(at_ - bytes, bytes);
  }
  bool is_at_end() const { return left_ == 0 && at_ == buffer_.size(); }

 private:
  void refill(std::size_t bytes) {
    constexpr std::uint64_t kAtOnce = 1 << 20;
    buffer_.erase(0, at_);
    at_ = 0;
    const std::size_t has = buffer_.size();
    const auto more = static_cast<std::size_t>(
        std::min(left_, std::max<std::uint64_t>(bytes - has, kAtOnce)));
    buffer_.resize(has + more);
    file_.read(offset_, {buffer_.data() + has, more});
    offset_ += more;
    left_ -= more;
  }

  const ScratchFile& file_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t offset_ = 0, left_;
};

}  // namespace

DumpBuckets::DumpBuckets(DumpChoice choice, std::size_t buckets)
    : choice_(std::move(choice)), comments_(buckets) {}

Outcome DumpBuckets::add_post(JsonValue record) {
  DumpPost post;
  Outcome outcome = read_post(choice_, record, post);
  if (outcome.kind != Outcome::kTaken) return outcome;
  const std::string_view text = record.raw();
  posts_.push_back(
      {post, post_file_.bytes(), static_cast<std::uint32_t>(text.size())});
  post_file_.write(text);
  return outcome;
}

std::uint64_t DumpBuckets::finish_posts() {
  place_by_id_.reserve(posts_.size());
  for (std::uint32_t i = 0; i < posts_.size(); ++i)
    place_by_id_.push_back({posts_[i].post.id, i});
  std::sort(place_by_id_.begin(), place_by_id_.end(),
            [](const Place& a, const Place& b) {
              return std::pair(a.id, a.index) < std::pair(b.id, b.index);
            });
  // At a post's first place the copy that stays; the other places are empty.
  std::uint64_t duplicates = 0;
  auto kept = place_by_id_.begin();
  for (auto i = kept; i != place_by_id_.end(); ++i) {
    if (kept == place_by_id_.begin() || (kept - 1)->id != i->id) {
      *kept++ = *i;
      continue;
    }
    Post& there = posts_[(kept - 1)->index];
    Post& here = posts_[i->index];
    if (here.post.retrieved >= there.post.retrieved) there = here;
    here.bytes = 0;
    ++duplicates;
  }
  place_by_id_.erase(kept, place_by_id_.end());
  for (auto& file : comments_) file = std::make_unique<ScratchFile>();
  return duplicates;
}

Outcome DumpBuckets::add_comment(JsonValue record) {
  std::uint64_t link;
  Outcome outcome = read_link(choice_, record, link);
  if (outcome.kind != Outcome::kTaken) return outcome;
  const auto place = std::lower_bound(
      place_by_id_.begin(), place_by_id_.end(), link,
      [](const Place& a, std::uint64_t id) { return a.id < id; });
  if (place == place_by_id_.end() || place->id != link)
    return Outcome::drop("no_submission");
  outcome = read_comment(record, comment_);
  if (outcome.kind != Outcome::kTaken) return outcome;
  Head head{comment_.id,         comment_.parent, comment_.created,
            comment_.retrieved,  place->index,    comment_.depth_at,
            comment_.text.size()};
  ScratchFile& file = *comments_[bucket_of(place->index)];
  file.write({reinterpret_cast<const char*>(&head), sizeof head});
  file.write(comment_.text);
  return outcome;
}

void DumpBuckets::write_bucket(std::size_t bucket, const Visit& visit) {
  DumpThreads threads(choice_);
  const std::uint32_t first = first_of(bucket), end = first_of(bucket + 1);
  std::vector<std::uint32_t> number;  // by index, from first
  std::uint32_t numbers = 0;
  for (std::uint32_t i = first; i < end; ++i) {
    number.push_back(numbers);
    if (posts_[i].bytes == 0) continue;
    std::string text(posts_[i].bytes, '\0');
    post_file_.read(posts_[i].begin, text);
    threads.put_post(posts_[i].post, std::move(text));
    ++numbers;
  }
  ScratchFile& file = *comments_[bucket];
  file.flush();
  for (Reader reader(file, file.bytes()); !reader.is_at_end();) {
    Head head;
    std::memcpy(&head, reader.take(sizeof head).data(), sizeof head);
    const Outcome outcome = threads.put_comment(
        number[head.post - first],
        {head.id, head.parent, head.created, head.retrieved, head.depth_at,
         std::string(reader.take(static_cast<std::size_t>(head.bytes)))});
    if (outcome.kind == Outcome::kDrop) visit(outcome, "");
  }
  comments_[bucket].reset();
  threads.arrange();
  std::string out;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    // First the thread, then out's view.
    const Outcome outcome = threads.write(i, out);
    visit(outcome, out);
  }
}

void DumpBuckets::write(const Visit& visit) {
  if (posts_.empty()) return;
  post_file_.flush();
  for (std::size_t bucket = 0; bucket < comments_.size(); ++bucket)
    write_bucket(bucket, visit);
}

}  // namespace mill
