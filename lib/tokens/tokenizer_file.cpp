#include "lib/tokens/tokenizer_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/exit.h"
#include "lib/base/numbers.h"
#include "lib/base/sha256.h"
#include "lib/base/utf8.h"
#include "lib/io/input.h"
#include "lib/json/json.h"

namespace mill {

namespace {

using Id = TokenList::Id;

[[noreturn]] void refuse(const std::string& why) {
  throw std::runtime_error(why);
}

// As the files spell the patterns of text_pieces.h.
constexpr struct {
  std::string_view pattern;
  Cut cut;
} kPatterns[] = {
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*)"
     R"([\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
     R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+)"
     R"([\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
     R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Cut::kO200k},
    {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*)"
     R"([\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
     R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+)"
     R"([\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
     R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Cut::kTekken},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
     R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Cut::kCl100k},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})"
     R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Cut::kQwen2},
    {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N})"
     R"(| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
     Cut::kQwen3_5},
    {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+)"
     R"(|\s+(?!\S)|\s+)",
     Cut::kGpt2},
};

Cut cut_of(const std::string& pattern) {
  for (const auto& known : kPatterns)
    if (known.pattern == pattern) return known.cut;
  refuse("its pattern is none that is known exactly: " + pattern);
}

std::size_t id_of(JsonValue number) {
  const auto id = number.integer();
  if (!id || *id < 0) refuse("a token's number is none");
  if (*id >= Bpe::kMaxTokens)
    refuse("more than " + std::to_string(Bpe::kMaxTokens) + " tokens");
  return static_cast<std::size_t>(*id);
}

// A value that is there, and is not null, false or "".
bool is_set(JsonValue value) {
  return value && !value.is_null() && value.kind() != JsonKind::kFalse &&
         !(value.is_string() && value.raw_string().empty());
}

TokenizerModel tekken(JsonValue file) {
  const JsonValue config = file["config"];
  const auto size = id_of(config["default_vocab_size"]);
  const auto special = id_of(config["default_num_special_tokens"]);
  if (special > size) refuse("more special tokens than tokens");
  TokenList list;
  list.tokens.resize(size - special);
  std::size_t found = 0;
  for (const JsonValue token : file["vocab"].elements()) {
    const std::size_t rank = id_of(token["rank"]);
    if (rank >= list.tokens.size()) continue;
    const auto bytes = decode_base64(token["token_bytes"].string_or_empty());
    if (!bytes || bytes->empty()) refuse("token_bytes: not base64");
    found += list.tokens[rank].empty();
    list.tokens[rank] = *bytes;
  }
  if (found != list.tokens.size())
    refuse("vocab: " + std::to_string(list.tokens.size() - found) +
           " tokens are missing");
  return {{},
          cut_of(config["pattern"].string_or_empty()),
          TokenizerModel::Form::kAsIs,
          Bpe(list)};
}

// The bytes that a token of a byte-level vocabulary spells, one a character;
// nothing if it has other characters, as only added tokens do.
std::optional<std::string> bytes_of(std::string_view token) {
  static const std::vector<int> bytes = [] {
    std::vector<int> of(0x144, -1);
    std::size_t others = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      const bool is_itself =
          (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
      of[is_itself ? static_cast<std::size_t>(byte) : others++] = byte;
    }
    return of;
  }();
  std::string spelled;
  for (std::size_t i = 0; i < token.size();) {
    const char32_t c = take_code_point(token, i);
    if (c >= bytes.size() || bytes[c] < 0) return std::nullopt;
    spelled += static_cast<char>(bytes[c]);
  }
  return spelled;
}

TokenizerModel::Form form_of(JsonValue normalizer) {
  if (!is_set(normalizer)) return TokenizerModel::Form::kAsIs;
  const std::string type = normalizer["type"].string_or_empty();
  if (type == "NFC") return TokenizerModel::Form::kNfc;
  if (type != "Sequence")
    refuse("its normalizer is neither NFC nor none: " + type);
  auto form = TokenizerModel::Form::kAsIs;
  for (const JsonValue part : normalizer["normalizers"].elements())
    if (form_of(part) == TokenizerModel::Form::kNfc)
      form = TokenizerModel::Form::kNfc;
  return form;
}

