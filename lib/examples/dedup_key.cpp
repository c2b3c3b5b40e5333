#include "lib/examples/dedup_key.h"

#include <bit>
#include <charconv>
#include <cstring>

#include "lib/base/base64.h"
#include "lib/base/sha256.h"
#include "lib/json/json_writer.h"
#include "lib/text/mix.h"

namespace mill {

namespace {

static_assert(std::endian::native == std::endian::little,
              "a key's words are little-endian");

constexpr std::size_t kDigits = 16;

std::uint64_t hash_of(std::string_view record) {
  Hash128 hash;
  hash.add(record);
  return hash.high();
}

std::string hex_of(std::uint64_t number) {
  std::string text(kDigits, '0');
  for (std::size_t i = kDigits; i-- > 0; number >>= 4)
    text[i] = "0123456789abcdef"[number & 0xF];
  return text;
}

bool read_hex(std::string_view text, std::uint64_t& number) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, 16);
  return text.size() == kDigits && error == std::errc() && stop == end;
}

bool read_hex(JsonValue value, std::uint64_t& number) {
  return value.is_string() && read_hex(value.raw_string(), number);
}

bool decode_words(JsonValue value, std::vector<Word>& words) {
  if (!value.is_string()) return false;
  const auto bytes = decode_base64(value.raw_string());
  if (!bytes || bytes->size() % sizeof(Word) != 0) return false;
  words.resize(bytes->size() / sizeof(Word));
  std::memcpy(words.data(), bytes->data(), bytes->size());
  return true;
}

// A record's number, or nothing where there is none.
bool read_overlaps(JsonValue value, std::optional<std::uint32_t>& overlaps) {
  overlaps.reset();
  if (!value) return true;
  const auto number = value.integer();
  if (!number || *number < 0 || *number >= UINT32_MAX) return false;
  overlaps = static_cast<std::uint32_t>(*number);
  return true;
}

}  // namespace

void make_key(std::string_view text, const RecordRank& rank, DedupKey& key) {
  key.is_published = rank.is_published;
  key.confidence = rank.confidence;
  key.time = rank.time;
  key.bytes = rank.record.size();
  key.record = hash_of(rank.record);
  key.id = key.text_high = key.text_low = 0;
  key.overlaps.reset();
  const Sha256Digest digest = sha256(text);
  for (std::size_t i = 0; i < 8; ++i) {
    key.text_high = key.text_high << 8 | digest[i];
    key.text_low = key.text_low << 8 | digest[i + 8];
    key.id = key.id << 8 |
             (i < rank.id.size() ? static_cast<unsigned char>(rank.id[i]) : 0U);
  }
}

void append_key(std::string& out, const DedupKey& key) {
  JsonWriter json(out);
  json.begin_object();
  json.member("bytes", key.bytes);
  json.member("record", hex_of(key.record));
  json.member("text", hex_of(key.text_high) + hex_of(key.text_low));
  if (key.confidence != RecordRank().confidence)
    json.member("confidence", key.confidence);
  if (key.time != RecordRank().time) json.member("time", key.time);
  json.member("id", hex_of(key.id));
  if (key.overlaps) json.member("overlaps", *key.overlaps);
  json.member("sequence", hex_of(key.sequence));
  json.member("words", base64({reinterpret_cast<const char*>(key.words.data()),
                               key.words.size() * sizeof(Word)}));
  json.end_object();
}

bool read_key(JsonValue line, DedupKey& key) {
  const std::string_view text =
      line["text"].is_string() ? line["text"].raw_string() : "";
  const auto bytes = line["bytes"].integer();
  key.confidence =
      line["confidence"].integer().value_or(RecordRank().confidence);
  key.time = line["time"].integer().value_or(RecordRank().time);
  key.bytes = static_cast<std::uint64_t>(bytes.value_or(0));
  return bytes >= 0 && text.size() == 2 * kDigits &&
         read_hex(text.substr(0, kDigits), key.text_high) &&
         read_hex(text.substr(kDigits), key.text_low) &&
         read_hex(line["record"], key.record) && read_hex(line["id"], key.id) &&
         read_hex(line["sequence"], key.sequence) &&
         read_overlaps(line["overlaps"], key.overlaps) &&
         decode_words(line["words"], key.words);
}

bool is_key_of(const DedupKey& key, std::string_view record) {
  return key.bytes == record.size() && key.record == hash_of(record);
}

}  // namespace mill
