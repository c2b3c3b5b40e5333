#include "lib/examples/validate.h"

#include <algorithm>
#include <array>

#include "lib/base/table.h"
#include "lib/io/lines.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"
#include "lib/text/mix.h"

namespace mill {

namespace {

constexpr std::uint64_t kPrintedFindings = 20;

std::string_view name_of(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

// scratch is for a text without its escapes.
void add_content(Hash128& hash, JsonValue value, std::string& scratch);

// The members, in whatever order, of duplicate keys the last.
class MemberHash {
 public:
  void add(std::string_view key, JsonValue value, std::string& scratch) {
    Hash128 name, member;
    name.add(key);
    member.add(name.high());
    add_content(member, value, scratch);
    members_.push_back({name.low(), member.high(), member.low()});
  }
  void add_to(Hash128& hash) {
    std::stable_sort(
        members_.begin(), members_.end(),
        [](const Member& a, const Member& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (i + 1 < members_.size() && members_[i].name == members_[i + 1].name)
        continue;
      hash.add(members_[i].high);
      hash.add(members_[i].low);
    }
    hash.add(std::string_view("}"));
  }

 private:
  struct Member {
    std::uint64_t name, high, low;
  };
  std::vector<Member> members_;
};

void add_content(Hash128& hash, JsonValue value, std::string& scratch) {
  hash.add(static_cast<std::uint64_t>(value.kind()));
  if (value.is_object()) {
    MemberHash members;
    for (const auto [key, member] : value.members())
      members.add(key.string(scratch), member, scratch);
    members.add_to(hash);
  } else if (value.is_array()) {
    for (const JsonValue element : value.elements())
      add_content(hash, element, scratch);
    hash.add(value.size());
  } else {
    hash.add(value.is_string() ? value.string(scratch) : value.raw());
  }
}

// True if a column holds what is trained on: a text column of some format, or
// another that vendors have.
bool is_content(std::string_view key) {
  constexpr std::string_view kOthers[] = {
      "available_tools",  "content",       "functions",
      "interactions",     "label",         "non_preferred_output",
      "preferred_output", "system_prompt", "tools"};
  return is_text_column(key) ||
         std::find(std::begin(kOthers), std::end(kOthers), key) !=
             std::end(kOthers);
}

// False only if no object in value has a key twice; soon known of most.
bool may_have_key_twice(JsonValue value) {
  std::array<std::string_view, 16> names;
  std::ptrdiff_t size = 0;
  for (const auto [key, member] : value.members()) {
    const std::string_view name = key.raw_string();
    const auto end = names.begin() + size;
    if (end == names.end() || key.is_escaped() ||
        std::find(names.begin(), end, name) != end ||
        may_have_key_twice(member))
      return true;
    *end = name;
    ++size;
  }
  for (const JsonValue element : value.elements())
    if (may_have_key_twice(element)) return true;
  return false;
}

}  // namespace

ContentHash content_hash(JsonValue example) {
  MemberHash members;
  std::string scratch;
  for (const auto [key, value] : example.members()) {
    const std::string_view name = key.string(scratch);
    if (is_content(name)) members.add(name, value, scratch);
  }
  Hash128 hash;
  members.add_to(hash);
  return {hash.high(), hash.low()};
}

Validator::Verdict Validator::check(JsonValue example,
                                    const std::string& source,
                                    std::uint64_t line, Findings& findings) {
  check_example(options_.vendor, example, findings);
  if (may_have_key_twice(example)) check_duplicate_keys(example, "", findings);
  // Together's checker goes by the first line, even if it is invalid.
  if (options_.vendor == Vendor::kTogether || !findings.has_errors())
    check_format(example, findings);
  if (reads_with_arrow(options_.vendor)) check_types(example, "", findings);
  if (options_.max_tokens) check_tokens(findings);
  if (findings.has_errors()) return Verdict::kInvalid;
  return is_duplicate(example, source, line, findings) ? Verdict::kDuplicate
                                                       : Verdict::kValid;
}

void Validator::check_duplicate_keys(JsonValue value, const std::string& path,
                                     Findings& findings) {
  if (value.is_array()) {
    std::size_t i = 0;
    for (const JsonValue element : value.elements()) {
      if (element.is_object() || element.is_array())
        check_duplicate_keys(element, path_to(path, i), findings);
      ++i;
    }
    return;
  }
  std::vector<std::string_view> names;
  std::vector<std::string> unescaped;
  unescaped.reserve(value.size());  // names views its strings
  for (const auto [key, member] : value.members()) {
    names.push_back(key.is_escaped() ? unescaped.emplace_back(key.string())
                                     : key.raw_string());
    if (member.is_object() || member.is_array())
      check_duplicate_keys(member, path_to(path, names.back()), findings);
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return;
  // Apache Arrow, which reads JSON for Hugging Face's datasets, refuses it.
  findings.add(
      reads_with_arrow(options_.vendor) ? Severity::kError : Severity::kWarning,
      "duplicate_key", path_to(path, *twice),
      "the key appears twice in its object; most readers take the last");
}

// Each text is encoded by itself. A token is at least one byte, so that most
// examples are short enough by their bytes alone.
void Validator::check_tokens(Findings& findings) {
  std::uint64_t bytes = 0;
  for (const JsonValue text : findings.texts) bytes += text.raw_string().size();
  if (bytes <= *options_.max_tokens) return;
  if (!tokenizer_) tokenizer_.emplace(options_.encoding);
  std::uint64_t tokens = 0;
  std::string scratch;
  for (const JsonValue text : findings.texts)
    tokens += tokenizer_->count(text.string(scratch));
  if (tokens > *options_.max_tokens)
    findings.error("too_many_tokens", "",
                   std::to_string(tokens) + " tokens are more than " +
                       std::to_string(*options_.max_tokens));
}

void Validator::check_format(JsonValue example, Findings& findings) {
  const std::string_view columns = columns_in_common(options_.vendor, example);
  if (columns.empty()) return;
  if (first_columns_.empty()) first_columns_ = columns;
  if (columns != first_columns_)
    findings.error("inconsistent_format", "",
                   "this line has " + std::string(columns) +
                       ", the lines before have " +
                       std::string(first_columns_));
}

// A column is the values of one path in all lines, whatever the index in a
// list. null goes with every type.
void Validator::check_types(JsonValue value, const std::string& path,
                            Findings& findings) {
  if (value.is_null()) return;
  if (!path.empty()) {
    Column& column = columns_[path];
    JsonKind kind = value.kind();
    if (kind == JsonKind::kFalse) kind = JsonKind::kTrue;
    if (column.kind == JsonKind::kMissing) column.kind = kind;
    if (kind != column.kind)
      findings.error("column_type", path,
                     std::string(describe(kind)) + " here, but " +
                         std::string(describe(column.kind)) + " before");
    if (value.is_array()) {
      (value.size() == 0 ? column.has_empty_list : column.has_filled_list) =
          true;
      if (column.has_empty_list && column.has_filled_list &&
          !column.is_reported) {
        column.is_reported = true;
        findings.warn("empty_list_column", path,
                      "the list is empty in some lines and filled in others; "
                      "a reader may take its type from empty ones only");
      }
    }
  }
  for (const JsonValue element : value.elements())
    check_types(element, path + "[]", findings);
  for (const auto [key, member] : value.members())
    check_types(member, path_to(path, key.string()), findings);
}

bool Validator::is_duplicate(JsonValue example, const std::string& source,
                             std::uint64_t line, Findings& findings) {
  if (options_.duplicates == Duplicates::kAllow) return false;
  if (sources_.empty() || sources_.back() != source) sources_.push_back(source);
  const auto [first, is_new] = seen_.try_emplace(
      content_hash(example), Place{sources_.size() - 1, line});
  if (is_new) return false;
  const Place place = first->second;
  findings.add(
      options_.duplicates == Duplicates::kFail ? Severity::kError
                                               : Severity::kWarning,
      "duplicate", "",
      "the same content as " + place_of(sources_[place.source], place.line));
  return true;
}

FindingLog::FindingLog(Program& program, const std::string& report_path)
    : program_(program) {
  if (report_path.empty()) return;
  report_ = std::make_unique<AtomicFile>(report_path);
  report_->write("{\"findings\":[");
}

void FindingLog::record(const std::string& source, std::uint64_t line,
                        const Finding& finding) {
  Row& row = rows_[{finding.severity, finding.code}];
  if (row.count++ == 0) {
    row.first = line > 0 ? place_of(source, line) : "-";
    row.sentence = finding.sentence;
  }
  if (!report_) return;
  std::string text = findings_++ == 0 ? "\n" : ",\n";
  JsonWriter json(text);
  json.begin_object();
  json.member("severity", name_of(finding.severity));
  json.member("code", finding.code);
  if (line > 0) {
    json.member("file", source);
    json.member("line", line);
    json.member("field", finding.field);
  }
  json.member("sentence", finding.sentence);
  json.end_object();
  report_->write(text);
}

void FindingLog::add(const std::string& source, std::uint64_t line,
                     const Finding& finding) {
  record(source, line, finding);
  errors_ += finding.severity == Severity::kError;
  std::uint64_t& count = finding.severity == Severity::kError
                             ? printed_errors_
                             : printed_warnings_;
  if (++count > kPrintedFindings) return;
  std::string text = finding.field.empty() ? "" : finding.field + ": ";
  text += finding.sentence;
  text += " (";
  text += finding.code;
  text += finding.severity == Severity::kError ? ")" : ", a warning)";
  program_.warn_at(source, line, text);
}

void FindingLog::add_bad_line(const std::string& source, std::uint64_t line,
                              const Finding& finding) {
  record(source, line, finding);
}

void FindingLog::add_to_all(const Finding& finding) {
  record("", 0, finding);
  errors_ += finding.severity == Severity::kError;
  program_.warn(finding.sentence + " (" + std::string(finding.code) + ")");
}

std::string FindingLog::table() const {
  std::vector<std::vector<std::string>> rows{
      {"", "code", "count", "first", "what is wrong"}};
  for (const auto& [key, row] : rows_)
    rows.push_back({std::string(name_of(key.first)), std::string(key.second),
                    std::to_string(row.count), row.first, row.sentence});
  return aligned(
      rows, {Side::kLeft, Side::kLeft, Side::kRight, Side::kLeft, Side::kLeft});
}

void FindingLog::finish(std::string_view profile, bool is_valid,
                        const Stats& stats) {
  if (printed_errors_ > kPrintedFindings)
    program_.warn(std::to_string(printed_errors_ - kPrintedFindings) +
                  " more errors");
  if (printed_warnings_ > kPrintedFindings)
    program_.warn(std::to_string(printed_warnings_ - kPrintedFindings) +
                  " more warnings");
  if (!rows_.empty()) {
    program_.warn(std::to_string(stats.records_written) + " of " +
                  std::to_string(stats.records_read) + " examples are valid");
    program_.show(table());
  }
  if (!report_) return;

  std::string text = findings_ == 0 ? "],\n\"codes\":" : "\n],\n\"codes\":";
  JsonWriter json(text);
  json.begin_array();
  for (const auto& [key, row] : rows_) {
    json.begin_object();
    json.member("severity", name_of(key.first));
    json.member("code", key.second);
    json.member("count", row.count);
    json.member("first", row.first);
    json.member("sentence", row.sentence);
    json.end_object();
  }
  json.end_array();
  text += ",\n\"summary\":";
  JsonWriter summary(text);
  summary.begin_object();
  summary.member("tool", program_.name());
  summary.member("version", version());
  summary.member("profile", profile);
  summary.member("valid", is_valid);
  summary.member("records", stats.records_read);
  summary.member("valid_records", stats.records_written);
  for (const char* reason : {"invalid", "duplicate"}) {
    const auto dropped = stats.dropped.find(reason);
    summary.member(std::string(reason) + "_records",
                   dropped == stats.dropped.end() ? 0 : dropped->second);
  }
  summary.member("bad_records", stats.bad);
  summary.end_object();
  text += "}\n";
  report_->write(text);
  report_->commit();
}

void check_file(Vendor vendor, const Stats& stats, std::uint64_t min_examples,
                Severity worst, FindingLog& log) {
  const FileLimits limits = file_limits(vendor);
  auto few = [&](Severity severity, std::uint64_t wanted) {
    log.add_to_all(
        {severity, "too_few_examples", "",
         "fewer than " + std::to_string(wanted) +
             " valid examples: " + std::to_string(stats.records_written)});
  };
  if (stats.records_written < min_examples)
    few(Severity::kError, min_examples);
  else if (stats.records_written < limits.min_examples)
    few(worst == Severity::kError ? limits.too_few : worst,
        limits.min_examples);
  if (limits.max_examples > 0 && stats.records_written > limits.max_examples)
    log.add_to_all({worst, "too_many_examples", "",
                    std::to_string(stats.records_written) +
                        " examples are more than " +
                        std::to_string(limits.max_examples)});
  if (limits.max_bytes > 0 && stats.bytes_out > limits.max_bytes)
    log.add_to_all({worst, "file_too_large", "",
                    std::to_string(stats.bytes_out) + " bytes are more than " +
                        std::to_string(limits.max_bytes)});
}

}  // namespace mill
