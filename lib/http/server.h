// server.h - a small HTTP server: one function answers every GET.
//
//   mill::serve_http(program, mill::parse_server_address("127.0.0.1:0"),
//                    [](const mill::ServerRequest& request) {
//                      return mill::ServerAnswer{200, "ok\n", "text/plain"};
//                    });
//
// For requests that are few and may take long: one connection for each request,
// a fixed number of threads, no TLS. Each request is a line on stderr, without
// its query.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "lib/cli/program.h"

namespace mill {

struct ServerAddress {
  std::string host;
  int port = 0;  // 0: any free one
  bool is_loopback() const;
};
// Reads HOST:PORT or [HOST]:PORT. Throws Exit(EX_USAGE).
ServerAddress parse_server_address(const std::string& text);

struct ServerRequest {
  std::string path;
  std::multimap<std::string, std::string> query;  // decoded
  // A header's value, its name in any case; empty if it is missing.
  std::function<std::string(const std::string& name)> header;
};

struct ServerAnswer {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";
};
// {"error":why} with that status. 503 carries Retry-After.
ServerAnswer server_error(int status, std::string_view why);

// Answers requests until SIGTERM or SIGINT; then calls on_stop, finishes what
// it is answering, and returns. `answer` is called from several threads; what
// it throws is reported and becomes 503 for EX_TEMPFAIL, else 500. Says on
// stderr where it listens. Throws Exit(EX_UNAVAILABLE) if it cannot listen.
void serve_http(
    const Program& program, const ServerAddress& address,
    const std::function<ServerAnswer(const ServerRequest&)>& answer,
    const std::function<void()>& on_stop = [] {});

}  // namespace mill
