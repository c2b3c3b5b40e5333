#include "lib/collector/serve.h"

#include <sysexits.h>

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/base/numbers.h"
#include "lib/cli/command_line.h"
#include "lib/io/input.h"
#include "lib/io/lines.h"
#include "lib/json/json_lines.h"
#include "lib/json/json_writer.h"
#include "lib/record/interaction.h"
#include "lib/record/stage.h"

namespace mill {

namespace {

constexpr std::int64_t kMostInteractions = 500;
constexpr std::int64_t kMostScore = 1'000'000'000;
constexpr std::int64_t kMostLength = 1'000'000;
constexpr std::size_t kMostSources = 50;
constexpr std::size_t kMaxThread = 64 << 20;

std::optional<std::int64_t> whole_number(const std::string& text,
                                         std::int64_t least,
                                         std::int64_t most) {
  const auto number = parse_number<std::int64_t>(text);
  if (!number || *number < least || *number > most) return std::nullopt;
  return number;
}

std::optional<bool> truth(const std::string& text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

bool is_stream(std::string_view name) {
  constexpr std::string_view kStreams[] = {"hot", "new", "top", "rising",
                                           "controversial"};
  return std::find(std::begin(kStreams), std::end(kStreams), name) !=
         std::end(kStreams);
}

bool is_list(const std::string& text, bool (*is_name)(std::string_view)) {
  const std::vector<std::string> names = split_at_commas(text);
  return !names.empty() && names.size() <= kMostSources &&
         std::all_of(names.begin(), names.end(), is_name);
}

bool has_topic_flair(const AnswerProfile& profile, JsonValue post) {
  const JsonValue flair = post["link_flair_text"];
  return profile.topic_flair && flair.is_string() &&
         profile.topic_flair->is_in(flair.string());
}

bool is_source(const std::string& sources, JsonValue subreddit) {
  if (sources.empty()) return true;
  if (!subreddit.is_string()) return false;
  const std::vector<std::string> names = split_at_commas(ascii_lower(sources));
  return std::find(names.begin(), names.end(),
                   ascii_lower(subreddit.string())) != names.end();
}

PickOptions pick_options(const CollectorRequest& request) {
  return {.min_score = request.min_score, .min_length = request.min_length};
}

}  // namespace

std::optional<std::string> read_collector_request(
    const std::multimap<std::string, std::string>& query,
    CollectorRequest& request) {
  for (auto at = query.begin(); at != query.end(); ++at) {
    const auto& [name, value] = *at;
    // Names that are not ours are not repeated to whoever reads the answer.
    bool is_good = query.count(name) == 1;
    if (name == "limit") {
      const auto limit = whole_number(value, 1, kMostInteractions);
      is_good = is_good && limit;
      request.limit = static_cast<std::uint64_t>(limit.value_or(1));
    } else if (name == "dryRun") {
      const auto is_dry_run = truth(value);
      is_good = is_good && is_dry_run;
      request.is_dry_run = is_dry_run.value_or(true);
    } else if (name == "sources") {
      is_good = is_good && is_list(value, is_subreddit_name);
      request.sources = value;
    } else if (name == "streams") {
      is_good = is_good && is_list(value, is_stream);
      request.streams = value;
    } else if (name == "minScore") {
      request.min_score = whole_number(value, -kMostScore, kMostScore);
      is_good = is_good && request.min_score;
    } else if (name == "minLen") {
      const auto length = whole_number(value, 0, kMostLength);
      is_good = is_good && length;
      request.min_length = static_cast<std::uint64_t>(length.value_or(0));
    } else if (name == "strictMagicFlair") {
      const auto is_strict = truth(value);
      is_good = is_good && is_strict;
      request.has_strict_magic_flair = is_strict.value_or(true);
    } else {
      return "a parameter that is none of limit, dryRun, sources, streams, "
             "minScore, minLen, strictMagicFlair";
    }
    if (!is_good) return name + ": not a value that it takes, or given twice";
  }
  return std::nullopt;
}

Collection::Collection(const CollectorRequest& request,
                       const std::string& profile,
                       std::function<bool()> should_stop)
    : request_(request),
      pick_(load_profile(profile), pick_options(request)),
      should_stop_(std::move(should_stop)) {}

bool Collection::wants_more() {
  if (documents_.size() >= request_.limit) return false;
  was_stopped_ = was_stopped_ || should_stop_();
  return !was_stopped_;
}

void Collection::take(std::string_view thread, bool only_sources) {
  ++fetched_;
  if (reader_.parse(thread) || !reader_.root().is_object()) {
    ++bad_;
    return;
  }
  const JsonValue post = reader_.root()["post"];
  if (only_sources && !is_source(request_.sources, post["subreddit"])) {
    ++dropped_["other_subreddit"];
    return;
  }
  if (request_.has_strict_magic_flair &&
      !has_topic_flair(pick_.profile(), post)) {
    ++dropped_["no_topic_flair"];
    return;
  }
  std::string line;
  Outcome outcome = pick_(reader_.root(), line);
  Document document;
  if (outcome.kind == Outcome::kReplace) {
    line.pop_back();  // its newline
    reader_.parse(line);
    outcome = to_document(reader_.root(), now(), document);
  }
  if (outcome.kind == Outcome::kDrop)
    ++dropped_[outcome.reason];
  else if (outcome.kind == Outcome::kBad)
    ++bad_;
  else
    documents_.push_back(std::move(document));
}

void Collection::store(const StoreOptions& options) {
  const auto store = options.open(request_.is_dry_run ? StoreAccess::kDryRun
                                                      : StoreAccess::kWrite);
  for (const Created& created : store->create(options.collection, documents_)) {
    switch (created.kind) {
      case Created::kNew: persisted_ += !request_.is_dry_run; break;
      case Created::kExists: ++duplicates_; break;
      case Created::kRefused: ++refused_;
    }
  }
}

std::string Collection::answer() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("count", documents_.size());
  json.key("metrics");
  json.begin_object();
  json.member("fetched", fetched_);
  json.member("candidates", documents_.size());
  json.key("dropped");
  json.begin_object();
  for (const auto& [reason, count] : dropped_) json.member(reason, count);
  json.end_object();
  json.member("bad", bad_);
  json.member("failedThreads", failed_threads_);
  json.member("failedListings", failed_listings_);
  json.member("refusedByStore", refused_);
  json.member("duplicates", duplicates_);
  json.member("persisted", persisted_);
  json.member("dryRun", request_.is_dry_run);
  json.member("stoppedEarly", was_stopped_);
  json.end_object();
  json.key("interactions");
  json.begin_array();
  JsonReader reader;
  for (const Document& document : documents_) {
    reader.parse(document.body);
    json.begin_object();
    for (const InteractionField& field : kInteractionFields)
      if (const JsonValue value = reader.root()[field.name])
        json.raw_member(field.collector_name, value.raw());
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return text;
}

void collect_from_reddit(
    Reddit& reddit, const CollectorRequest& request, Collection& collection,
    const std::function<void(const std::string&, const std::string&)>& report) {
  const std::string streams =
      request.streams.empty() ? "hot,new,top" : request.streams;
  ThreadSource source{split_at_commas(request.sources),
                      split_at_commas(streams), "day", request.limit};
  source.wants_more = [&] { return collection.wants_more(); };
  fetch_threads(
      reddit, source,
      [&](const std::string& post, const ThreadAnswer& answer) {
        if (answer.status == EX_OK) return collection.take(answer.thread);
        collection.thread_failed();
        report(post, answer.problem);
      },
      [&](const std::string& listing, const RedditAnswer& answer) {
        collection.listing_failed();
        report(listing, answer.problem);
      });
}

void check_threads_file(const std::string& path) {
  LineReader lines(Input(path), kMaxThread);
  const Line* line = lines.next();
  while (line && line->is_empty()) line = lines.next();
  if (!line) return;
  if (const auto what = is_not_json_lines(line->and_more()))
    throw Exit(EX_DATAERR, path + ": " + *what);
}

void collect_from_file(const std::string& path, Collection& collection) {
  LineReader lines(Input(path), kMaxThread);
  while (collection.wants_more()) {
    const Line* const line = lines.next();
    if (!line) return;
    if (!line->is_empty()) collection.take(line->text, true);
  }
}

}  // namespace mill
