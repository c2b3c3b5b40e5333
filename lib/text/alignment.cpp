#include "lib/text/alignment.h"

#include <algorithm>
#include <bit>

#include "lib/text/mix.h"

namespace mill {

namespace {

constexpr std::size_t kBits = 64;

// Where each word stands in a text, as bits.
class Positions {
 public:
  explicit Positions(std::span<const Word> text)
      : blocks_((text.size() + kBits - 1) / kBits),
        slots_(std::bit_ceil(2 * text.size() + 2)),
        bits_(blocks_) {  // the first row is that of words not there
    for (std::size_t i = 0; i < text.size(); ++i) {
      Slot& slot = slots_[find(text[i].id())];
      if (!slot.row) {
        slot = {text[i].id(), static_cast<std::uint32_t>(bits_.size())};
        bits_.resize(bits_.size() + blocks_);
      }
      bits_[slot.row + i / kBits] |= std::uint64_t{1} << i % kBits;
    }
  }
  std::size_t blocks() const { return blocks_; }
  const std::uint64_t* of(Word word) const {
    return &bits_[slots_[find(word.id())].row];
  }

 private:
  struct Slot {
    std::uint32_t id = 0, row = 0;  // row 0: empty
  };
  std::size_t find(std::uint32_t id) const {
    std::size_t i = mix(id) & (slots_.size() - 1);
    while (slots_[i].row && slots_[i].id != id)
      i = (i + 1) & (slots_.size() - 1);
    return i;
  }

  std::size_t blocks_;
  std::vector<Slot> slots_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace

// Bit-parallel, as Hyyrö (2004) has it: bit i of row j is 0 where the longest
// common subsequence of a[..i] and b[..j] is longer than that of a[..i-1].
std::vector<std::pair<std::uint32_t, std::uint32_t>> common_words(
    std::span<const Word> a, std::span<const Word> b) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> common;
  if (a.empty() || b.empty()) return common;
  const Positions positions(a);
  const std::size_t blocks = positions.blocks();
  std::vector<std::uint64_t> rows((b.size() + 1) * blocks, ~std::uint64_t{0});
  for (std::size_t j = 0; j < b.size(); ++j) {
    const std::uint64_t* const is_here = positions.of(b[j]);
    const std::uint64_t* const row = &rows[j * blocks];
    std::uint64_t* const next = &rows[(j + 1) * blocks];
    std::uint64_t carry = 0;
    for (std::size_t k = 0; k < blocks; ++k) {
      const std::uint64_t matches = row[k] & is_here[k];
      std::uint64_t sum;
      const bool over = __builtin_add_overflow(row[k], matches, &sum);
      const bool again = __builtin_add_overflow(sum, carry, &sum);
      carry = over || again;
      next[k] = sum | (row[k] - matches);
    }
  }
  const auto grows = [&](std::size_t i, std::size_t j) {
    return !(rows[j * blocks + (i - 1) / kBits] >> (i - 1) % kBits & 1);
  };
  for (std::size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (!grows(i, j)) {
      --i;
    } else if (grows(i, j - 1)) {
      --j;
    } else {
      common.emplace_back(--i, --j);
    }
  }
  std::reverse(common.begin(), common.end());
  return common;
}

}  // namespace mill
