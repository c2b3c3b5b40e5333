// dedup - keep the records that repeat no other, byte for byte
//
//   dedup --against v1/mtg.jsonl --removed removed.jsonl < new.jsonl >
//   kept.jsonl
//
// Finds the same text, the same words, and nearly the same words, whatever
// stands between. Of those that repeat each other the best is kept: the highest
// confidence, then the earliest timestamp, then the first. Needs all records
// before it writes the first, so it reads its input twice; what comes by a pipe
// lies in a temporary file meanwhile. Memory grows with the number of records,
// not with their length.

#include "lib/dedup.h"

#include <cmath>
#include <unordered_map>

#include "lib/cli.h"
#include "lib/document.h"
#include "lib/hash.h"
#include "lib/json_file.h"
#include "lib/json_writer.h"
#include "lib/lines.h"
#include "lib/record_file.h"
#include "lib/record_text.h"
#include "lib/timestamp.h"

namespace {

struct Options {
  double near = 0.8;
  std::string key;
  std::vector<std::string> against;
  std::optional<std::string> removed;
  std::string mark;
  mill::StreamOptions stream;
};

// What a record is called: its id, if it has one, and where it stands.
struct Label {
  std::string id;
  std::string place;
};
// Of those records that are named in what is written, by number.
using Labels = std::unordered_map<std::size_t, Label>;
using Namer = std::function<std::string(mill::JsonValue)>;

std::string no_text(const std::string& key) {
  return key.empty() ? "no question or answer, and no message of a user or "
                       "assistant"
                     : key + ": neither a string nor a number";
}

// The record's rank; what is wrong with it goes to why.
mill::RecordRank rank_of(mill::JsonValue record, std::string& why) {
  mill::RecordRank rank;
  const auto confidence = mill::record_value(record, "confidence");
  if (const auto score = confidence.number(); score >= 0.0 && score <= 1.0)
    rank.confidence = mill::billionths(*score);
  else if (confidence)
    why = "confidence: not a number from 0 to 1";
  const auto timestamp = mill::record_value(record, "timestamp");
  if (!timestamp) return rank;
  const auto time = timestamp.is_string()
                        ? mill::parse_timestamp(timestamp.string())
                        : std::nullopt;
  if (time)
    rank.time = time->microseconds;
  else
    why = "timestamp: not a time as RFC 3339 writes it";
  return rank;
}

// The object that FIELD of --mark goes into, and its name there.
std::pair<mill::JsonValue, std::string_view> place_of_mark(
    mill::JsonValue record, std::string_view field) {
  const std::size_t dot = field.rfind('.');
  if (dot == field.npos) return {record, field};
  return {record.at_path(field.substr(0, dot)), field.substr(dot + 1)};
}

// Adds the records of earlier versions; gives how many.
std::size_t add_published(const Options& options, mill::Dedup& dedup) {
  std::size_t count = 0;
  std::string text;
  for (const std::string& file : options.against)
    mill::for_each_object(file, [&](mill::JsonValue record, const auto& line) {
      text.clear();
      if (!mill::append_record_text(text, record, options.key))
        line.fail(no_text(options.key));
      dedup.add(text, {.is_published = true});
      ++count;
    });
  return count;
}

void add_records(const Options& options, mill::RecordLoop& loop,
                 mill::SecondPass& again, mill::Dedup& dedup) {
  std::string text;
  while (loop.next()) {
    text.clear();
    std::string why;
    const auto rank = rank_of(loop.record(), why);
    if (!mill::append_record_text(text, loop.record(), options.key))
      why = no_text(options.key);
    if (!options.mark.empty()) {
      const auto [object, name] = place_of_mark(loop.record(), options.mark);
      if (!object.is_object() || object[name])
        why = options.mark + (object[name] ? ": is there already"
                                           : ": there is no such place");
    }
    if (!why.empty()) {
      loop.bad(why);
      continue;
    }
    again.add();
    dedup.add(text, rank);
  }
}

// Fills in the labels that are there by number, reading everything once more.
void find_labels(const Options& options, mill::SecondPass& again,
                 const Namer& name_of, Labels& labels) {
  if (labels.empty()) return;
  std::size_t number = 0;
  const auto fill_in = [&](mill::JsonValue record, const std::string& source,
                           std::uint64_t line) {
    const auto label = labels.find(number++);
    if (label != labels.end())
      label->second = {name_of(record), mill::place_of(source, line)};
  };
  for (const std::string& file : options.against)
    mill::for_each_object(file, [&](mill::JsonValue record, const auto& line) {
      fill_in(record, line.file, line.number);
    });
  mill::JsonReader reader;
  again.for_each([&](const mill::RecordLine& line) {
    reader.parse(line.text);
    fill_in(reader.root(), line.source, line.line);
  });
}

void append_account(std::string& out, const mill::Repeat& repeat,
                    const mill::RecordLine& line, const Label& kept) {
  mill::JsonReader reader;
  reader.parse(line.text);
  mill::JsonWriter json(out);
  json.begin_object();
  json.member("reason", mill::name_of(repeat.kind));
  json.member("similarity", std::round(repeat.similarity * 1e3) / 1e3);
  if (const std::string id = mill::record_id(reader.root()); !id.empty())
    json.member("id", id);
  if (!kept.id.empty()) json.member("duplicate_of", kept.id);
  json.member("line", mill::place_of(line.source, line.line));
  json.member("duplicate_of_line", kept.place);
  json.raw_member("record", reader.root().raw());
  json.end_object();
  out += '\n';
}

// Writes the records that repeat none, and an account of the others.
void write_kept(const Options& options, std::size_t published,
                mill::RecordLoop& loop, mill::SecondPass& again,
                mill::Dedup& dedup, std::optional<mill::AtomicFile>& removed) {
  const std::vector<mill::Repeat> repeats = dedup.repeats();
  Labels labels;
  if (removed) {
    for (const mill::Repeat& repeat : repeats) labels[repeat.of];
    find_labels(options, again, mill::record_id, labels);
  }
  std::string account;
  auto next = repeats.begin();
  again.for_each([&](const mill::RecordLine& line) {
    if (next == repeats.end() || next->number != published + line.number) {
      loop.out().write_line(line.text);
      ++loop.stats().records_written;
      return;
    }
    loop.drop(mill::name_of(next->kind));
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
void write_marked(const Options& options, std::size_t published,
                  mill::RecordLoop& loop, mill::SecondPass& again,
                  mill::Dedup& dedup) {
  const Namer name_of = [&](mill::JsonValue record) {
    std::string id = mill::record_id(record), text;
    if (!id.empty()) return id;
    mill::append_record_text(text, record, options.key);
    return mill::hex(mill::sha256(text));
  };
  const std::vector<std::uint32_t> best = dedup.clusters();
  Labels labels;
  for (std::size_t i = published; i < best.size(); ++i)
    if (best[i] != i) labels[best[i]];
  find_labels(options, again, name_of, labels);
  mill::JsonReader reader;
  again.for_each([&](const mill::RecordLine& line) {
    reader.parse(line.text);
    const auto [object, field] = place_of_mark(reader.root(), options.mark);
    const auto label = labels.find(best[published + line.number]);
    const std::size_t end = object.offset() + object.raw().size() - 1;
    std::string out(line.text.substr(0, end));
    if (object.size() > 0) out += ',';
    out += mill::json_string(field) + ':' +
           mill::json_string(label == labels.end() ? name_of(reader.root())
                                                   : label->second.id);
    out += line.text.substr(end);
    loop.out().write_line(out);
    ++loop.stats().records_written;
  });
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("dedup", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(program.name(),
                           "Keep the records that repeat no other.");
    line.option("against", "FILE",
                "what an earlier version's file holds is a repetition, too; "
                "may be given several times",
                &options.against);
    line.option("near", "X",
                "how similar two texts must be, from 0.8 to 1; 1 finds exact "
                "repetitions only",
                &options.near);
    line.option("key", "FIELD",
                "compare this field, dots descending, instead of the question "
                "and the answer",
                &options.key);
    line.option("removed", "FILE",
                "write each removed record to FILE, with the one it repeats",
                &options.removed);
    line.option("mark", "FIELD",
                "remove nothing: write all records, each with the name of its "
                "cluster in FIELD, for hash-split --group-by",
                &options.mark);
    options.stream.define(line);
    line.note(
        "Compares an interaction's question and answer, or an example's user "
        "and assistant messages. Three kinds of repetition: exact, the same "
        "text; normalised, the same words in the same order, letter case, "
        "white space and punctuation aside; near, a similarity of at least X, "
        "which is about the share of words, in their order, that both have: of "
        "100 words, 10 substituted make 0.9. It is an estimate (MinHash over "
        "pairs of neighbouring words), right to about 0.03; of pairs at 0.8 "
        "some 80% are found, at 0.9 99.9%. A text without letters or digits "
        "has exact repetitions only.");
    line.note(
        "The record with the highest confidence is kept, of several the one "
        "with the earliest timestamp, of these the first; what an earlier "
        "version holds comes before all. What is removed repeats the one that "
        "is kept, never by way of a chain; no two that are kept repeat each "
        "other. Kept lines are copied byte for byte, in the order of the "
        "input.");
    line.note(
        "--rejects holds bad records, byte for byte. What --removed holds are "
        "good ones, so that it says more, one JSON object a record: reason, "
        "similarity, id, duplicate_of (the id of the one that is kept), line, "
        "duplicate_of_line (FILE:LINE), and record, as it came in. With --mark "
        "a cluster is all that such pairs connect, and its name the id of its "
        "best record.");
    line.note(
        "It needs all records before it writes the first: files are read "
        "twice, and what comes by a pipe is kept in a temporary file (TMPDIR) "
        "until the end. Memory: about 550 bytes a record, however long it is; "
        "with --near 1 about 60. To spread exact repetitions over machines, "
        "partition by a hash of the text; near ones need one machine.");
    line.example("dedup --removed removed.jsonl examples.jsonl > kept.jsonl");
    line.example("dedup --against v1/mtg_llm_training.jsonl new.jsonl");
    line.example("dedup --mark metadata.cluster all.jsonl > marked.jsonl");
    line.parse(argc, argv);
    if (!(options.near >= 0.8 && options.near <= 1))
      throw mill::Exit(EX_USAGE, "--near must lie between 0.8 and 1");
    if (!options.mark.empty() && options.removed)
      throw mill::Exit(EX_USAGE, "--mark removes nothing for --removed");

    std::optional<mill::AtomicFile> removed;
    if (options.removed) removed.emplace(*options.removed);
    mill::Dedup dedup(options.near);
    const std::size_t published = add_published(options, dedup);
    mill::RecordLoop loop(program, options.stream);
    mill::SecondPass again(loop, options.stream);
    add_records(options, loop, again, dedup);
    if (options.mark.empty())
      write_kept(options, published, loop, again, dedup, removed);
    else
      write_marked(options, published, loop, again, dedup);
    if (!options.against.empty())
      loop.stats().others.emplace_back("published", std::to_string(published));
    return loop.finish();
  });
}
