#include "lib/report/examples.h"

#include <optional>
#include <vector>

#include "lib/base/numbers.h"
#include "lib/base/utf8.h"
#include "lib/json/json_writer.h"
#include "lib/report/html.h"
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

std::string message(JsonValue message) {
  const JsonValue content = message["content"];
  return "<h4>" +
         html(message["role"] ? plain_text(message["role"]) : "no role") +
         "</h4>\n" +
         shown_text(!content              ? ""
                    : content.is_string() ? content.string()
                                          : indent_json(content.raw()));
}

bool is_system(JsonValue message) {
  return message["role"].is_string() && message["role"].string() == "system";
}

// The system message that all records begin with; nothing if they do not.
std::optional<std::string> shared_system_message(
    const std::vector<Sample::Record>& records) {
  std::optional<std::string> shared;
  JsonReader reader;
  for (const Sample::Record& record : records) {
    reader.parse(record.text);
    const JsonValue messages = reader.root()["messages"];
    if (messages.size() == 0) return std::nullopt;
    const JsonValue first = *messages.elements().begin();
    if (!is_system(first) || !first["content"].is_string()) return std::nullopt;
    const std::string content = first["content"].string();
    if (shared && *shared != content) return std::nullopt;
    shared = content;
  }
  return shared;
}

// The beginning of the question's first line; "" where there is none.
std::string question_line(JsonValue messages) {
  for (const JsonValue said : messages.elements()) {
    if (plain_text(said["role"]) != "user" || !said["content"].is_string())
      continue;
    const std::string text = said["content"].string();
    const std::string_view line =
        std::string_view(text).substr(0, text.find('\n'));
    return std::string(first_code_points(line, 100));
  }
  return "";
}

std::string example(const Sample::Record& record, std::size_t number,
                    bool without_system) {
  JsonReader reader;
  reader.parse(record.text);
  std::string out;
  const JsonValue messages = reader.root()["messages"];
  if (!messages.is_array()) {
    out += shown_text(indent_json(record.text));
  } else {
    for (const JsonValue said : messages.elements())
      if (!without_system || !is_system(said)) out += message(said);
  }
  out += "<dl class=\"facts\">\n<div><dt>line</dt> <dd>" +
         grouped(record.line_number) + "</dd></div>\n";
  for (const auto& [key, value] : reader.root()["metadata"].members())
    out += "<div><dt>" + html(key.string()) + "</dt> <dd>" +
           html(plain_text(value)) + "</dd></div>\n";
  out += "</dl>\n";
  const std::string title = "<h3>Example " + std::to_string(number) + "</h3>";
  if (number <= kShownOpen)
    return "<article>\n" + title + "\n" + out + "</article>\n";
  return "<article><details><summary>" + title + " <bdi>" +
         html(question_line(messages)) + "</bdi></summary>\n" + out +
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
    out += example(records[i], i + 1, system.has_value());
  return out;
}

}  // namespace mill
