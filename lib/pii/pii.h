// pii.h - finds personal data and secrets in a text.
//
//   mill::PiiFinder finder(mill::kDefaultPiiTypes);
//   std::vector<mill::PiiSpan> found;
//   finder.find("write to jo@example.org", found);  // {9, 23, kEmailAddress}
//
// The finders read one view of the text (view.h), in which Markdown's escapes,
// the many dashes and spaces and the digits of other scripts are written in one
// way. One pass over it: a table of 256 entries says which bytes can anchor a
// finding ('@', a digit, '/', ...), each anchor has a small function that looks
// around it, and everything else is skipped at about a byte a cycle. Each
// format is anchored at its rarest byte ('J' of "eyJ", '_' of "ghp_") so that
// plain prose calls few functions. How far a function looks is bounded, or what
// it looked at is not looked at again, so that the time is linear in the text.
//
// What overlaps is resolved in this order:
//
//   1. A tag that is in the text already stays: no finding touches it.
//   2. The finding whose anchor comes first wins; at one anchor the more
//      certain one, in the order of look() in pii.cpp. A number that goes on
//      as an e-mail address is the address; the text of a link to a user is
//      the user's name.
//   3. Given names and names after a cue are looked for in what is left.
//   4. Then the text is searched again with tags in place of findings, until
//      nothing is found: so what a finding hid is found too, and a second run
//      changes nothing.
//
// Formats that carry a check (Luhn, mod 97, base58check) are believed where
// they stand; weaker ones (a phone number without a prefix) only near a word
// that says what they are. In code (code.h) only what is certain counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mill {

// What was found. The names are Microsoft Presidio's where it has one, since
// other tools and labeled sets use them.
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
  kName,         // of a person: given to the finder, or after a sure cue
  kDateOfBirth,  // these three only if asked for
  kStreetAddress,
  kSelfDescription,  // age, sex and place: "I'm 23F from Leeds"
  kNothing,          // looked at and kept; also the number of types
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
// What is found unless other types are asked for: what a rule can be sure of.
inline constexpr PiiTypes kDefaultPiiTypes =
    kAllPiiTypes & ~(bit(PiiType::kDateOfBirth) | bit(PiiType::kStreetAddress) |
                     bit(PiiType::kSelfDescription));

// Bytes begin to end of a text; always whole characters.
struct PiiSpan {
  std::size_t begin;
  std::size_t end;
  PiiType type;
  bool operator==(const PiiSpan&) const = default;
};

// What a finder is told besides the types.
struct PiiLists {
  // People to find as kName, whole words, whatever the case and whether
  // letters and their accents are one character or two; a space stands for any
  // white space.
  std::vector<std::string> names = {};
  // First and last names, a word each, that are found as kName only where the
  // text speaks of a person: two in a row, or one after a title, a greeting or
  // "my brother".
  std::vector<std::string> common_names = {};
  // What to keep besides share/pii-allow.txt: lines of such a file.
  std::vector<std::string> allowed = {};
};

class PiiFinder {
 public:
  explicit PiiFinder(PiiTypes types, const PiiLists& lists = {});
  PiiFinder(PiiFinder&&) noexcept;
  ~PiiFinder();

  // Appends what text holds of the wanted types, in order, nothing overlapping,
  // whole characters. A tag "[TYPE]" or "[TYPE:abcdefgh]" is never part of a
  // finding. In the text with tags in place of the findings nothing is found.
  // REQUIRES: valid UTF-8.
  void find(std::string_view text, std::vector<PiiSpan>& found);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The length of the tag that text begins with: "[TYPE]" or "[TYPE:abcdefgh]";
// 0 if it begins with none.
std::size_t tag_length(std::string_view text);

// The value without what makes its spellings differ: letter case, escapes, the
// separators of a number, "u/" before a user's name. Equal results are equal
// values.
std::string normalized(PiiType type, std::string_view value);

}  // namespace mill
