// collector-serve - a collector: answers GET with what it found on Reddit
//
//   collector-serve --store sqlite:answermill.db --subreddit mtgrules &
//   reddit-fetch --collector-url http://127.0.0.1:8787/
//
// GET / or /collect runs one collection, by the library that reddit-fetch and
// pick-answer run, stores what is new, and answers count, metrics and
// interactions. GET /health answers ok. One collection runs at a time; a
// client that asks for another meanwhile is told to come back. SIGTERM and
// SIGINT end it once pending requests have been answered.

#include <openssl/crypto.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>

#include "lib/base/secret.h"
#include "lib/base/sha256.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/collector/serve.h"
#include "lib/http/curl.h"
#include "lib/http/server.h"
#include "lib/http/url.h"
#include "lib/io/private_file.h"
#include "lib/reddit/api.h"
#include "lib/store/store.h"

namespace {

struct Options {
  std::string listen = "127.0.0.1:8787";
  mill::StoreOptions store{.collection = "reddit_interactions"};
  std::string profile = "mtg";
  std::vector<std::string> subreddits;
  std::optional<std::string> token_file;
  mill::RedditLogin login;
  std::optional<std::string> threads_file;
  std::uint64_t max_seconds = 540;
  std::string log_format = "text";

  void define(mill::CommandLine& line);
};

void Options::define(mill::CommandLine& line) {
  if (const char* const port = ::getenv("PORT"); port && *port)
    listen = std::string("0.0.0.0:") + port;  // as Cloud Run says it
  line.option("listen", "HOST:PORT",
              "where to listen; port 0: any free one; with PORT in the "
              "environment all addresses at that port",
              &listen);
  store.define(line, "the collection to put them in");
  line.option("p,profile", "NAME|FILE",
              "how answers are picked: mtg, qa or a file", &profile);
  line.option("subreddit", "NAME",
              "a source for requests that name none; may be given several "
              "times",
              &subreddits);
  line.option("token-file", "FILE",
              "require the bearer token that FILE holds; needed for anything "
              "beyond loopback",
              &token_file);
  login.define(line);
  line.option("threads", "FILE",
              "take threads from FILE instead of Reddit; needs no credentials",
              &threads_file);
  line.option("max-seconds", "N",
              "after N seconds a collection ends with what it "
              "has",
              &max_seconds);
  line.option("log-format", "FORMAT",
              "text, or json, an object a line as Cloud Logging reads it",
              &log_format);
  line.note(
      "GET / or /collect takes limit (1 to 500, 50 if missing), dryRun, "
      "sources (subreddits, with commas), streams (hot, new, top, rising, "
      "controversial), minScore, minLen and strictMagicFlair (only posts with "
      "the profile's topic_flair). It answers with at most `limit` "
      "interactions, including those stored before, and lists that many posts "
      "of each stream. A dry run writes nothing at all. GET /health (and "
      "/healthz, which Cloud Run keeps for itself) answers ok, without a "
      "token.");
  line.note(
      "metrics counts fetched threads, candidates (threads that gave an "
      "interaction), those dropped by reason, bad, failedThreads, "
      "failedListings, duplicates (stored before) and persisted (new, and "
      "safe on disk). Errors are {\"error\":...}: 400 for parameters, 401, "
      "503 with Retry-After while another collection runs or when trying again "
      "may help, 502 if no listing could be had.");
  line.note(
      "It speaks plain HTTP: beyond loopback put it behind a proxy that speaks "
      "TLS. A head has at most 16 KiB and 100 lines, and 10 seconds to come; "
      "of 1024 connections (or half of the limit of open files) the oldest "
      "that sends none gives way to the next. SIGTERM ends it in 8 seconds, "
      "with 75 if a collection is cut off by that; what it stored is whole. "
      "Without a token only requests to loopback's own names are answered. "
      "Each request is logged on stderr, without its query. With "
      "--threads, streams have no effect.");
  line.exits({EX_NOINPUT, EX_UNAVAILABLE, EX_CANTCREAT, EX_TEMPFAIL, EX_NOPERM,
              EX_CONFIG});
  line.example("collector-serve --subreddit mtgrules --listen 127.0.0.1:0");
  line.example("collector-serve --threads share/sample/threads.jsonl");
}

// What answers; called from several threads.
class Collector {
 public:
  Collector(const mill::ServerLog& log, const Options& options)
      : log_(log),
        options_(options),
        http_([this](const auto& request) { return curl_.send(request); },
              {.retries = 2, .longest_wait = 60}) {
    mill::load_profile(options.profile);  // better now than at a request
    for (const std::string& name : options.subreddits)
      sources_ += (sources_.empty() ? "" : ",") + name;
    mill::CollectorRequest request;
    if (!sources_.empty() &&
        mill::read_collector_request({{"sources", sources_}}, request))
      throw mill::Exit(EX_USAGE, "--subreddit: not a name, or too many");
    if (options.token_file)
      token_ =
          mill::sha256(mill::read_token_file(*options.token_file).reveal());
    if (options.threads_file) {
      mill::check_threads_file(*options.threads_file);
      return;
    }
    reddit_.emplace(http_, mill::reddit_credentials(options.login, http_),
                    mill::RedditOptions{.base = options.login.api_base});
  }

