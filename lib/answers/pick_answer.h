// pick_answer.h - from a thread to its question and best answer.
//
//   const mill::PickAnswer pick(mill::load_profile("mtg"), {});
//   mill::Outcome outcome = pick(thread, out);
//
// A thread is {"post": {...}, "comments": [{...}, ...]}, Reddit's own t3 and t1
// objects of any year: numbers may be strings, members absent or null. First
// the post is tested, then each comment directly under it, and only then is the
// best of those that passed chosen: so a joke with many votes cannot hide an
// answer. No author's name is written: where the question or the answer names
// an account of the thread (accounts.h), "[USERNAME]" takes its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "lib/answers/card_names.h"
#include "lib/answers/dropped_thread.h"
#include "lib/answers/profile.h"
#include "lib/base/timestamp.h"
#include "lib/json/json.h"
#include "lib/record/stage.h"

namespace mill {

// When an answer is clearly preferred to another: its score is higher by the
// factor, and it was not written before the other. An older answer has had more
// readers, so that its higher score alone says little. The rule is that of the
// Stanford Human Preferences data set
// (https://huggingface.co/datasets/stanfordnlp/SHP), the factor 2 that of the
// models trained on it
// (https://huggingface.co/stanfordnlp/SteamSHP-flan-t5-xl).
struct PairOptions {
  double score_ratio = 2;
  std::uint64_t max_pairs = 1;  // of a thread
};

struct PickOptions {
  // Not given: the profile's.
  std::optional<std::int64_t> min_score = {};
  std::optional<std::uint64_t> min_length = {};  // code points
  bool explains = false;                         // adds `why`
  bool adds_margin = false;  // adds `margin`, as explains does, too
  bool shows_all = false;    // a line for each answer that passed
  std::optional<PairOptions> pairs = {};
  // For threads that do not say when they were retrieved.
  std::optional<Timestamp> collected_at = {};
};

class PickAnswer {
 public:
  PickAnswer(AnswerProfile profile, PickOptions options, CardNames cards = {})
      : profile_(std::move(profile)),
        options_(options),
        cards_(std::move(cards)) {
    if (options.min_score) profile_.min_answer_score = *options.min_score;
    if (options.min_length) profile_.answer_length.least = *options.min_length;
  }

  // Writes the interaction, as one line; with pairs, a line for each answer
  // that the chosen one is preferred to, which it holds in rejected,
  // rejected_id and rejected_upvotes, the one with the lowest score first.
  // Drops a thread whose post does not pass (post_deleted, post_removed,
  // post_on_profile, post_by_bot, post_over_18, ..., and the profile's reasons)
  // or that has no answer that does: then the reason is why the comment that
  // came furthest failed (answer_deleted, answer_by_asker, answer_by_bot,
  // answer_stickied, answer_score_hidden, answer_below_min_score,
  // answer_too_short, answer_mostly_quote_or_link, and the profile's), or
  // no_answer; with pairs, one_answer, or no_clear_preference. *dropped, where
  // it is given, says more. Bad if this is not a thread.
  Outcome operator()(JsonValue thread, std::string& out,
                     DroppedThread* dropped = nullptr) const;

  const AnswerProfile& profile() const { return profile_; }

 private:
  AnswerProfile profile_;
  PickOptions options_;
  CardNames cards_;
};

}  // namespace mill
