#include "lib/tokens/tokenizer_file.h"

#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/base/exit.h"
#include "lib/base/hash.h"
#include "lib/base/numbers.h"
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

TokenizerModel hugging_face(JsonValue file) {
  const JsonValue model = file["model"];
  const std::string type = model["type"].string_or_empty();
  if (type != "BPE") refuse("its model is not BPE but '" + type + "'");
  for (const char* name : {"dropout", "continuing_subword_prefix",
                           "end_of_word_suffix", "byte_fallback"})
    if (is_set(model[name])) refuse("its model has " + std::string(name));
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
    list.merges.push_back({id(*left), id(*right), id(*left + *right)});
  }
  if (list.merges.empty()) refuse("no merges");
  return {{}, cut, form, Bpe(list)};
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

TokenizerModel tiktoken(std::string_view bytes) {
  const std::string sum = hex(sha256(bytes));
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

}  // namespace

TokenizerModel parse_tokenizer(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == bytes.npos) refuse("it is empty");
  if (bytes[first] != '{') return tiktoken(bytes);
  JsonReader reader;
  if (const auto error = reader.parse(bytes)) refuse(error->message());
  const JsonValue file = reader.root();
  if (file["config"]["pattern"]) return tekken(file);
  if (file["model"]) return hugging_face(file);
  refuse("neither a tokenizer.json (model) nor a tekken.json (config)");
}

TokenizerModel read_tokenizer_file(const std::string& path) {
  const std::string bytes = read_all(path);
  try {
    TokenizerModel model = parse_tokenizer(bytes);
    model.name = std::filesystem::path(path).filename().string() + '@' +
                 hex(sha256(bytes)).substr(0, 12);
    return model;
  } catch (const std::runtime_error& error) {
    throw Exit(EX_DATAERR,
               path + ": no tokenizer that is read: " + error.what());
  }
}

}  // namespace mill
