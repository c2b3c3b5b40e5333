// sample.h - a few records chosen by hash, and examples made readable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/sha256.h"
#include "lib/json/json.h"

namespace mill {

// Holds the records whose SHA-256(seed ":" key) is smallest, so that the same
// records are chosen wherever they stand and whatever stands around them.
class Sample {
 public:
  struct Record {
    Sha256Digest digest;
    std::uint64_t position;  // in the order in which records were offered
    std::string source;
    std::uint64_t line_number;
    std::string text;
  };

  Sample(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(seed) {}

  // Of records with the same key the first is kept.
  void offer(std::string_view key, std::string_view source,
             std::uint64_t line_number, std::string_view text);

  // The chosen records in the order in which they were offered; once.
  std::vector<Record> take();

 private:
  std::uint64_t size_, seed_, offered_ = 0;
  std::vector<Record> heap_;  // the worst in front
};

// A turn's content for people to read: a text, or the texts of its parts if all
// are texts; else indented JSON.
std::string shown_content(JsonValue content);

// A record for people to read: an example's turns, each under a heading with
// its role, its text as it is but for control characters, which become \u00XX;
// then what else the record holds, one line a member. Any other record becomes
// indented JSON.
std::string render_example(JsonValue record);

}  // namespace mill