Cut cut_of_pieces(JsonValue pre_tokenizer) {
  std::vector<JsonValue> steps;
  if (pre_tokenizer["type"].string_or_empty() == "Sequence")
    for (const JsonValue step : pre_tokenizer["pretokenizers"].elements())
      steps.push_back(step);
  else
    steps.push_back(pre_tokenizer);
  const JsonValue last = steps.empty() ? JsonValue() : steps.back();
  if (last["type"].string_or_empty() != "ByteLevel")
    refuse("its text is not cut into bytes (ByteLevel)");
  if (is_set(last["add_prefix_space"]))
    refuse("it adds a space before each text (add_prefix_space)");
  // It cuts as GPT-2 does unless it is told not to.
  const bool cuts = last["use_regex"].kind() != JsonKind::kFalse;
  if (steps.size() == 1 && cuts) return Cut::kGpt2;
  if (steps.size() != 2 || cuts ||
      steps[0]["type"].string_or_empty() != "Split")
    refuse("its text is not cut by one pattern alone");
  if (steps[0]["behavior"].string_or_empty() != "Isolated" ||
      is_set(steps[0]["invert"]))
    refuse("its pattern does not say what the pieces are (Split, Isolated)");
  return cut_of(steps[0]["pattern"]["Regex"].string_or_empty());
}

// A merge is "LEFT RIGHT", or a list of both.
std::pair<std::string, std::string> sides_of(JsonValue merge) {
  std::vector<std::string> sides;
  if (merge.is_string()) {
    const std::string text = merge.string();
    const std::size_t space = text.find(' ');
    if (space != text.npos)
      sides = {text.substr(0, space), text.substr(space + 1)};
  } else {
    for (const JsonValue side : merge.elements())
      sides.push_back(side.string_or_empty());
  }
  if (sides.size() != 2) refuse("merges: not pairs of tokens");
  return {std::move(sides[0]), std::move(sides[1])};
}

// The byte that "<0x0A>" stands for; nothing for other tokens.
std::optional<std::uint8_t> byte_of(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>')
    return std::nullopt;
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::size_t high = kDigits.find(token[3]), low = kDigits.find(token[4]);
  if (high == kDigits.npos || low == kDigits.npos) return std::nullopt;
  return static_cast<std::uint8_t>(high * 16 + low);
}

// A vocabulary of characters, and of bytes for those that it has not got.
class CharacterVocabulary {
 public:
  void add(std::string_view token, std::size_t id) {
    TokenList& list = list_;
    if (list.tokens.size() <= id) list.tokens.resize(id + 1);
    if (!list.tokens[id].empty() ||
        !ids_.try_emplace(std::string(token), static_cast<Id>(id)).second)
      refuse("a token is there twice");
    list.tokens[id] = token;
  }
  void add_byte(std::uint8_t byte, std::size_t id) {
    bytes_[byte] = static_cast<Id>(id);
    has_byte_[byte] = true;
  }
  std::optional<Id> find(const std::string& token) const {
    const auto found = ids_.find(token);
    return found == ids_.end() ? std::nullopt : std::optional(found->second);
  }
  TokenList& list() { return list_; }

  TokenizerModel model(CharacterPieces::Prefix prefix,
                       CharacterPieces::Symbols symbols) {
    // A byte that is a character needs no other token.
    for (std::size_t byte = 0; byte < 0x80; ++byte)
      if (const auto id = find(std::string(1, static_cast<char>(byte)));
          id && !has_byte_[byte])
        add_byte(static_cast<std::uint8_t>(byte), *id);
    if (!has_byte_.all())
      refuse("characters that it has not got are not bytes (byte_fallback)");
    if (list_.merges.empty()) refuse("no merges");
    list_.whole_pieces = TokenList::WholePieces::kAreJoined;
    list_.byte_tokens = bytes_;
    return {{},
            Cut::kO200k,
            TokenizerModel::Form::kAsIs,
            Bpe(list_),
            CharacterPieces(list_, prefix, symbols)};
  }

