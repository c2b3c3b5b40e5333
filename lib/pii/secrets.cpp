// Keys and tokens of well-known services, private keys, crypto addresses. The
// formats are those that their issuers document; each begins with a prefix made
// for finding it.

#include <array>
#include <cstring>
#include <iterator>

#include "lib/base/sha256.h"
#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

bool is_base32_upper(char c) { return is_upper(c) || is_digit(c); }

// A prefix, and what follows it: from `least` to `most` bytes of a kind.
struct KeyFormat {
  std::string_view prefix;
  std::size_t anchor;  // which byte of the prefix the scan stops at
  bool (*is_tail)(char);
  std::size_t least;
  std::size_t most;
};

constexpr KeyFormat kKeyFormats[] = {
    {"AKIA", 1, is_base32_upper, 16, 16},  // AWS access key
    {"ASIA", 1, is_base32_upper, 16, 16},  // AWS, temporary
    {"AIza", 1, is_token, 35, 35},         // Google API key
    {"ya29.", 4, is_token, 20, 2048},      // Google OAuth
    {"ghp_", 3, is_alnum, 36, 255},        // GitHub
    {"gho_", 3, is_alnum, 36, 255},
    {"ghu_", 3, is_alnum, 36, 255},
    {"ghs_", 3, is_alnum, 36, 255},
    {"ghr_", 3, is_alnum, 36, 255},
    {"github_pat_", 6, is_word, 36, 255},
    {"glpat-", 5, is_token, 20, 255},  // GitLab
    {"xoxb-", 4, is_token, 20, 255},   // Slack
    {"xoxp-", 4, is_token, 20, 255},
    {"xoxa-", 4, is_token, 20, 255},
    {"xoxr-", 4, is_token, 20, 255},
    {"xoxs-", 4, is_token, 20, 255},
    {"xoxe-", 4, is_token, 20, 255},
    {"xapp-", 4, is_token, 20, 255},
    {"sk_live_", 2, is_alnum, 16, 255},  // Stripe
    {"sk_test_", 2, is_alnum, 16, 255},
    {"rk_live_", 2, is_alnum, 16, 255},
    {"rk_test_", 2, is_alnum, 16, 255},
    {"whsec_", 5, is_alnum, 24, 255},
    {"sk-", 2, is_token, 20, 255},  // OpenAI, Anthropic
    {"hf_", 2, is_alnum, 30, 64},   // Hugging Face
    {"npm_", 3, is_alnum, 36, 36},
    {"pypi-", 4, is_token, 50, 2048},
    {"dop_v1_", 3, is_hex, 64, 64},  // DigitalOcean
    {"shpat_", 5, is_hex, 32, 32},   // Shopify
    {"r8_", 2, is_alnum, 37, 37},    // Replicate
    {"gsk_", 3, is_alnum, 48, 64},   // Groq
};

// The anchor and the byte before it, as one number.
constexpr unsigned pair(char before, char anchor) {
  return static_cast<unsigned>(static_cast<unsigned char>(before)) << 8 |
         static_cast<unsigned char>(anchor);
}

constexpr std::size_t kKeyFormatCount = std::size(kKeyFormats);

constexpr std::array<unsigned, kKeyFormatCount> make_pairs() {
  std::array<unsigned, kKeyFormatCount> pairs{};
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    const KeyFormat& format = kKeyFormats[k];
    pairs[k] =
        pair(format.prefix[format.anchor - 1], format.prefix[format.anchor]);
  }
  return pairs;
}

constexpr std::array<unsigned, kKeyFormatCount> kPairs = make_pairs();

}  // namespace

MaybeSpan find_key(const Scan& scan, std::size_t i) {
  const unsigned wanted = pair(scan.before(i), scan.text[i]);
  for (std::size_t k = 0; k < kKeyFormatCount; ++k) {
    const KeyFormat& format = kKeyFormats[k];
    if (kPairs[k] != wanted || i < scan.floor + format.anchor) continue;
    const std::size_t begin = i - format.anchor;
    if (scan.text.compare(begin, format.prefix.size(), format.prefix) != 0 ||
        is_token(scan.before(begin)))
      continue;
    const std::size_t tail = begin + format.prefix.size();
    std::size_t end = tail;
    bool has_digit = false;
    while (end < scan.text.size() && format.is_tail(scan.text[end]) &&
           end - tail <= format.most) {
      has_digit |= is_digit(scan.text[end]);
      ++end;
    }
    // Words alone, as in "sk-learn-something-or-other", are no key; nor is a
    // longer run, of which this would be the beginning.
    if (end - tail < format.least || end - tail > format.most || !has_digit)
      continue;
    return PiiSpan{begin, end, PiiType::kApiKey};
  }
  return std::nullopt;
}

