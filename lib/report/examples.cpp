#include "lib/report/examples.h"

#include <optional>
#include <vector>

#include "lib/base/numbers.h"
#include "lib/base/utf8.h"
#include "lib/examples/sample.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"
#include "lib/report/html.h"
#include "lib/report/links.h"
#include "lib/version/stages.h"

namespace mill {

namespace {

constexpr std::size_t kShownOpen = 3;

std::string_view first_code_points(std::string_view text, std::size_t count) {
  std::size_t end = 0;
  for (; end < text.size() && count > 0; --count) end += utf8_length(text[end]);
  return text.substr(0, end);
}

// Text of a record, cut off where it is very long.
std::string shown_text(std::string_view text) {
  const std::string_view shown = first_code_points(text, kMaxShown);
  std::string out =
      "<div class=\"text\" dir=\"auto\">" + html(shown) + "</div>\n";
  if (shown.size() < text.size())
    out += "<p class=\"note\">and " +
           counted(count_code_points(text.substr(shown.size())),
                   "more character", "more characters") +
           "</p>\n";
  return out;
}

bool is_system(const Turn& turn) {
  return turn.role == Role::kSystem && role_name(turn) == "system";
}

std::string turn_shown(const Turn& turn) {
  const bool is_rejected = turn.part == Part::kRejected;
  return "<h4>" + html(role_name(turn) + (is_rejected ? " (rejected)" : "")) +
         "</h4>\n" + shown_text(shown_content(turn.content));
}

// The system message that all records begin with; nothing if they do not.
std::optional<std::string> shared_system_message(
    const std::vector<Sample::Record>& records) {
  std::optional<std::string> shared;
  JsonReader reader;
  ExampleReader example;
  for (const Sample::Record& record : records) {
    reader.parse(record.text);
    if (!example.read(reader.root()) || example.turns().empty())
      return std::nullopt;
    const Turn& first = example.turns().front();
    if (!is_system(first)) return std::nullopt;
    const std::string content = shown_content(first.content);
    if (shared && *shared != content) return std::nullopt;
    shared = content;
  }
  return shared;
}

// The beginning of the question's first line; "" where there is none.
std::string question_line(JsonValue example) {
  std::string scratch;
  const std::string_view text = question_of(example, scratch).value_or("");
  return std::string(first_code_points(text.substr(0, text.find('\n')), 100));
}

enum class Shown { kOpen, kClosed };

std::string article(const Sample::Record& record, const std::string& title,
                    Shown shown, bool without_system) {
  JsonReader reader;
  reader.parse(record.text);
  std::string out;
  ExampleReader example;
  if (!example_format(reader.root()) || !example.read(reader.root())) {
    out += shown_text(indent_json(record.text));
  } else {
    for (const Turn& turn : example.turns())
      if (!without_system || !is_system(turn)) out += turn_shown(turn);
  }
  out += "<dl class=\"facts\">\n<div><dt>line</dt> <dd>" +
         grouped(record.line_number) + "</dd></div>\n";
  for (const auto& [key, value] : reader.root()["metadata"].members())
    out += "<div><dt>" + html(key.string()) + "</dt> <dd>" +
           linked(plain_text(value)) + "</dd></div>\n";
  out += "</dl>\n";
  const std::string heading = "<h3>" + title + "</h3>";
  if (shown == Shown::kOpen)
    return "<article>\n" + heading + "\n" + out + "</article>\n";
  return "<article><details><summary>" + heading + " <bdi>" +
         html(question_line(reader.root())) + "</bdi></summary>\n" + out +
         "</details></article>\n";
}

}  // namespace

std::string examples_to_read(const DatasetFolder& folder) {
  const auto& records = folder.examples_to_read();
  if (records.empty()) return "<p>The version has no examples.</p>\n";
  std::string out = "<p>Chosen by hash, as <code>sample -n " +
                    std::to_string(records.size()) + " " +
                    html(folder.merged().name) +
                    "</code> chooses them: neither the best nor the "
                    "worst.</p>\n";
  const auto system = shared_system_message(records);
  if (system)
    out += "<h3>The system message of them all</h3>\n" + shown_text(*system);
  for (std::size_t i = 0; i < records.size(); ++i)
    out += article(records[i], "Example " + std::to_string(i + 1),
                   i < kShownOpen ? Shown::kOpen : Shown::kClosed,
                   system.has_value());
  return out;
}

std::string examples_to_doubt(const DatasetFolder& folder) {
  std::string out;
  for (const Foremost::Example& longest : folder.facts().longest.examples())
    out += article(longest.record,
                   counted(static_cast<std::uint64_t>(longest.value),
                           "character", "characters"),
                   Shown::kClosed, true);
  for (const Foremost::Example& least :
       folder.facts().least_confident.examples())
    out += article(least.record, "Confidence " + decimal(-least.value, 9),
                   Shown::kClosed, true);
  for (const Foremost::Example& close : folder.facts().closest.examples())
    out += article(close.record, "Margin " + decimal(-close.value, 2),
                   Shown::kClosed, true);
  if (out.empty()) return "<p>The version has no examples.</p>\n";
  return (folder.facts().margins.records() == 0
              ? "<p>The longest, and those of the least confidence.</p>\n"
              : "<p>The longest, those of the least confidence, and the "
                "closest choices: another answer of the thread was nearly as "
                "good.</p>\n") +
         out;
}

}  // namespace mill
