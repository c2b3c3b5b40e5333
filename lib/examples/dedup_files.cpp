#include "lib/examples/dedup_files.h"

#include <cmath>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>

#include "lib/base/sha256.h"
#include "lib/base/timestamp.h"
#include "lib/cli/second_pass.h"
#include "lib/examples/dedup.h"
#include "lib/io/lines.h"
#include "lib/json/json_file.h"
#include "lib/json/json_writer.h"
#include "lib/record/document.h"
#include "lib/record/example.h"
#include "lib/record/kind.h"
#include "lib/record/record_text.h"
#include "lib/record/score.h"
#include "lib/text/overlap.h"

namespace mill {

namespace {

// What a record is called: its id, if it has one, and where it stands.
struct Label {
  std::string id;
  std::string place;
};
// The labels of those records that the output names, by number.
using Labels = std::unordered_map<std::size_t, Label>;
using Namer = std::function<std::string(JsonValue)>;

std::string no_text(const std::string& key, JsonValue record) {
  if (!key.empty()) return key + ": neither a string nor a number";
  const std::string kind =
      wrong_kind(record, {RecordKind::kInteraction, RecordKind::kExample});
  return kind.empty() ? "no question or answer, and no message of a user or "
                        "assistant"
                      : kind;
}

// The record's rank; why says what is wrong with it, if anything.
RecordRank rank_of(JsonValue record, std::string& why) {
  RecordRank rank;
  const auto confidence = record_value(record, "confidence");
  if (const auto score = confidence.number(); score >= 0.0 && score <= 1.0)
    rank.confidence = billionths(*score);
  else if (confidence)
    why = "confidence: not a number from 0 to 1";
  const auto timestamp = record_value(record, "timestamp");
  if (!timestamp) return rank;
  const auto time = timestamp.is_string() ? parse_timestamp(timestamp.string())
                                          : std::nullopt;
  if (time)
    rank.time = time->microseconds;
  else
    why = "timestamp: not a time as RFC 3339 writes it";
  return rank;
}

// The object that FIELD of --mark goes into, and its name there.
std::pair<JsonValue, std::string_view> place_of_mark(JsonValue record,
                                                     std::string_view field) {
  const std::size_t dot = field.rfind('.');
  if (dot == field.npos) return {record, field};
  return {record.at_path(field.substr(0, dot)), field.substr(dot + 1)};
}

// Adds the records of earlier versions, and of benchmarks, to what is given;
// gives how many they are.
std::size_t add_published(Program& program, const DedupOptions& options,
                          Dedup* dedup, Overlap* overlap) {
  std::size_t count = 0, too_short = 0;
  std::string text, scratch;
  for (const std::string& file : options.against)
    for_each_object(file, [&](JsonValue record, const auto& line) {
      text.clear();
      if (!append_record_text(text, record, options.key))
        line.fail(no_text(options.key, record));
      if (dedup)
        dedup->add(text, {.is_published = true, .record = record.raw()});
      if (overlap) {
        const auto question =
            options.key.empty() ? question_of(record, scratch) : std::nullopt;
        too_short += !overlap->add(question ? *question : text,
                                   static_cast<std::uint32_t>(count));
      }
      ++count;
    });
  if (too_short > 0)
    program.warn("questions of fewer than " +
                 std::to_string(Overlap::kLeastWords) +
                 " words, which are not looked for in longer texts: " +
                 std::to_string(too_short));
  return count;
}

// Why a record cannot be marked; "" if it can.
std::string why_not_marked(JsonValue record, const std::string& mark) {
  if (mark.empty()) return "";
  const auto [object, name] = place_of_mark(record, mark);
  if (!object.is_object()) return mark + ": no such place";
  return object[name] ? mark + ": exists already" : "";
}

// Makes the key of one record after the other.
class KeyMaker {
 public:
  KeyMaker(const DedupOptions& options, Overlap* overlap)
      : options_(options), overlap_(overlap) {}

