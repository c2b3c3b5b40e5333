#include "lib/version/dataset_folder.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "lib/base/exit.h"
#include "lib/base/timestamp.h"
#include "lib/base/utf8.h"
#include "lib/examples/hash_split.h"
#include "lib/io/paths.h"
#include "lib/version/version_files.h"

namespace mill {

namespace {

constexpr std::uint64_t kExamplesToRead = 10;
constexpr std::uint64_t kSampleSeed = 42;

std::size_t index(PiiType type) { return static_cast<std::size_t>(type); }

std::unique_ptr<JsonFile> read_if_there(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return nullptr;
  return std::make_unique<JsonFile>(path);
}

}  // namespace

void Foremost::offer(double value, const LineOfFile& line) {
  constexpr std::size_t kMost = 3;
  const auto place = std::find_if(
      examples_.begin(), examples_.end(),
      [&](const Example& example) { return example.value < value; });
  if (place == examples_.end() && examples_.size() == kMost) return;
  examples_.insert(
      place, {value, {{}, 0, line.file, line.number, std::string(line.text)}});
  if (examples_.size() > kMost) examples_.pop_back();
}

ExampleFacts::ExampleFacts()
    : to_read(kExamplesToRead, kSampleSeed), finder_(kDefaultPiiTypes) {}

void ExampleFacts::add(JsonValue example, const LineOfFile& line) {
  ++examples;
  columns.add(example);
  // The first question and the last answer, of a pair the preferred one.
  std::optional<std::uint64_t> question, answer;
  example_.read(example);
  for (const Turn& turn : example_.turns()) {
    if (turn.part == Part::kRejected) break;
    std::uint64_t length = 0;
    bool is_text = false;
    for_each_text(turn.content, [&](JsonValue text) {
      length += count_code_points(text.string(scratch_));
      is_text = true;
    });
    if (!is_text) continue;
    if (turn.role == Role::kUser && !question)
      question = length;
    else if (turn.continues && !answer)
      *question += length;
    if (turn.role == Role::kAssistant) answer = length;
  }
  if (question) question_length.add(*question);
  if (answer) answer_length.add(*answer);

  longest.offer(static_cast<double>(question.value_or(0) + answer.value_or(0)),
                line);
  if (const auto confidence = example["metadata"]["confidence"].number())
    least_confident.offer(-*confidence, line);

  if (const auto margin = example["metadata"]["margin"].number();
      margin >= 0.0 && margin <= 1e12) {
    margins.add(static_cast<std::uint64_t>(std::llround(*margin * 100)));
    closest.offer(-*margin, line);
  }

  const JsonValue timestamp = example["metadata"]["timestamp"];
  if (timestamp.is_string())
    if (const auto time = parse_timestamp(timestamp.string(scratch_)))
      ++months[format_timestamp(*time).substr(0, 7)];

  for (const auto& [key, value] : example.members())
    if (key.string(scratch_) != "metadata") search(value);
  const auto key = example_key(example, scratch_);
  to_read.offer(key.value_or(line.text), line.file, line.number, line.text);
}

void ExampleFacts::search(JsonValue value) {
  if (value.is_string()) search_text(value.string(scratch_));
  for (const JsonValue element : value.elements()) search(element);
  for (const auto& [key, member] : value.members()) search(member);
}

void ExampleFacts::search_text(std::string_view text) {
  found_.clear();
  finder_.find(text, found_);
  for (const PiiSpan& span : found_) ++residue[index(span.type)];
  for (std::size_t at = text.find('['); at != text.npos;
       at = text.find('[', at + 1))
    if (const std::size_t length = tag_length(text.substr(at))) {
      const std::string_view tag = text.substr(at + 1, length - 2);
      if (const auto type = pii_type(tag.substr(0, tag.find(':'))))
        ++tags[index(*type)];
    }
}

DatasetFolder::DatasetFolder(const std::string& path)
    : manifest_(path + "/manifest.json") {
  for (const char* member : {"version", "name", "created_at"})
    if (!manifest()[member].is_string())
      throw Exit(EX_DATAERR,
                 manifest_.name() + ": " + member + ": not a string");
  validation_ = read_if_there(path + "/validation.json");
  acceptance_ = read_if_there(path + "/acceptance.json");
  read_files(path);
  for_each_object(path + '/' + merged().name,
                  [&](JsonValue example, const LineOfFile& line) {
                    facts_.add(example, line);
                  });
  to_read_ = facts_.to_read.take();
}

DatasetFolder::File DatasetFolder::read_file(const std::string& path,
                                             JsonValue file) const {
  const auto bytes = file["bytes"].integer(), lines = file["lines"].integer();
  if (!file["name"].is_string() || !file["sha256"].is_string() || !bytes ||
      !lines)
    throw Exit(EX_DATAERR, manifest_.name() +
                               ": a file without name, bytes, lines, sha256");
  File read{file["name"].string(), static_cast<std::uint64_t>(*bytes),
            static_cast<std::uint64_t>(*lines), file["sha256"].string(), ""};
  read.part = part_of_name(read.name);
  const std::string where = path + '/' + read.name;
  struct stat status;
  if (::stat(where.c_str(), &status) != 0)
    throw Exit(EX_NOINPUT, where + ": " + errno_text(errno));
  if (static_cast<std::uint64_t>(status.st_size) != read.bytes)
    throw Exit(EX_DATAERR, where + ": " + std::to_string(status.st_size) +
                               " bytes, and not " + std::to_string(read.bytes) +
                               " as manifest.json says");
  return read;
}

void DatasetFolder::read_files(const std::string& path) {
  const auto is_below = [&](JsonValue file, const std::string& folder) {
    const std::string name = file["name"].string_or_empty();
    return name.starts_with(folder) &&
           name.find('/', folder.size()) == name.npos;
  };
  for (const JsonValue file : manifest()["files"].elements()) {
    if (!is_below(file, ""))
      throw Exit(EX_DATAERR, manifest_.name() + ": a file in another folder");
    files_.push_back(read_file(path, file));
  }
  if (files_.empty())
    throw Exit(EX_DATAERR, manifest_.name() + ": names no files");
  if (files_.size() > 1 && !merged().part.empty())
    throw Exit(EX_DATAERR,
               manifest_.name() + ": the first file is not the merged one");
  for (const JsonValue further : manifest()["also"].elements()) {
    const std::string format = further["format"].string_or_empty();
    further_.push_back({format, {}});
    for (const JsonValue file : further["files"].elements()) {
      if (!is_file_name(format) || !is_below(file, format + "/"))
        throw Exit(EX_DATAERR, manifest_.name() + ": a file in another folder");
      further_.back().files.push_back(read_file(path, file));
    }
  }
}

std::string DatasetFolder::text(std::string_view member) const {
  return manifest()[member].string_or_empty();
}

JsonValue DatasetFolder::validation() const {
  return validation_ ? validation_->object() : JsonValue();
}

JsonValue DatasetFolder::acceptance() const {
  return acceptance_ ? acceptance_->object() : manifest()["acceptance"];
}

std::vector<DatasetFolder::File> DatasetFolder::parts_of(
    const std::vector<File>& files) {
  std::vector<File> parts;
  for (const File& file : files)
    if (!file.part.empty() && file.lines > 0) parts.push_back(file);
  return parts;
}

JsonValue DatasetFolder::stage(std::string_view name) const {
  for (const JsonValue stage : manifest()["stages"].elements())
    if (stage["tool"].is_string() && stage["tool"].string() == name)
      return stage;
  return {};
}

}  // namespace mill