 private:
  TokenList list_;
  std::unordered_map<std::string, Id> ids_;
  std::array<Id, 256> bytes_{};
  std::bitset<256> has_byte_;
};

// Whether the part of a normalizer or pre_tokenizer is that of spaces.
bool is_spaces(JsonValue part, std::string_view type) {
  return part["type"].string_or_empty() == type &&
         part["pattern"]["String"].string_or_empty() == " ";
}

// How spaces become U+2581, and what comes before a text.
CharacterPieces::Prefix prefix_of(JsonValue normalizer,
                                  JsonValue pre_tokenizer) {
  constexpr std::string_view kMark = "\u2581";
  std::vector<JsonValue> steps;
  if (normalizer["type"].string_or_empty() == "Sequence")
    for (const JsonValue step : normalizer["normalizers"].elements())
      steps.push_back(step);
  else if (is_set(normalizer))
    steps.push_back(normalizer);
  if (steps.empty()) {
    const auto refuse_metaspace = [] {
      refuse("its spaces do not become U+2581 as SentencePiece's do");
    };
    if (pre_tokenizer["type"].string_or_empty() != "Metaspace" ||
        pre_tokenizer["replacement"].string_or_empty() != kMark ||
        pre_tokenizer["split"].kind() != JsonKind::kFalse)
      refuse_metaspace();
    const std::string scheme =
        pre_tokenizer["prepend_scheme"].string_or_empty();
    if (scheme == "never") return CharacterPieces::Prefix::kNone;
    if (scheme != "first" && scheme != "always") refuse_metaspace();
    return CharacterPieces::Prefix::kSpaceUnlessThere;
  }
  // A Split by spaces finds none any more.
  if (is_set(pre_tokenizer) && !is_spaces(pre_tokenizer, "Split"))
    refuse("its text is cut before it is joined");
  const bool prepends = steps[0]["type"].string_or_empty() == "Prepend" &&
                        steps[0]["prepend"].string_or_empty() == kMark;
  if (steps.size() != 1U + prepends || !is_spaces(steps.back(), "Replace") ||
      steps.back()["content"].string_or_empty() != kMark)
    refuse("its normalizer is not SentencePiece's");
  return prepends ? CharacterPieces::Prefix::kSpace
                  : CharacterPieces::Prefix::kNone;
}

TokenizerModel hugging_face_characters(JsonValue file) {
  const JsonValue model = file["model"];
  if (is_set(model["ignore_merges"])) refuse("its model has ignore_merges");
  const auto prefix = prefix_of(file["normalizer"], file["pre_tokenizer"]);
  CharacterVocabulary vocabulary;
  for (const auto& [name, number] : model["vocab"].members()) {
    const std::string token = name.string();
    if (const auto byte = byte_of(token))
      vocabulary.add_byte(*byte, id_of(number));
    else
      vocabulary.add(token, id_of(number));
  }
  TokenList& list = vocabulary.list();
  const auto id = [&](const std::string& token) {
    const auto found = vocabulary.find(token);
    if (!found) refuse("merges: not of tokens of the vocabulary");
    return *found;
  };
  for (const JsonValue merge : model["merges"].elements()) {
    const auto [left, right] = sides_of(merge);
    list.merges.push_back({id(left), id(right), id(left + right),
                           static_cast<std::uint32_t>(list.merges.size())});
  }
  // SentencePiece's symbols of the user's are among what is added here.
  for (const JsonValue added : file["added_tokens"].elements()) {
    if (added["special"].is_true()) continue;
    for (const char* name : {"single_word", "lstrip", "rstrip", "normalized"})
      if (is_set(added[name])) refuse("an added token is " + std::string(name));
    const std::string token = added["content"].string_or_empty();
    if (!vocabulary.find(token)) vocabulary.add(token, id_of(added["id"]));
    list.symbols.push_back(*vocabulary.find(token));
  }
  if (!list.symbols.empty() && prefix != CharacterPieces::Prefix::kNone)
    refuse("it has added tokens, and puts a space before each text");
  return vocabulary.model(prefix, CharacterPieces::Symbols::kBefore);
}

