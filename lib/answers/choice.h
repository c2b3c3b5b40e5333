// choice.h - which of a thread's comments could be its answer (the tests), and
// which of those is the best (the weights).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/answers/pick_answer.h"
#include "lib/answers/profile.h"
#include "lib/answers/thread.h"

namespace mill {

// True if the profile takes the account of that name, in lower case, for a
// program.
bool is_bot(const AnswerProfile& profile, const std::string& name);

// Why the post is not a good question; nothing if it is one.
std::optional<std::string> reject_post(const AnswerProfile& profile,
                                       const ThreadFields& fields,
                                       const Post& post);

// Reads the rest of a comment and tests it. Returns why it cannot be the
// answer, or ""; passed counts the tests it passed.
std::string_view reject_answer(const AnswerProfile& profile,
                               const Author& asker, const ThreadFields& fields,
                               Candidate& candidate, int& passed);

// Reads what the weights look at in the comment itself. REQUIRES: the candidate
// passed its tests.
void read_signals(const AnswerProfile& profile, const ThreadFields& fields,
                  Candidate& candidate);

// What replies say of comments, by the comment's fullname.
struct Replies {
  std::set<std::string> thanked;    // by the asker
  std::set<std::string> confirmed;  // by the asker
  // The best score of a reply that says that the comment is wrong.
  std::map<std::string, double> corrections;

  // Notes the author's reply; parent is what it replies to.
  void add(const AnswerProfile& profile, const ThreadFields& reply,
           const Author& author, const Author& asker,
           const std::string& parent);
};

// Sets in each candidate what the replies and the other candidates say of it.
void compare(const Replies& replies, std::vector<Candidate>& candidates);

// What an addend added, and why.
struct Added {
  const Addend* addend;
  double value;  // the signal's
  Hundredths amount;
};
// The profile's own signals are read here, where an addend asks for them.
std::vector<Added> apply(const AnswerProfile& profile,
                         const std::vector<Addend>& addends, const Post& post,
                         const Candidate& candidate);
Hundredths sum(const std::vector<Added>& added);

// The profile's doubts about the post or the answer.
std::vector<const TextRule*> find_doubts(const AnswerProfile& profile,
                                         const Post& post,
                                         const Candidate& candidate);

// Puts the best `count` candidates first, in order, with their `choice`. Of the
// others those are not read to the end that cannot be among them.
void put_best_first(const AnswerProfile& profile, const Post& post,
                    std::size_t count, std::vector<Candidate>& candidates);

// Keeps of candidates the first and those that it is preferred to.
void keep_pairs(const PairOptions& options, std::vector<Candidate>& candidates);

}  // namespace mill
