// server.h - the loopback cloud's HTTP/1.1 server, made to fail on command.
//
//   cloud::Server server;
//   server.route("GET", "/v1/things/{}", [](cloud::Request& request) {
//     return cloud::Answer{200, R"({"id":")" + request.parts[0] + "\"}"};
//   });
//   server.listen(0);  // port() says which
//
// A thread a connection, kept alive from request to request; loopback only.
// Handlers are called from several threads at a time. Which request fails, and
// how, is drawn from a seed and the request's number, or asked for by name.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace cloud {

// What the server does to a request in place of answering it well.
enum class Fault {
  kNone,
  kResetBefore,     // closes the connection without reading the body
  kResetDuring,     // ... after half of the body, which the handler has got
  kResetAfter,      // ... after the handler did its work, without an answer
  kStallBefore,     // is silent, and does nothing, until the client goes
  kStallAfter,      // ... after the handler did its work
  kTruncated,       // sends half of the handler's answer
  kStatus429,       // answers so without doing anything; Retry-After: 0
  kStatus503,       // answers so without doing anything
  kStatus503After,  // ... after the handler did its work
  kHtml502,         // answers a page, as a proxy does, without doing anything
  kHandler,         // the handler's own fault, one of its route's
};
inline constexpr Fault kLastCommonFault = Fault::kHtml502;
// "reset_before" and so on.
std::string_view name_of(Fault fault);

// Thrown by Request::read() when no more will come.
struct Cut {};

class Connection;

struct Request {
  std::string method;
  std::string path;                               // as it was sent
  std::vector<std::string> parts;                 // what {} stood for, decoded
  std::multimap<std::string, std::string> query;  // decoded
  std::map<std::string, std::string> headers;     // names in lower case
  // With Fault::kHandler, which of the route's faults to commit; else empty.
  std::string fault;

  // A header's or a query parameter's value; empty if it is missing.
  std::string header(const std::string& name) const;
  std::string parameter(const std::string& name) const;

  // Up to n bytes of the body, as they arrive; 0 at its end. Throws Cut.
  std::size_t read(char* to, std::size_t n);
  // The whole body, or what is left of it.
  std::string body();

  Connection* connection = nullptr;
};

struct Answer {
  int status = 200;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string type = "application/json; charset=UTF-8";
};
// An error as Google's REST services write it.
Answer google_error(int status, std::string_view name,
                    std::string_view message);

using Handler = std::function<Answer(Request&)>;

struct FaultPlan {
  double rate = 0;                      // of requests
  std::uint64_t seed = 1;               // of the draw
  std::vector<std::string> names = {};  // only these; empty: every one there is
  std::uint64_t at = 0;                 // if not 0: this request, no other
};

class Server {
 public:
  Server() = default;
  ~Server();  // closes all connections
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Paths of this form go to handler: "{}" is one segment or a part of one,
  // "{*}" anything. Of several routes that fit the first is taken. `faults` are
  // those that the handler can commit itself.
  void route(std::string method, std::string_view pattern, Handler handler,
             std::vector<std::string> faults = {});
  void set_faults(FaultPlan plan) { plan_ = std::move(plan); }
  // Called with a line for each request: number, method, path without its
  // query, status or 0, fault.
  void set_log(std::function<void(const std::string&)> log) {
    log_ = std::move(log);
  }

  // Listens on 127.0.0.1; port 0 is any free one. Call it last. Throws
  // std::runtime_error.
  void listen(int port);
  int port() const { return port_; }
  std::uint64_t requests() const { return count_; }

 private:
  struct Route {
    std::string method;
    std::string pattern;
    Handler handler;
    std::vector<std::string> faults;
  };

  // POST /control/refuse?path=X&counting=Y&after=N: from now on 403 is the
  // answer to paths that hold X, once N that hold Y (X without it) have come;
  // without a path to none.
  struct Refusal {
    std::string path, counting;
    std::uint64_t after = 0, seen = 0;
  };
  void set_refusal(const Request& request);
  bool is_refused(const Request& request);

  void accept_connections();
  void serve(int fd);
  bool serve_request(Connection& connection);
  std::string draw_fault(const Route& route, std::uint64_t number) const;

  std::vector<Route> routes_;
  FaultPlan plan_;
  std::function<void(const std::string&)> log_ = [](auto&) {};
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> count_ = 0;
  std::thread acceptor_;
  std::mutex mutex_;  // of what is below
  std::vector<std::thread> threads_;
  std::vector<int> open_;
  Refusal refusal_;
};

std::string percent_decode(std::string_view text, bool plus_is_space);
// The fields of a query or a form, decoded.
std::multimap<std::string, std::string> parse_form(std::string_view text);

}  // namespace cloud
