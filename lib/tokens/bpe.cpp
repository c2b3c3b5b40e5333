#include "lib/tokens/bpe.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <stdexcept>

#include "lib/base/short_key.h"
#include "lib/base/utf8.h"

namespace mill {

namespace {

constexpr std::size_t kShortPiece = 64;  // where a queue begins to pay

// A slot's fields, from the lowest bit on; the rest are bits of the hash.
constexpr unsigned kIdBits = 18, kLengthBits = 8, kOffsetBits = 22;
static_assert(Bpe::kMaxTokens == 1 << kIdBits);
constexpr unsigned kTagShift = kIdBits + kLengthBits + kOffsetBits;

constexpr unsigned kFilterBits = 21, kFilterShift = 24;

// The word and the bit of the filter that stand for a hash.
constexpr std::size_t filter_word(std::uint64_t hash) {
  return hash >> (kFilterShift + 6) & ((1U << (kFilterBits - 6)) - 1);
}
constexpr std::uint64_t filter_bit(std::uint64_t hash) {
  return std::uint64_t{1} << (hash >> kFilterShift & 63);
}

constexpr std::uint64_t field(std::uint64_t slot, unsigned shift,
                              unsigned bits) {
  return slot >> shift & ((std::uint64_t{1} << bits) - 1);
}

bool equal(std::string_view a, std::string_view b) {
  if (a.size() > ShortKey::kMaxSize) return a == b;
  return a.size() == b.size() && ShortKey(a) == ShortKey(b);
}

std::size_t pair_index(std::string_view two) {
  return static_cast<std::size_t>(static_cast<unsigned char>(two[0])) << 8 |
         static_cast<unsigned char>(two[1]);
}

std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = bytes.size();
  for (; bytes.size() > ShortKey::kMaxSize;
       bytes.remove_prefix(ShortKey::kMaxSize))
    hash = ShortKey(bytes.substr(0, ShortKey::kMaxSize)).hash(hash);
  return ShortKey(bytes).hash(hash);
}

std::uint64_t pair_of(TokenList::Id left, TokenList::Id right) {
  return std::uint64_t{left} << 32 | right;
}

std::uint64_t hash_of(std::uint64_t pair) {
  const std::uint64_t hash = pair * 0x9E3779B97F4A7C15;  // 2^64 / golden ratio
  return hash ^ hash >> 32;
}

}  // namespace

Bpe::Bpe(std::string_view packed) {
  const auto damaged = [] { return std::runtime_error("damaged token list"); };
  if (packed.size() < 4) throw damaged();
  std::size_t count = 0;
  for (int i = 3; i >= 0; --i)
    count = count << 8 |
            static_cast<unsigned char>(packed[static_cast<std::size_t>(i)]);
  packed.remove_prefix(4);
  if (count >> kIdBits != 0 || packed.size() < count) throw damaged();
  offsets_.reserve(count + 1);
  offsets_.push_back(0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t length = static_cast<unsigned char>(packed[i]);
    if (length == 0) throw damaged();
    longest_ = std::max(longest_, length);
    offsets_.push_back(offsets_.back() + static_cast<std::uint32_t>(length));
  }
  packed.remove_prefix(count);
  if (packed.size() != offsets_.back() || packed.size() >> kOffsetBits != 0)
    throw damaged();
  bytes_.assign(packed.begin(), packed.end());
  make_tables();
}

