#include "lib/report/review_page.h"

#include <algorithm>
#include <utility>

#include "lib/base/base64.h"
#include "lib/base/sha256.h"
#include "lib/examples/sample.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"
#include "lib/record/record_text.h"
#include "lib/report/review_files.h"
#include "lib/report/style.h"

namespace mill {

namespace {

std::string text_member(JsonValue record, std::string_view name) {
  return record_value(record, name).string_or_empty();
}

// What a record asks, what answers it and what was rejected for that.
struct Dialog {
  std::string question, answer, rejected;
};

Dialog dialog_of(const ExampleReader& example) {
  Dialog dialog;
  std::vector<const Turn*> asked;
  for (const Turn& turn : example.turns()) {
    if (turn.part == Part::kRejected)
      dialog.rejected = shown_content(turn.content);
    else if (turn.role != Role::kSystem)
      asked.push_back(&turn);
  }
  if (!asked.empty() && asked.back()->role == Role::kAssistant) {
    dialog.answer = shown_content(asked.back()->content);
    asked.pop_back();
  }
  for (const Turn* turn : asked) {
    if (!dialog.question.empty()) dialog.question += "\n\n";
    if (asked.size() > 1) dialog.question += role_name(*turn) + ": ";
    dialog.question += shown_content(turn->content);
  }
  return dialog;
}

// JSON in a script element: no "</script>", and no "<!--", ends it.
std::string as_script(std::string json) {
  for (std::size_t at = 0; (at = json.find('<', at)) != json.npos; ++at)
    json.replace(at, 1, "\\u003c");
  return json;
}

}  // namespace

std::optional<std::string> ReviewPage::add(JsonValue record) {
  std::string id = record_id(record);
  if (id.empty()) return "no id";
  ExampleReader example;
  if (!example.read(record)) return "neither an interaction nor an example";
  Dialog dialog = dialog_of(example);
  if (dialog.question.empty()) return "no question";
  if (dialog.answer.empty()) return "no answer";
  const auto [place, is_new] = places_.emplace(id, records_.size());
  if (is_new)
    records_.push_back({std::move(id),
                        text_member(record, "source_url"),
                        std::move(dialog.question),
                        {}});
  Record& of = records_[place->second];
  add_answer(of, text_member(record, "answer_id"), std::move(dialog.answer));
  if (!dialog.rejected.empty())
    add_answer(of, text_member(record, "rejected_id"),
               std::move(dialog.rejected));
  return std::nullopt;
}

void ReviewPage::add_answer(Record& record, std::string id, std::string text) {
  if (std::any_of(record.answers.begin(), record.answers.end(),
                  [&](const Answer& other) { return other.text == text; }))
    return;
  record.answers.push_back({std::move(id), std::move(text)});
}

void ReviewPage::add_mark(std::string_view line) {
  marks_.append(line).append("\n");
}

std::string ReviewPage::data() const {
  std::string ids;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("records");
  json.begin_array();
  for (const Record& record : records_) {
    json.begin_object();
    json.member("id", record.id);
    const Answer& judged = record.answers.front();
    if (!judged.id.empty()) json.member("answer_id", judged.id);
    if (!record.source.empty()) json.member("source", record.source);
    json.member("question", record.question);
    // By a hash, so that the order says nothing of their rank or age.
    std::vector<std::pair<std::string, const Answer*>> order;
    for (const Answer& answer : record.answers)
      order.emplace_back(hex(sha256(answer.text)), &answer);
    std::sort(order.begin(), order.end());
    json.key("answers");
    json.begin_array();
    std::size_t shown = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const Answer& answer = *order[i].second;
      if (&answer == &judged) shown = i;
      json.begin_object();
      json.member("id", answer.id.empty() ? std::to_string(i + 1) : answer.id);
      json.member("text", answer.text);
      json.end_object();
    }
    json.end_array();
    json.member("shown", shown);
    json.end_object();
    ids += record.id + ' ' + judged.id + '\n';
  }
  json.end_array();
  json.member("marks", marks_);
  // Where the browser keeps the marks: one place for each set of records.
  json.member("key", "answermill review " + hex(sha256(ids)));
  json.end_object();
  return as_script(std::move(out));
}

std::string ReviewPage::html() const {
  const std::string script(review_script());
  const Sha256Digest digest = sha256(script);
  const std::string hash =
      base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
         "<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" "
         "content=\"default-src 'none'; style-src 'unsafe-inline'; "
         "script-src 'sha256-" +
         hash +
         "'\">\n"
         "<meta name=\"viewport\" "
         "content=\"width=device-width, initial-scale=1\">\n"
         "<title>Review</title>\n<style>" +
         std::string(report_style()) + std::string(review_style()) +
         "</style>\n</head>\n<body>\n" + std::string(review_body()) +
         "<script type=\"application/json\" id=\"records\">" + data() +
         "</script>\n<script>" + script + "</script>\n</body>\n</html>\n";
}

}  // namespace mill
