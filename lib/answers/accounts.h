// accounts.h - the accounts that wrote a thread, and where a text names them.
//
//   Accounts accounts;
//   accounts.add("jane_roe_77");
//   accounts.hidden_in(Subject("As Jane_Roe_77 said"), "")
//   // "As [USERNAME] said"
//
// A finder of personal data cannot know that "as jane_roe_77 pointed out" names
// someone; a reader of the whole thread can. Any word may be an account's name,
// and many are ("thanks", "Diamond", "reddit"), so that not every such word is
// a mention. Which ones are depends on the name:
//
//   u/NAME, links to the profile, @NAME      any name
//   two digits or more or '_' in it          as a word of its own, in any case
//   '-', or a capital after a small letter   the same, in the name's own case
//   all other names                          before "pointed out" and the like
//                                            or "'s comment", after "aka" and
//                                            "as", and as their own text's
//                                            signature
//
// A name of fewer than five characters is of the last kind, whatever is in it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "lib/base/prefilter.h"

namespace mill {

class Accounts {
 public:
  // is_program tells by its name in lower case what is nobody's account, so
  // that it may be read.
  explicit Accounts(std::function<bool(const std::string&)> is_program = {})
      : is_program_(std::move(is_program)) {}

  // An author's name as Reddit spells it.
  void add(std::string_view name);

  // The text with "[USERNAME]", as anonymize would write, in place of names.
  // writer is the account that wrote it.
  std::string hidden_in(const Subject& subject, std::string_view writer) const;

 private:
  using Names = std::unordered_map<std::string, std::string>;

  // False only if the text has no account's name, but in a link.
  bool may_have_one(const Subject& subject) const;
  // False only if no account has that name.
  bool may_be_one(std::string_view name) const;
  // The account of that name in any case, or the end.
  Names::const_iterator find(std::string_view name) const;

  std::function<bool(const std::string&)> is_program_;
  Names names_;  // as they are spelled, by the lower case
  // Sizes and first bytes of names, a bit each: most words have others.
  std::uint64_t sizes_ = 0, firsts_ = 0;
};

}  // namespace mill
