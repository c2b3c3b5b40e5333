#include "lib/tokens/tokenizer.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "lib/base/nfc.h"
#include "lib/tokens/embedded_encodings.h"

namespace mill {

namespace {

// In the order of Encoding.
constexpr std::array<std::string_view, 4> kNames = {
    "o200k_base", "o200k_harmony", "cl100k_base", "words"};

constexpr std::size_t kCacheSize = 1 << 17;  // entries; a power of two

constexpr struct {
  std::string_view name;  // a '*' at the end stands for anything
  Encoding encoding;
} kModels[] = {
    {"gpt-4o*", Encoding::kO200k},
    {"gpt-4.1*", Encoding::kO200k},
    {"gpt-4.5*", Encoding::kO200k},
    {"gpt-5*", Encoding::kO200k},
    {"chatgpt-4o*", Encoding::kO200k},
    {"o1*", Encoding::kO200k},
    {"o3*", Encoding::kO200k},
    {"o4*", Encoding::kO200k},
    {"gpt-oss-*", Encoding::kO200kHarmony},
    {"gpt-4", Encoding::kCl100k},
    {"gpt-4-*", Encoding::kCl100k},
    {"gpt-3.5", Encoding::kCl100k},
    {"gpt-3.5-turbo*", Encoding::kCl100k},
    {"gpt-35-turbo*", Encoding::kCl100k},  // as Azure spells it
    {"davinci-002*", Encoding::kCl100k},
    {"babbage-002*", Encoding::kCl100k},
    {"text-embedding-3-*", Encoding::kCl100k},
    {"text-embedding-ada-002", Encoding::kCl100k},
};

std::string unpack(std::string_view packed) {
  std::string bytes(ZSTD_getFrameContentSize(packed.data(), packed.size()),
                    '\0');
  if (ZSTD_decompress(bytes.data(), bytes.size(), packed.data(),
                      packed.size()) != bytes.size())
    throw std::runtime_error("damaged token list");
  return bytes;
}

}  // namespace

std::string_view name_of(Encoding encoding) {
  return kNames[static_cast<std::size_t>(encoding)];
}

std::vector<std::string> encoding_names() {
  return {kNames.begin(), kNames.end()};
}

Encoding encoding_named(std::string_view name) {
  return static_cast<Encoding>(std::find(kNames.begin(), kNames.end(), name) -
                               kNames.begin());
}

Tokenizer::Tokenizer(Encoding encoding)
    : name_(name_of(encoding)), cache_(kCacheSize) {
  if (encoding == Encoding::kO200k || encoding == Encoding::kO200kHarmony)
    bpe_.emplace(unpack(embedded_o200k_base()));
  if (encoding == Encoding::kCl100k) {
    bpe_.emplace(unpack(embedded_cl100k_base()));
    cut_ = Cut::kCl100k;
  }
}

Tokenizer::Tokenizer(TokenizerModel model)
    : name_(std::move(model.name)),
      cut_(model.cut),
      form_(model.form),
      bpe_(std::move(model.bpe)),
      character_pieces_(std::move(model.character_pieces)),
      cache_(kCacheSize) {}

template <typename Use>
void Tokenizer::for_each_piece(std::string_view text, Use use) {
  if (form_ == TokenizerModel::Form::kNfc) text = to_nfc(text, normalized_);
  if (character_pieces_) return character_pieces_->for_each_piece(text, use);
  const auto cut = [&]<Cut how>() {
    mill::for_each_piece<how>(classes_, classify_block_, text, use);
  };
  switch (cut_) {
    case Cut::kO200k: return cut.template operator()<Cut::kO200k>();
    case Cut::kCl100k: return cut.template operator()<Cut::kCl100k>();
    case Cut::kTekken: return cut.template operator()<Cut::kTekken>();
    case Cut::kQwen2: return cut.template operator()<Cut::kQwen2>();
    case Cut::kQwen3_5: return cut.template operator()<Cut::kQwen3_5>();
    case Cut::kGpt2: return cut.template operator()<Cut::kGpt2>();
  }
}

// In batches, so that the memory that one piece needs is prefetched while the
// pieces before it are counted.
std::uint64_t Tokenizer::count(std::string_view text) {
  if (!bpe_) return TextPieces(classes_, text).count_words();
  std::uint64_t tokens = 0;
  for_each_piece(text, [&](std::string_view piece) {
    if (piece.size() > ShortKey::kMaxSize) {
      tokens += bpe_->count(piece);
      return;
    }
    const ShortKey key(piece);
    const std::uint64_t hash = key.hash(piece.size());
    __builtin_prefetch(&cache_[hash % kCacheSize]);
    batch_[batched_++] = {piece, key, hash};
    if (batched_ == batch_.size()) tokens += count_batch();
  });
  return tokens + count_batch();
}

std::uint64_t Tokenizer::count_batch() {
  std::uint64_t tokens = 0;
  std::size_t missing = 0;
  for (std::size_t i = 0; i < batched_; ++i) {
    const Piece& piece = batch_[i];
    const Counted& counted = cache_[piece.hash % kCacheSize];
    if (counted.length == piece.text.size() && counted.key == piece.key) {
      tokens += counted.tokens;
    } else {
      bpe_->prefetch(piece.hash);
      batch_[missing++] = piece;
    }
  }
  for (std::size_t i = 0; i < missing; ++i)
    bpe_->prefetch_bytes(batch_[i].hash);
  for (std::size_t i = 0; i < missing; ++i) {
    const Piece& piece = batch_[i];
    const auto count = static_cast<std::uint32_t>(bpe_->count(piece.text));
    cache_[piece.hash % kCacheSize] = {
        piece.key, static_cast<std::uint32_t>(piece.text.size()), count};
    tokens += count;
  }
  batched_ = 0;
  return tokens;
}

void Tokenizer::encode(std::string_view text, std::vector<Bpe::Id>& ids) {
  for_each_piece(text,
                 [&](std::string_view piece) { bpe_->encode(piece, ids); });
}

std::optional<Encoding> encoding_of_model(std::string_view model) {
  if (model.starts_with("ft:")) model.remove_prefix(3);  // fine-tuned from
  for (const auto& known : kModels) {
    const bool is_beginning = known.name.ends_with('*');
    const std::string_view name =
        known.name.substr(0, known.name.size() - is_beginning);
    if (is_beginning ? model.starts_with(name) : model == name)
      return known.encoding;
  }
  return std::nullopt;
}

std::string known_models() {
  std::string list;
  for (const auto& known : kModels) {
    if (!list.empty()) list += ", ";
    list += known.name;
  }
  return list;
}

}  // namespace mill
