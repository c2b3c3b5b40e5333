// profile.h - what makes a good answer, as data: weights, patterns and lists.
//
// A profile is one JSON object; share/profiles/mtg.json is an example. Every
// key may be left out. A pattern is a regular expression (regex.h), or an array
// of them, of which any may match.
//
//   extends            a built-in profile, whose keys this one replaces
//   description        for people
//   system_prompt      the system message of examples made by it; blank or
//                      missing: none
//   known_judges       names whose answers count as a judge's
//   judge_flair        {matches, unless}: an answerer's flair that says so
//   topic_flair        a post's flair that says that it is on the topic, for
//                      those who ask for such posts only
//   bot_author         names whose posts and comments are not people's
//   rule_reference     a match is the number of a rule
//   card_link          a match is the name of a card
//   asker_thanks       {matches, unless}: the asker's reply to an answer that
//                      helped, and what takes the thanks back
//   asker_confirms     the asker's or a bot's reply that marks an answer as the
//                      solution, as "Solution verified"
//   reply_corrects     a reply that says that the answer is wrong
//   not_own_words      what does not count as the answerer's own words
//   min_own_words      least characters of an answer besides those
//   skip_posts         of over_18, stickied, distinguished, not_text, edited,
//                      and repetitive, symbols (repetition.h)
//   skip_answers       of distinguished, edited, repetitive, symbols
//   languages          the codes of those that both sides must be in, as far as
//                      their language can be told (language.h)
//   max_profanity      greatest share of words of share/profanity.txt, of each
//                      side
//   min_post_score     least points of the post
//   min_question_length, max_question_length, min_answer_length (80),
//   max_answer_length  in characters
//   min_answer_score   least points of an answer (1)
//   allowed_subreddits, blocked_subreddits
//                      names, in any case: the only ones that posts may be of,
//                      and those that they may not
//   drop               {reason: {field, matches, unless}}: drops what has a
//                      match and no exception; fields are title, text,
//                      question, post_flair, subreddit and answer. An extending
//                      profile adds reasons, replaces them, or undoes one by
//                      null
//   doubt              {reason: {field, matches, unless, add}}: the same, but
//                      the post or answer stays, and the confidence changes by
//                      `add`
//   drop_if            names of doubts, and of text_signals without share: what
//                      has one is dropped for that reason, and not only doubted
//   interaction_types  [{type, matches}], the first match counts
//   negation           what, right before a match of interaction_types, makes
//                      it none, as "did not enter "
//   text_signals       {name: {field, matches, share}}: signals of a profile's
//                      own: 1 where a text has a match, else 0; with share:
//                      true the number of matches divided by that of words
//   choice             [addend]: what ranks a thread's answers
//   confidence         {base, max, add: [addend]}
//   calibration        [[from, to]]: maps the sum that confidence makes to the
//                      confidence that is written, linear between the points
//                      and level beyond them (calibration.h)
//
// An addend is one of
//
//   {signal, over, add}         adds `add` if the signal is over `over` (0)
//   {signal, per, max}          the signal divided by `per`, at most `max`
//   {signal, times, up_to, log} the signal, at most `up_to`, with log: true
//                               its natural logarithm (0 of less than 1), times
//                               `times`, to the nearest hundredth
//
// Of several addends of one signal the first that applies counts.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lib/answers/calibration.h"
#include "lib/answers/profile_text.h"
#include "lib/base/regex.h"
#include "lib/text/profanity.h"

namespace mill {

// What can be known of an answer; yes or no is 1 or 0.
enum class Signal : std::uint8_t {
  kScore,
  kLength,  // in code points
  kUpvoteRatio,
  kKnownJudge,
  kJudgeFlair,
  kRuleReference,
  kAskerThanked,
  kControversial,
  kPlace,       // 1: the first of the thread's candidates to be written
  kCandidates,  // how many there are
  kLead,        // its score minus the best of the others'; 0 if it is alone
  kAskerConfirmed,
  kCorrected,  // a reply says that it is wrong, and has the higher score
  kDistinguished,
  kGilded,
  kText,  // one of the profile's text_signals
};

// An amount in whole hundredths, so that sums are exact.
using Hundredths = std::int64_t;

struct Addend {
  Signal signal;
  std::size_t text = 0;  // which of text_signals, for kText
  enum Kind : std::uint8_t { kAdd, kPer, kTimes } kind = kAdd;
  double over = 0;
  Hundredths add = 0;
  double per = 0;
  Hundredths max = std::numeric_limits<Hundredths>::max();
  double times = 0;
  double up_to = std::numeric_limits<double>::infinity();
  bool is_log = false;
  bool is_again = false;  // one before it in its list has the same signal