Bpe::Bpe(const TokenList& list)
    : wholes_are_tokens_(list.whole_pieces ==
                         TokenList::WholePieces::kAreTokens),
      by_characters_(list.byte_tokens) {
  if (list.tokens.size() > kMaxTokens)
    throw std::runtime_error("more than " + std::to_string(kMaxTokens) +
                             " tokens");
  offsets_.push_back(0);
  for (const std::string& token : list.tokens) {
    if (token.size() >> kLengthBits != 0)
      throw std::runtime_error("a token of " + std::to_string(token.size()) +
                               " bytes: more than 255");
    longest_ = std::max(longest_, token.size());
    bytes_.insert(bytes_.end(), token.begin(), token.end());
    offsets_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  if (bytes_.size() >> kOffsetBits != 0)
    throw std::runtime_error("tokens of more than 4 MiB");
  make_tables();
  for (Id id = 0; id < size(); ++id)
    if (!token(id).empty() && rank(token(id)) != id)
      throw std::runtime_error("token " + std::to_string(id) +
                               " is there twice");
  if (!list.merges.empty()) make_joins(list.merges);
  if (list.byte_tokens) byte_ids_ = *list.byte_tokens;
  if (!list.symbols.empty()) symbols_.resize(size());
  for (const Id id : list.symbols) symbols_[id] = true;
}

void Bpe::make_tables() {
  slots_.assign(std::bit_ceil(size() * 2), 0);
  filter_.assign(std::size_t{1} << (kFilterBits - 6), 0);
  pairs_.assign(1 << 16, kNone);
  const std::size_t mask = slots_.size() - 1;
  // So many at a time, whose slots are fetched meanwhile.
  std::array<std::uint64_t, 32> hashes;
  for (Id first = 0, end = 0; first < size(); first = end) {
    end = static_cast<Id>(std::min(size(), first + hashes.size()));
    for (Id id = first; id < end; ++id) {
      hashes[id - first] = hash_of(token(id));
      prefetch(hashes[id - first]);
    }
    for (Id id = first; id < end; ++id) {
      const std::string_view bytes = token(id);
      if (bytes.empty()) continue;
      if (bytes.size() == 2) pairs_[pair_index(bytes)] = id;
      const std::uint64_t hash = hashes[id - first];
      filter_[filter_word(hash)] |= filter_bit(hash);
      std::size_t at = hash & mask;
      while (slots_[at] != 0) at = (at + 1) & mask;
      slots_[at] = hash >> kTagShift << kTagShift |
                   std::uint64_t{offsets_[id]} << (kIdBits + kLengthBits) |
                   bytes.size() << kIdBits | id;
    }
  }
  if (by_characters_) return;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    byte_ids_[static_cast<std::size_t>(byte)] = rank({&c, 1});
    if (byte_ids_[static_cast<std::size_t>(byte)] == kNone)
      throw std::runtime_error("byte " + std::to_string(byte) +
                               " is no token: damaged token list");
  }
}

void Bpe::make_joins(const std::vector<TokenList::Merge>& merges) {
  joins_.assign(std::bit_ceil(merges.size() * 2), {kNoPair, kNone, kNone});
  joined_.assign(merges.size(), kNone);
  std::vector<bool> is_shared(merges.size());
  for (const TokenList::Merge& merge : merges) {
    Id& joined = joined_[merge.rank];
    if (joined != kNone && joined != merge.joined) is_shared[merge.rank] = true;
    joined = merge.joined;
    const std::uint64_t pair = pair_of(merge.left, merge.right);
    std::size_t at = hash_of(pair) & (joins_.size() - 1);
    while (joins_[at].pair != kNoPair && joins_[at].pair != pair)
      at = (at + 1) & (joins_.size() - 1);
    joins_[at] = {pair, merge.rank, merge.joined};  // of equal pairs the last
  }
  for (std::size_t rank = 0; rank < merges.size(); ++rank)
    if (is_shared[rank]) joined_[rank] = kNone;
}

const Bpe::Join& Bpe::join_of(Id left, Id right) const {
  const std::uint64_t pair = pair_of(left, right);
  for (std::size_t at = hash_of(pair) & (joins_.size() - 1);;
       at = (at + 1) & (joins_.size() - 1))
    if (joins_[at].pair == pair || joins_[at].pair == kNoPair)
      return joins_[at];
}

void Bpe::prefetch_bytes(std::uint64_t hash) const {
  const std::uint64_t slot = slots_[hash & (slots_.size() - 1)];
  __builtin_prefetch(bytes_.data() +
                     field(slot, kIdBits + kLengthBits, kOffsetBits));
}

Bpe::Id Bpe::rank(std::string_view bytes) const {
  if (bytes.size() > longest_) return kNone;
  if (bytes.size() == 2) return pairs_[pair_index(bytes)];
  const std::size_t mask = slots_.size() - 1;
  const std::uint64_t hash = hash_of(bytes);
  if ((filter_[filter_word(hash)] & filter_bit(hash)) == 0) return kNone;
  std::uint64_t slot = 0;
  for (std::size_t at = hash & mask; (slot = slots_[at]) != 0;
       at = (at + 1) & mask) {
    if ((slot ^ hash) >> kTagShift != 0) continue;
    const std::string_view token(
        bytes_.data() + field(slot, kIdBits + kLengthBits, kOffsetBits),
        field(slot, kIdBits, kLengthBits));
    if (equal(token, bytes)) return static_cast<Id>(field(slot, 0, kIdBits));
  }
  return kNone;
}

std::size_t Bpe::count(std::string_view piece) {
  if (whole(piece) != kNone) return 1;
  merge(piece);
  return ids_.size();
}

void Bpe::encode(std::string_view piece, std::vector<Id>& ids) {
  const Id id = whole(piece);
  if (id != kNone) {
    ids.push_back(id);
    return;
  }
  merge(piece);
  ids.insert(ids.end(), ids_.begin(), ids_.end());
}