  // Sets key; or says what is wrong with the record.
  std::string make(const Record& record, DedupKey& key) {
    text_.clear();
    std::string why;
    auto rank = rank_of(record, why);
    if (!append_record_text(text_, record, options_.key))
      why = no_text(options_.key, record);
    if (!why.empty()) return why;
    const std::string id = record_id(record);
    rank.id = id;
    rank.record = record.line;
    make_key(text_, rank, key);
    // What is written may be decided with another --near.
    if (options_.near < 1 || options_.writes_keys)
      key.sequence = read_words(text_, key.words);
    if (overlap_) key.overlaps = overlap_->find(text_);
    return "";
  }

 private:
  const DedupOptions& options_;
  Overlap* overlap_;  // or null
  std::string text_;
};

// Reads keys, one after the other, of records that may overlap so many
// published ones.
class KeyReader {
 public:
  KeyReader(const std::vector<std::string>& files, std::size_t published)
      : files_(files), published_(published) {
    advance();
  }

  // Sets key to the next one, if that is the record's; else says what is wrong.
  std::string take(const Record& record, DedupKey& key) {
    if (!has_next_ || !is_key_of(next_, record.line))
      return "no key: dedup --keys did not read it, or found it bad";
    std::swap(key, next_);
    advance();
    return "";
  }
  // Throws Exit(EX_DATAERR) if there are more keys.
  void demand_end() const {
    if (has_next_) fail("the key of no record that is here");
  }

 private:
  void advance() {
    for (has_next_ = false; !has_next_;) {
      if (!lines_) {
        if (file_ == files_.size()) return;
        lines_.emplace(Input(files_[file_++]), kMostBytes);
      }
      const auto line = lines_->next();
      if (!line) {
        lines_.reset();
        continue;
      }
      line_ = line->number;
      has_next_ = !line->is_too_long && !reader_.parse(line->text) &&
                  read_key(reader_.root(), next_);
      if (!has_next_) fail("no key of dedup --keys");
      if (next_.overlaps >= published_)
        fail("overlaps a record that --against does not have");
    }
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw Exit(EX_DATAERR,
               place_of(lines_->input().name(), line_) + ": " + why);
  }

