#include "lib/answers/pick_answer.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <vector>

#include "lib/answers/accounts.h"
#include "lib/answers/choice.h"
#include "lib/answers/interaction_line.h"
#include "lib/answers/thread.h"
#include "lib/record/kind.h"

namespace mill {

namespace {

Outcome pick(const AnswerProfile& profile, const PickOptions& options,
             const CardNames& cards, JsonValue thread, std::string& out,
             DroppedThread* dropped) {
  const auto drop = [&](std::string reason) {
    if (dropped) dropped->explain(profile, reason);
    return Outcome::drop(std::move(reason));
  };
  if (!thread["post"])
    if (std::string why = wrong_kind(thread, {RecordKind::kThread});
        !why.empty())
      return Outcome::bad(std::move(why));
  const JsonValue comments = thread["comments"];
  for (const auto& [name, value, wanted] :
       {std::tuple{"post", thread["post"], JsonKind::kObject},
        std::tuple{"comments", comments, JsonKind::kArray}})
    if (value.kind() != wanted)
      return Outcome::bad(std::string(name) + ": " +
                          mismatch(describe(wanted), value));

  const ApiEscapes escapes =
      thread["raw_json"].is_true() ? ApiEscapes::kNone : ApiEscapes::kUnknown;
  std::string error;
  const ThreadFields post_fields(thread["post"], std::nullopt, escapes, error);
  Post post = read_post(post_fields);
  if (dropped) *dropped = {.id = post.name};
  auto rejected = reject_post(profile, post_fields, post);
  if (!error.empty()) return Outcome::bad(error);
  if (rejected) return drop(std::move(*rejected));

  Accounts accounts(
      [&](const std::string& name) { return is_bot(profile, name); });
  const auto note_author = [&](const Author& author,
                               const ThreadFields& fields) {
    if (!author.name.empty()) accounts.add(fields.text("author"));
  };
  note_author(post.author, post_fields);
  std::vector<Candidate> candidates;
  Replies replies;
  std::string_view reason = "no_answer";
  int furthest = -1;
  std::size_t index = 0;
  for (const JsonValue comment : comments.elements()) {
    if (!comment.is_object())
      return Outcome::bad("comments[" + std::to_string(index) +
                          "]: " + mismatch("an object", comment));
    const ThreadFields fields(comment, index++, escapes, error);
    Author author(fields);
    note_author(author, fields);
    const std::string parent = fields.text("parent_id");
    const bool is_top_level =
        parent.empty() ? fields.number("depth") == 0 : parent == post.name;
    if (!is_top_level) {
      replies.add(profile, fields, author, post.author, parent);
      continue;
    }
    Candidate candidate{fields.fullname("t1_"), std::move(author)};
    int passed = 0;
    const std::string_view why =
        reject_answer(profile, post.author, fields, candidate, passed);
    if (dropped)
      dropped->answers.push_back({candidate.name, std::string(why),
                                  candidate.score, candidate.length});
    if (why.empty()) {
      read_signals(profile, fields, candidate);
      candidates.push_back(std::move(candidate));
    } else if (passed > furthest) {
      furthest = passed;
      reason = why;
    }
  }
  if (!error.empty()) return Outcome::bad(error);
  if (candidates.empty()) return drop(std::string(reason));

  compare(replies, candidates);
  const bool has_margin = options.explains || options.adds_margin;
  const std::size_t best = has_margin ? 2 : 1;
  put_best_first(profile, post,
                 options.pairs || options.shows_all ? candidates.size() : best,
                 candidates);
  std::optional<Hundredths> margin;
  if (options.pairs) {
    if (candidates.size() == 1) return drop("one_answer");
    keep_pairs(*options.pairs, candidates);
    if (candidates.size() == 1) return drop("no_clear_preference");
  } else if (!options.shows_all) {
    if (candidates.size() > 1 && has_margin)
      margin = candidates[0].choice - candidates[1].choice;
    const std::size_t kept = options.explains ? 2 : 1;
    if (candidates.size() > kept)
      candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(kept),
                       candidates.end());
  }
  const auto hide_accounts = [&](Subject& text, const Author& writer) {
    std::string hidden = accounts.hidden_in(text, writer.name);
    if (hidden == text.text()) return false;
    text = Subject(std::move(hidden));
    return true;
  };
  const bool is_changed = hide_accounts(post.question, post.author);
  for (Candidate& candidate : candidates)
    if (hide_accounts(candidate.answer, candidate.author) || is_changed)
      candidate.text_signals.clear();  // they are of what is written
  const auto write = [&](const ChosenAnswer& answer) {
    write_interaction(profile, options, cards, post, answer, out);
  };
  const auto others = std::span(candidates).subspan(1);
  if (options.pairs) {
    for (const Candidate& other : others)
      write({.candidate = candidates[0], .rejected = &other});
  } else if (options.shows_all) {
    std::size_t rank = 0;
    for (const Candidate& candidate : candidates)
      write({.candidate = candidate, .rank = ++rank});
  } else {
    write({.candidate = candidates[0],
           .margin = margin,
           .runner_up = others.empty() ? nullptr : &others[0]});
  }
  return Outcome::replace();
}

}  // namespace

Outcome PickAnswer::operator()(JsonValue thread, std::string& out,
                               DroppedThread* dropped) const {
  try {
    return pick(profile_, options_, cards_, thread, out, dropped);
  } catch (const RegexGaveUp& gave_up) {
    return Outcome::bad("a pattern of the profile gave up: " +
                        std::string(gave_up.what()));
  }
}

}  // namespace mill
