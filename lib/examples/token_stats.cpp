#include "lib/examples/token_stats.h"

#include <stdio.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "lib/base/table.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr std::string_view kRoleNames[kRoles] = {
    "system", "user", "assistant", "tool", "other", "text", "overhead"};

Role role_named(std::string_view name) {
  constexpr struct {
    std::string_view name;
    Role role;
  } kNames[] = {
      {"user", Role::kUser},        {"assistant", Role::kAssistant},
      {"system", Role::kSystem},    {"developer", Role::kSystem},
      {"human", Role::kUser},       {"gpt", Role::kAssistant},
      {"model", Role::kAssistant},  {"function_call", Role::kAssistant},
      {"tool", Role::kTool},        {"function", Role::kTool},
      {"observation", Role::kTool},
  };
  for (const auto& known : kNames)
    if (known.name == name) return known.role;
  return Role::kOther;
}

std::string element(std::string_view list, std::size_t index) {
  return std::string(list) + '[' + std::to_string(index) + ']';
}

// The numbers of a summary as a JSON object; null where there are no records.
void write_json(JsonWriter& json, const TokenSummary& summary) {
  json.begin_object();
  json.member("total", summary.total());
  if (summary.records() > 0) {
    json.member("mean", std::round(summary.mean() * 100) / 100);
    json.member("median", summary.percentile(50));
    json.member("p95", summary.percentile(95));
    json.member("max", summary.max());
    json.member("min", summary.min());
  } else {
    for (const char* name : {"mean", "median", "p95", "max", "min"}) {
      json.key(name);
      json.null();
    }
  }
  json.end_object();
}

std::string with_one_decimal(double value) {
  char text[32];
  ::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::vector<std::string> table_row(const std::string& name,
                                   const TokenSummary& summary) {
  std::vector<std::string> row = {name, std::to_string(summary.records()),
                                  std::to_string(summary.total())};
  if (summary.records() == 0)
    row.insert(row.end(), 4, "-");
  else
    row.insert(row.end(), {with_one_decimal(summary.mean()),
                           std::to_string(summary.percentile(50)),
                           std::to_string(summary.percentile(95)),
                           std::to_string(summary.max())});
  return row;
}

}  // namespace

std::string_view name_of(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}

std::optional<std::string> TokenCounter::count(JsonValue record) {
  tokens_ = {};
  if (overhead_ == kChatFrame) tokens_[Role::kOverhead] += 3;
  if (add_record(record)) return std::nullopt;
  return error_;
}

bool TokenCounter::add_record(JsonValue record) {
  if (const JsonValue messages = record["messages"])
    return add_messages(messages, "messages", "role", "content");
  if (const JsonValue conversations = record["conversations"])
    return add_message(record["system"], "system", "system", kOptional) &&
           add_messages(conversations, "conversations", "from", "value");
  if (const JsonValue contents = record["contents"]) {
    if (const JsonValue system = record["systemInstruction"]) {
      add_frame("system");
      if (!add_parts(system["parts"], Role::kSystem, "systemInstruction.parts"))
        return false;
    }
    return add_messages(contents, "contents", "role", "parts");
  }
  if (const JsonValue instruction = record["instruction"]) {
    const JsonValue input = record["input"];
    return add_message(record["system"], "system", "system", kOptional) &&
           add_history(record["history"]) &&
           add_message(instruction, "user", "instruction") &&
           (!input || add_text(input, Role::kUser, "input")) &&
           add_message(record["output"], "assistant", "output");
  }
  if (record["prompt"]) {
    auto add = [&](const char* key, std::string_view role) {
      const JsonValue text = record[key];
      return text.is_array() ? add_messages(text, key, "role", "content")
                             : add_message(text, role, key);
    };
    if (!add("prompt", "user")) return false;
    return record["chosen"]
               ? add("chosen", "assistant") && add("rejected", "assistant")
               : add("completion", "assistant");
  }
  if (const JsonValue question = record["question"]) {
    const JsonValue answer = record["answer"];
    return add_message(question, "user", "question") &&
           add_message(answer ? answer : record["topAnswer"], "assistant",
                       "answer");
  }
  if (const JsonValue text = record["text"]) {
    tokens_[Role::kOverhead] = 0;  // no chat
    return add_text(text, Role::kText, "text");
  }
  error_ =
      "no text: none of messages, conversations, contents, instruction, "
      "prompt, question, text";
  return false;
}

bool TokenCounter::add_messages(JsonValue list, std::string_view key,
                                std::string_view role_key,
                                std::string_view text_key) {
  if (!list.is_array()) return fail(key, "an array", list);
  std::size_t index = 0;
  for (const JsonValue message : list.elements()) {
    auto where = [&](std::string_view member) {
      return element(key, index) + '.' + std::string(member);
    };
    if (!message.is_object())
      return fail(element(key, index), "an object", message);
    const JsonValue role_name = message[role_key];
    if (!role_name.is_string())
      return fail(where(role_key), "a string", role_name);
    const Role role = role_named(role_name.string(scratch_));
    if (overhead_ == kChatFrame) {
      add_frame(role_name.string(scratch_));
      if (const JsonValue name = message["name"]) {
        if (!add_text(name, Role::kOverhead, where("name"))) return false;
        ++tokens_[Role::kOverhead];
      }
    }
    const JsonValue text = message[text_key];
    if (text.is_string())
      tokens_[role] += tokenizer_.count(text.string(scratch_));
    else if (!text.is_null() && !add_parts(text, role, where(text_key)))
      return false;
    ++index;
  }
  return true;
}