// A PEM block, to the end of its last line. Where that was cut off, as far as
// lines of base64 go.
MaybeSpan find_private_key(const Scan& scan, std::size_t i) {
  constexpr std::string_view kBegin = "-----BEGIN ", kKey = "PRIVATE KEY";
  constexpr std::string_view kDashes = "-----", kEnd = "-----END ";
  if (scan.text.compare(i, kBegin.size(), kBegin) != 0) return std::nullopt;
  const std::string_view title =
      scan.text.substr(i + kBegin.size(), 40);  // "OPENSSH PRIVATE KEY-----"
  const std::size_t title_end = title.find(kDashes);
  const std::size_t key = title.find(kKey);
  if (title_end == title.npos || key > title_end) return std::nullopt;
  const std::size_t body = i + kBegin.size() + title_end + kDashes.size();
  const std::size_t dashes = scan.text.find(kDashes, body);
  if (dashes != scan.text.npos &&
      scan.text.compare(dashes, kEnd.size(), kEnd) == 0) {
    const std::size_t close = scan.text.find(kDashes, dashes + kEnd.size());
    if (close != scan.text.npos && close < dashes + 60 &&
        scan.slice(i, close).find(kTag) == std::string_view::npos)
      return PiiSpan{i, close + kDashes.size(), PiiType::kPrivateKey};
  }
  constexpr std::size_t kShortestLine = 16;
  std::size_t end = body;
  for (std::size_t at = body;;) {
    // A line's end may be written out: "\n" in code.
    while (is_space(scan.at(at)) ||
           (scan.at(at) == '\\' && scan.at(at + 1) == 'n'))
      at += scan.at(at) == '\\' ? 2 : 1;
    const std::size_t line = scan.run_after(at, [](char c) {
      return is_alnum(c) || c == '+' || c == '/' || c == '=';
    });
    if (line < at + kShortestLine) break;
    end = at = line;
  }
  if (end == body) return std::nullopt;
  return PiiSpan{i, end, PiiType::kPrivateKey};
}

// A JSON Web Token: "eyJ" is {" in base64; header, payload and signature.
MaybeSpan find_jwt(const Scan& scan, std::size_t i) {
  if (i < scan.floor + 2 || scan.slice(i - 2, i) != "ey" ||
      is_token(scan.before(i - 2)))
    return std::nullopt;
  const std::size_t header = scan.run_after(i, is_token);
  if (header < i + 10 || scan.text.compare(header, 4, ".eyJ") != 0)
    return std::nullopt;
  std::size_t end = scan.run_after(header + 1, is_token);
  if (scan.at(end) == '.') end = scan.run_after(end + 1, is_token);
  return PiiSpan{i - 2, end, PiiType::kApiKey};
}

// Telegram: 8 to 10 digits, ':' and 35 bytes. Discord: three parts of 23 to
// 28, 6 or 7, and 27 to 40 bytes of base64, anchored at the first full stop;
// the first is a number in base64 and so begins with M, N or O.
MaybeSpan find_bot_token(const Scan& scan, std::size_t i) {
  if (is_digit(scan.text[i])) {
    const std::size_t colon = scan.run_after(i, is_digit);
    if (colon < i + 8 || colon > i + 10 || scan.at(colon) != ':' ||
        is_token(scan.before(i)))
      return std::nullopt;
    const std::size_t end = scan.run_after(colon + 1, is_token);
    if (end != colon + 36) return std::nullopt;
    return PiiSpan{i, end, PiiType::kApiKey};
  }
  std::size_t second = i + 7;
  if (scan.at(second) != '.' && scan.at(++second) != '.') return std::nullopt;
  for (std::size_t k = i + 1; k < second; ++k)
    if (!is_token(scan.text[k])) return std::nullopt;
  const std::size_t begin = scan.run_before(i, 29, is_token);
  if (i - begin < 23 || i - begin > 28 || scan.text[begin] < 'M' ||
      scan.text[begin] > 'O')
    return std::nullopt;
  std::size_t end = second + 1;
  while (is_token(scan.at(end)) && end - second <= 41) ++end;
  if (end - second - 1 < 27 || end - second - 1 > 40) return std::nullopt;
  return PiiSpan{begin, end, PiiType::kApiKey};
}

