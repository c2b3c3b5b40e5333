// tokenizer.h - how many tokens a text has for a model, and which.
//
//   mill::Tokenizer tokenizer(mill::Encoding::kO200k);
//   tokenizer.count("tiktoken is great!");   // 6
//
// The counts and ids are those of tiktoken's encode_ordinary: a text that looks
// like a special token, such as <|endoftext|>, is counted as text. OpenAI's
// token lists are part of the program; others are read (tokenizer_file.h).
//
// Most pieces of a text are one token or were seen before, so that counting is
// one look-up in a small cache. The time is at worst n log n in the length of
// a piece, so that no text is slow.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/short_key.h"
#include "lib/base/zeroed_array.h"
#include "lib/tokens/block_starts.h"
#include "lib/tokens/bpe.h"
#include "lib/tokens/character_pieces.h"
#include "lib/tokens/text_pieces.h"

namespace mill {

enum class Encoding {
  kO200k,  // o200k_base: gpt-4o, gpt-4.1, gpt-5, o1, o3, o4
  // o200k_harmony: gpt-oss. Its special tokens are other ones, and no text is
  // a special token here: the counts are those of o200k_base.
  kO200kHarmony,
  kCl100k,  // cl100k_base: gpt-4, gpt-3.5-turbo, davinci-002, text-embedding-3
  kWords,   // no model's: the longest runs without Unicode's White_Space
};

// Their names: o200k_base, o200k_harmony, cl100k_base, words.
std::string_view name_of(Encoding encoding);
std::vector<std::string> encoding_names();
// REQUIRES: one of the names.
Encoding encoding_named(std::string_view name);
// The encoding of an OpenAI model, such as "gpt-4o-mini" or
// "ft:gpt-4o:acme::id"; nothing for an unknown model.
std::optional<Encoding> encoding_of_model(std::string_view model);
// The models known, as messages list them: names, or prefixes followed by '*'.
std::string known_models();

// What a file says of a tokenizer.
struct TokenizerModel {
  enum class Form { kAsIs, kNfc };

  std::string name;  // for reports
  Cut cut;
  Form form;  // of the text that is cut
  Bpe bpe;
  // Cuts in place of cut, if it is there.
  std::optional<CharacterPieces> character_pieces = {};
};

class Tokenizer {
 public:
  explicit Tokenizer(Encoding encoding);
  explicit Tokenizer(TokenizerModel model);

  // That of the encoding, or of the model.
  const std::string& name() const { return name_; }

  // The number of text's tokens. REQUIRES: text is UTF-8.
  std::uint64_t count(std::string_view text);
  // Appends their ids. REQUIRES: the encoding is not kWords.
  void encode(std::string_view text, std::vector<Bpe::Id>& ids);

  // The encoding's tokens. REQUIRES: the encoding is not kWords.
  const Bpe& bpe() const { return *bpe_; }

 private:
  // A piece of a ShortKey's length and the number of its tokens; length 0:
  // nothing.
  struct Counted {
    ShortKey key;
    std::uint32_t length = 0;
    std::uint32_t tokens = 0;
  };

  struct Piece {
    std::string_view text;
    ShortKey key;
    std::uint64_t hash;
  };

  template <typename Use>
  void for_each_piece(std::string_view text, Use use);
  std::uint64_t count_batch();

  std::string name_;
  Cut cut_ = Cut::kO200k;
  TokenizerModel::Form form_ = TokenizerModel::Form::kAsIs;
  std::optional<Bpe> bpe_;  // nothing for kWords
  std::optional<CharacterPieces> character_pieces_;
  CharClasses classes_;
  ClassifyBlock classify_block_ = find_classify_block();
  ZeroedArray<Counted> cache_;
  std::array<Piece, 32> batch_;  // of which the first batched_ are to count
  std::size_t batched_ = 0;
  std::string normalized_;
};

}  // namespace mill
