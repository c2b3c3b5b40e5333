#include "lib/store/firestore_reader.h"

#include <sysexits.h>

#include <algorithm>
#include <utility>

#include "lib/google/firestore_value.h"
#include "lib/json/json_writer.h"
#include "lib/record/score.h"
#include "lib/store/firestore_document.h"

namespace mill {

namespace {

constexpr std::size_t kPage = 500;     // documents
constexpr std::size_t kTiedPage = 64;  // of the last one's time
constexpr double kHour = 3.6e9;        // microseconds

bool is_missing_index(const FirestoreAnswer& answer) {
  return answer.error.word == "FAILED_PRECONDITION" &&
         answer.error.message.find("index") != std::string::npos;
}

}  // namespace

JsonValue answer_member(const Firestore& firestore, JsonValue object,
                        std::string_view name) {
  const JsonValue value = object[name];
  if (!value)
    firestore.fail(EX_UNAVAILABLE, "an answer that does not fit the request");
  return value;
}

std::string id_of_name(std::string_view name) {
  return std::string(name.substr(name.rfind('/') + 1));
}

std::optional<std::uint64_t> count_by(Firestore& firestore,
                                      const std::vector<std::string>& bodies) {
  std::uint64_t sum = 0;
  for (const std::string& body : bodies) {
    const FirestoreAnswer answer = firestore.ask("runAggregationQuery", body);
    if (answer.error.word == "FAILED_PRECONDITION") return std::nullopt;
    if (!answer.ok()) firestore.fail(answer);
    for (const JsonValue element : answer.root.elements())
      if (const JsonValue result = element["result"]) {
        const auto number = value_number(answer_member(
            firestore, answer_member(firestore, result, "aggregateFields"),
            "count"));
        sum += static_cast<std::uint64_t>(number.value_or(0));
      }
  }
  return sum;
}

FirestoreReader::FirestoreReader(Firestore& firestore, std::string collection,
                                 const Query& query,
                                 const DocumentVisitor& visit)
    : firestore_(firestore),
      collection_(std::move(collection)),
      query_(query),
      visit_(visit),
      pushed_(all_that_can_be_pushed(query)),
      most_(kPage) {}

QueryCounts FirestoreReader::read() {
  if (query_.resume_file) resume();
  // Other programs may have stored the collector's name of the field, which the
  // index of ours does not have.
  if (pushed_.confidence && page_.after_name.empty() && !is_end_ &&
      count_by(firestore_,
               {count_with_field_body(collection_, "confidenceScore")}) != 0) {
    pushed_.confidence = false;
    counts_.warning =
        collection_ +
        ": documents have confidenceScore in place of confidence, so that all "
        "of the query's time are read and compared here";
  }
  while (!is_end_ && !is_enough_) read_page();
  pass_on();
  if (pushed_.confidence) count_below();
  return std::move(counts_);
}

// How many documents to ask for: one more than are wanted shows that there are
// no more of the last one's time.
std::size_t FirestoreReader::page_limit() const {
  if (query_.limit == 0 || is_compared_here(query_, pushed_)) return most_;
  const std::uint64_t held = counts_.found + tied_.size();
  const std::uint64_t wanted =
      held > query_.limit ? kTiedPage : query_.limit - held + 1;
  return static_cast<std::size_t>(std::min<std::uint64_t>(most_, wanted));
}

void FirestoreReader::read_page() {
  page_.limit = page_limit();
  const FirestoreAnswer answer = firestore_.ask(
      "runQuery", query_body(collection_, query_, pushed_, page_));
  if (!answer.ok()) return mend(answer);
  std::size_t count = 0;
  std::vector<Entry> entries;
  JsonValue last;
  for (const JsonValue element : answer.root.elements()) {
    if (page_.read_time.empty() && element["readTime"].is_string())
      page_.read_time = element["readTime"].raw();
    const JsonValue document = element["document"];
    if (!document) continue;
    ++count;
    last = document;
    const JsonValue fields = document["fields"];
    if (!is_in_range(fields, query_)) continue;
    entries.push_back(
        {id_of_name(answer_member(firestore_, document, "name").string()),
         std::string(answer_member(firestore_, fields, "timestamp").raw())});
    if (has_confidence(fields, query_))
      entries.back().body = decode_document(fields);
  }
  is_end_ = count < page_.limit;
  if (last) {
    page_.after.clear();
    for (const std::string_view field : order_fields(pushed_))
      page_.after.emplace_back(
          answer_member(firestore_, last["fields"], field).raw());
    page_.after_name = answer_member(firestore_, last, "name").raw();
  }
  // Before it is passed on: what was paid for is safe.
  if (journal_) journal_->append(to_page(entries));
  for (Entry& entry : entries) take(std::move(entry));
}

void FirestoreReader::mend(const FirestoreAnswer& answer) {
  if (answer.problem.failure == HttpResponse::kTooLarge && most_ > 1) {
    most_ = (most_ + 1) / 2;
  } else if (is_missing_index(answer) && pushed_.any() &&
             page_.after_name.empty()) {
    pushed_ = {};
    counts_.warning = firestore_.failure(answer).what();
    counts_.warning +=
        "; until then all documents of the query's time are read";
  } else if (answer.error.word == "FAILED_PRECONDITION" &&
             !page_.read_time.empty()) {
    page_.read_time.clear();  // it is not kept any longer
  } else {
    firestore_.fail(answer);
  }
}

void FirestoreReader::take(Entry entry) {
  if (!tied_.empty() && tied_.front().time != entry.time) pass_on();
  if (!is_enough_) tied_.push_back(std::move(entry));
}

void FirestoreReader::pass_on() {
  std::sort(tied_.begin(), tied_.end(),
            [](const Entry& a, const Entry& b) { return a.id < b.id; });
  for (Entry& entry : tied_) {
    if (is_enough_) break;
    if (!entry.body) {
      ++counts_.below_threshold;
      continue;
    }
    visit_(entry.id, *entry.body);
    is_enough_ = ++counts_.found == query_.limit;
    entry.body.reset();
    last_ = std::move(entry);
  }
  tied_.clear();
}

// What Firestore left out, by counts of all up to the last one found, as of the
// time that was read, or of now if that is not kept any longer.
void FirestoreReader::count_below() {
  auto all = count_up_to_last(page_.read_time);
  if (!all && !page_.read_time.empty()) all = count_up_to_last("");
  if (all)
    counts_.below_threshold = *all - std::min(*all, counts_.found);
  else
    counts_.warning =
        collection_ +
        ": what has too little confidence is not counted without the index of "
        "subreddit and timestamp that share/firestore.indexes.json has";
}

std::optional<std::uint64_t> FirestoreReader::count_up_to_last(
    const std::string& read_time) {
  std::vector<std::string> bodies = count_bodies(
      collection_, query_, read_time, is_enough_ ? last_->time : std::string());
  if (is_enough_)
    for (std::string& body : count_tied_bodies(
             collection_, query_, last_->time,
             json_string(firestore_.name(collection_, last_->id)), read_time))
      bodies.push_back(std::move(body));
  return count_by(firestore_, bodies);
}

// Goes on where a run of the same query was killed, unless Firestore keeps the
// time of that no longer.
void FirestoreReader::resume() {
  std::string asked = firestore_.name(collection_, "*") + "\n" +
                      query_body(collection_, query_, pushed_, {}) + "\n" +
                      std::to_string(query_.limit);
  for (const std::string& name : query_.subreddits)
    asked.append("\n").append(name);
  if (query_.min_confidence)
    asked.append("\n").append(
        std::to_string(billionths(*query_.min_confidence)));
  journal_.emplace(*query_.resume_file, asked);
  journal_->replay(
      [&](const QueryJournal::Page& page) { return take_page(page); });
}

QueryJournal::Page FirestoreReader::to_page(
    const std::vector<Entry>& entries) const {
  QueryJournal::Page page;
  for (const Entry& entry : entries) {
    JsonWriter json(page.entries.emplace_back());
    json.begin_object();
    json.member("id", entry.id);
    json.raw_member("time", entry.time);
    if (entry.body) json.raw_member("body", *entry.body);
    json.end_object();
  }
  JsonWriter json(page.state);
  json.begin_object();
  json.member("confidence", pushed_.confidence);
  json.member("subreddits", pushed_.subreddits);
  json.member("collected", pushed_.collected);
  if (!page_.read_time.empty()) json.raw_member("read_time", page_.read_time);
  json.key("after");
  json.begin_array();
  for (const std::string& value : page_.after) json.raw(value);
  json.end_array();
  if (!page_.after_name.empty())
    json.raw_member("after_name", page_.after_name);
  json.member("is_end", is_end_);
  json.end_object();
  return page;
}

bool FirestoreReader::take_page(const QueryJournal::Page& page) {
  JsonReader reader;
  if (reader.parse(page.state)) return false;
  const JsonValue state = reader.root();
  const auto read_time = parse_timestamp(state["read_time"].string_or_empty());
  const bool is_first = page_.after_name.empty();
  if (is_first &&
      (!read_time || static_cast<double>(read_time->microseconds) <
                         firestore_.clock().unix_time() * 1e6 - kHour))
    return false;
  std::vector<Entry> entries;
  for (const std::string& text : page.entries) {
    JsonReader entry;
    if (entry.parse(text)) return false;
    entries.push_back({entry.root()["id"].string_or_empty(),
                       std::string(entry.root()["time"].raw())});
    if (const JsonValue body = entry.root()["body"])
      entries.back().body = body.raw();
  }
  pushed_ = {.confidence = state["confidence"].is_true(),
             .subreddits = state["subreddits"].is_true(),
             .collected = state["collected"].is_true()};
  page_.read_time = read_time ? state["read_time"].raw() : "";
  page_.after.clear();
  for (const JsonValue value : state["after"].elements())
    page_.after.emplace_back(value.raw());
  page_.after_name = state["after_name"] ? state["after_name"].raw() : "";
  is_end_ = state["is_end"].is_true();
  for (Entry& entry : entries) take(std::move(entry));
  return true;
}

}  // namespace mill