  // A running collection ends before its next thread.
  void stop() { is_stopping_ = true; }

  mill::ServerAnswer operator()(const mill::ServerRequest& request) {
    if (request.path == "/health" || request.path == "/healthz")
      return {200, "ok\n", "text/plain"};
    if (request.path != "/" && request.path != "/collect")
      return mill::server_error(404, "no such thing here");
    if (token_ && !has_token(request))
      return mill::server_error(401, "the bearer token is missing or wrong");
    // Without a token nothing else tells a page that has a browser ask.
    if (!token_ && !is_loopback_name(request.header("host")))
      return mill::server_error(421, "not a name of this machine");
    const std::string site = request.header("sec-fetch-site");
    if (!token_ && !site.empty() && site != "none")
      return mill::server_error(403, "not from another site's page");
    mill::CollectorRequest asked;
    asked.sources = sources_;
    if (const auto why = mill::read_collector_request(request.query, asked))
      return mill::server_error(400, *why);
    if (asked.sources.empty() && reddit_)
      return mill::server_error(400, "sources: missing");
    const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    if (!lock) return mill::server_error(503, "a collection is running");
    return collect(asked);
  }

 private:
  // A page can have its own name mean 127.0.0.1, but not this one.
  static bool is_loopback_name(const std::string& host) {
    const auto url = mill::parse_url("http://" + host + "/");
    return url && !url->has_login && mill::is_loopback_host(url->host);
  }

  bool has_token(const mill::ServerRequest& request) const {
    const mill::Sha256Digest given =
        mill::sha256(request.header("authorization"));
    return ::CRYPTO_memcmp(given.data(), token_->data(), given.size()) == 0;
  }

  mill::ServerAnswer collect(const mill::CollectorRequest& asked) {
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::seconds(options_.max_seconds);
    mill::Collection collection(asked, options_.profile, [&] {
      return is_stopping_ || std::chrono::steady_clock::now() >= end;
    });
    if (reddit_)
      mill::collect_from_reddit(
          *reddit_, asked, collection,
          [&](const std::string& what, const std::string& problem) {
            log_.warn(what + ": " + problem);
          });
    else
      mill::collect_from_file(*options_.threads_file, collection);
    if (collection.has_failed())
      return mill::server_error(502, "no listing could be had");
    collection.store(options_.store);
    return {200, collection.answer() + "\n"};
  }

  const mill::ServerLog& log_;
  const Options& options_;
  std::string sources_;  // for requests that name none
  // "Bearer TOKEN", hashed, so that a comparison tells nothing of its length.
  std::optional<mill::Sha256Digest> token_;
  std::atomic<bool> is_stopping_ = false;
  std::mutex mutex_;  // of what is below
  mill::Curl curl_;
  mill::HttpClient http_;
  std::optional<mill::Reddit> reddit_;
};

}  // namespace

int main(int argc, char** argv) {
  return mill::run("collector-serve", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(program,
                           "Answer GET with questions and answers that are new "
                           "on Reddit, and store them.");
    options.define(line);
    line.parse(argc, argv);
    const mill::ServerAddress address =
        mill::parse_server_address(options.listen);
    mill::demand(address.is_loopback() || options.token_file,
                 "--listen beyond loopback needs --token-file");
    mill::demand(options.log_format == "text" || options.log_format == "json",
                 "--log-format: neither text nor json");
    options.login.check();
    options.store.check();
    mill::forbid_core_files();
    const mill::ServerLog log(program, options.log_format == "json"
                                           ? mill::ServerLog::kJson
                                           : mill::ServerLog::kText);
    Collector collector(log, options);
    if (!mill::serve_http(log, address, std::ref(collector),
                          [&] { collector.stop(); })) {
      log.warn("a collection is cut off; what it stored is whole");
      ::_exit(EX_TEMPFAIL);  // its thread still has all that is here
    }
    return EX_OK;
  });
}
