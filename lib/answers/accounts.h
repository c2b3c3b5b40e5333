// accounts.h - the accounts that wrote a thread, and where a text names them.
//
//   Accounts accounts;
//   accounts.add("jane_roe_77");
//   accounts.hidden_in("As Jane_Roe_77 said", "")  // "As [USERNAME] said"
//
// A finder of personal data cannot know that "as jane_roe_77 pointed out" names
// someone; who reads the thread does. Any word may be an account's name, and
// many are ("thanks", "Diamond", "reddit"), so that not each such word is meant:
//
//   u/NAME, links to the profile, @NAME      any name
//   two digits or more or '_' in it          as a word of its own, in any case
//   '-', or a capital after a small letter   the same, in the name's own case
//   all other names                          before "pointed out" and the like
//                                            or "'s comment", after "aka" and
//                                            "as", and as their own text's
//                                            signature
//
// A name of less than five characters is of the last kind, whatever it has.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace mill {

class Accounts {
 public:
  // An author's name as Reddit spells it.
  void add(std::string_view name);

  // text with "[USERNAME]", which anonymize would write, in the places of
  // names. writer is the name of who wrote text.
  std::string hidden_in(std::string_view text, std::string_view writer) const;

 private:
  std::unordered_map<std::string, std::string> names_;  // by the lower case
};

}  // namespace mill