  static constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  const std::vector<std::string>& files_;
  std::size_t published_;
  std::size_t file_ = 0;
  std::optional<LineReader> lines_;
  JsonReader reader_;
  std::uint64_t line_ = 0;
  DedupKey next_;
  bool has_next_ = false;
};

void add_records(const DedupOptions& options, std::size_t published,
                 RecordLoop& loop, SecondPass& again, Dedup& dedup,
                 Overlap* overlap) {
  KeyMaker maker(options, overlap);
  std::optional<KeyReader> keys;
  if (!options.decide.empty()) keys.emplace(options.decide, published);
  DedupKey key;
  loop.run([&](const Record& record, std::string&) {
    std::string why = keys ? keys->take(record, key) : maker.make(record, key);
    if (why.empty()) why = why_not_marked(record, options.mark);
    if (!why.empty()) return Outcome::bad(why);
    again.add();
    dedup.add(key);
    return Outcome::taken();
  });
  if (keys) keys->demand_end();
}

// Writes the records' keys.
int write_keys(Program& program, const DedupOptions& options,
               Overlap* overlap) {
  KeyMaker maker(options, overlap);
  DedupKey key;
  return run_filter(program, options.stream,
                    [&](const Record& record, std::string& out) {
                      const std::string why = maker.make(record, key);
                      if (!why.empty()) return Outcome::bad(why);
                      append_key(out, key);
                      out += '\n';
                      return Outcome::replace();
                    });
}

// Fills in the labels that are there by number, reading everything once more.
void find_labels(const DedupOptions& options, SecondPass& again,
                 const Namer& name_of, Labels& labels) {
  if (labels.empty()) return;
  std::size_t number = 0;
  const auto fill_in = [&](JsonValue record, const std::string& source,
                           std::uint64_t line) {
    const auto label = labels.find(number++);
    if (label != labels.end())
      label->second = {name_of(record), place_of(source, line)};
  };
  for (const std::string& file : options.against)
    for_each_object(file, [&](JsonValue record, const auto& line) {
      fill_in(record, line.file, line.number);
    });
  JsonReader reader;
  again.for_each([&](const RecordLine& line) {
    reader.parse(line.text);
    fill_in(reader.root(), line.source, line.line);
  });
}

void append_account(std::string& out, const Repeat& repeat,
                    const RecordLine& line, const Label& kept) {
  JsonReader reader;
  reader.parse(line.text);
  JsonWriter json(out);
  json.begin_object();
  json.member("reason", name_of(repeat.kind));
  if (repeat.kind != RepeatKind::kOverlap)
    json.member("similarity", std::round(repeat.similarity * 1e3) / 1e3);
  if (const std::string id = record_id(reader.root()); !id.empty())
    json.member("id", id);
  if (!kept.id.empty()) json.member("duplicate_of", kept.id);
  json.member("line", place_of(line.source, line.line));
  json.member("duplicate_of_line", kept.place);
  json.raw_member("record", reader.root().raw());
  json.end_object();
  out += '\n';
}

// Writes the records that repeat none, and an account of the others.
void write_kept(const DedupOptions& options, std::size_t published,
                RecordLoop& loop, SecondPass& again, Dedup& dedup,
                std::optional<AtomicFile>& removed) {
  const std::vector<Repeat> repeats = dedup.repeats();
  Labels labels;
  if (removed) {
    for (const Repeat& repeat : repeats) labels[repeat.of];
    find_labels(options, again, record_id, labels);
  }
  std::string account;
  auto next = repeats.begin();
  again.for_each([&](const RecordLine& line) {
    if (next == repeats.end() || next->number != published + line.number) {
      loop.out().write_line(line.text);
      ++loop.stats().records_written;
      return;
    }
    loop.drop(name_of(next->kind));
    if (removed) {
      account.clear();
      append_account(account, *next, line, labels[next->of]);
      removed->write(account);
    }
    ++next;
  });
  if (removed) removed->commit();
}

// Writes all records, each with its cluster's name: the best one's id, or where
// that has none a hash of its text.
void write_marked(const DedupOptions& options, std::size_t published,
                  RecordLoop& loop, SecondPass& again, Dedup& dedup) {
  const Namer name_of = [&](JsonValue record) {
    std::string id = record_id(record), text;
    if (!id.empty()) return id;
    append_record_text(text, record, options.key);
    return hex(sha256(text));
  };
  const std::vector<std::uint32_t> best = dedup.clusters();
  Labels labels;
  for (std::size_t i = published; i < best.size(); ++i)
    if (best[i] != i) labels[best[i]];
  find_labels(options, again, name_of, labels);
  JsonReader reader;
  again.for_each([&](const RecordLine& line) {
    reader.parse(line.text);
    const auto [object, field] = place_of_mark(reader.root(), options.mark);
    const auto label = labels.find(best[published + line.number]);
    const std::size_t end = object.offset() + object.raw().size() - 1;
    std::string out(line.text.substr(0, end));
    if (object.size() > 0) out += ',';
    out += json_string(field) + ':' +
           json_string(label == labels.end() ? name_of(reader.root())
                                             : label->second.id);
    out += line.text.substr(end);
    loop.out().write_line(out);
    ++loop.stats().records_written;
  });
}

}  // namespace

int dedup_files(Program& program, const DedupOptions& options) {
  // Keys say what their records overlap.
  std::optional<Overlap> found;
  if (options.overlap && options.decide.empty())
    found.emplace(*options.overlap);
  Overlap* const overlap = found ? &*found : nullptr;
  if (options.writes_keys) {
    if (overlap) add_published(program, options, nullptr, overlap);
    return write_keys(program, options, overlap);
  }
  Dedup dedup(options.near);
  RecordLoop loop(program, options.stream);
  std::optional<AtomicFile> removed;
  if (options.removed) removed.emplace(*options.removed);
  const std::size_t published =
      add_published(program, options, &dedup, overlap);
  SecondPass again(loop, options.stream);
  add_records(options, published, loop, again, dedup, overlap);
  if (options.mark.empty())
    write_kept(options, published, loop, again, dedup, removed);
  else
    write_marked(options, published, loop, again, dedup);
  if (!options.against.empty())
    loop.stats().others.emplace_back("published", std::to_string(published));
  return loop.finish();
}

}  // namespace mill
