#include "lib/answers/dropped_thread.h"

#include <algorithm>
#include <utility>

#include "lib/answers/pick_answer.h"
#include "lib/base/numbers.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

// What it lacks, where that is a number.
std::string lack(const AnswerProfile& profile,
                 const DroppedThread::Answer& answer) {
  if (answer.reason == "answer_below_min_score")
    return ": score " + std::to_string(answer.score) + ", at least " +
           std::to_string(profile.min_answer_score) + " is required";
  if (answer.reason == "answer_too_short")
    return ": " + counted(answer.length, "character", "characters") +
           ", at least " + std::to_string(profile.answer_length.least) +
           " are required";
  return "";
}

}  // namespace

void DroppedThread::explain(const AnswerProfile& profile, std::string why) {
  reason = std::move(why);
  const auto failed = std::find_if(
      answers.begin(), answers.end(),
      [&](const Answer& answer) { return answer.reason == reason; });
  if (failed != answers.end()) {
    detail = failed->id + ", of " +
             counted(answers.size(), "answer", "answers") +
             lack(profile, *failed);
    return;
  }
  const auto rule =
      std::find_if(profile.drop.begin(), profile.drop.end(),
                   [&](const TextRule& one) { return one.reason == reason; });
  if (rule != profile.drop.end())
    detail =
        "a rule of the profile, for the " + std::string(name_of(rule->field));
  else if (const auto drop = std::find_if(
               profile.drop_if.begin(), profile.drop_if.end(),
               [&](const DropIf& one) { return one.reason == reason; });
           drop != profile.drop_if.end())
    detail = "a rule of the profile, for the " +
             std::string(name_of(profile.field_of(*drop)));
  else if (answers.empty())
    detail = reason == "no_answer" ? "no comment on the post" : "the post";
  else
    detail = "of " + counted(answers.size(), "answer", "answers");
}

std::string dropped_json(const DroppedThread& dropped, bool explains) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("id", dropped.id);
  json.member("reason", dropped.reason);
  json.member("detail", dropped.detail);
  if (explains) {
    json.key("why");
    json.begin_array();
    for (const DroppedThread::Answer& answer : dropped.answers) {
      json.begin_object();
      json.member("id", answer.id);
      json.member("reason", answer.reason);
      json.member("score", answer.score);
      json.member("length", answer.length);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
  return text;
}

}  // namespace mill
