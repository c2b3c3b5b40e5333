// bpe.h - byte pair encoding of one piece of text by a table of ranks.
//
// A piece that is a token is that token. Any other begins as single bytes.
// Again and again, of all neighbors that together form a token, those that form
// the one of the lowest rank are joined (the leftmost, where there are
// several), until no two form any. A token's rank is its id.
//
// That is tiktoken's way. Where there is a list of merges, as Hugging Face's
// tokenizers have it, only the pairs that it lists are joined, by their place
// in it, and it may be that a piece that is a token is joined as any other.
// SentencePiece's way is that, too, but a piece begins as its characters; those
// that are no token are the tokens of their bytes, which nothing is joined to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mill {

// A list of tokens as a file gives it.
struct TokenList {
  using Id = std::uint32_t;
  // Pairs of equal rank are joined from the left on.
  struct Merge {
    Id left, right, joined;
    std::uint32_t rank;
  };
  enum class WholePieces { kAreTokens, kAreJoined };

  // By id; an id that no text can have is empty.
  std::vector<std::string> tokens;
  // Ranks are less than their number. Without any, tokens are joined by their
  // ids.
  std::vector<Merge> merges;
  WholePieces whole_pieces = WholePieces::kAreTokens;
  // The tokens that are one if they are a whole piece, whatever others are.
  std::vector<Id> symbols = {};
  // The tokens of single bytes, if a piece begins as characters; tokens has
  // not got these. REQUIRES: there are merges.
  std::optional<std::array<Id, 256>> byte_tokens = {};
};

class Bpe {
 public:
  using Id = TokenList::Id;

  static constexpr int kMaxTokens = 1 << 18;

  // Reads a packed list of tokens: their number (32 bits, little-endian), a
  // length byte for each, then the bytes of all. Every single byte must be a
  // token. Throws std::runtime_error if the list is damaged.
  explicit Bpe(std::string_view packed);
  // Throws std::runtime_error that says what is wrong with the list: a byte is
  // no token, a token is there twice, or it has more or longer tokens than there is room for.
  explicit Bpe(const TokenList& list);

  std::size_t size() const { return offsets_.size() - 1; }
  std::string_view token(Id id) const {
    return {bytes_.data() + offsets_[id], offsets_[id + 1] - offsets_[id]};
  }
  std::optional<Id> find(std::string_view bytes) const {
    const Id id = rank(bytes);
    return id == kNone ? std::nullopt : std::optional(id);
  }

  // Prefetches the memory that a look-up needs; hash is
  // ShortKey(piece).hash(piece.size()).
  void prefetch(std::uint64_t hash) const {
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }
  // The same of what the look-up compares, once that memory is there.
  void prefetch_bytes(std::uint64_t hash) const;
  // The number of tokens of piece, and the same with their ids appended. Time
  // is n log n in its length; scratch memory is some 30 bytes a byte, and is
  // kept.
  std::size_t count(std::string_view piece);
  void encode(std::string_view piece, std::vector<Id>& ids);

 private:
  static constexpr Id kNone = 0xFFFFFFFF;

  // A part of the piece: its first byte, the rank of it and the next part
  // joined, and its neighbors.
  struct Part {
    Id id;
    std::uint32_t rank;
    std::uint32_t previous;
    std::uint32_t next;
  };

  // What a pair of ids is joined to, and when.
  struct Join {
    std::uint64_t pair;  // kNoPair: nothing
    std::uint32_t rank;
    Id joined;
  };
  static constexpr std::uint64_t kNoPair = ~std::uint64_t{0};

  Id byte_id(char c) const { return byte_ids_[static_cast<unsigned char>(c)]; }
  void make_tables();
  void make_joins(const std::vector<TokenList::Merge>& merges);
  Id rank(std::string_view bytes) const;
  const Join& join_of(Id left, Id right) const;
  // What the pair, whose rank this is, is joined to.
  Id joined(std::uint32_t rank, Id left, Id right) const {
    if (joined_.empty()) return rank;
    return joined_[rank] != kNone ? joined_[rank] : join_of(left, right).joined;
  }
  // The token that piece is without being joined, or kNone.
  Id whole(std::string_view piece) const {
    if (!wholes_are_tokens_ && symbols_.empty()) return kNone;
    const Id id = rank(piece);
    return id == kNone || wholes_are_tokens_ || symbols_[id] ? id : kNone;
  }
  // Calls use with where each of piece's first parts begins, and its id.
  template <typename Use>
  void for_each_part(std::string_view piece, Use use) const;
  void merge(std::string_view piece);
  void merge_short(std::string_view piece);
  void merge_long(std::string_view piece);

  std::vector<char> bytes_;
  std::vector<std::uint32_t> offsets_;
  std::size_t longest_ = 0;
  // Tokens by hash, open addressing. A slot is 0 or holds all that a look-up
  // needs but the bytes: 16 bits of the hash, offset, length and id.
  std::vector<std::uint64_t> slots_;
  // A bit of each token's hash, 256 kB in all: nine in ten texts that are no
  // token are known by it, without a look into slots_, which is too large for
  // a processor's second cache.
  std::vector<std::uint64_t> filter_;
  // Ids of the tokens of two bytes: most look-ups are for these.
  std::vector<Id> pairs_;
  // Of a list of merges: pairs by hash, open addressing, and what each rank
  // gives; kNone if that depends on the pair. Both are empty where tokens are
  // joined by their ids.
  std::vector<Join> joins_;
  std::vector<Id> joined_;
  bool wholes_are_tokens_ = true;
  std::vector<bool> symbols_;  // by id; empty if there are none
  bool by_characters_ = false;

  std::array<Id, 256> byte_ids_{};

  std::vector<std::uint32_t> starts_;  // of the parts of the last piece
  std::vector<Id> ids_;                // of the same parts
  std::vector<std::uint32_t> ranks_;
  std::vector<Part> parts_;
  std::vector<std::uint64_t> queue_;
};

}  // namespace mill
