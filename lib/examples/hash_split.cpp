#include "lib/examples/hash_split.h"

#include <cmath>

#include "lib/base/exit.h"
#include "lib/base/numbers.h"
#include "lib/cli/command_line.h"
#include "lib/record/example.h"
#include "lib/record/kind.h"
#include "lib/text/words.h"

namespace mill {

std::array<double, 3> parse_split(std::string_view text) {
  const auto fractions = split_at_commas(text);
  std::array<double, 3> split{};
  bool ok = fractions.size() == split.size();
  for (std::size_t i = 0; ok && i < split.size(); ++i) {
    split[i] = parse_number<double>(fractions[i]).value_or(-1);
    ok = split[i] >= 0;
  }
  constexpr double kTolerance = 1e-9;
  if (!ok || !(std::abs(split[0] + split[1] + split[2] - 1) <= kTolerance))
    throw Exit(EX_USAGE, "--split: '" + std::string(text) +
                             "' is not three fractions that sum to 1");
  return split;
}

Sha256Digest seeded_digest(std::uint64_t seed, std::string_view key) {
  std::string text = std::to_string(seed);
  text += ':';
  text += key;
  return sha256(text);
}

std::size_t part_of(const Sha256Digest& digest,
                    const std::array<double, 3>& split) {
  constexpr double k2To64 = 18446744073709551616.0;
  const double u = static_cast<double>(first_64_bits(digest)) / k2To64;
  if (u < split[0]) return 0;
  return u < split[0] + split[1] ? 1 : 2;
}

std::optional<std::string_view> split_key(JsonValue example,
                                          std::string_view field,
                                          std::string& scratch) {
  if (field.empty()) return example_key(example, scratch);
  if (field == "question") {
    const auto question = question_of(example, scratch);
    if (!question) return std::nullopt;
    std::string words = spell_words(*question);
    if (words.empty()) return question;
    scratch = std::move(words);
    return scratch;
  }
  const JsonValue key = example.at_path(field);
  if (key.is_string()) return key.string(scratch);
  if (key.is_number()) return key.raw();
  return std::nullopt;
}

std::string why_no_split_key(JsonValue example, std::string_view field) {
  if (field == "question") return "no question";
  if (!field.empty()) return std::string(field) + ": not a string";
  const std::string kind = wrong_kind(example, {RecordKind::kExample});
  return kind.empty() ? "no metadata.id and no user message with text" : kind;
}

}  // namespace mill
