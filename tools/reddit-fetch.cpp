// reddit-fetch - questions and answers from Reddit, or from a collector of them
//
//   reddit-fetch --subreddit mtgrules --streams new | fs-put
//
// With --collector-url it asks the deployed collector and writes what that
// found. With --subreddit it asks Reddit itself: lists the posts of each
// stream, fetches each post once with all its comments, and chooses the answer
// as pick-answer does; with --threads it writes the threads as they are. A
// subreddit or thread that cannot be fetched is reported, and the rest
// continues.

#include "lib/answers/pick_answer.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/collector/client.h"
#include "lib/google/auth.h"
#include "lib/http/session.h"
#include "lib/http/url.h"
#include "lib/io/private_file.h"
#include "lib/record/interaction.h"
#include "lib/reddit/api.h"
#include "lib/reddit/fate.h"

namespace {

struct Options {
  std::optional<std::string> collector_url;
  bool is_dry_run = false;
  std::string sources;
  bool has_strict_magic_flair = false;
  std::string auth = "none";
  std::optional<std::string> audience;
  std::optional<std::string> token_file;

  std::vector<std::string> subreddits;
  std::string time = "day";
  std::optional<mill::Timestamp> since;
  bool writes_threads = false;
  std::string profile = "mtg";
  mill::RedditLogin login;

  std::string streams;
  std::optional<std::uint64_t> limit;
  std::optional<std::int64_t> min_score;
  std::optional<std::uint64_t> min_length;
  mill::SessionOptions session;
  std::optional<std::uint64_t> deadline;

