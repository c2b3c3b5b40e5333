#include "lib/http/session.h"

#include <cmath>

#include "lib/base/exit.h"
#include "lib/base/secret.h"
#include "lib/record/stage.h"

namespace mill {

void SessionOptions::define(CommandLine& line,
                            const std::string& timeout_default) {
  line.group("Service");
  service.define(line, timeout_default);
  line.option("max-response", "SIZE", "a longer answer is an error",
              &max_response);
  define_stats(line, &stats);
  define_progress(line, &progress);
  line.group("");
  line.exits({EX_DATAERR});
}

Session::Session(Program& program, const SessionOptions& options)
    : program_(program),
      options_(options),
      http_([this](const HttpRequest& request) { return curl_.send(request); },
            {.retries = static_cast<unsigned>(options.service.retries)}),
      progress_(program.name(), options.progress) {
  forbid_core_files();
  if (!progress_.is_shown()) return;
  curl_.on_progress = [this](double s) { show("no answer yet after", s); };
  http_.on_wait = [this](double s) { show("told to wait", s); };
}

HttpClient& Session::add_http() {
  Curl& curl = curls_.emplace_back();
  return https_.emplace_back(
      [&curl](const HttpRequest& request) { return curl.send(request); },
      RetryPolicy{.retries = static_cast<unsigned>(options_.service.retries)});
}

void Session::set_deadline(std::uint64_t seconds) {
  http_.deadline = http_.clock().now() + static_cast<double>(seconds);
  curl_.deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
}

void Session::show(const char* what, double seconds) {
  progress_.show(std::to_string(stats_.records_read) + " records, " +
                 std::to_string(http_.requests()) + " requests, " + what + " " +
                 std::to_string(std::lround(seconds)) + " s");
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
  progress_.clear();
  out_.close();
  warn_if_none_came_out(program_, stats_);
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
    append_stats(options_.stats, program_.name(), stats_, progress_.seconds());
  }
  return status_;
}

}  // namespace mill
