// dedup_key.h - what dedup goes by of a record, so that it can be made on one
// machine and used on another.
//
// As a line of JSON, an object with
//
//   bytes, record         the record's length, and 64 bits of a hash of it, by
//                         which it is known
//   text                  the first half of its text's SHA-256
//   confidence, time, id  its rank: billionths, microseconds since 1970, the
//                         first 8 bytes
//   sequence, words       a hash of its text's words in order; and of each word
//                         4 bytes, little-endian, as words.h has them, in base64
//   overlaps              the number of the earlier record, counted from 0,
//                         whose words it holds
//
// Hashes and id are 16 hexadecimal digits, text 32; confidence, time and
// overlaps are missing where there is none. About 6 bytes a word and 150 more.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"
#include "lib/text/words.h"

namespace mill {

// The better of two records has the higher confidence; then the earlier time;
// then the smaller id, by its first eight bytes; then fewer bytes; then the
// smaller hash, so that the order of input never matters. A record without a
// confidence, or a time, comes after those with one.
struct RecordRank {
  bool is_published = false;  // by an earlier version: better than all others
  std::int64_t confidence = -1;  // in billionths
  std::int64_t time = std::numeric_limits<std::int64_t>::max();
  std::string_view id = {};      // only make_key() looks at these two
  std::string_view record = {};  // all of it, as it came in
};

struct DedupKey {
  bool is_published = false;
  std::int64_t confidence, time;
  std::uint64_t id, bytes, record;
  std::uint64_t text_high, text_low;
  std::optional<std::uint32_t> overlaps = {};
  std::uint64_t sequence = 0;
  std::vector<Word> words = {};
};

// Sets key to that of a record with such a text; all but its words, which
// read_words() gives and exact repetitions do without.
void make_key(std::string_view text, const RecordRank& rank, DedupKey& key);

// Appends the line, without a newline.
void append_key(std::string& out, const DedupKey& key);
// False if line is no key of append_key()'s. Sets key, is_published aside.
bool read_key(JsonValue line, DedupKey& key);

// Whether the key is that of a record with these bytes.
bool is_key_of(const DedupKey& key, std::string_view record);

}  // namespace mill
