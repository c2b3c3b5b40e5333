// dump_buckets.h - the join of dump_threads.h, in so many parts, one after the
// other: for dumps that do not fit into memory.
//
//   mill::DumpBuckets buckets(choice, 128);
//   for each line of the submissions   buckets.add_post(record);
//   buckets.finish_posts();
//   for each line of the comments      buckets.add_comment(record);
//   buckets.finish_comments();
//   buckets.write([&](DumpThreads& threads, std::uint64_t duplicates) { ... });
//
// The posts lie in a temporary file; the comments in one for each bucket, which
// is a range of the posts in their order. So the threads of one bucket after
// the other are those of DumpThreads, in its order and byte for byte.
//
// What is taken gathers in memory; a thread finds the bucket of each comment, and
// writes the files, while more is read.
//
// Memory: 52 bytes for each post taken, and two buckets, with their posts and
// comments as DumpThreads holds them: while one is written, the next is read and
// put in order by a thread of its own; and what gathers, some 13 MB. The
// temporary files are about as large as what is taken; a bucket's goes as soon
// as it is read.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/worker.h"
#include "lib/io/scratch_file.h"
#include "lib/reddit/dump_threads.h"

namespace mill {

class DumpBuckets {
 public:
  DumpBuckets(DumpChoice choice, std::size_t buckets);

  // As those of DumpThreads; but what comes several times, and comments whose
  // post was not taken, are found later. Throws Exit if temporary files cannot be
  // made or written.
  Outcome add_post(const DumpRecord& record);
  Outcome add_comment(const DumpRecord& record);

  // To be called once, between the two; gives how many posts came several
  // times.
  std::uint64_t finish_posts();
  // To be called once, after all; gives of how many comments that were taken the
  // post was not.
  std::uint64_t finish_comments();

  // Calls visit with the threads of each bucket, in order; and how many of its
  // comments came several times. Once, at the end.
  using Visit = std::function<void(DumpThreads&, std::uint64_t duplicates)>;
  void write(const Visit& visit);

 private:
  struct Post {
    DumpPost post;
    std::uint64_t begin;  // in the file
    std::uint32_t bytes;
  };
  struct Place {
    std::uint64_t id;
    std::uint32_t index;  // in posts_
  };
  // Posts, or comments with a Head before each, one after the other, and of each
  // comment its post's id and its own length, Head included.
  struct Batch {
    struct Comment {
      std::uint64_t link;
      std::uint32_t bytes;
      std::uint32_t index;  // of its post in posts_, or kNone
    };
    std::string bytes;
    std::vector<Comment> comments;
  };
  static constexpr std::uint32_t kNone = UINT32_MAX;
  static constexpr std::size_t kBatch = 4 << 20;  // bytes
  static constexpr std::size_t kBatches = 3;
  // A bucket in memory; its texts are those of two buffers.
  struct Bucket {
    explicit Bucket(const DumpChoice& choice) : threads(choice) {}
    DumpThreads threads;
    std::uint64_t duplicates = 0;
  };
  struct Texts {
    std::string posts, comments;
  };
  std::size_t bucket_of(std::uint32_t post) const {
    return static_cast<std::size_t>(std::uint64_t{post} * buckets_ /
                                    posts_.size());
  }
  // The first post whose bucket_of() is that, or a later one.
  std::uint32_t first_of(std::size_t bucket) const {
    return static_cast<std::uint32_t>(
        (std::uint64_t{bucket} * posts_.size() + buckets_ - 1) / buckets_);
  }
  void make_slots();
  std::size_t slot_of(std::uint64_t id) const;
  std::uint32_t find_post(std::uint64_t id) const;
  void find_posts(std::vector<Batch::Comment>& comments) const;
  void finish_batch(void (DumpBuckets::*task)(Batch&));
  void write_posts(Batch& batch);
  void write_comments(Batch& batch);
  void read_posts(std::uint32_t first, std::uint32_t end, std::string& to);
  std::unique_ptr<Bucket> read_bucket(std::size_t bucket, Texts& texts);

  DumpChoice choice_;
  ScratchFile post_file_;
  std::uint64_t post_bytes_ = 0;
  std::vector<Post> posts_;  // as they came; after finish_posts() each once
  std::vector<Place> place_by_id_;  // sorted by id
  // Where in place_by_id_ to look for an id: from slots_[n] to slots_[n + 1], n
  // being its distance from the least, shifted by slot_shift_.
  std::vector<std::uint32_t> slots_;
  unsigned slot_shift_ = 0;
  std::size_t buckets_;
  // Of comments, by bucket; made by finish_posts().
  std::vector<std::unique_ptr<ScratchFile>> files_;
  std::uint64_t without_post_ = 0;  // comments
  std::array<Batch, kBatches> batches_;
  std::size_t batch_ = 0;        // the one that gathers
  Worker writer_{kBatches - 1};  // the last member: it works on the others
};

}  // namespace mill
