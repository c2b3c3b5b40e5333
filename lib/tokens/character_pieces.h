// character_pieces.h - cuts text for a BPE that joins characters, as
// SentencePiece's do: those of Gemma, Llama 2 and Mistral 7B.
//
//   pieces.for_each_piece(text, [&](std::string_view piece) { ... });
//
// Such a model cuts a text nowhere: its spaces become U+2581, and it is joined
// from end to end. But between two characters that stand beside each other in
// no token nothing is ever joined, so that what is before and after can be
// joined by itself, with the same tokens. That is mostly before each word.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "lib/base/utf8.h"
#include "lib/tokens/bpe.h"

namespace mill {

class CharacterPieces {
 public:
  // What is put before a text that is not empty.
  enum class Prefix {
    kNone,
    kSpace,            // a space
    kSpaceUnlessThere  // a space, if it begins with none
  };
  // Whether symbols are looked for before or after spaces become U+2581.
  enum class Symbols { kBefore, kAfter };

  // REQUIRES: with a prefix and symbols, these are looked for after.
  CharacterPieces(const TokenList& list, Prefix prefix, Symbols symbols);

  // Calls use with each piece: a symbol, or what is to be joined.
  template <typename Use>
  void for_each_piece(std::string_view text, Use use) {
    // All that use is given stays there, as with other cuts, until the next
    // text.
    marked_.clear();
    marked_.reserve(kMark.size() * (text.size() + 1));
    if (symbols_ == Symbols::kAfter) text = with_marks(text);
    const char* begin = text.data();
    const char* const end = begin + text.size();
    const auto use_text = [&](const char* to) {
      if (begin == to) return;
      std::string_view part(begin, static_cast<std::size_t>(to - begin));
      if (symbols_ == Symbols::kBefore) part = with_marks(part);
      for_each_part(part, use);
    };
    for (const char* p = begin; first_bytes_.any() && p < end;) {
      const std::size_t length =
          first_bytes_[static_cast<unsigned char>(*p)]
              ? symbol_at({p, static_cast<std::size_t>(end - p)})
              : 0;
      if (length == 0) {
        ++p;
        continue;
      }
      use_text(p);
      use(std::string_view(p, length));
      begin = p += length;
    }
    use_text(end);
  }

 private:
  static constexpr std::string_view kMark = "\u2581";  // SentencePiece's space
  static constexpr unsigned kMarkCode = 0xFF;          // no byte of UTF-8

  // What stands for a character as the first or the last of two.
  static bool is_mark(const char* p, const char* end) {
    return end - p >= 3 && p[0] == kMark[0] && p[1] == kMark[1] &&
           p[2] == kMark[2];
  }
  static std::size_t size_at(const char* p, const char* end) {
    const char* const begin = p++;
    while (p < end && is_utf8_continuation(*p)) ++p;
    return static_cast<std::size_t>(p - begin);
  }

  // Calls use with each part that is joined by itself.
  template <typename Use>
  void for_each_part(std::string_view text, Use use) const {
    const char* begin = text.data();
    const char* const end = begin + text.size();
    const std::bitset<256>* neighbors = nullptr;  // of the character before
    for (const char* p = begin; p < end;) {
      const bool mark = is_mark(p, end);
      const std::size_t size = mark ? kMark.size() : size_at(p, end);
      const unsigned first = mark ? kMarkCode : static_cast<unsigned char>(*p);
      if (neighbors && !(*neighbors)[first]) {
        use(std::string_view(begin, static_cast<std::size_t>(p - begin)));
        begin = p;
      }
      p += size;
      neighbors =
          &neighbors_[mark ? kMarkCode : static_cast<unsigned char>(p[-1])];
    }
    if (begin < end)
      use(std::string_view(begin, static_cast<std::size_t>(end - begin)));
  }

  // The text, appended to marked_.
  std::string_view with_marks(std::string_view text);
  // The bytes of the longest symbol at the text's beginning, or 0.
  std::size_t symbol_at(std::string_view text) const;
  void add_symbol(std::string_view symbol);

  Prefix prefix_;
  Symbols symbols_;
  // By the code of a character, those of the characters that follow it in any
  // token. A code is the last byte of the first and the first of the second,
  // so that others may seem to follow: then there are fewer cuts.
  std::array<std::bitset<256>, 256> neighbors_;
  // The symbols as a tree: a node and a byte give the next node.
  struct Node {
    std::uint32_t id = 0;
    bool is_end = false;
  };
  std::unordered_map<std::uint64_t, Node> nodes_;
  std::bitset<256> first_bytes_;
  std::string marked_;
};

}  // namespace mill
