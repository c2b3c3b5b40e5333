// prefilter.h - whether a pattern can match a text at all, by what each of its
// matches must hold.
//
//   const mill::Subject subject("I'm not sure, but try this");
//   const mill::Prefilter prefilter("(?:im|i am) not (?:so )?sure");
//   prefilter.may_match(subject.trigrams());  // false: a match has "i am not "
//                                             // or "im not "
//
// The idea is that of R. Cox, "Regular Expression Matching with a Trigram Index"
// (https://swtch.com/~rsc/regexp/regexp4.html): a match of the pattern has its
// literals, and so their trigrams; a text without one of them has no match. It
// is found of a text once which trigrams it has, so that a pattern costs a few
// looks. What of a pattern is not understood here is taken to match anything.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mill {

// Which trigrams a text has, case aside; as bits by a hash, so that some seem to
// be there which are not.
class Trigrams {
 public:
  explicit Trigrams(std::string_view text);

  static std::uint16_t hash(unsigned char a, unsigned char b, unsigned char c) {
    return static_cast<std::uint16_t>(
        (std::uint32_t{a} | std::uint32_t{b} << 8 | std::uint32_t{c} << 16) *
            0x9E3779B1U >>
        (32 - kBits));
  }
  bool has(std::uint16_t trigram) const {
    return trigrams_[trigram / 64] >> trigram % 64 & 1;
  }
  bool has_byte(unsigned char byte) const {
    return bytes_[byte / 64] >> byte % 64 & 1;
  }
  bool has_non_ascii() const { return (bytes_[2] | bytes_[3]) != 0; }
  // Letters that are not ASCII but match some that are, if case does not count:
  // anything may match.
  bool is_unknown() const { return is_unknown_; }

 private:
  static constexpr int kBits = 14;
  std::array<std::uint64_t, (1 << kBits) / 64> trigrams_{};
  std::array<std::uint64_t, 4> bytes_{};
  bool is_unknown_ = false;
};

// A text that several patterns are searched for in.
class Subject {
 public:
  Subject() = default;
  explicit Subject(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  // Found when first asked for, by one thread.
  const Trigrams& trigrams() const {
    if (!trigrams_) trigrams_ = std::make_unique<Trigrams>(text_);
    return *trigrams_;
  }

 private:
  std::string text_;
  mutable std::unique_ptr<Trigrams> trigrams_;
};

// What every match of a pattern holds: all of it.
struct Requirement {
  std::vector<std::uint16_t> trigrams = {};
  std::vector<unsigned char> bytes = {};
  bool has_non_ascii = false;
  std::vector<std::vector<Requirement>> any = {};  // of each list, one

  bool is_empty() const {
    return trigrams.empty() && bytes.empty() && !has_non_ascii && any.empty();
  }
  bool holds(const Trigrams& text) const;
};

class Prefilter {
 public:
  // A pattern that matches where one of several does can be searched for by
  // those of them alone that a text may match: most texts have the literals of
  // few.
  struct Alternative {
    std::string pattern;
    Requirement needs;
  };

  // The pattern is PCRE2's, compiled with UTF, caseless or not.
  explicit Prefilter(std::string_view pattern);

  // A text matches the pattern if it matches one of these; those without a
  // literal are one, the last. Empty: they cannot be told apart.
  const std::vector<Alternative>& alternatives() const { return alternatives_; }

  bool may_match(const Trigrams& text) const {
    return text.is_unknown() || requirement_.holds(text);
  }
  // Whether any text is passed over.
  bool is_of_use() const { return !requirement_.is_empty(); }

 private:
  Requirement requirement_;
  std::vector<Alternative> alternatives_;
};

}  // namespace mill
