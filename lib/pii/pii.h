// pii.h - finds personal data and secrets in a text.
//
//   mill::PiiFinder finder(mill::kAllPiiTypes);
//   std::vector<mill::PiiSpan> found;
//   finder.find("write to jo@example.org", found);  // {9, 23, kEmailAddress}
//
// One pass: a table of 256 entries says which bytes can anchor a finding ('@',
// a digit, '/', ...), each anchor has a small function that looks around it,
// and everything else is passed over at a byte a cycle or so. Each format is
// anchored at its rarest byte ('J' of "eyJ", '_' of "ghp_") so that plain prose
// asks few questions. How far a function looks is bounded, or what it looked
// over is not looked at again, so that the time is linear in the text.
//
// Formats that carry a check (Luhn, mod 97, base58check) are believed where
// they stand; weaker ones (a phone number without a prefix) only near a word
// that says what they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mill {

// What was found. The names are Microsoft Presidio's where it has one, since
// other tools and labelled sets use them.
enum class PiiType : std::uint8_t {
  kEmailAddress,
  kPhoneNumber,
  kIpAddress,
  kMacAddress,
  kCreditCard,
  kIbanCode,
  kUsSsn,
  kUsername,      // Reddit: u/NAME, profile links
  kSocialHandle,  // @name, name#1234
  kUrlCredentials,
  kApiKey,
  kPrivateKey,
  kCrypto,
  kLocationCoordinates,
  kName,     // one of the names the finder was given
  kNothing,  // looked at and kept; also the number of types
};

// As tags and options write it: "EMAIL_ADDRESS".
std::string_view name(PiiType type);
std::optional<PiiType> pii_type(std::string_view name);

// A set of types, one bit each.
using PiiTypes = std::uint32_t;
constexpr PiiTypes bit(PiiType type) {
  return PiiTypes{1} << static_cast<unsigned>(type);
}
inline constexpr PiiTypes kAllPiiTypes = bit(PiiType::kNothing) - 1;

// Bytes begin to end of a text; always whole characters.
struct PiiSpan {
  std::size_t begin;
  std::size_t end;
  PiiType type;
  bool operator==(const PiiSpan&) const = default;
};

class PiiFinder {
 public:
  // names: people to find as kName, whole words, whatever the case; a space
  // in a name stands for any white space.
  explicit PiiFinder(PiiTypes types,
                     const std::vector<std::string>& names = {});

  // Appends what text holds of the wanted types, in order, nothing overlapping.
  // A tag "[TYPE]" or "[TYPE:abcdefgh]" is never part of a finding, and is to
  // its neighbours what the finding it stands for was. REQUIRES: valid UTF-8.
  void find(std::string_view text, std::vector<PiiSpan>& found) const;

 private:
  void find_names(std::string_view text, std::vector<PiiSpan>& found) const;

  PiiTypes types_;
  // Folded names by their first word.
  std::unordered_map<std::string, std::vector<std::string>> names_;
};

// The length of the tag that text begins with: "[TYPE]" or "[TYPE:abcdefgh]";
// 0 if it begins with none.
std::size_t tag_length(std::string_view text);

// What makes two spellings of one value the same: letter case, the separators
// of a number, "u/" before a user's name. Equal results are equal values.
std::string normalized(PiiType type, std::string_view value);

}  // namespace mill
