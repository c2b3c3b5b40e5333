#include "lib/examples/sample.h"

#include <algorithm>

#include "lib/examples/hash_split.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"

namespace mill {

namespace {

bool is_better(const Sample::Record& a, const Sample::Record& b) {
  return a.digest != b.digest ? a.digest < b.digest : a.position < b.position;
}

}  // namespace

void Sample::offer(std::string_view key, std::string_view source,
                   std::uint64_t line_number, std::string_view text) {
  const Sha256Digest digest = seeded_digest(seed_, key);
  const std::uint64_t position = offered_++;
  if (size_ == 0) return;
  if (heap_.size() == size_) {
    if (heap_.front().digest <= digest) return;
    std::pop_heap(heap_.begin(), heap_.end(), is_better);
    heap_.pop_back();
  }
  heap_.push_back(
      {digest, position, std::string(source), line_number, std::string(text)});
  std::push_heap(heap_.begin(), heap_.end(), is_better);
}

std::vector<Sample::Record> Sample::take() {
  std::sort(heap_.begin(), heap_.end(), [](const Record& a, const Record& b) {
    return a.position < b.position;
  });
  return std::move(heap_);
}

namespace {

void append_line(std::string& out, std::string_view text) {
  out += text;
  if (!out.ends_with('\n')) out += '\n';
}

// "name: value" for the members of object that are not shown otherwise.
template <typename IsShown>
void append_members(std::string& out, JsonValue object,
                    const IsShown& is_shown) {
  for (const auto [key, value] : object.members()) {
    const std::string name = key.string();
    if (!is_shown(name))
      append_line(out, name + ": " + std::string(value.raw()));
  }
}

}  // namespace

std::string shown_content(JsonValue content) {
  if (!content) return "";
  if (content.is_string()) return content.string();
  std::string text;
  bool is_text = content.size() > 0;
  for (const JsonValue part : content.elements()) {
    is_text &= part.size() == 1 && part["text"].is_string();
    if (!is_text) break;
    if (!text.empty()) text += '\n';
    text += part["text"].string();
  }
  return is_text ? text : indent_json(content.raw());
}

std::string render_example(JsonValue record) {
  std::string out;
  ExampleReader example;
  if (!example_format(record) || !example.read(record) ||
      example.turns().empty()) {
    append_line(out, indent_json(record.raw()));
    return out;
  }
  const ExampleFormat& format = example.format();
  Part part = example.turns().front().part;
  for (const Turn& turn : example.turns()) {
    if (turn.part == Part::kRejected && part != Part::kRejected)
      out += "--- rejected:\n\n";
    part = turn.part;
    out += '[';
    out += role_name(turn);
    out += "]\n";
    if (turn.content) append_line(out, shown_content(turn.content));
    append_members(out, turn.turn, [&](std::string_view name) {
      return name == format.role_key || name == format.content_key;
    });
    out += '\n';
  }
  append_members(out, record, [&](std::string_view name) {
    return name == format.schema_key || has_column(format, name);
  });
  return out;
}

}  // namespace mill
