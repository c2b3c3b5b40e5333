#include "lib/reddit/dump_buckets.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <future>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace mill {

namespace {

// What stands in a bucket's file before each comment's text.
struct Head {
  DumpComment comment;
  std::uint32_t post;  // in posts_
  std::uint32_t bytes;
};

std::string_view bytes_of(const Head& head) {
  return {reinterpret_cast<const char*>(&head), sizeof head};
}

// Gives text that size, without its old and its new room at the same time.
void resize(std::string& text, std::uint64_t size) {
  if (size > text.capacity()) std::string().swap(text);
  text.resize(static_cast<std::size_t>(size));
}

}  // namespace

DumpBuckets::DumpBuckets(DumpChoice choice, std::size_t buckets)
    : choice_(std::move(choice)), buckets_(buckets) {}

Outcome DumpBuckets::add_post(const DumpRecord& record) {
  DumpPost post;
  Outcome outcome = read_post(choice_, record, post);
  if (outcome.kind != Outcome::kTaken) return outcome;
  const std::string_view text = record.json.raw();
  posts_.push_back(
      {post, post_bytes_, static_cast<std::uint32_t>(text.size())});
  post_bytes_ += text.size();
  Batch& batch = batches_[batch_];
  batch.bytes += text;
  if (batch.bytes.size() >= kBatch) finish_batch(&DumpBuckets::write_posts);
  return outcome;
}

// Has the writer do that with the batch, and goes to the next, with which it is
// done.
void DumpBuckets::finish_batch(void (DumpBuckets::*task)(Batch&)) {
  writer_.add([this, task, &batch = batches_[batch_]] {
    (this->*task)(batch);
    batch.bytes.clear();
    batch.comments.clear();
  });
  batch_ = (batch_ + 1) % kBatches;
}

void DumpBuckets::write_posts(Batch& batch) { post_file_.write(batch.bytes); }

std::uint64_t DumpBuckets::finish_posts() {
  finish_batch(&DumpBuckets::write_posts);
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
  make_slots();
  writer_.finish();
  post_file_.flush();
  for (std::size_t i = 0; i < buckets_; ++i)
    files_.push_back(std::make_unique<ScratchFile>());
  return duplicates;
}

// At most as many slots as places. A month's ids are nearly consecutive, so that
// most slots have one or two.
void DumpBuckets::make_slots() {
  if (place_by_id_.empty()) return;
  const std::uint64_t least = place_by_id_.front().id;
  const std::uint64_t reach = place_by_id_.back().id - least;
  while (reach >> slot_shift_ >= place_by_id_.size()) ++slot_shift_;
  slots_.assign(static_cast<std::size_t>(reach >> slot_shift_) + 2, 0);
  for (const Place& place : place_by_id_)
    ++slots_[static_cast<std::size_t>((place.id - least) >> slot_shift_) + 1];
  std::partial_sum(slots_.begin(), slots_.end(), slots_.begin());
}

// Of an id of no post, any slot. REQUIRES: there are posts.
std::size_t DumpBuckets::slot_of(std::uint64_t id) const {
  const std::uint64_t least = place_by_id_.front().id;
  return id < least || id > place_by_id_.back().id
             ? 0
             : static_cast<std::size_t>((id - least) >> slot_shift_);
}

// The index of the post with that id, or kNone.
std::uint32_t DumpBuckets::find_post(std::uint64_t id) const {
  if (place_by_id_.empty()) return kNone;
  const std::size_t slot = slot_of(id);
  const auto end = place_by_id_.begin() + slots_[slot + 1];
  const auto place = std::lower_bound(
      place_by_id_.begin() + slots_[slot], end, id,
      [](const Place& a, std::uint64_t wanted) { return a.id < wanted; });
  return place == end || place->id != id ? kNone : place->index;
}

// Each would wait for memory twice, so that those of many are asked for before.
void DumpBuckets::find_posts(std::vector<Batch::Comment>& comments) const {
  if (!place_by_id_.empty()) {
    for (const Batch::Comment& comment : comments)
      __builtin_prefetch(slots_.data() + slot_of(comment.link));
    for (const Batch::Comment& comment : comments)
      __builtin_prefetch(place_by_id_.data() + slots_[slot_of(comment.link)]);
  }
  for (Batch::Comment& comment : comments)
    comment.index = find_post(comment.link);
}

