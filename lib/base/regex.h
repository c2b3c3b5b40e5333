// regex.h - a compiled regular expression, PCRE2 with its just-in-time
// compiler.
//
//   const mill::Regex digits("[0-9]+");
//   if (digits.is_in(text)) ...
//   digits.for_each(text, [](std::string_view found) { ... });
//
// Patterns and texts are UTF-8; letters match in either case unless the
// pattern says (?-i). \C, which matches half a character, is refused. An object
// is for one thread at a time.
//
// PCRE2's own limits do not hold: they count anew at each byte at which a match
// may begin, and do not count the bytes that [^x]* runs over. So steps are
// counted here, over the whole text, and one that needs more than a number for
// each of its bytes is given up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/prefilter.h"

struct pcre2_real_code_8;
struct pcre2_real_match_context_8;
struct pcre2_real_match_data_8;

namespace mill {

// The pattern is wrong; what() says how and at which byte.
struct RegexError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A text made the pattern take too many steps.
struct RegexGaveUp : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Regex {
 public:
  explicit Regex(std::string_view pattern);  // throws RegexError

  // The first match at or after the byte `from`, as a part of text. Throws
  // RegexGaveUp. REQUIRES: text is valid UTF-8, and a character begins at
  // `from`.
  std::optional<std::string_view> find(std::string_view text,
                                       std::size_t from = 0) const;
  bool is_in(std::string_view text) const;
  bool is_in(const Subject& subject) const;
  // False only if neither the subject nor a part of it holds a match; soon known.
  bool may_be_in(const Subject& subject) const;
  // The first nonempty match that is wanted; they are asked for in order, and
  // none overlap.
  using IsWanted = std::function<bool(std::string_view)>;
  std::optional<std::string_view> find_if(std::string_view text,
                                          const IsWanted& is_wanted) const;
  std::optional<std::string_view> find_if(const Subject& subject,
                                          const IsWanted& is_wanted) const;
  // Calls visit with each nonempty match, in order; none overlap.
  template <typename Text>  // a string_view, or a Subject
  void for_each(const Text& text,
                const std::function<void(std::string_view)>& visit) const {
    find_if(text, [&](std::string_view found) {
      visit(found);
      return false;
    });
  }
  // Whether at least so many characters are in no match. It looks no further
  // than for that.
  bool leaves(const Subject& subject, std::uint64_t characters) const;

 private:
  struct Free {
    void operator()(pcre2_real_code_8* code) const;
    void operator()(pcre2_real_match_context_8* context) const;
    void operator()(pcre2_real_match_data_8* match) const;
  };
  std::optional<std::string_view> find(std::string_view text, std::size_t from,
                                       std::size_t& steps) const;
  int match(const pcre2_real_code_8* code, std::string_view text,
            std::size_t from, std::uint32_t limit) const;

  Regex(std::string_view pattern, std::uint32_t options);  // PCRE2's
  const Prefilter& prefilter() const;
  bool is_in_nothing() const;  // an empty text
  // The first match that is wanted, be it empty.
  std::optional<std::string_view> find_next(std::string_view text,
                                            const IsWanted& is_wanted) const;
  // The same, looked for by the words that matches begin with.
  std::optional<std::string_view> find_by_words(
      const Subject& subject, const IsWanted& is_wanted) const;

  std::string pattern_;
  std::uint32_t options_;
  bool is_anchored_ = false;  // it matches at a text's begin alone
  mutable std::optional<bool> is_in_nothing_;
  mutable std::optional<Prefilter> prefilter_;  // made if needed
  // Those of the prefilter's alternatives; each made if needed.
  mutable std::vector<std::unique_ptr<Regex>> alternatives_;
  // The pattern, to be matched at one place; made if needed.
  mutable std::unique_ptr<Regex> at_place_;
  // The pattern, to be searched for up to a place; made if needed.
  mutable std::unique_ptr<Regex> up_to_place_;
  std::unique_ptr<pcre2_real_code_8, Free> code_;
  // Whether code_, and counting_, have machine code, if that has been tried.
  mutable std::optional<bool> is_fast_;
  mutable std::unique_ptr<pcre2_real_code_8, Free> counting_;  // made if needed
  std::unique_ptr<pcre2_real_match_context_8, Free> context_;
  std::unique_ptr<pcre2_real_match_data_8, Free> match_;
};

}  // namespace mill
