// names.h - people's names: listed ones, common ones where the text speaks of a
// person, and those that people introduce themselves with; and what else people
// say about themselves: birthdays, addresses, "23F".
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/pii/pii.h"
#include "lib/pii/scan.h"

namespace mill::internal {

class Names {
 public:
  // As PiiLists has them.
  Names(const std::vector<std::string>& given,
        const std::vector<std::string>& common);

  // Adds what it finds of the wanted types between the scan's findings, which
  // are in order.
  void find(const Scan& scan, PiiTypes wanted,
            std::vector<PiiSpan>& found) const;

 private:
  enum Mark : std::uint8_t { kGiven = 1, kCommon = 2 };
  void mark_begin(char first, Mark mark);
  std::size_t next_candidate(std::string_view text, std::size_t i) const;
  std::size_t given_end(std::string_view text, std::size_t begin,
                        const std::string& word) const;
  bool is_common(const std::string& word) const;
  std::size_t common_end(const Scan& scan, std::size_t begin,
                         std::size_t word_end, const std::string& word) const;
  void find_listed(const Scan& scan, std::size_t begin, std::size_t end,
                   std::vector<PiiSpan>& found) const;

  // Folded, by their first word, the longest first.
  std::unordered_map<std::string, std::vector<std::string>> given_;
  std::unordered_set<std::string> common_;
  // By a hash of the whole: nearly all words that are none end here.
  std::vector<bool> common_marks_;
  // By their first byte, and their first three: most words of a text are
  // passed over.
  std::array<bool, 256> begins_{};
  std::vector<std::uint8_t> marks_;
  bool has_signs_ = false;  // a name begins with no letter
};

}  // namespace mill::internal