TokenizerModel hugging_face(JsonValue file) {
  const JsonValue model = file["model"];
  const std::string type = model["type"].string_or_empty();
  if (type != "BPE") refuse("its model is not BPE but '" + type + "'");
  for (const char* name :
       {"dropout", "continuing_subword_prefix", "end_of_word_suffix"})
    if (is_set(model[name])) refuse("its model has " + std::string(name));
  if (is_set(model["byte_fallback"])) return hugging_face_characters(file);
  const auto form = form_of(file["normalizer"]);
  const Cut cut = cut_of_pieces(file["pre_tokenizer"]);
  TokenList list;
  list.whole_pieces = model["ignore_merges"].is_true()
                          ? TokenList::WholePieces::kAreTokens
                          : TokenList::WholePieces::kAreJoined;
  std::unordered_map<std::string, Id> ids;
  for (const auto& [name, number] : model["vocab"].members()) {
    const std::size_t id = id_of(number);
    const auto bytes = bytes_of(name.string());
    if (!bytes || bytes->empty()) continue;
    if (list.tokens.size() <= id) list.tokens.resize(id + 1);
    if (!list.tokens[id].empty() ||
        !ids.try_emplace(*bytes, static_cast<Id>(id)).second)
      refuse("vocab: a token is there twice");
    list.tokens[id] = *bytes;
  }
  const auto id = [&](const std::string& bytes) {
    const auto found = ids.find(bytes);
    if (found == ids.end()) refuse("merges: not of tokens of the vocabulary");
    return found->second;
  };
  for (const JsonValue merge : model["merges"].elements()) {
    const auto sides = sides_of(merge);
    const auto left = bytes_of(sides.first), right = bytes_of(sides.second);
    if (!left || !right) refuse("merges: not of bytes");
    list.merges.push_back({id(*left), id(*right), id(*left + *right),
                           static_cast<std::uint32_t>(list.merges.size())});
  }
  if (list.merges.empty()) refuse("no merges");
  return {{}, cut, form, Bpe(list)};
}

// The fields of a message of protocol buffers, as SentencePiece writes them.
class ProtoFields {
 public:
  explicit ProtoFields(std::string_view message) : rest_(message) {}

  std::uint64_t number = 0;  // of the field
  std::uint64_t value = 0;   // if it is a number
  std::string_view bytes;    // if it is bytes or a message

  // Takes the next field; false at the end.
  bool next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = varint();
    number = key >> 3;
    value = 0;
    bytes = {};
    switch (key & 7) {
      case 0: value = varint(); break;
      case 1: take(8); break;
      case 2: bytes = take(varint()); break;
      case 5: bytes = take(4); break;
      default: cut_off();
    }
    return true;
  }
  // The field of 4 bytes.
  float real() const {
    if (bytes.size() != 4) cut_off();
    std::uint32_t bits = 0;
    for (int i = 3; i >= 0; --i)
      bits = bits << 8 |
             static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
    return std::bit_cast<float>(bits);
  }

 private:
  [[noreturn]] static void cut_off() {
    refuse("neither a text, nor a whole SentencePiece model");
  }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) cut_off();
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t varint() {
    std::uint64_t value_of = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value_of |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value_of;
    }
    cut_off();
  }

  std::string_view rest_;
};

