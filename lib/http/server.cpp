#include "lib/http/server.h"

#include <httplib.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/http/url.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr std::size_t kThreads = 8;
constexpr std::size_t kMaxBody = 4096;
constexpr int kSecondsOfSilence = 10;
constexpr int kSecondsToRetry = 10;

void send(const ServerAnswer& answer, httplib::Response& response) {
  response.status = answer.status;
  response.set_content(answer.body, answer.type);
  if (answer.status == 503)
    response.set_header("Retry-After", std::to_string(kSecondsToRetry));
  if (answer.status == 401) response.set_header("WWW-Authenticate", "Bearer");
}

// A path for messages; a client may send anything.
std::string shown(const std::string& path) {
  const bool is_plain =
      path.size() <= 64 && std::all_of(path.begin(), path.end(), [](char c) {
        return is_ascii_alphanumeric(c) || c == '/' || c == '-' || c == '_';
      });
  return is_plain ? path : "?";
}

ServerAnswer answer_of(
    const Program& program,
    const std::function<ServerAnswer(const ServerRequest&)>& answer,
    const httplib::Request& request) {
  if (request.method != "GET") return server_error(405, "only GET is answered");
  try {
    return answer({request.path, request.params, [&](const std::string& name) {
                     return request.get_header_value(name);
                   }});
  } catch (const Exit& exit) {
    program.warn(exit.what());
    return server_error(exit.code == EX_TEMPFAIL ? 503 : 500,
                        "failed; the server's log says why");
  } catch (const std::exception& error) {
    program.warn(error.what());
    return server_error(500, "failed; the server's log says why");
  }
}

}  // namespace

bool ServerAddress::is_loopback() const { return is_loopback_host(host); }

ServerAddress parse_server_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  ServerAddress address{text.substr(0, colon), -1};
  if (colon != text.npos) {
    const std::string port = text.substr(colon + 1);
    if (!port.empty() && port.size() <= 5 &&
        port.find_first_not_of("0123456789") == port.npos)
      address.port = std::stoi(port);
  }
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty() || address.port < 0 || address.port > 65535)
    throw Exit(EX_USAGE, "'" + text + "' is not of the form HOST:PORT");
  return address;
}

ServerAnswer server_error(int status, std::string_view why) {
  return {status, "{\"error\":" + json_string(why) + "}\n"};
}

void serve_http(const Program& program, const ServerAddress& address,
                const std::function<ServerAnswer(const ServerRequest&)>& answer,
                const std::function<void()>& on_stop) {
  // Blocked here and in all threads started later, for sigwait() to take.
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  httplib::Server server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_keep_alive_max_count(1);  // so that no idle client holds a thread
  server.set_read_timeout(kSecondsOfSilence);
  server.set_write_timeout(kSecondsOfSilence);
  server.set_payload_max_length(kMaxBody);
  server.Get(".*", [&](const auto& request, auto& response) {
    send(answer_of(program, answer, request), response);
  });
  // For the other methods, and for what is not HTTP.
  server.set_error_handler([](const auto& request, auto& response) {
    if (!response.body.empty()) return;
    const bool is_get = request.method.empty() || request.method == "GET";
    send(is_get ? server_error(response.status, "not understood")
                : server_error(405, "only GET is answered"),
         response);
  });
  server.set_logger([&](const auto& request, const auto& response) {
    program.warn(shown(request.method) + " " + shown(request.path) + " " +
                 std::to_string(response.status) + " " +
                 std::to_string(response.body.size()) + " bytes");
  });

  int port = address.port;
  if (port == 0)
    port = server.bind_to_any_port(address.host);
  else if (!server.bind_to_port(address.host, port))
    port = -1;
  if (port < 0)
    throw Exit(EX_UNAVAILABLE, "cannot listen on " + address.host + ":" +
                                   std::to_string(address.port));
  program.warn("listening on " + address.host + ":" + std::to_string(port));

  std::atomic<bool> has_ended = false;
  std::thread listener([&] {
    server.listen_after_bind();
    has_ended = true;
    ::kill(::getpid(), SIGTERM);  // so that nobody waits for it in vain
  });
  int signal = 0;
  ::sigwait(&signals, &signal);
  const bool is_wanted = !has_ended;
  on_stop();
  // Repeatedly, since stop() does nothing before listening has begun.
  while (!has_ended) {
    server.stop();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  listener.join();
  if (!is_wanted) throw Exit(EX_UNAVAILABLE, "can no longer listen");
}

}  // namespace mill
