// dataset_folder.h - a version folder, as its report, card and Croissant
// description describe it.
//
// What the manifest has is taken from there; only what it lacks is computed, in
// one pass over the merged file. Memory does not grow with the number of
// examples, but with the number of different lengths and months, and of the
// findings that jsonl-validate wrote.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/examples/sample.h"
#include "lib/examples/token_stats.h"
#include "lib/json/json.h"
#include "lib/json/json_file.h"
#include "lib/pii/pii.h"
#include "lib/record/example.h"
#include "lib/version/columns.h"

namespace mill {

// The few examples that have most of something; of equal ones the first.
class Foremost {
 public:
  struct Example {
    double value;
    Sample::Record record;
  };
  void offer(double value, const LineOfFile& line);
  const std::vector<Example>& examples() const { return examples_; }

 private:
  std::vector<Example> examples_;  // the foremost first
};

// What only the examples themselves can tell.
struct ExampleFacts {
  ExampleFacts();

  std::uint64_t examples = 0;
  ColumnType columns;
  // Code points of the first user message and the last of the assistant's,
  // where an example has them.
  TokenSummary question_length;
  TokenSummary answer_length;
  // By "2024-05", from metadata.timestamp.
  std::map<std::string, std::uint64_t> months;
  // In all texts but the metadata's, by type: the tags that anonymize has put
  // in, and what it would still replace.
  using PiiCounts =
      std::array<std::uint64_t, static_cast<std::size_t>(PiiType::kNothing)>;
  PiiCounts tags = {};
  PiiCounts residue = {};
  Sample to_read;            // ten, as sample(1) chooses them
  Foremost longest;          // by the code points of question and answer
  Foremost least_confident;  // by the confidence, negative
  Foremost closest;          // by metadata.margin, negative
  // Margins in hundredths, where an example has one: by how much its answer was
  // better than the best of the thread's others.
  TokenSummary margins;

  void add(JsonValue example, const LineOfFile& line);

 private:
  void search(JsonValue value);
  void search_text(std::string_view text);

  PiiFinder finder_;
  std::vector<PiiSpan> found_;
  ExampleReader example_;
  std::string scratch_;
};

class DatasetFolder {
 public:
  struct File {
    std::string name;
    std::uint64_t bytes;
    std::uint64_t lines;
    std::string sha256;
    std::string part;  // see part_of_name(); empty: the merged file
  };
  // The folder of a further format. The files' names are below this version's
  // folder: "together/rules.train.jsonl".
  struct Further {
    std::string format;
    std::vector<File> files;
  };

  // Reads path/manifest.json, the merged file and, where they are,
  // path/validation.json and path/acceptance.json. Throws Exit: EX_NOINPUT
  // where a file is missing, EX_DATAERR where one is damaged, or is not of the
  // size that the manifest says.
  explicit DatasetFolder(const std::string& path);

  JsonValue manifest() const { return manifest_.object(); }
  std::string text(std::string_view member) const;  // of the manifest; or ""
  // What jsonl-validate and acceptance-check wrote; the missing value if there
  // is none. The latter may be in the manifest, too.
  JsonValue validation() const;
  JsonValue acceptance() const;
  const std::vector<File>& files() const { return files_; }
  const File& merged() const { return files_.front(); }
  // The parts that have examples.
  std::vector<File> parts() const { return parts_of(files_); }
  static std::vector<File> parts_of(const std::vector<File>& files);
  // The folders of further formats, as --also of make-manifest names them.
  const std::vector<Further>& further() const { return further_; }
  const ExampleFacts& facts() const { return facts_; }
  const std::vector<Sample::Record>& examples_to_read() const {
    return to_read_;
  }
  // The manifest's stage of that name; the missing value if it had none.
  JsonValue stage(std::string_view name) const;

 private:
  void read_files(const std::string& path);
  // A file that the manifest names; it must be there, and of the size stated.
  File read_file(const std::string& path, JsonValue file) const;

  JsonFile manifest_;
  std::unique_ptr<JsonFile> validation_, acceptance_;  // null: no such file
  std::vector<File> files_;
  std::vector<Further> further_;
  ExampleFacts facts_;
  std::vector<Sample::Record> to_read_;
};

}  // namespace mill