template <typename Use>
void Bpe::for_each_part(std::string_view piece, Use use) const {
  const auto size = static_cast<std::uint32_t>(piece.size());
  for (std::uint32_t i = 0; i < size;) {
    std::uint32_t end = i + 1;
    Id id = byte_id(piece[i]);
    if (by_characters_) {
      while (end < size && is_utf8_continuation(piece[end])) ++end;
      const Id character = rank(piece.substr(i, end - i));
      if (character != kNone)
        id = character;
      else
        while (i + 1 < end) {
          use(i++, id);
          id = byte_id(piece[i]);
        }
    }
    use(i, id);
    i = end;
  }
}

// Leaves in ids_ the tokens of piece.
void Bpe::merge(std::string_view piece) {
  if (piece.size() <= kShortPiece)
    merge_short(piece);
  else
    merge_long(piece);
}

void Bpe::merge_short(std::string_view piece) {
  starts_.clear();
  ids_.clear();
  for_each_part(piece, [&](std::uint32_t start, Id id) {
    starts_.push_back(start);
    ids_.push_back(id);
  });
  starts_.push_back(static_cast<std::uint32_t>(piece.size()));
  // The rank of the pair that begins with part i.
  auto pair_rank = [&](std::size_t i) {
    if (i + 1 >= ids_.size()) return kNone;
    if (!joins_.empty()) return join_of(ids_[i], ids_[i + 1]).rank;
    return rank(piece.substr(starts_[i], starts_[i + 2] - starts_[i]));
  };
  ranks_.resize(ids_.size());
  for (std::size_t i = 0; i < ranks_.size(); ++i) ranks_[i] = pair_rank(i);
  for (;;) {
    const auto lowest = std::min_element(ranks_.begin(), ranks_.end());
    if (lowest == ranks_.end() || *lowest == kNone) return;
    const std::ptrdiff_t at = lowest - ranks_.begin();
    const auto i = static_cast<std::size_t>(at);
    ids_[i] = joined(*lowest, ids_[i], ids_[i + 1]);
    starts_.erase(starts_.begin() + at + 1);
    ids_.erase(ids_.begin() + at + 1);
    ranks_.erase(lowest + 1);
    ranks_[i] = pair_rank(i);
    if (i > 0) ranks_[i - 1] = pair_rank(i - 1);
  }
}

// Parts are named by their first byte; the queue gives pairs by rank, then
// place. A pair that has changed since it was queued is passed over.
void Bpe::merge_long(std::string_view piece) {
  const auto size = static_cast<std::uint32_t>(piece.size());
  parts_.resize(size + 1);
  queue_.clear();
  auto pair_rank = [&](std::uint32_t i) {
    const std::uint32_t next = parts_[i].next;
    if (next == size) return kNone;
    if (!joins_.empty()) return join_of(parts_[i].id, parts_[next].id).rank;
    return rank(piece.substr(i, parts_[next].next - i));
  };
  auto set_rank = [&](std::uint32_t i) {
    parts_[i].rank = pair_rank(i);
    return parts_[i].rank != kNone;
  };
  auto queued = [&](std::uint32_t i) {
    return std::uint64_t{parts_[i].rank} << 32 | i;
  };
  std::uint32_t last = 0;
  for_each_part(piece, [&](std::uint32_t start, Id id) {
    parts_[last].next = start;
    parts_[start] = {id, kNone, last, size};
    last = start;
  });
  parts_[last].next = size;
  parts_[size] = {kNone, kNone, last, size + 1};
  for (std::uint32_t i = 0; i < size; i = parts_[i].next)
    if (set_rank(i)) queue_.push_back(queued(i));
  std::make_heap(queue_.begin(), queue_.end(), std::greater<>());
  auto update = [&](std::uint32_t i) {
    if (!set_rank(i)) return;
    queue_.push_back(queued(i));
    std::push_heap(queue_.begin(), queue_.end(), std::greater<>());
  };
  while (!queue_.empty()) {
    std::pop_heap(queue_.begin(), queue_.end(), std::greater<>());
    const std::uint64_t lowest = queue_.back();
    queue_.pop_back();
    const auto i = static_cast<std::uint32_t>(lowest);
    if (queued(i) != lowest) continue;
    const std::uint32_t gone = parts_[i].next;
    parts_[i].id = joined(parts_[i].rank, parts_[i].id, parts_[gone].id);
    parts_[gone].rank = kNone;
    parts_[i].next = parts_[gone].next;
    parts_[parts_[i].next].previous = i;
    update(i);
    if (i > 0) update(parts_[i].previous);
  }
  ids_.clear();
  for (std::uint32_t i = 0; i < size; i = parts_[i].next)
    ids_.push_back(parts_[i].id);
}

}  // namespace mill
