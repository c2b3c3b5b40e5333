#include "lib/http/session.h"

#include <stdio.h>

#include "lib/base/exit.h"
#include "lib/base/secret.h"
#include "lib/record/stage.h"

namespace mill {

void SessionOptions::define(CommandLine& line,
                            const std::string& timeout_default) {
  line.option("timeout", "SECONDS",
              "give up on a server silent for so long (default " +
                  timeout_default + ")",
              &timeout);
  line.option("retries", "N", "attempts after one that may be mended",
              &retries);
  line.option("max-response", "SIZE", "a longer answer is an error",
              &max_response);
  define_run_options(line, &stats, &progress);
}

Session::Session(Program& program, const SessionOptions& options)
    : program_(program),
      options_(options),
      start_(system_clock().now()),
      http_([this](const HttpRequest& request) { return curl_.send(request); },
            {.retries = static_cast<unsigned>(options.retries)}) {
  forbid_core_files();
  shows_progress_ = mill::shows_progress(options.progress);
  if (!shows_progress_) return;
  curl_.on_progress = [this](double s) { show("no answer yet after", s); };
  http_.on_wait = [this](double s) { show("told to wait", s); };
}

HttpClient& Session::add_http() {
  Curl& curl = curls_.emplace_back();
  return https_.emplace_back(
      [&curl](const HttpRequest& request) { return curl.send(request); },
      RetryPolicy{.retries = static_cast<unsigned>(options_.retries)});
}

void Session::show(const char* what, double seconds) {
  ::fprintf(stderr, "\r%s: %llu records, %llu requests, %s %.0f s\033[K",
            program_.name().c_str(),
            static_cast<unsigned long long>(stats_.records_read),
            static_cast<unsigned long long>(http_.requests()), what, seconds);
}

void Session::write(std::string_view lines) {
  for (const char c : lines) stats_.records_written += c == '\n';
  out_.write(lines);
  out_.flush();
}

void Session::apply(const Outcome& outcome, std::string_view lines,
                    const std::string& what) {
  if (outcome.kind == Outcome::kDrop) {
    ++stats_.dropped[outcome.reason];
  } else if (outcome.kind == Outcome::kBad) {
    ++stats_.bad;
    fail(what, outcome.reason, EX_DATAERR);
  } else {
    write(lines);
  }
}

void Session::fail(const std::string& what, const std::string& problem,
                   int status) {
  program_.warn(what + ": " + problem);
  if (status == EX_NOPERM) status = EX_UNAVAILABLE;
  if (status_ == EX_OK || status == EX_TEMPFAIL ||
      (status == EX_UNAVAILABLE && status_ == EX_DATAERR))
    status_ = status;
}

int Session::finish() {
  if (shows_progress_) ::fputs("\r\033[K", stderr);
  out_.close();
  if (options_.stats) {
    std::uint64_t requests = http_.requests(), retries = http_.retries();
    stats_.bytes_in = http_.bytes_received();
    for (const HttpClient& http : https_) {
      requests += http.requests();
      retries += http.retries();
      stats_.bytes_in += http.bytes_received();
    }
    stats_.bytes_out = out_.bytes();
    stats_.others.emplace_back("requests", std::to_string(requests));
    stats_.others.emplace_back("retries", std::to_string(retries));
    append_stats(*options_.stats, program_.name(), stats_,
                 system_clock().now() - start_);
  }
  return status_;
}

}  // namespace mill