// What a SentencePiece model says besides its pieces. The numbers of fields
// are those of sentencepiece_model.proto.
void check_trainer(std::string_view spec) {
  std::uint64_t type = 1;
  for (ProtoFields field(spec); field.next();) {
    if (field.number == 3) type = field.value;
    if (field.number == 24 && field.value != 0)
      refuse("its white space is a suffix (treat_whitespace_as_suffix)");
  }
  if (type != 2)
    refuse(std::string("its SentencePiece model is not BPE") +
           (type == 1 ? " but Unigram" : ""));
}

CharacterPieces::Prefix check_normalizer(std::string_view spec) {
  bool prefix = true, collapses = true, escapes = true, rewrites = false;
  for (ProtoFields field(spec); field.next();) {
    if (field.number == 2) rewrites = !field.bytes.empty();
    if (field.number == 3) prefix = field.value != 0;
    if (field.number == 4) collapses = field.value != 0;
    if (field.number == 5) escapes = field.value != 0;
  }
  if (rewrites) refuse("its normalizer rewrites characters (charsmap)");
  if (collapses)
    refuse("its normalizer drops white space (remove_extra_whitespaces)");
  if (!escapes) refuse("its spaces stay spaces (escape_whitespaces)");
  return prefix ? CharacterPieces::Prefix::kSpace
                : CharacterPieces::Prefix::kNone;
}

struct SentencePiece {
  enum Type : std::uint64_t {
    kNormal = 1,
    kUnknown,
    kControl,
    kUserDefined,
    kUnused,
    kByte
  };
  std::string text;
  float score = 0;
  std::uint64_t type = kNormal;
};

SentencePiece read_piece(std::string_view bytes) {
  SentencePiece piece;
  for (ProtoFields field(bytes); field.next();) {
    if (field.number == 1) piece.text = field.bytes;
    if (field.number == 2) piece.score = field.real();
    if (field.number == 3) piece.type = field.value;
  }
  return piece;
}

// Any two pieces that form a piece are joined, those of the highest score
// first.
void add_merges(const std::vector<SentencePiece>& pieces,
                CharacterVocabulary& vocabulary) {
  std::vector<std::size_t> by_score;
  for (std::size_t id = 0; id < pieces.size(); ++id)
    if (pieces[id].type == SentencePiece::kNormal) by_score.push_back(id);
  std::stable_sort(by_score.begin(), by_score.end(),
                   [&](std::size_t a, std::size_t b) {
                     return pieces[a].score > pieces[b].score;
                   });
  std::uint32_t rank = 0;
  std::optional<float> score;
  for (const std::size_t id : by_score) {
    const std::string& text = pieces[id].text;
    const std::size_t before = vocabulary.list().merges.size();
    if (score && *score != pieces[id].score)
      rank = static_cast<std::uint32_t>(before);
    score = pieces[id].score;
    for (std::size_t at = 0; at < text.size();) {
      if (at > 0) {
        const auto left = vocabulary.find(text.substr(0, at));
        const auto right = vocabulary.find(text.substr(at));
        if (left && right)
          vocabulary.list().merges.push_back(
              {*left, *right, static_cast<Id>(id), rank});
      }
      const std::size_t start = at;
      take_code_point(text, at);
      if (text.size() > at - start &&
          !vocabulary.find(text.substr(start, at - start)))
        refuse("a piece has a character that is no piece: " + text);
    }
  }
}

