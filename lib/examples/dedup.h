// dedup.h - which records repeat others, and which of them to keep.
//
//   mill::Dedup dedup(0.8);
//   ... dedup.add(text, rank) for each record, in the order of the input
//   for (const mill::Repeat& repeat : dedup.repeats()) ...
//
// The best record of all is kept and removes those that repeat it; then the
// best of what is left, and so on. So no two that are kept repeat each other,
// and each that is removed repeats one that is kept, directly and not through a
// chain of others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/examples/dedup_key.h"
#include "lib/text/near_duplicates.h"

namespace mill {

enum class RepeatKind : std::uint8_t {
  kExact,       // the same text, byte for byte
  kNormalized,  // the same words in the same order
  kNear,        // similar enough
  kOverlap,     // holds words of an earlier one; see overlap.h
};
std::string_view name_of(RepeatKind kind);

struct Repeat {
  std::uint32_t number;  // of the record to remove, counted from 0
  std::uint32_t of;      // of the one that is kept
  RepeatKind kind;
  double similarity;
};

// Memory is kBytesPerRecord for each record, however long it is; the words of
// all are kept in a temporary file.
class Dedup {
 public:
  static constexpr std::size_t kBytesPerRecord =
      TextSet::kBytesPerText + NearDuplicates::kBytesPerText + 90;

  // near from 0.8 to 1; 1 is exact repeats only.
  explicit Dedup(double near) : near_(near), index_(texts_, near) {}
  Dedup(const Dedup&) = delete;
  Dedup& operator=(const Dedup&) = delete;

  // Throws Exit(EX_DATAERR) beyond 2^32 - 2 records.
  // A record whose key overlaps another is removed because of that one,
  // whatever else it repeats.
  void add(const DedupKey& key);
  void add(std::string_view text, const RecordRank& rank);

  // The records that repeat others, by number; published ones are never among
  // them. Once, at the end.
  std::vector<Repeat> repeats();

  // For each record the best record of its cluster: two are in one cluster if
  // one repeats the other, or if a chain of such pairs connects them. Once, at
  // the end, and not after repeats().
  std::vector<std::uint32_t> clusters();

 private:
  struct Record {
    std::uint64_t text_high, text_low;  // half a SHA-256
    bool is_published;
    std::int64_t confidence, time;
    std::uint64_t id, bytes, hash;
    std::uint32_t overlaps;  // which record, plus 1
  };
  bool is_exact(std::uint32_t a, std::uint32_t b) const;
  std::vector<std::uint32_t> best_first() const;
  void prepare();
  std::vector<std::uint32_t> first_of_same_text(
      const std::vector<std::uint32_t>& order) const;

  double near_;
  DedupKey key_;
  TextSet texts_;
  NearDuplicates index_;
  std::vector<Record> records_;
};

}  // namespace mill
