// hash_split.h - which part of a data set a record belongs to, by its key
// alone.
//
// h is the first 8 bytes, big-endian, of SHA-256(seed ":" key), the seed in
// decimal; u = h / 2^64 as an IEEE double. A record is train if u < s0, val if
// u < s0 + s1, else test. So adding records moves none, and ten lines of any
// language find the same parts.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/sha256.h"
#include "lib/json/json.h"

namespace mill {

// Parses "0.8,0.1,0.1". Throws Exit(EX_USAGE) if these are not three
// fractions, none negative, that sum to 1 within 1e-9.
std::array<double, 3> parse_split(std::string_view text);

// SHA-256(seed ":" key).
Sha256Digest seeded_digest(std::uint64_t seed, std::string_view key);

// 0 train, 1 val, 2 test.
std::size_t part_of(const Sha256Digest& digest,
                    const std::array<double, 3>& split);

// The key of an example: if a field is named (dots descend), its string's text
// or its number's spelling; else example_key(). "question" is what is asked
// first, in every format, as its words (words.h) with single spaces between
// them, or as it is if it has no words; so that questions that differ only in
// letter case and punctuation are in the same part.
std::optional<std::string_view> split_key(JsonValue example,
                                          std::string_view field,
                                          std::string& scratch);

// Why there is none.
std::string why_no_split_key(JsonValue example, std::string_view field);

}  // namespace mill
