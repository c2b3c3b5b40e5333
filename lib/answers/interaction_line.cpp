#include "lib/answers/interaction_line.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "lib/answers/choice.h"
#include "lib/base/ascii.h"
#include "lib/base/numbers.h"
#include "lib/base/sha256.h"
#include "lib/base/utf8.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

// 95 as 0.95, 50 as 0.5, 1200 as 12.
std::string hundredths(Hundredths amount) {
  return decimal(static_cast<double>(amount) / 100, 2);
}

void write_list(JsonWriter& json, std::string_view name,
                const std::vector<std::string>& list) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : list) json.value(text);
  json.end_array();
}

void write_why(JsonWriter& json, const AnswerProfile& profile,
               std::string_view of, const std::vector<Added>& addeds) {
  for (const Added& added : addeds) {
    json.begin_object();
    json.member("of", of);
    json.member("signal", profile.name_of(*added.addend));
    if (std::trunc(added.value) == added.value)
      json.member("value", static_cast<std::int64_t>(added.value));
    else
      json.member("value", added.value);
    json.raw_member("add", hundredths(added.amount));
    json.end_object();
  }
}

// An addend of the confidence that is no signal's: its base, a doubt, its
// limit.
void write_why(JsonWriter& json, std::string_view signal, Hundredths amount) {
  json.begin_object();
  json.member("of", "confidence");
  json.member("signal", signal);
  json.raw_member("add", hundredths(amount));
  json.end_object();
}

std::vector<std::string> find_cards(const AnswerProfile& profile,
                                    const CardNames& names, const Post& post,
                                    const Candidate& candidate) {
  std::vector<std::string> cards;
  std::set<std::string> seen;
  const auto add = [&](std::string_view name) {
    if (seen.insert(ascii_lower(name)).second) cards.emplace_back(name);
  };
  for (const Subject* text : {&post.question, &candidate.answer}) {
    if (profile.card_link)
      profile.card_link->for_each(
          *text, [&](std::string_view name) { add(names.spelling(name)); });
    names.for_each(text->text(), add);
  }
  return cards;
}

// True if the text is of the type, and not only by what it denies.
bool is_of(const AnswerProfile& profile, const InteractionType& type,
           const Subject& subject) {
  const std::string_view text = subject.text();
  constexpr std::size_t kBefore = 60;  // bytes, in which a negation stands
  const auto is_meant = [&](std::string_view match) {
    if (!profile.negation) return true;
    const auto at = static_cast<std::size_t>(match.data() - text.data());
    const std::string_view before = utf8_suffix(text.substr(0, at), kBefore);
    return !profile.negation->is_in(before);
  };
  return type.matches->find_if(subject, is_meant).has_value();
}

// By the question if that matches a type, else by the answer.
std::string_view find_type(const AnswerProfile& profile, const Post& post,
                           const Candidate& candidate) {
  for (const Subject* text : {&post.question, &candidate.answer})
    for (const InteractionType& type : profile.interaction_types)
      if (is_of(profile, type, *text)) return type.name;
  return "general";
}

}  // namespace

void write_interaction(const AnswerProfile& profile, const PickOptions& options,
                       const CardNames& cards, const Post& post,
                       const ChosenAnswer& answer, std::string& out) {
  const Candidate& candidate = answer.candidate;
  const std::vector<Added> added =
      apply(profile, profile.confidence, post, candidate);
  const std::vector<const TextRule*> doubts =
      find_doubts(profile, post, candidate);
  Hundredths wanted = profile.base + sum(added);
  for (const TextRule* doubt : doubts) wanted += doubt->add;
  const Hundredths raw = std::clamp(wanted, Hundredths{0}, profile.max);
  const Hundredths confidence =
      std::llround(profile.calibration(static_cast<double>(raw) / 100) * 100);
  const auto collected = post.collected ? post.collected : options.collected_at;

  JsonWriter json(out);
  json.begin_object();
  json.member("id", hex(sha256(post.source_url.empty() ? post.question.text()
                                                       : post.source_url)));
  json.member("question", post.question.text());
  json.member("answer", candidate.answer.text());
  json.raw_member("confidence", hundredths(confidence));
  json.member("upvotes", candidate.score);
  json.member("answered_by_judge",
              candidate.is_known_judge || candidate.has_judge_flair);
  write_list(json, "rule_references", candidate.rules);
  write_list(json, "cards_mentioned",
             find_cards(profile, cards, post, candidate));
  json.member("interaction_type", find_type(profile, post, candidate));
  if (!post.source_url.empty()) json.member("source_url", post.source_url);
  json.member("subreddit", post.subreddit.text());
  write_list(json, "source_tags", {"reddit", "collected_by_pipeline"});
  json.member("post_id", post.name);
  json.member("answer_id", candidate.name);
  if (collected) json.member("collected_at", format_timestamp(*collected));
  if (post.created) json.member("timestamp", format_timestamp(*post.created));
  if (const Candidate* const rejected = answer.rejected) {
    json.member("rejected", rejected->answer.text());
    json.member("rejected_id", rejected->name);
    json.member("rejected_upvotes", rejected->score);
  }
  if (options.shows_all) {
    json.member("rank", answer.rank);
    json.raw_member("candidate_score", hundredths(candidate.choice));
  }
  if (options.explains) {
    json.key("why");
    json.begin_array();
    write_why(json, profile, "choice",
              apply(profile, profile.choice, post, candidate));
    write_why(json, "base", profile.base);
    write_why(json, profile, "confidence", added);
    for (const TextRule* doubt : doubts)
      write_why(json, doubt->reason, doubt->add);
    if (wanted != raw) write_why(json, "limit", raw - wanted);
    if (confidence != raw) write_why(json, "calibration", confidence - raw);
    json.end_array();
    if (!profile.calibration.is_identity())
      json.raw_member("raw_confidence", hundredths(raw));
  }
  if (answer.margin) json.raw_member("margin", hundredths(*answer.margin));
  if (const Candidate* const other = answer.runner_up) {
    json.key("runner_up");
    json.begin_object();
    json.member("answer_id", other->name);
    json.member("upvotes", other->score);
    json.key("why");
    json.begin_array();
    write_why(json, profile, "choice",
              apply(profile, profile.choice, post, *other));
    json.end_array();
    json.end_object();
  }
  json.end_object();
  out += '\n';
}

}  // namespace mill