  bool has_signal_of(const Addend& other) const {
    return signal == other.signal && text == other.text;
  }
  // What it adds for the signal's value; nothing if it does not apply.
  std::optional<Hundredths> amount(double value) const;
};

struct Pattern {
  std::optional<Regex> matches;  // none: everything
  std::optional<Regex> unless;   // none: no exception
  bool is_in(const Subject& text) const {
    return (!matches || matches->is_in(text)) &&
           !(unless && unless->is_in(text));
  }
};

// A rule that speaks against a post or an answer, by its text.
struct TextRule {
  enum Field { kTitle, kText, kQuestion, kPostFlair, kSubreddit, kAnswer };
  std::string reason;
  Field field = kQuestion;
  Pattern pattern;
  Hundredths add = 0;  // of a doubt
};

// The field's name in a profile: "post_flair".
std::string_view name_of(TextRule::Field field);

// A doubt or text signal that drops what it is found in.
struct DropIf {
  std::string reason;
  bool is_doubt;
  std::size_t index;  // among those
};

// A signal that a profile reads from a text.
struct TextSignal {
  std::string name;
  TextRule::Field field = TextRule::kAnswer;
  std::optional<Regex> matches;
  bool is_share = false;  // matches per word, else whether there is one

  double value_in(const Subject& text) const;
};

struct InteractionType {
  std::string name;
  std::optional<Regex> matches;
};

// What a profile passes over.
struct Skips {
  bool over_18 = false, stickied = false, not_text = false;  // of posts only
  bool distinguished = false, edited = false;
  bool repetitive = false, symbols = false;
};

// From least to most, in code points.
struct Lengths {
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

struct AnswerProfile {
  std::set<std::string> known_judges;  // in lower case
  std::optional<Pattern> judge_flair;
  std::optional<Regex> topic_flair;
  std::optional<Regex> bot_author;
  std::optional<Regex> rule_reference;
  std::optional<Regex> card_link;
  std::optional<Pattern> asker_thanks;
  std::optional<Regex> asker_confirms;
  std::optional<Regex> reply_corrects;
  std::optional<Regex> not_own_words;
  std::uint64_t min_own_words = 0;
  Skips skip_posts;
  Skips skip_answers;
  std::set<std::string, std::less<>> languages;  // empty: any
  std::set<std::string> allowed_subreddits;      // in lower case; empty: any
  std::set<std::string> blocked_subreddits;      // in lower case
  std::optional<Profanity> profanity;
  double max_profanity = 1;
  std::optional<std::int64_t> min_post_score;
  Lengths question_length;
  Lengths answer_length{80};
  std::int64_t min_answer_score = 1;
  std::vector<TextRule> drop;
  std::vector<TextRule> doubt;
  std::vector<DropIf> drop_if;
  std::vector<InteractionType> interaction_types;
  std::optional<Regex> negation;
  std::vector<TextSignal> text_signals;
  std::vector<Addend> choice;
  Hundredths base = 0;
  Hundredths max = 100;
  std::vector<Addend> confidence;
  Calibration calibration;

  std::string_view name_of(const Addend& addend) const;
  TextRule::Field field_of(const DropIf& one) const;
  bool is_in(const DropIf& one, const Subject& text) const;
  // Makes the doubts and text signals of these names drop_if. Throws
  // Exit(EX_CONFIG), with no source, for a name that is none's.
  void set_drop_if(const std::vector<std::string>& names);
};

// Reads a profile's JSON text; source names it in messages. Throws
// Exit(EX_CONFIG) with the key that is wrong.
AnswerProfile read_profile(std::string_view json, std::string_view source);

// The profile of a text and those that it extends, as profile_texts() gives
// them. Throws Exit(EX_CONFIG).
AnswerProfile read_profile(const std::vector<ProfileText>& texts);

// The built-in profile of that name, else the file's. Throws Exit: EX_NOINPUT
// if there is neither, EX_CONFIG if it is no profile.
AnswerProfile load_profile(const std::string& name_or_file);

}  // namespace mill
