#include "lib/report/dataset_card.h"

#include <stdio.h>

#include <vector>

#include "lib/base/numbers.h"
#include "lib/base/utf8.h"
#include "lib/json/json_writer.h"
#include "lib/record/example.h"
#include "lib/report/html.h"
#include "lib/version/stages.h"

namespace mill {

namespace {

// A JSON string is a YAML string too, but for a few code points that YAML does
// not take as they are.
std::string quoted(std::string_view text) {
  std::string out;
  const std::string json = json_string(text);
  for (std::size_t i = 0; i < json.size();) {
    const std::size_t begin = i;
    const char32_t c = take_code_point(json, i);
    if ((c >= 0x7F && c < 0xA0) || c == 0xFFFE || c == 0xFFFF) {
      char escape[8];
      ::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += json.substr(begin, i - begin);
    }
  }
  return out;
}

std::string size_category(std::uint64_t examples) {
  if (examples < 1'000) return "n<1K";
  static constexpr const char* kSizes[] = {"1K",  "10K",  "100K", "1M",
                                           "10M", "100M", "1B",   "10B"};
  std::uint64_t below = 10'000;
  std::size_t i = 0;
  for (; i + 2 < std::size(kSizes) && examples >= below; ++i) below *= 10;
  return std::string(kSizes[i]) + "<n<" + kSizes[i + 1];
}

// The split's name on the Hub.
std::string split_name(const DatasetFolder::File& file) {
  return file.part.empty()    ? "train"
         : file.part == "val" ? "validation"
                              : file.part;
}

// The parts; where there is no split, the merged file, which is the first.
std::vector<DatasetFolder::File> split_files(
    const std::vector<DatasetFolder::File>& files) {
  std::vector<DatasetFolder::File> chosen = DatasetFolder::parts_of(files);
  if (chosen.empty() && !files.empty() && files.front().lines > 0)
    chosen.push_back(files.front());
  return chosen;
}

std::string data_files(const std::vector<DatasetFolder::File>& files) {
  std::string out = "  data_files:\n";
  for (const DatasetFolder::File& file : files)
    out += "  - split: " + split_name(file) +
           "\n    path: " + quoted(file.name) + "\n";
  return out;
}

const char* scalar_name(ColumnType::Kind kind) {
  switch (kind) {
    case ColumnType::kBool: return "bool";
    case ColumnType::kInteger: return "int64";
    case ColumnType::kFloat: return "float64";
    case ColumnType::kString: return "string";
    case ColumnType::kTime: return "timestamp[us]";
    default: return "'null'";
  }
}

std::string features(const ColumnType& row, const std::string& indent);

// The lines of a feature after its name.
std::string feature(const ColumnType& type, const std::string& indent) {
  if (type.kind == ColumnType::kStruct)
    return indent + "struct:\n" + features(type, indent);
  if (type.kind != ColumnType::kList)
    return indent + "dtype: " + scalar_name(type.kind) + "\n";
  const ColumnType element = type.element();
  if (element.kind == ColumnType::kStruct)
    return indent + "list:\n" + features(element, indent);
  if (element.kind == ColumnType::kList)
    return indent + "list:\n" + feature(element, indent + "  ");
  return indent + "list: " + scalar_name(element.kind) + "\n";
}

std::string features(const ColumnType& row, const std::string& indent) {
  std::string out;
  for (const auto& [name, type] : row.members)
    out += indent + "- name: " + quoted(name) + "\n" +
           feature(type, indent + "  ");
  return out;
}

std::string head(const DatasetFolder& folder, const Publication& publication) {
  std::string out =
      "---\npretty_name: " +
      quoted(folder.text("name") + " " + folder.text("version")) +
      "\nlanguage:\n- " + quoted(publication.language) +
      "\nlicense: other\nlicense_name: reddit-data-api-terms\nlicense_link: " +
      std::string(kTermsUrl) +
      "\ntask_categories:\n- text-generation\n- question-answering\n"
      "size_categories:\n- " +
      size_category(folder.facts().examples) +
      "\nsource_datasets:\n- original\nlanguage_creators:\n- found\n"
      "annotations_creators:\n- machine-generated\n"
      "tags:\n- reddit\n- chat\n- instruction-tuning\n- answermill\n";
  const auto files = split_files(folder.files());
  if (files.empty()) return out + "---\n";
  out +=
      "configs:\n- config_name: default\n  default: true\n" + data_files(files);
  for (const DatasetFolder::Further& format : folder.further())
    out += "- config_name: " + quoted(format.format) + "\n" +
           data_files(split_files(format.files));
  std::uint64_t bytes = 0;
  std::string splits;
  for (const DatasetFolder::File& file : files) {
    splits += "  - name: " + split_name(file) +
              "\n    num_bytes: " + std::to_string(file.bytes) +
              "\n    num_examples: " + std::to_string(file.lines) + "\n";
    bytes += file.bytes;
  }
  const ColumnType& row = folder.facts().columns;
  if (row.is_plain() && !row.members.empty())
    out += "dataset_info:\n  features:\n" + features(row, "  ") +
           "  splits:\n" + splits +
           "  download_size: " + std::to_string(bytes) +
           "\n  dataset_size: " + std::to_string(bytes) + "\n";
  return out + "---\n";
}

// Text from the folder for a Markdown table's cell: on one line, with nothing
// in it that ends the cell or is read as a tag or as Markdown.
std::string in_cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\`*_{}[]<>()#+-.!|&~").find(c) !=
        std::string_view::npos)
      out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

// The same as code; a backquote becomes a quote.
std::string as_code(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c == '`' ? '\'' : c;
  }
  return out.empty() ? "" : "`" + out + "`";
}

std::string type_name(const ColumnType& type) {
  switch (type.kind) {
    case ColumnType::kNull: return "always null";
    case ColumnType::kMixed: return "of several types";
    case ColumnType::kStruct: return "object";
    case ColumnType::kBool: return "true or false";
    case ColumnType::kInteger: return "whole number";
    case ColumnType::kFloat: return "number";
    case ColumnType::kString: return "string";
    case ColumnType::kTime: return "time";
    case ColumnType::kList: break;
  }
  const ColumnType element = type.element();
  return element.kind == ColumnType::kNull
             ? "list, always empty"
             : "list of " + type_name(element) + "s";
}

std::string_view meaning_of(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> kMeanings[] = {
      {"messages.role", "`system`, `user` or `assistant`"},
      {"messages.content", "the text"},
      {"metadata", "what is known of the example besides its texts"},
      {"metadata.id",
       "SHA-256 of the source's URL, or of the question where there is none"},
      {"metadata.confidence", "how much the answer can be trusted, 0 to 1"},
      {"metadata.interaction_type", "what the question is about"},
      {"metadata.rule_references", "rule numbers named in the texts"},
      {"metadata.timestamp", "when the question was posted"},
      {"metadata.subreddit", "where"},
      {"metadata.source_url", "the thread"},
      {"metadata.post_id", "Reddit's fullname of the post"},
      {"metadata.answer_id", "Reddit's fullname of the answer"},
      {"metadata.upvotes", "the answer's points"},
      {"metadata.answered_by_judge", "whether a judge answered"},
      {"metadata.cards_mentioned", "cards linked in the texts"},
      {"metadata.collected_at", "when the thread was collected"},
  };
  for (const auto& [known, meaning] : kMeanings)
    if (known == path) return meaning;
  return meaning_of_column(path);
}

std::string field_rows(const ColumnType& type, const std::string& path) {
  std::string out;
  for (const auto& [name, member] : type.members) {
    const std::string its_path = path.empty() ? name : path + "." + name;
    out += "| " + as_code(its_path) + " | " + type_name(member) + " | " +
           std::string(meaning_of(its_path)) + " |\n";
    const ColumnType inner =
        member.kind == ColumnType::kList ? member.element() : member;
    if (inner.kind == ColumnType::kStruct) out += field_rows(inner, its_path);
  }
  return out;
}

std::string how_made(const DatasetFolder& folder) {
  std::string out =
      "## How it was made\n\n"
      "From threads on Reddit by answermill: for each question the best answer "
      "was picked by rules that weigh points, length, the answerer's flair and "
      "rule references; the confidence is computed by these rules, and is not "
      "a person's judgment. Every stage and what it left out is in "
      "`manifest.json` and `report.html`.\n\n| parameter | value "
      "|\n|---|---|\n";
  auto row = [&](std::string_view name, const std::string& value) {
    if (!value.empty())
      out.append("| ").append(name).append(" | " + as_code(value) + " |\n");
  };
  row("version", folder.text("version"));
  row("made at", folder.text("created_at"));
  row("query", folder.text("query"));
  for (const auto& [key, value] : folder.manifest()["parameters"].members())
    row(as_code(key.string()), plain_text(value));
  std::string programs;
  for (const auto& [tool, version] : folder.manifest()["tools"].members())
    programs += (programs.empty() ? "" : ", ") + as_code(tool.string()) + " " +
                as_code(plain_text(version));
  if (!programs.empty()) out += "| programs | " + programs + " |\n";
  out += "\n| stage | read | written | left out |\n|---|---:|---:|---|\n";
  for (const StageAccount& stage : stages_of(folder.manifest())) {
    std::string reasons;
    for (const auto& [reason, count] : stage.reasons)
      reasons += (reasons.empty() ? "" : "; ") + in_cell(reason) + ": " +
                 grouped(count);
    out += "| " + as_code(stage.name) + " | " + grouped(stage.read) + " | " +
           grouped(stage.written) + " | " + reasons + " |\n";
  }
  return out + "\n";
}

std::string splits(const DatasetFolder& folder) {
  std::string out = "## Splits\n\n";
  const auto files = folder.parts();
  if (files.empty()) return out + "The version is not split.\n\n";
  out +=
      "By the hash of each example's key, so that a later version moves no "
      "example from one to another.\n\n| split | file | examples | bytes "
      "|\n|---|---|---:|---:|\n";
  for (const DatasetFolder::File& file : files)
    out += "| " + split_name(file) + " | " + as_code(file.name) + " | " +
           grouped(file.lines) + " | " + grouped(file.bytes) + " |\n";
  out += "\nThe merged file " + as_code(folder.merged().name) +
         " holds them all; it belongs to no split.\n\n";
  std::string formats;
  for (const DatasetFolder::Further& further : folder.further())
    formats += (formats.empty() ? "" : ", ") + as_code(further.format);
  if (!formats.empty())
    out +=
        "The same examples in further formats are in the folders of their "
        "names, and configurations of the data set: " +
        formats + ".\n\n";
  return out;
}

std::string statistics(const DatasetFolder& folder) {
  const JsonValue manifest = folder.manifest();
  const ExampleFacts& facts = folder.facts();
  std::string out = "## Statistics\n\n| | |\n|---|---:|\n";
  auto row = [&](std::string_view name, const std::string& value) {
    out.append("| ").append(name).append(" | " + value + " |\n");
  };
  row("examples", grouped(facts.examples));
  if (const auto mean = manifest["confidence"]["mean"].number()) {
    row("mean confidence", decimal(*mean, 3));
    row("median confidence",
        decimal(manifest["confidence"]["median"].number().value_or(0), 3));
  }
  const JsonValue tokens = manifest["tokens"]["tokens"];
  for (const char* number : {"total", "median", "p95", "max"})
    if (const auto value = tokens[number].integer())
      row("tokens, " + std::string(number) + " (" +
              as_code(plain_text(manifest["tokens"]["encoding"])) + ")",
          grouped(static_cast<std::uint64_t>(*value)));
  for (const auto& [name, lengths] :
       {std::pair{"question", &facts.question_length},
        {"answer", &facts.answer_length}})
    if (lengths->records() > 0)
      row(std::string("median characters of the ") + name,
          grouped(lengths->percentile(50)));
  for (const auto& [type, count] : manifest["interaction_types"].members())
    row("type " + as_code(type.string()), grouped(count_of(count)));
  return out + "\n";
}

std::string personal_data(const DatasetFolder& folder) {
  std::uint64_t tags = 0, residue = 0;
  for (const std::uint64_t count : folder.facts().tags) tags += count;
  for (const std::uint64_t count : folder.facts().residue) residue += count;
  return "## Personal data\n\nNo author's name is recorded. " +
         std::string(
             folder.stage("anonymize")
                 ? "`anonymize` put tags such as `[EMAIL_ADDRESS]` in the "
                   "place "
                   "of what has a form: e-mail addresses, phone numbers, IP "
                   "and MAC addresses, card and account numbers, user names "
                   "and handles, keys and passwords in URLs, wallets, "
                   "coordinates."
                 : "The manifest names no `anonymize` among the stages.") +
         " The texts hold " + counted(tags, "such tag", "such tags") + "; " +
         counted(residue, "passage", "passages") + " of these kinds " +
         (residue == 1 ? "is" : "are") +
         " left.\n\nIt does not find names written in plain words, street "
         "addresses, birthdays, passwords in prose, or what can be guessed "
         "from what someone tells. The texts are public posts, and a search "
         "for a sentence may lead to who wrote it.\n\n";
}

std::string terms(const Publication& publication) {
  return "## Terms, and how to have something withdrawn\n\n"
         "The texts belong to the people who wrote them on Reddit. Reddit's "
         "[Data API Terms](" +
         std::string(kTermsUrl) +
         ") apply to whoever holds them:\n\n"
         "- What its author or Reddit deletes has to be deleted here too, "
         "title, text and all. Anonymous copies may not be kept either.\n"
         "- They grant no right to train models on users' content without the "
         "permission of those who hold the rights, and commercial or bulk use "
         "requires a contract with Reddit. Whoever trains on this data has to "
         "see to that.\n\n"
         "A published version does not change. What is deleted at its source "
         "is removed from the store by `withdraw`, and is missing from the "
         "next version, which replaces this one: use the newest, and delete "
         "the others.\n\n" +
         (publication.contact.empty()
              ? std::string("No contact was given for this version.\n")
              : "To have something withdrawn, write to " + publication.contact +
                    " and name its `metadata.id` or the thread's address.\n");
}

}  // namespace

std::string dataset_card(const DatasetFolder& folder,
                         const Publication& publication) {
  const std::string name = folder.text("name");
  return head(folder, publication) + "\n# " + as_code(name) + " " +
         as_code(folder.text("version")) + "\n\n" +
         counted(folder.facts().examples, "question", "questions") +
         " asked on Reddit, each with its best answer, as chat examples to "
         "train language models on: one JSON object a line.\n\n" +
         "```python\nfrom datasets import load_dataset\n\n"
         "data = load_dataset(\"path/to/this/folder\")\n```\n\n" +
         how_made(folder) +
         "## Fields\n\n| field | type | meaning "
         "|\n|---|---|---|\n" +
         field_rows(folder.facts().columns, "") + "\n" + splits(folder) +
         statistics(folder) +
         "## Known limits\n\n"
         "- The answers are what people wrote. The best of a thread can be "
         "wrong, out of date, or right only for its question; the confidence "
         "measures how it looked from outside.\n"
         "- The people who ask and answer on Reddit are not a representative "
         "sample, and what gets points is not always right.\n"
         "- Duplicates are found by content; the same question in other words "
         "may be in more than one split.\n\n" +
         personal_data(folder) + terms(publication);
}

}  // namespace mill
