// session.h - what every program that talks to services does in the same way:
// options, requests, records out, an account of the run.
//
//   mill::SessionOptions options;
//   options.define(line);
//   line.parse(argc, argv);
//   mill::Session session(program, options);
//   ... session.http().send(...), session.write(...), session.fail(...)
//   return session.finish();
//
// What goes wrong with one thing is reported and does not stop the others; the
// exit status then says what to do about the worst of it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/cli/progress.h"
#include "lib/cli/stats.h"
#include "lib/http/client.h"
#include "lib/http/curl.h"
#include "lib/http/service_options.h"
#include "lib/io/output.h"
#include "lib/record/stage.h"

namespace mill {

struct SessionOptions {
  ServiceOptions service;
  ByteCount max_response{256 << 20};
  std::optional<std::string> stats;
  std::string progress = "auto";

  // Defines --timeout, --retries, --max-response, --stats and --progress.
  // timeout_default is what --help shows as the default of --timeout.
  void define(CommandLine& line, const std::string& timeout_default = "60");
};

class Session {
 public:
  // Keeps the process's memory out of core files. Throws Exit(EX_USAGE) if
  // options make no sense.
  Session(Program& program, const SessionOptions& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  HttpClient& http() { return http_; }
  // Another client, with connections of its own, for use in another thread
  // until finish(). What it does is in the account of the run, too.
  HttpClient& add_http();
  // From now on all that http() does takes so many seconds at most; then it
  // throws Exit(EX_TEMPFAIL).
  void set_deadline(std::uint64_t seconds);
  Progress& progress() { return progress_; }
  Stats& stats() { return stats_; }

  // Writes whole lines, and flushes, since a reader may be waiting for them.
  void write(std::string_view lines);
  // Carries out a stage's decision about `what`, as a record loop does.
  void apply(const Outcome& outcome, std::string_view lines,
             const std::string& what);
  // Reports what went wrong with one thing. Of several exit statuses the most
  // useful one remains: first EX_TEMPFAIL, then EX_UNAVAILABLE, which also
  // stands for EX_NOPERM about one thing of many.
  void fail(const std::string& what, const std::string& problem, int status);

  // Closes the output and writes --stats; returns the exit status so far.
  int finish();

 private:
  void show(const char* what, double seconds);

  Program& program_;
  const SessionOptions& options_;
  Curl curl_;
  HttpClient http_;
  std::deque<Curl> curls_;  // a deque leaves its elements where they are
  std::deque<HttpClient> https_;
  Output out_;
  Stats stats_;
  int status_ = 0;
  Progress progress_;
};

}  // namespace mill