// ---- crypto addresses -------------------------------------------------------

namespace {

constexpr std::string_view kBase58 =
    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kBech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

// Base58Check: 25 bytes, the last four of which begin the double SHA-256 of
// the others.
bool passes_base58check(std::string_view text) {
  std::array<unsigned char, 25> bytes{};
  for (const char c : text) {
    unsigned carry = static_cast<unsigned>(kBase58.find(c));
    for (std::size_t k = bytes.size(); k-- > 0;) {
      carry += bytes[k] * 58U;
      bytes[k] = static_cast<unsigned char>(carry & 0xFF);
      carry >>= 8;
    }
    if (carry != 0) return false;
  }
  const char* const data = reinterpret_cast<const char*>(bytes.data());
  const Sha256Digest once = sha256({data, 21});
  const Sha256Digest twice =
      sha256({reinterpret_cast<const char*>(once.data()), once.size()});
  return std::memcmp(twice.data(), data + 21, 4) == 0;
}

// Bech32 (BIP 173) and Bech32m (BIP 350) with the prefix "bc".
bool passes_bech32(std::string_view data) {
  constexpr std::uint32_t kGenerator[] = {0x3B6A57B2, 0x26508E6D, 0x1EA119FA,
                                          0x3D4233DD, 0x2A1462B3};
  std::uint32_t check = 1;
  auto add = [&](std::uint32_t value) {
    const std::uint32_t top = check >> 25;
    check = (check & 0x1FFFFFF) << 5 ^ value;
    for (unsigned k = 0; k < 5; ++k)
      if (top >> k & 1) check ^= kGenerator[k];
  };
  for (const std::uint32_t value : {3U, 3U, 0U, 2U, 3U}) add(value);  // "bc"
  for (const char c : data) {
    const std::size_t value = kBech32.find(lower(c));
    if (value == kBech32.npos) return false;
    add(static_cast<std::uint32_t>(value));
  }
  return check == 1 || check == 0x2BC830A3;
}

}  // namespace

// Anchored at the first digit: 1... and 3... (Base58Check), bc1..., 0x and 40
// hexadecimal digits.
MaybeSpan find_crypto(const Scan& scan, std::size_t i) {
  constexpr std::size_t kLongest = 90;
  auto run_end = [&](std::size_t from) {
    std::size_t end = from;
    while (is_alnum(scan.at(end)) && end - from <= kLongest) ++end;
    return end;
  };
  const char c = scan.text[i];
  if (c == '0' && scan.at(i + 1) == 'x') {
    if (is_token(scan.before(i))) return std::nullopt;
    const std::size_t end = run_end(i);
    if (end - i != 42 || scan.at(end) == '_') return std::nullopt;
    for (std::size_t k = i + 2; k < end; ++k)
      if (!is_hex(scan.text[k])) return std::nullopt;
    return PiiSpan{i, end, PiiType::kCrypto};
  }
  if (c == '1' && i >= scan.floor + 2 &&
      equals_ignoring_case(scan.slice(i - 2, i), "bc")) {
    if (is_token(scan.before(i - 2))) return std::nullopt;
    const std::size_t end = run_end(i);
    if (end - i < 12 || scan.at(end) == '_' ||
        !passes_bech32(scan.slice(i + 1, end)))
      return std::nullopt;
    return PiiSpan{i - 2, end, PiiType::kCrypto};
  }
  if ((c == '1' || c == '3') && !is_token(scan.before(i))) {
    const std::size_t end = run_end(i);
    if (end - i < 26 || end - i > 35 || scan.at(end) == '_')
      return std::nullopt;
    const std::string_view text = scan.slice(i, end);
    if (text.find_first_not_of(kBase58) != text.npos ||
        !passes_base58check(text))
      return std::nullopt;
    return PiiSpan{i, end, PiiType::kCrypto};
  }
  return std::nullopt;
}

}  // namespace mill::internal
