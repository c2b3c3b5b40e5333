// structural_index.h - where a JSON text's structure stands, by simdjson's
// first stage. Nothing else includes simdjson.
//
// That stage is internal to simdjson. This relies on four facts about it, found
// in src/generic/stage1 and class dom_parser_implementation of version 3.0;
// tests/unit/json_test.cpp checks them:
//
//   1. It lists, ascending, the byte of each bracket, brace, colon and comma
//      outside strings, and of the first byte of each string and scalar
//      (json_structural_indexer.h, structural_start()).
//   2. It refuses what is not UTF-8, an unterminated string, and a byte below
//      0x20 in a string; it lets pass whatever else is wrong (the same,
//      finish()).
//   3. The list has room for three entries after the last, which the stage
//      itself writes (the same, finish(); set_capacity() allocates the
//      capacity, rounded up to 64, plus 9).
//   4. It reads no byte beyond the text, the end of which it copies into a
//      block of its own (buf_block_reader.h, get_remainder()).
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <string_view>

namespace mill {

class StructuralIndex {
 public:
  // What ends the list: no text has so many bytes.
  static constexpr auto kEnd = std::numeric_limits<std::uint32_t>::max();

  // Lists text's structure, in a list that grows to the longest text so far.
  // False if text is refused, is white space only or has kEnd bytes or more.
  bool find(std::string_view text) {
    if (text.empty() || text.size() >= kEnd) return false;
    if (text.size() > capacity_) grow(text.size());
    if (stage1_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                        text.size(), simdjson::stage1_mode::regular))
      return false;
    stage1_->structural_indexes[count()] = kEnd;
    return true;
  }

  // The list of the last text that was found, and kEnd after it.
  const std::uint32_t* bytes() const {
    return stage1_->structural_indexes.get();
  }
  std::uint32_t count() const { return stage1_->n_structural_indexes; }

 private:
  void grow(std::size_t size) {
    capacity_ = std::clamp<std::size_t>(size * 2, 16 << 10, kEnd);
    stage1_.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity_, 1, stage1_)) {
      capacity_ = 0;
      throw std::bad_alloc();
    }
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1_;
  std::size_t capacity_ = 0;
};

}  // namespace mill
