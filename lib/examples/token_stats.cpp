#include "lib/examples/token_stats.h"

#include <stdio.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>

#include "lib/base/table.h"
#include "lib/json/json_writer.h"
#include "lib/record/kind.h"

namespace mill {

namespace {

constexpr std::string_view kRoleNames[kRoles] = {
    "system", "user", "assistant", "tool", "other", "text", "overhead"};

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

// The tokens of each role that has any.
void write_roles(JsonWriter& json, const RoleTokens& roles) {
  json.key("roles");
  json.begin_object();
  for (std::size_t i = 0; i < kRoles; ++i)
    if (roles.of[i] > 0) json.member(kRoleNames[i], roles.of[i]);
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
  if (!example_.read(record)) {
    const std::string kind =
        wrong_kind(record, {RecordKind::kExample, RecordKind::kInteraction});
    return !kind.empty() ? kind
                         : "no text: none of messages, conversations, "
                           "contents, instruction, prompt, question, text";
  }
  if (!example_.problem().empty()) return example_.problem();
  tokens_ = {};
  if (chat_ && &example_.format() != &kTextFormat) return count_chat();
  if (overhead_ == kChatFrame && &example_.format() != &kTextFormat)
    tokens_[Role::kOverhead] += 3;
  for (const Turn& turn : example_.turns()) {
    if (overhead_ == kChatFrame && !turn.continues && turn.part != Part::kText)
      if (const auto why = add_frame(turn)) return why;
    for_each_text(turn.content, [&](JsonValue text) {
      tokens_[turn.role] += tokenizer_.count(text.string(scratch_));
    });
  }
  return std::nullopt;
}

std::optional<std::string> TokenCounter::add_frame(const Turn& turn) {
  std::uint64_t& overhead = tokens_[Role::kOverhead];
  overhead += 3 + tokenizer_.count(role_name(turn));
  const JsonValue name = turn.turn["name"];
  if (!name) return std::nullopt;
  if (!name.is_string()) return "name: " + mismatch("a string", name);
  overhead += 1 + tokenizer_.count(name.string(scratch_));
  return std::nullopt;
}

std::optional<std::string> TokenCounter::count_chat() {
  std::uint64_t& overhead = tokens_[Role::kOverhead];
  overhead += static_cast<std::uint64_t>(chat_->at_beginning);
  const bool has_system = chat_->system == ChatTemplate::kOwnMessage;
  std::string system, text, written;
  const auto turns = example_.turns();
  std::size_t after_question = turns.size();  // the last one
  while (after_question > 0 && turns[after_question - 1].role != Role::kUser)
    --after_question;
  for (std::size_t i = 0; i < turns.size();) {
    const Turn& turn = turns[i];
    const std::size_t begin = i;
    text.clear();
    for (bool more = false; i < turns.size() && turns[i].continues == more;
         more = true, ++i) {
      if (more) text += '\n';
      for_each_text(turns[i].content,
                    [&](JsonValue part) { text += part.string(scratch_); });
    }
    if (turn.role == Role::kSystem && !has_system) {
      if (&turn != &turns.front())
        return std::string(chat_->name) +
               ": a system message that is not first";
      system = text + std::string(chat_->after_system);
      continue;
    }
    std::string role = turn.role == Role::kUser     ? "user"
                       : turn.role == Role::kSystem ? "system"
                       : turn.role == Role::kAssistant
                           ? std::string(chat_->assistant)
                           : "";
    if (role.empty())
      return std::string(chat_->name) + ": no message of " + role_name(turn);
    const bool is_answer = turn.role == Role::kAssistant;
    const bool has_tokens = chat_->roles == ChatTemplate::kTokens;
    overhead += has_tokens && is_answer ? 1 : 2;  // that open and close it
    written.clear();
    if (chat_->token_after_role)
      overhead += 1 + tokenizer_.count(role);
    else if (!has_tokens)
      written = role;
    written += chat_->before_text;
    written += system;
    system.clear();
    std::string_view said = text;
    if (chat_->strips == ChatTemplate::kEnds) said = stripped(text);
    if (chat_->strips == ChatTemplate::kAnswersEnd && is_answer)
      said = said.substr(0, said.find_last_not_of(' ') + 1);
    if (chat_->thinks && is_answer) {
      const Thoughts thoughts = split_thoughts(said);
      const bool has_thoughts = !thoughts.thoughts.empty();
      if (said.find("</think>") != said.npos) said = thoughts.answer;
      if (begin >= after_question && (i == turns.size() || has_thoughts)) {
        overhead += 2;  // <think> and </think>
        overhead += tokenizer_.count(written);
        tokens_[turn.role] +=
            tokenizer_.count("\n" + std::string(thoughts.thoughts) + "\n");
        written = "\n\n";
        said = thoughts.answer;
      }
    }
    written += said;
    tokens_[turn.role] += tokenizer_.count(written);
    overhead += tokenizer_.count(chat_->after_message);
  }
  return std::nullopt;
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

std::string TokenReport::counts_json() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("encoding", encoding);
  write_roles(json, roles);
  json.key("files");
  json.begin_array();
  for (const File& file : files) {
    json.begin_object();
    json.member("file", file.name);
    json.key("counts");
    json.begin_array();
    for (const auto& [tokens, records] : file.summary.counts()) {
      json.begin_array();
      json.value(tokens);
      json.value(records);
      json.end_array();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

std::optional<std::string> TokenReport::add_counts(JsonValue counts) {
  if (counts["encoding"].string_or_empty() != encoding)
    return "encoding: not " + encoding;
  RoleTokens its_roles;
  for (const auto& [role, tokens] : counts["roles"].members()) {
    const auto known =
        std::find(std::begin(kRoleNames), std::end(kRoleNames), role.string());
    const auto number = tokens.integer();
    if (known == std::end(kRoleNames) || number.value_or(-1) < 0)
      return "roles: not the tokens of roles";
    its_roles.of[static_cast<std::size_t>(known - std::begin(kRoleNames))] +=
        static_cast<std::uint64_t>(*number);
  }
  std::vector<File> its_files;
  std::uint64_t total = 0;
  for (const JsonValue file : counts["files"].elements()) {
    if (!file["file"].is_string() || !file["counts"].is_array())
      return "files: no file, counts";
    File& its = its_files.emplace_back(File{file["file"].string(), {}});
    for (const JsonValue pair : file["counts"].elements()) {
      std::array<std::int64_t, 2> numbers{-1, -1};
      std::size_t size = 0;
      for (const JsonValue number : pair.elements()) {
        if (size < 2) numbers[size] = number.integer().value_or(-1);
        ++size;
      }
      if (size != 2 || numbers[0] < 0 || numbers[1] < 0)
        return "counts: not tokens and records";
      its.summary.add(static_cast<std::uint64_t>(numbers[0]),
                      static_cast<std::uint64_t>(numbers[1]));
    }
    total += its.summary.total();
  }
  if (its_files.empty()) return "no files: not what --counts --json writes";
  if (total != its_roles.total()) return "roles: not the tokens of all records";
  for (std::size_t i = 0; i < kRoles; ++i) roles.of[i] += its_roles.of[i];
  for (const File& its : its_files) {
    auto file = std::find_if(files.begin(), files.end(),
                             [&](const File& f) { return f.name == its.name; });
    if (file == files.end()) file = files.insert(file, File{its.name, {}});
    for (const auto& [tokens, records] : its.summary.counts()) {
      file->summary.add(tokens, records);
      all.add(tokens, records);
    }
  }
  return std::nullopt;
}

std::string TokenReport::json() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("encoding", encoding);
  json.member("records", all.records());
  json.key("tokens");
  write_json(json, all);
  write_roles(json, roles);
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