TokenizerModel sentence_piece(std::string_view file) {
  std::vector<SentencePiece> pieces;
  bool has_trainer = false;
  auto prefix = CharacterPieces::Prefix::kSpace;
  for (ProtoFields field(file); field.next();) {
    if (field.number == 1) pieces.push_back(read_piece(field.bytes));
    if (field.number == 2) {
      has_trainer = true;
      check_trainer(field.bytes);
    }
    if (field.number == 3) prefix = check_normalizer(field.bytes);
  }
  if (!has_trainer) refuse("neither a text, nor a SentencePiece model");
  if (pieces.size() > Bpe::kMaxTokens)
    refuse("more than " + std::to_string(Bpe::kMaxTokens) + " tokens");
  CharacterVocabulary vocabulary;
  for (std::size_t id = 0; id < pieces.size(); ++id) {
    const SentencePiece& piece = pieces[id];
    if (find_invalid_utf8(piece.text) || piece.text.empty())
      refuse("a piece is no text");
    switch (piece.type) {
      case SentencePiece::kUserDefined:
        vocabulary.list().symbols.push_back(static_cast<Id>(id));
        [[fallthrough]];
      case SentencePiece::kNormal: vocabulary.add(piece.text, id); break;
      case SentencePiece::kByte:
        if (const auto byte = byte_of(piece.text))
          vocabulary.add_byte(*byte, id);
        break;
      case SentencePiece::kUnknown:
      case SentencePiece::kControl: {  // no text has these
        std::size_t size = 0;
        take_code_point(piece.text, size);
        if (size == piece.text.size()) refuse("a character is no text");
        break;
      }
      default: refuse("it has pieces that are unused");
    }
  }
  add_merges(pieces, vocabulary);
  return vocabulary.model(prefix, CharacterPieces::Symbols::kAfter);
}

// tiktoken's lines, by their SHA-256.
constexpr struct {
  std::string_view sha256;
  Cut cut;
  TokenizerModel::Form form;
} kPublished[] = {
    {"82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
     Cut::kCl100k, TokenizerModel::Form::kAsIs},  // Llama 3
    {"d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed",
     Cut::kO200k, TokenizerModel::Form::kAsIs},  // Llama 4
    {"b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186",
     Cut::kQwen2, TokenizerModel::Form::kNfc},  // Qwen
    {"446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
     Cut::kO200k, TokenizerModel::Form::kAsIs},  // o200k_base
    {"223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
     Cut::kCl100k, TokenizerModel::Form::kAsIs},  // cl100k_base
};

TokenizerModel tiktoken(std::string_view bytes, std::string_view sum) {
  for (const auto& known : kPublished) {
    if (known.sha256 != sum) continue;
    TokenList list;
    while (!bytes.empty()) {
      const std::string_view line = bytes.substr(0, bytes.find('\n'));
      bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
      const auto token = decode_base64(line.substr(0, line.find(' ')));
      list.tokens.push_back(token.value_or(""));
    }
    return {{}, known.cut, known.form, Bpe(list)};
  }
  refuse(
      "neither JSON nor a list of tiktoken's that is known (Llama 3 and 4, "
      "Qwen, o200k_base, cl100k_base)");
}

// sum is the SHA-256 of bytes.
TokenizerModel parse(std::string_view bytes, std::string_view sum) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == bytes.npos) refuse("it is empty");
  // A SentencePiece model begins with its first piece, the field 1.
  if (bytes[first] != '{')
    return bytes[0] == '\n' ? sentence_piece(bytes) : tiktoken(bytes, sum);
  JsonReader reader;
  if (const auto error = reader.parse(bytes)) refuse(error->message());
  const JsonValue file = reader.root();
  if (file["config"]["pattern"]) return tekken(file);
  if (file["model"]) return hugging_face(file);
  refuse("neither a tokenizer.json (model) nor a tekken.json (config)");
}

}  // namespace

TokenizerModel parse_tokenizer(std::string_view bytes) {
  return parse(bytes, hex(sha256(bytes)));
}

TokenizerModel read_tokenizer_file(const std::string& path) {
  const std::string bytes = read_all(path), sum = hex(sha256(bytes));
  try {
    TokenizerModel model = parse(bytes, sum);
    model.name = std::filesystem::path(path).filename().string() + '@' +
                 sum.substr(0, 12);
    return model;
  } catch (const std::runtime_error& error) {
    throw Exit(EX_DATAERR,
               path + ": no tokenizer that is read: " + error.what());
  }
}

}  // namespace mill