Outcome DumpBuckets::add_comment(const DumpRecord& record) {
  std::uint64_t link;
  Outcome outcome = read_link(choice_, record, link);
  if (outcome.kind != Outcome::kTaken) return outcome;
  Head head{};
  outcome = read_comment(record, head.comment);
  if (outcome.kind != Outcome::kTaken)
    return find_post(link) == kNone ? Outcome::drop("no_submission") : outcome;
  const std::string_view text = record.json.raw();
  head.bytes = static_cast<std::uint32_t>(text.size());
  Batch& batch = batches_[batch_];
  batch.bytes.append(bytes_of(head)).append(text);
  batch.comments.push_back(
      {link, static_cast<std::uint32_t>(sizeof head + text.size()), kNone});
  if (batch.bytes.size() >= kBatch) finish_batch(&DumpBuckets::write_comments);
  return outcome;
}

// Writes each comment, with its post's index, to the file of its bucket.
void DumpBuckets::write_comments(Batch& batch) {
  find_posts(batch.comments);
  char* text = batch.bytes.data();
  for (const Batch::Comment& comment : batch.comments) {
    if (comment.index == kNone) {
      ++without_post_;
    } else {
      std::memcpy(text + offsetof(Head, post), &comment.index,
                  sizeof comment.index);
      files_[bucket_of(comment.index)]->write({text, comment.bytes});
    }
    text += comment.bytes;
  }
}

std::uint64_t DumpBuckets::finish_comments() {
  finish_batch(&DumpBuckets::write_comments);
  writer_.finish();
  for (auto& file : files_) file->flush();
  return without_post_;
}

// Reads the posts from first to end, one after the other; in one go as many as
// follow on each other in the file, as all do that came once.
void DumpBuckets::read_posts(std::uint32_t first, std::uint32_t end,
                             std::string& to) {
  std::uint64_t size = 0;
  for (std::uint32_t i = first; i < end; ++i) size += posts_[i].bytes;
  resize(to, size);
  std::span<char> rest(to);
  while (first < end) {
    const std::uint64_t begin = posts_[first].begin;
    std::size_t bytes = 0;
    for (; first < end; ++first) {
      if (posts_[first].bytes == 0) continue;
      if (posts_[first].begin != begin + bytes) break;
      bytes += posts_[first].bytes;
    }
    post_file_.read(begin, rest.first(bytes));
    rest = rest.subspan(bytes);
  }
}

std::unique_ptr<DumpBuckets::Bucket> DumpBuckets::read_bucket(
    std::size_t bucket, Texts& texts) {
  auto read = std::make_unique<Bucket>(choice_);
  const std::uint32_t first = first_of(bucket), end = first_of(bucket + 1);
  read_posts(first, end, texts.posts);
  std::string_view posts = texts.posts;
  std::vector<std::uint32_t> number;  // by index, from first
  std::uint32_t numbers = 0;
  for (std::uint32_t i = first; i < end; ++i) {
    number.push_back(numbers);
    if (posts_[i].bytes == 0) continue;
    read->threads.put_post(posts.substr(0, posts_[i].bytes));
    posts.remove_prefix(posts_[i].bytes);
    ++numbers;
  }

  resize(texts.comments, files_[bucket]->bytes());
  files_[bucket]->read(0, texts.comments);
  for (std::string_view rest = texts.comments; !rest.empty();) {
    Head head;
    std::memcpy(&head, rest.data(), sizeof head);
    rest.remove_prefix(sizeof head);
    read->threads.put_comment(number[head.post - first], head.comment,
                              rest.substr(0, head.bytes));
    rest.remove_prefix(head.bytes);
  }
  read->duplicates = read->threads.arrange();
  return read;
}

void DumpBuckets::write(const Visit& visit) {
  if (posts_.empty()) return;
  Texts texts[2];  // of the bucket that is written, and of the next
  // Another thread where one can be had, else at the call of get().
  const auto begin_reading = [&](std::size_t bucket) {
    return std::async([this, bucket, &buffers = texts[bucket % 2]] {
      return read_bucket(bucket, buffers);
    });
  };
  auto next = begin_reading(0);
  for (std::size_t bucket = 0; bucket < buckets_; ++bucket) {
    const std::unique_ptr<Bucket> read = next.get();
    if (bucket + 1 < buckets_) next = begin_reading(bucket + 1);
    writer_.add([this, bucket] { files_[bucket].reset(); });  // takes time
    visit(read->threads, read->duplicates);
  }
}

}  // namespace mill
