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
#include <limits>
#include <string_view>
#include <vector>

#include "lib/text/near_duplicates.h"

namespace mill {

// The better of two records has the higher confidence; then the earlier time;
// then the smaller id, by its first eight bytes; then fewer bytes; then the
// smaller hash, so that the order of input never matters. A record without a
// confidence, or a time, comes after those with one.
struct RecordRank {
  bool is_published = false;  // by an earlier version: better than all others
  std::int64_t confidence = -1;  // in billionths
  std::int64_t time = std::numeric_limits<std::int64_t>::max();
  std::string_view id = {};      // only add() looks at these two
  std::string_view record = {};  // all of it, as it came in
};

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
  void add(std::string_view text, const RecordRank& rank);

  // Marks the record added last as one to remove because of that one, whatever
  // else it repeats.
  void set_overlap(std::uint32_t of) { records_.back().overlaps = of + 1; }

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
    std::uint32_t overlaps = 0;  // which record, plus 1
  };
  bool is_exact(std::uint32_t a, std::uint32_t b) const;
  std::vector<std::uint32_t> best_first() const;
  void prepare();
  std::vector<std::uint32_t> first_of_same_text(
      const std::vector<std::uint32_t>& order) const;

  double near_;
  TextSet texts_;
  NearDuplicates index_;
  std::vector<Record> records_;
};

}  // namespace mill
