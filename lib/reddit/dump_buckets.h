// dump_buckets.h - the join of dump_threads.h, in so many parts, one after the
// other: for dumps that do not fit into memory.
//
//   mill::DumpBuckets buckets(choice, 128);
//   for each line of the submissions   buckets.add_post(record);
//   buckets.finish_posts();
//   for each line of the comments      buckets.add_comment(record);
//   buckets.write([&](DumpThreads& threads, std::uint64_t duplicates) { ... });
//
// The posts lie in a temporary file; the comments in one for each bucket, which
// is a range of the posts in their order. So the threads of one bucket after
// the other are those of DumpThreads, in its order and byte for byte.
//
// Memory: 52 bytes for each post taken, and two buckets, with their posts and
// comments as DumpThreads holds them: while one is written, the next is read and
// put in order by a thread of its own. The temporary files are about as large as
// what is taken; a bucket's goes as soon as it is read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/io/scratch_files.h"
#include "lib/reddit/dump_threads.h"

namespace mill {

class DumpBuckets {
 public:
  DumpBuckets(DumpChoice choice, std::size_t buckets);

  // As those of DumpThreads; but what comes several times is found later.
  // Throws Exit if temporary files cannot be made or written.
  Outcome add_post(const DumpRecord& record);
  Outcome add_comment(const DumpRecord& record);

  // To be called once, between the two; gives how many posts came several
  // times.
  std::uint64_t finish_posts();

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
  // A bucket in memory; its texts are those of two buffers.
  struct Bucket {
    explicit Bucket(const DumpChoice& choice) : threads(choice) {}
    DumpThreads threads;
    std::uint64_t duplicates = 0;
    // Where the comments were; to remove it takes time of its own.
    std::unique_ptr<ScratchFile> file;
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
  const Place* find_post(std::uint64_t id) const;
  void read_posts(std::uint32_t first, std::uint32_t end, std::string& to);
  std::unique_ptr<Bucket> read_bucket(std::size_t bucket, Texts& texts);

  DumpChoice choice_;
  ScratchFiles post_file_{1};
  std::vector<Post> posts_;  // as they came; after finish_posts() each once
  std::vector<Place> place_by_id_;  // sorted by id
  // Where in place_by_id_ to look for an id: from slots_[n] to slots_[n + 1], n
  // being its distance from the least, shifted by slot_shift_.
  std::vector<std::uint32_t> slots_;
  unsigned slot_shift_ = 0;
  std::size_t buckets_;
  std::optional<ScratchFiles> comments_;  // by bucket, after finish_posts()
};

}  // namespace mill
