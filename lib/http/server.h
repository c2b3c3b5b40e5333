// server.h - a small HTTP/1.1 server: one function answers every GET.
//
//   mill::ServerLog log(program, mill::ServerLog::kText);
//   mill::serve_http(log, mill::parse_server_address("127.0.0.1:0"),
//                    [](const mill::ServerRequest& request) {
//                      return mill::ServerAnswer{200, "ok\n", "text/plain"};
//                    });
//
// For requests that are few and may take long: one request a connection, no
// body, no Range, no TLS. All that a stranger can send is bounded before anybody
// looks at it: the bytes and the lines of a head, the time until it is whole and
// until its answer has been taken, and the connections. If there is no room for
// another, the oldest whose head is not whole gives way: so those who send
// slowly, or nothing, keep nobody out. One thread serves all connections, others
// call the function.
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
  std::string path;                               // as it was sent
  std::multimap<std::string, std::string> query;  // decoded
  std::map<std::string, std::string> headers;     // names in lower case
  // A header's value, by its name in lower case; empty if it is missing.
  std::string header(const std::string& name) const;
};

struct ServerAnswer {
  int status = 200;
  std::string body = {};
  std::string type = "application/json";
};
// {"error":why} with that status. 503 carries Retry-After.
ServerAnswer server_error(int status, std::string_view why);

// What the server says on stderr: lines for people, or JSON objects as Google's
// Cloud Logging reads them (severity, message, httpRequest, trace).
class ServerLog {
 public:
  enum Format { kText, kJson };
  ServerLog(const Program& program, Format format)
      : program_(program), format_(format) {}
  void info(std::string_view text) const { write("INFO", text); }
  void warn(std::string_view text) const { write("WARNING", text); }
  // A request that was answered. Its query is not shown.
  void answered(std::string_view method, const ServerRequest& request,
                const ServerAnswer& answer, double seconds) const;

 private:
  void write(std::string_view severity, std::string_view text) const;
  const Program& program_;
  const Format format_;
};

// Answers requests until SIGTERM or SIGINT; then calls on_stop, finishes what
// it is answering, and returns: in 8 seconds at most, after which false says
// that an answer has not come. `answer` is called from several threads; what it
// throws is reported and becomes 503 for EX_TEMPFAIL, else 500. Says on stderr
// where it listens. Throws Exit(EX_UNAVAILABLE) if it cannot listen.
bool serve_http(
    const ServerLog& log, const ServerAddress& address,
    const std::function<ServerAnswer(const ServerRequest&)>& answer,
    const std::function<void()>& on_stop = [] {});

}  // namespace mill