bool TokenCounter::add_history(JsonValue history) {
  std::size_t index = 0;
  for (const JsonValue turn : history.elements()) {
    std::string_view role = "user";
    for (const JsonValue text : turn.elements()) {
      if (!add_message(text, role, element("history", index))) return false;
      role = "assistant";
    }
    ++index;
  }
  return true;
}

bool TokenCounter::add_parts(JsonValue parts, Role role,
                             std::string_view where) {
  if (!parts.is_array()) return fail(where, "text", parts);
  std::size_t index = 0;
  for (const JsonValue part : parts.elements()) {
    if (const JsonValue text = part["text"];
        text && !add_text(text, role, element(where, index) + ".text"))
      return false;
    ++index;
  }
  return true;
}

bool TokenCounter::add_message(JsonValue text, std::string_view role,
                               std::string_view key, Need need) {
  if (need == kOptional && (!text || text.is_null())) return true;
  add_frame(role);
  return add_text(text, role_named(role), key);
}

bool TokenCounter::add_text(JsonValue text, Role role, std::string_view where) {
  if (!text.is_string()) return fail(where, "a string", text);
  tokens_[role] += tokenizer_.count(text.string(scratch_));
  return true;
}

void TokenCounter::add_frame(std::string_view role) {
  if (overhead_ == kChatFrame)
    tokens_[Role::kOverhead] += 3 + tokenizer_.count(role);
}

bool TokenCounter::fail(std::string_view where, std::string_view wanted,
                        JsonValue value) {
  error_ = std::string(where) + ": not " + std::string(wanted) + " but " +
           std::string(describe(value.kind()));
  return false;
}

std::uint64_t TokenSummary::percentile(unsigned percent) const {
  const std::uint64_t rank = (records_ * percent + 99) / 100;
  std::uint64_t seen = 0;
  for (const auto& [tokens, records] : counts_) {
    seen += records;
    if (seen >= rank) return tokens;
  }
  return 0;
}

std::vector<TokenSummary::Range> TokenSummary::histogram() const {
  std::vector<Range> ranges;
  for (const auto& [tokens, records] : counts_) {
    const std::uint64_t from = std::bit_floor(tokens);
    while (ranges.empty() || ranges.back().from < from) {
      const std::uint64_t next =
          ranges.empty() ? from
                         : std::max<std::uint64_t>(ranges.back().from * 2, 1);
      ranges.push_back({next, next == 0 ? 0 : next * 2 - 1, 0});
    }
    ranges.back().records += records;
  }
  return ranges;
}

void TokenReport::add(const RoleTokens& tokens, std::size_t file) {
  const std::uint64_t total = tokens.total();
  all.add(total);
  files[file].summary.add(total);
  for (std::size_t i = 0; i < kRoles; ++i) roles.of[i] += tokens.of[i];
}

std::string TokenReport::json() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("encoding", encoding);
  json.member("records", all.records());
  json.key("tokens");
  write_json(json, all);
  json.key("roles");
  json.begin_object();
  for (std::size_t i = 0; i < kRoles; ++i)
    if (roles.of[i] > 0) json.member(kRoleNames[i], roles.of[i]);
  json.end_object();
  json.key("files");
  json.begin_array();
  for (const File& file : files) {
    json.begin_object();
    json.member("file", file.name);
    json.member("records", file.summary.records());
    json.key("tokens");
    write_json(json, file.summary);
    json.end_object();
  }
  json.end_array();
  json.key("histogram");
  json.begin_array();
  for (const TokenSummary::Range& range : all.histogram()) {
    json.begin_object();
    json.member("from", range.from);
    json.member("to", range.to);
    json.member("records", range.records);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

std::string TokenReport::table() const {
  std::vector<std::vector<std::string>> rows = {
      {"file", "records", "tokens", "mean", "median", "p95", "max"}};
  for (const File& file : files)
    rows.push_back(table_row(file.name, file.summary));
  if (files.size() > 1) rows.push_back(table_row("all", all));
  std::string text = "encoding  " + std::string(encoding) + "\n\n";
  text += aligned(rows, {Side::kLeft, Side::kRight});

  rows = {{"role", "tokens", "share"}};
  for (std::size_t i = 0; i < kRoles; ++i) {
    if (roles.of[i] == 0) continue;
    const double share =
        static_cast<double>(roles.of[i]) / static_cast<double>(all.total());
    rows.push_back({std::string(kRoleNames[i]), std::to_string(roles.of[i]),
                    with_one_decimal(share * 100) + "%"});
  }
  if (rows.size() > 1)
    text += '\n' + aligned(rows, {Side::kLeft, Side::kRight});
  return text;
}

std::string TokenReport::bars() const {
  constexpr double kWidest = 50;
  const std::vector<TokenSummary::Range> ranges = all.histogram();
  std::uint64_t most = 0;
  for (const auto& range : ranges) most = std::max(most, range.records);
  std::vector<std::vector<std::string>> rows = {{"tokens", "records"}};
  for (const auto& range : ranges) {
    // Rounded up: where there is a record, there is a mark.
    const double width = std::ceil(static_cast<double>(range.records) /
                                   static_cast<double>(most) * kWidest);
    std::string name = std::to_string(range.from);
    if (range.to > range.from) name += '-' + std::to_string(range.to);
    rows.push_back({name, std::to_string(range.records),
                    std::string(static_cast<std::size_t>(width), '#')});
  }
  return aligned(rows, {Side::kLeft, Side::kRight, Side::kLeft});
}

}  // namespace mill
