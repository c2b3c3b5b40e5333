#include "lib/answers/choice.h"

#include <algorithm>
#include <cstddef>

#include "lib/base/ascii.h"
#include "lib/base/utf8.h"
#include "lib/record/interaction.h"
#include "lib/reddit/markdown.h"
#include "lib/text/language.h"
#include "lib/text/repetition.h"

namespace mill {

namespace {

const Subject& text_of(TextRule::Field field, const Post& post,
                       const Candidate* candidate) {
  switch (field) {
    case TextRule::kTitle: return post.title;
    case TextRule::kText: return post.text;
    case TextRule::kPostFlair: return post.flair;
    case TextRule::kSubreddit: return post.subreddit;
    case TextRule::kAnswer: return candidate->answer;
    case TextRule::kQuestion: break;
  }
  return post.question;
}

bool is_found(const TextRule& rule, const Post& post,
              const Candidate* candidate) {
  // The question is title and text, and has been looked at as a whole anyway.
  const bool is_part =
      rule.field == TextRule::kTitle || rule.field == TextRule::kText;
  if (is_part && rule.pattern.matches &&
      !rule.pattern.matches->may_be_in(post.question))
    return false;
  return rule.pattern.is_in(text_of(rule.field, post, candidate));
}

bool has_own_words(const AnswerProfile& profile, const Candidate& candidate) {
  return profile.not_own_words ? profile.not_own_words->leaves(
                                     candidate.answer, profile.min_own_words)
                               : candidate.length >= profile.min_own_words;
}

void add_once(std::vector<std::string>& list, std::string_view text) {
  if (std::find(list.begin(), list.end(), text) == list.end())
    list.emplace_back(text);
}

double value_of(const AnswerProfile& profile, const Addend& addend,
                const Post& post, const Candidate& candidate) {
  switch (addend.signal) {
    case Signal::kScore: return static_cast<double>(candidate.score);
    case Signal::kLength: return static_cast<double>(candidate.length);
    case Signal::kUpvoteRatio: return post.upvote_ratio;
    case Signal::kKnownJudge: return candidate.is_known_judge;
    case Signal::kJudgeFlair: return candidate.has_judge_flair;
    case Signal::kRuleReference: return !candidate.rules.empty();
    case Signal::kAskerThanked: return candidate.is_asker_thankful;
    case Signal::kControversial: return candidate.is_controversial;
    case Signal::kPlace: return static_cast<double>(candidate.place);
    case Signal::kCandidates: return static_cast<double>(candidate.of);
    case Signal::kLead: return static_cast<double>(candidate.lead);
    case Signal::kAskerConfirmed: return candidate.is_asker_confirmed;
    case Signal::kCorrected: return candidate.is_corrected;
    case Signal::kDistinguished: return candidate.is_distinguished;
    case Signal::kGilded: return candidate.is_gilded;
    case Signal::kText: {
      candidate.text_signals.resize(profile.text_signals.size());
      std::optional<double>& value = candidate.text_signals[addend.text];
      const TextSignal& signal = profile.text_signals[addend.text];
      if (!value)
        value = signal.value_in(text_of(signal.field, post, &candidate));
      return *value;
    }
  }
  return 0;
}

// Whether it adds nothing, whatever the text is.
bool only_lowers(const Addend& addend) {
  return addend.signal == Signal::kText &&
         ((addend.kind == Addend::kAdd && addend.add <= 0) ||
          (addend.kind == Addend::kTimes && addend.times <= 0));
}

// The order of candidates, the best first; no two are equal.
bool is_better(const Candidate& a, const Candidate& b) {
  if (a.choice != b.choice) return a.choice > b.choice;
  if (a.score != b.score) return a.score > b.score;
  if (a.created != b.created) return a.created < b.created;
  return a.name < b.name;
}

bool is_preferred(const Candidate& chosen, const Candidate& other,
                  double score_ratio) {
  return chosen.score > other.score &&
         static_cast<double>(chosen.score) >=
             score_ratio * static_cast<double>(other.score) &&
         other.created > 0 && chosen.created >= other.created;
}

enum class Side { kQuestion, kAnswer };

// What is wrong with the text itself, whatever it says; "" if nothing is.
std::string_view text_fault(const AnswerProfile& profile, Side side,
                            const Subject& subject) {
  const std::string_view text = subject.text();
  const auto fault = [side](std::string_view question,
                            std::string_view answer) {
    return side == Side::kQuestion ? question : answer;
  };
  const Skips& skips =
      side == Side::kQuestion ? profile.skip_posts : profile.skip_answers;
  if (skips.repetitive || skips.symbols) {
    const auto words = split_words(text);
    if (skips.repetitive && is_repetitive(text, words))
      return fault("question_repetitive", "answer_repetitive");
    if (skips.symbols && is_mostly_symbols(subject, words))
      return fault("question_symbols", "answer_symbols");
  }
  if (profile.profanity &&
      profile.profanity->share_in(subject) > profile.max_profanity)
    return fault("question_profane", "answer_profane");
  if (profile.languages.empty()) return {};
  const std::string_view language = language_of(text);
  if (!language.empty() && !profile.languages.contains(language))
    return fault("question_other_language", "answer_other_language");
  return {};
}

// Reddit says when an edit took place, or false.
bool is_edited(const ThreadFields& fields) {
  return fields["edited"].is_true() || fields["edited"].number() > 0;
}

}  // namespace

bool is_bot(const AnswerProfile& profile, const std::string& name) {
  return profile.bot_author && profile.bot_author->is_in(name);
}

std::optional<std::string> reject_post(const AnswerProfile& profile,
                                       const ThreadFields& fields,
                                       const Post& post) {
  const Fate fate = fields.fate();
  if (fate == Fate::kDeleted) return "post_deleted";
  if (fate == Fate::kRemoved) return "post_removed";
  if (is_on_profile(post.subreddit.text(), post.source_url))
    return "post_on_profile";
  if (is_bot(profile, post.author.name)) return "post_by_bot";
  const std::string subreddit = ascii_lower(post.subreddit.text());
  if (!profile.allowed_subreddits.empty() &&
      !profile.allowed_subreddits.contains(subreddit))
    return "subreddit_not_allowed";
  if (profile.blocked_subreddits.contains(subreddit))
    return "subreddit_blocked";
  if (profile.skip_posts.over_18 && fields.is_true("over_18"))
    return "post_over_18";
  if (profile.skip_posts.stickied && fields.is_true("stickied"))
    return "post_stickied";
  if (profile.skip_posts.distinguished && !fields.text("distinguished").empty())
    return "post_distinguished";
  const bool is_link =
      fields["is_self"].is_bool() && !fields.is_true("is_self");
  if (profile.skip_posts.not_text && post.text.empty() &&
      (is_link || post.is_picture))
    return "post_not_text";
  if (profile.skip_posts.edited && is_edited(fields)) return "post_edited";
  if (profile.min_post_score &&
      fields.number("score").value_or(0) <
          static_cast<double>(*profile.min_post_score))
    return "post_below_min_score";
  if (post.question.empty()) return "post_empty";
  const std::uint64_t length = count_code_points(post.question.text());
  if (length < profile.question_length.least) return "question_too_short";
  if (length > profile.question_length.most) return "question_too_long";
  for (const TextRule& rule : profile.drop) {
    if (rule.field == TextRule::kAnswer) continue;
    if (is_found(rule, post, nullptr)) return rule.reason;
  }
  for (const DropIf& drop : profile.drop_if) {
    const TextRule::Field field = profile.field_of(drop);
    if (field != TextRule::kAnswer &&
        profile.is_in(drop, text_of(field, post, nullptr)))
      return drop.reason;
  }
  const auto fault = text_fault(profile, Side::kQuestion, post.question);
  if (!fault.empty()) return std::string(fault);
  return std::nullopt;
}

std::string_view reject_answer(const AnswerProfile& profile,
                               const Author& asker, const ThreadFields& fields,
                               Candidate& candidate, int& passed) {
  passed = 0;
  candidate.answer = Subject(without_media(fields.prose("body")));
  if (candidate.answer.empty() || fields.fate() != Fate::kAlive)
    return "answer_deleted";
  ++passed;
  if (fields.is_true("is_submitter") || candidate.author.is(asker))
    return "answer_by_asker";
  ++passed;
  if (is_bot(profile, candidate.author.name)) return "answer_by_bot";
  ++passed;
  if (fields.is_true("stickied")) return "answer_stickied";
  ++passed;
  if (profile.skip_answers.distinguished &&
      !fields.text("distinguished").empty())
    return "answer_by_moderator";
  ++passed;
  if (profile.skip_answers.edited && is_edited(fields)) return "answer_edited";
  ++passed;
  const auto score = fields.number("score");
  if (!score || fields.is_true("score_hidden")) return "answer_score_hidden";
  candidate.score = static_cast<std::int64_t>(std::clamp(*score, -1e9, 1e9));
  ++passed;
  if (candidate.score < profile.min_answer_score)
    return "answer_below_min_score";
  ++passed;
  candidate.length = count_code_points(candidate.answer.text());
  if (candidate.length < profile.answer_length.least) return "answer_too_short";
  ++passed;
  if (candidate.length > profile.answer_length.most) return "answer_too_long";
  ++passed;
  if (!has_own_words(profile, candidate)) return "answer_mostly_quote_or_link";
  for (const TextRule& rule : profile.drop) {
    if (rule.field != TextRule::kAnswer) continue;
    ++passed;
    if (rule.pattern.is_in(candidate.answer)) return rule.reason;
  }
  for (const DropIf& drop : profile.drop_if) {
    if (profile.field_of(drop) != TextRule::kAnswer) continue;
    ++passed;
    if (profile.is_in(drop, candidate.answer)) return drop.reason;
  }
  ++passed;
  return text_fault(profile, Side::kAnswer, candidate.answer);
}

void read_signals(const AnswerProfile& profile, const ThreadFields& fields,
                  Candidate& candidate) {
  candidate.is_known_judge =
      profile.known_judges.contains(candidate.author.name);
  candidate.has_judge_flair =
      profile.judge_flair &&
      profile.judge_flair->is_in(Subject(fields.text("author_flair_text")));
  candidate.is_controversial = fields.number("controversiality") > 0;
  candidate.is_distinguished = !fields.text("distinguished").empty();
  candidate.is_gilded = fields.number("gilded") > 0;
  if (const auto created = fields.time("created_utc"))
    candidate.created = created->microseconds / 1'000'000;
  if (profile.rule_reference)
    profile.rule_reference->for_each(
        candidate.answer,
        [&](std::string_view rule) { add_once(candidate.rules, rule); });
}

void Replies::add(const AnswerProfile& profile, const ThreadFields& reply,
                  const Author& author, const Author& asker,
                  const std::string& parent) {
  const Subject text(reply.text("body"));
  if (reply.is_true("is_submitter") || author.is(asker)) {
    if (profile.asker_thanks && profile.asker_thanks->is_in(text))
      thanked.insert(parent);
    if (profile.asker_confirms && profile.asker_confirms->is_in(text))
      confirmed.insert(parent);
  } else if (profile.reply_corrects && profile.reply_corrects->is_in(text)) {
    const double score = reply.number("score").value_or(0);
    const auto [found, is_new] = corrections.emplace(parent, score);
    if (!is_new) found->second = std::max(found->second, score);
  }
}

void compare(const Replies& replies, std::vector<Candidate>& candidates) {
  std::vector<std::int64_t> scores, times;
  for (Candidate& one : candidates) {
    one.is_asker_thankful = replies.thanked.contains(one.name);
    one.is_asker_confirmed = replies.confirmed.contains(one.name);
    const auto correction = replies.corrections.find(one.name);
    one.is_corrected = correction != replies.corrections.end() &&
                       correction->second > static_cast<double>(one.score);
    one.of = candidates.size();
    scores.push_back(one.score);
    times.push_back(one.created);
  }
  std::sort(scores.rbegin(), scores.rend());
  std::sort(times.begin(), times.end());
  for (Candidate& one : candidates) {
    const bool is_best = one.score == scores.front();
    const std::size_t other = is_best && scores.size() > 1 ? 1 : 0;
    one.lead = one.score - scores[other];
    const auto earlier =
        std::lower_bound(times.begin(), times.end(), one.created);
    one.place = static_cast<std::size_t>(earlier - times.begin()) + 1;
  }
}

std::vector<Added> apply(const AnswerProfile& profile,
                         const std::vector<Addend>& addends, const Post& post,
                         const Candidate& candidate) {
  std::vector<Added> added;
  added.reserve(addends.size());
  for (const Addend& addend : addends) {
    const auto is_same = [&](const Added& other) {
      return other.addend->has_signal_of(addend);
    };
    if (addend.is_again && std::any_of(added.begin(), added.end(), is_same))
      continue;
    const double value = value_of(profile, addend, post, candidate);
    if (const auto amount = addend.amount(value))
      added.push_back({&addend, value, *amount});
  }
  return added;
}

Hundredths sum(const std::vector<Added>& added) {
  Hundredths total = 0;
  for (const Added& one : added) total += one.amount;
  return total;
}

std::vector<const TextRule*> find_doubts(const AnswerProfile& profile,
                                         const Post& post,
                                         const Candidate& candidate) {
  std::vector<const TextRule*> doubts;
  for (const TextRule& rule : profile.doubt)
    if (is_found(rule, post, &candidate)) doubts.push_back(&rule);
  return doubts;
}

void put_best_first(const AnswerProfile& profile, const Post& post,
                    std::size_t count, std::vector<Candidate>& candidates) {
  // First by the most that each can come to, if not all are wanted: patterns
  // are searched for last.
  const bool takes_all = count >= candidates.size();
  std::vector<Addend> addends = profile.choice;
  if (!takes_all) std::erase_if(addends, only_lowers);
  for (Candidate& one : candidates)
    one.choice = sum(apply(profile, addends, post, one));
  std::sort(candidates.begin(), candidates.end(), is_better);
  if (takes_all || addends.size() == profile.choice.size()) return;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    Candidate& one = candidates[i];
    if (i >= count && is_better(candidates[count - 1], one)) break;
    one.choice = sum(apply(profile, profile.choice, post, one));
    for (std::size_t k = 0; k < std::min(i, count); ++k)
      if (is_better(one, candidates[k])) std::swap(one, candidates[k]);
  }
}

void keep_pairs(const PairOptions& options,
                std::vector<Candidate>& candidates) {
  const auto others = candidates.begin() + 1;
  candidates.erase(std::remove_if(others, candidates.end(),
                                  [&](const Candidate& other) {
                                    return !is_preferred(candidates[0], other,
                                                         options.score_ratio);
                                  }),
                   candidates.end());
  std::stable_sort(
      others, candidates.end(),
      [](const Candidate& a, const Candidate& b) { return a.score < b.score; });
  if (candidates.size() - 1 > options.max_pairs)
    candidates.erase(others + static_cast<std::ptrdiff_t>(options.max_pairs),
                     candidates.end());
}

}  // namespace mill
