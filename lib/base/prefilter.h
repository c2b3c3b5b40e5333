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

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/first_words.h"

namespace mill {

// Which trigrams a text has, case aside; by a hash, so that some seem to be there
// which are not.
class Trigrams {
 public:
  explicit Trigrams(std::string_view text);

  // Products of 16 bits, since all processors have vectors of them.
  static std::uint16_t hash(unsigned char a, unsigned char b, unsigned char c) {
    const unsigned sum = a * 0x9E37U + b * 0x85EBU + c * 0xC2B3U;
    return static_cast<std::uint16_t>(sum) >> (16 - kBits);
  }
  bool has(std::uint16_t trigram) const { return trigrams_[trigram]; }
  // False only if the text does not have that one, ASCII in either case.
  // REQUIRES: it is in lower case.
  bool may_have(std::string_view part) const {
    if (part.size() < 3)
      return std::all_of(part.begin(), part.end(), [this](char c) {
        return has_byte(static_cast<unsigned char>(c));
      });
    for (std::size_t i = 2; i < part.size(); ++i)
      if (!has(hash(static_cast<unsigned char>(part[i - 2]),
                    static_cast<unsigned char>(part[i - 1]),
                    static_cast<unsigned char>(part[i]))))
        return false;
    return true;
  }
  // False only if the text does not have it; letters and blanks, which are in
  // nearly all, are taken to be there.
  bool has_byte(unsigned char byte) const { return bytes_[byte]; }
  bool has_non_ascii() const { return has_non_ascii_; }
  // Letters that are not ASCII but match some that are, if case does not count:
  // anything may match.
  bool is_unknown() const { return is_unknown_; }

 private:
  void read(std::string_view whole);
  static constexpr int kBits = 12;
  static const std::array<bool, 256> kCommon;
  std::array<bool, 1 << kBits> trigrams_{};
  std::array<bool, 256> bytes_ = kCommon;
  bool has_non_ascii_ = false;
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
    if (!found().trigrams) found_->trigrams.emplace(text_);
    return *found_->trigrams;
  }
  bool has_trigrams() const { return found_ && found_->trigrams; }
  // Likewise.
  const std::vector<TextWord>& words() const {
    if (!found().has_words) {
      find_words(text_, found_->words);
      found_->has_words = true;
    }
    return found_->words;
  }

 private:
  // Several kilobytes, which another subject gets afterwards: to ask for them
  // anew costs half of what it takes to fill them.
  struct Found {
    std::optional<Trigrams> trigrams;
    std::vector<TextWord> words;
    bool has_words = false;
  };
  struct GiveBack {
    void operator()(Found* found) const;
  };
  static std::vector<std::unique_ptr<Found>>& spare();
  void take_spare() const;
  Found& found() const {
    if (!found_) take_spare();
    return *found_;
  }

  std::string text_;
  mutable std::unique_ptr<Found, GiveBack> found_;
};

// What every match of a pattern holds: all of it.
struct Requirement {
  struct Trigram {
    std::uint16_t hash;
    int commonness;  // of its characters in texts, about
  };
  std::vector<Trigram> trigrams = {};
  std::vector<unsigned char> bytes = {};
  bool has_non_ascii = false;
  std::vector<std::vector<Requirement>> any = {};  // of each list, one

  bool is_empty() const {
    return trigrams.empty() && bytes.empty() && !has_non_ascii && any.empty();
  }
};

// The same in one row of numbers, since it is asked of every text.
class Needs {
 public:
  Needs() : Needs(Requirement()) {}
  explicit Needs(const Requirement& all) { add(all); }
  bool are_none() const { return parts_.size() == 4; }
  bool hold(const Trigrams& text) const { return hold(text, parts_.data()); }

 private:
  // Each requirement is its size here, how many trigrams, bytes (non-ASCII
  // being one) and lists it has, the trigrams, rarest first, the bytes; of each
  // list how many requirements it has, of how many the rarest trigram is known,
  // all or none, these trigrams, and those requirements.
  void add(const Requirement& all);
  static bool hold(const Trigrams& text, const std::uint32_t* part);

  std::vector<std::uint32_t> parts_;
};

class Prefilter {
 public:
  // A pattern that matches where one of several does can be searched for by
  // those of them alone that a text may match: most texts have the literals of
  // few.
  struct Alternative {
    std::string pattern;
    Needs needs;
  };

  // The pattern is PCRE2's, compiled with UTF, caseless or not.
  explicit Prefilter(std::string_view pattern);

  // A text matches the pattern if it matches one of these; those without a
  // literal are one, the last. Empty: they cannot be told apart.
  const std::vector<Alternative>& alternatives() const { return alternatives_; }

  bool may_match(const Trigrams& text) const {
    return text.is_unknown() || needs_.hold(text);
  }
  // Whether any text is passed over.
  bool is_of_use() const { return !needs_.are_none(); }

  // What its matches begin with, in a text whose trigrams are not unknown.
  const FirstWords& first_words() const { return first_words_; }

 private:
  Needs needs_;
  FirstWords first_words_;
  std::vector<Alternative> alternatives_;
};

}  // namespace mill