  void define(mill::CommandLine& line);
  void check() const;  // throws Exit(EX_USAGE)
};

void Options::define(mill::CommandLine& line) {
  line.option("collector-url", "URL", "ask this collector endpoint",
              &collector_url);
  line.flag("collector-dry-run", "have the collector store nothing",
            &is_dry_run);
  line.option("sources", "A,B", "the collector's sources", &sources);
  line.flag("strict-magic-flair", "have the collector demand a Magic flair",
            &has_strict_magic_flair);
  line.choice(
      "auth", "HOW",
      "what the collector requires: none, or id-token (a service account's: by "
      "its key, its impersonation or the metadata server)",
      {"none", "id-token"}, &auth);
  line.option("audience", "URL",
              "whom the id-token is for (default: the collector's URL, without "
              "query)",
              &audience);
  line.option("token-file", "FILE",
              "send the collector the bearer token that FILE holds",
              &token_file);
  line.option("subreddit", "NAME",
              "ask Reddit for this subreddit; may be given several times",
              &subreddits);
  line.option("streams", "A,B",
              "of hot, new, top, rising, controversial (default: the "
              "collector's own; hot,new,top for Reddit)",
              &streams);
  line.choice("time", "SPAN",
              "for top and controversial: hour, day, week, month, year, all",
              {"hour", "day", "week", "month", "year", "all"}, &time);
  line.option("limit", "N",
              "maximum number of interactions from a collector (default 50), "
              "or of posts from each subreddit and stream (default 100; Reddit "
              "lists about 1000)",
              &limit);
  line.option("since", "T", "leave out posts from before T", &since);
  line.option("min-score", "N", "minimum score of an answer", &min_score);
  line.option("min-length", "N", "minimum number of characters of an answer",
              &min_length);
  line.option("deadline", "SECONDS",
              "end with exit status 75 if all is not here by then (default "
              "none; --timeout is for silence alone)",
              &deadline);
  line.flag("threads", "write whole threads, choose no answers",
            &writes_threads);
  line.option("p,profile", "NAME|FILE",
              "how answers are picked: mtg, qa or a file", &profile);
  login.define(line);
  session.define(line, "600 for a collector, 60 for Reddit");
  line.note(
      "Threads are fetched whole: all pages, all \"more comments\", depth "
      "first, each post once. What fails is reported and left out, and the "
      "exit status is 75 if trying again may help, else 69.");
  line.note(
      "Does not follow redirects, store anything, or remember earlier runs: "
      "fs-put leaves out what is stored already.");
  line.exits({EX_NOINPUT});
  line.example("reddit-fetch --subreddit mtgrules --streams new,top | fs-put");
  line.example(
      "reddit-fetch --collector-url \"$URL\" --auth id-token --limit 9");
}

void Options::check() const {
  using mill::demand;
  demand(collector_url.has_value() == subreddits.empty(),
         "give either --collector-url or --subreddit");
  for (const std::string& name : subreddits)
    demand(mill::is_subreddit_name(name),
           "--subreddit: '" + name + "' is not a subreddit's name");
  if (collector_url) {
    demand(
        !since && !writes_threads && !login.secrets && login.api_base.empty(),
        "--since, --threads, --secrets and --api-base go with --subreddit");
  } else {
    demand(sources.empty() && !is_dry_run && !has_strict_magic_flair &&
               auth == "none" && !audience && !token_file,
           "--sources, --collector-dry-run, --strict-magic-flair, --auth, "
           "--audience and --token-file go with --collector-url");
    for (const std::string& stream : mill::split_at_commas(streams))
      demand(stream == "hot" || stream == "new" || stream == "top" ||
                 stream == "rising" || stream == "controversial",
             "--streams: Reddit has no '" + stream + "'");
    login.check();
  }
}

// Collectors other than ours may know fewer signs of deletion.
bool is_taken_down(mill::JsonValue interaction) {
  return mill::fate_of_texts(
             mill::interaction_field(interaction, "question").string(),
             mill::interaction_field(interaction, "answer").string()) !=
         mill::Fate::kAlive;
}

void fetch_from_collector(const Options& options, mill::Program& program,
                          mill::Session& session) {
  const std::string name = mill::url_for_messages(*options.collector_url);
  mill::HttpRequest request;
  request.url =
      mill::collector_url(*options.collector_url,
                          {options.limit.value_or(50), options.is_dry_run,
                           options.sources, options.streams, options.min_score,
                           options.min_length, options.has_strict_magic_flair});
  request.headers = {"Accept: application/json"};
  request.silence_timeout = options.session.service.silence_timeout(600);
  request.max_response = options.session.max_response.bytes;
  if (options.token_file)
    request.authorization = mill::read_token_file(*options.token_file);
  if (options.auth == "id-token") {
    mill::Secret identity = mill::GoogleAuth().id_token(
        session.http(), options.audience.value_or(name));
    // Authorization is taken by the collector's own token.
    (options.token_file ? request.serverless_authorization
                        : request.authorization) = std::move(identity);
  }
  const mill::HttpResponse response = session.http().send(request);
  if (response.status != 200)
    throw mill::Exit(mill::exit_status(response),
                     name + ": " + mill::describe(response));
  mill::JsonReader reader;
  const mill::CollectorAnswer answer =
      mill::read_collector_answer(response, reader);
  const mill::Timestamp now = mill::now();
  for (const mill::JsonValue record : answer.interactions.elements()) {
    const std::string what = name + ": interactions[" +
                             std::to_string(session.stats().records_read++) +
                             "]";
    mill::Document document;
    mill::Outcome outcome =
        record.is_object()
            ? mill::to_document(record, now, document)
            : mill::Outcome::bad(mill::mismatch("an object", record));
    if (outcome.kind == mill::Outcome::kKeep && is_taken_down(record))
      outcome = mill::Outcome::drop("deleted_at_source");
    session.apply(outcome, document.body + "\n", what);
  }
  if (answer.count != session.stats().records_read)
    session.fail(name,
                 "counts " + std::to_string(answer.count) +
                     " interactions, but sent " +
                     std::to_string(session.stats().records_read),
                 EX_DATAERR);
  if (!answer.metrics) return;
  std::string metrics(answer.metrics.raw());
  std::replace(metrics.begin(), metrics.end(), '\n', ' ');
  program.warn("the collector's metrics: " + metrics);
  session.stats().others.emplace_back("metrics", metrics);
}

void fetch_from_reddit(const Options& options, mill::Session& session) {
  mill::Reddit reddit(
      session.http(), mill::reddit_credentials(options.login, session.http()),
      {options.login.api_base, options.session.max_response.bytes,
       options.session.service.silence_timeout()});
  const mill::PickAnswer pick(mill::load_profile(options.profile),
                              {options.min_score, options.min_length});

  mill::ThreadSource source{
      options.subreddits,
      mill::split_at_commas(options.streams.empty() ? "hot,new,top"
                                                    : options.streams),
      options.time, options.limit.value_or(100)};
  source.since = options.since;

  std::uint64_t comments = 0;
  mill::JsonReader reader;
  std::string lines;
  auto take = [&](const std::string& post, const mill::ThreadAnswer& answer) {
    ++session.stats().records_read;
    if (answer.status != EX_OK) {
      ++session.stats().dropped["thread_not_fetched"];
      return session.fail(post, answer.problem, answer.status);
    }
    comments += answer.comments;
    lines = answer.thread + "\n";
    mill::Outcome outcome = mill::Outcome::keep();
    if (!options.writes_threads) {
      lines.clear();
      reader.parse(answer.thread);
      outcome = pick(reader.root(), lines);
    }
    session.apply(outcome, lines, post);
  };
  mill::fetch_threads(reddit, source, take,
                      [&](const std::string& listing, const auto& answer) {
                        session.fail(listing, answer.problem, answer.status);
                      });
  session.stats().others.emplace_back("comments", std::to_string(comments));
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("reddit-fetch", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(
        program,
        "Fetch questions and their best answers from Reddit or a collector.");
    options.define(line);
    line.parse(argc, argv);
    options.check();
    mill::Session session(program, options.session);
    if (options.deadline) session.set_deadline(*options.deadline);
    if (options.collector_url)
      fetch_from_collector(options, program, session);
    else
      fetch_from_reddit(options, session);
    return session.finish();
  });
}
