#include "lib/http/server.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/http/url.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

using Time = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr std::size_t kThreads = 8;
constexpr std::size_t kMaxHead = 16 << 10;  // bytes
constexpr std::size_t kMaxHeaders = 100;    // lines
constexpr std::size_t kMostConnections = 1024;
constexpr auto kTimeForHead = seconds(10);
constexpr auto kTimeForAnswer = seconds(60);  // to be taken by the client
constexpr auto kTimeToClose = seconds(2);
constexpr auto kTimeToStop = seconds(8);
constexpr int kSecondsToRetry = 10;

// A path for messages; a client may send anything.
std::string shown(std::string_view path) {
  const bool is_plain =
      path.size() <= 64 && std::all_of(path.begin(), path.end(), [](char c) {
        return is_ascii_alphanumeric(c) || c == '/' || c == '-' || c == '_';
      });
  return is_plain ? std::string(path) : "?";
}

ServerAnswer answer_of(
    const ServerLog& log,
    const std::function<ServerAnswer(const ServerRequest&)>& answer,
    const ServerRequest& request) {
  try {
    return answer(request);
  } catch (const Exit& exit) {
    log.warn(exit.what());
    return server_error(exit.code == EX_TEMPFAIL ? 503 : 500,
                        "failed; the server's log says why");
  } catch (const std::exception& error) {
    log.warn(error.what());
    return server_error(500, "failed; the server's log says why");
  }
}

std::string head_of(const ServerAnswer& answer) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " -\r\n";
  head += "Content-Type: " + answer.type + "\r\n";
  head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  head += "Connection: close\r\nX-Content-Type-Options: nosniff\r\n";
  if (answer.status == 503)
    head += "Retry-After: " + std::to_string(kSecondsToRetry) + "\r\n";
  if (answer.status == 401) head += "WWW-Authenticate: Bearer\r\n";
  if (answer.status == 405) head += "Allow: GET\r\n";
  return head + "\r\n";
}

std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// The text up to the next `end`, which is taken away with it.
std::string_view take(std::string_view& text, std::string_view end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + end.size(), text.size()));
  return part;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

// Reads a head, whole, without its last empty line. Returns what is wrong with
// it, if anything (RFC 9112).
std::optional<ServerAnswer> read_head(std::string_view head,
                                      std::string& method,
                                      ServerRequest& request) {
  const auto bad = [] { return server_error(400, "not understood"); };
  std::string_view line = take(head, "\r\n");
  method = take(line, " ");
  std::string_view target = take(line, " ");
  if (method.empty() || !target.starts_with('/') ||
      !line.starts_with("HTTP/1."))
    return bad();
  request.path = take(target, "?");
  while (!target.empty()) {
    std::string_view field = take(target, "&");
    const std::string_view name = take(field, "=");
    if (!name.empty()) request.query.emplace(decode(name), decode(field));
  }
  for (std::size_t count = 0; !head.empty(); ++count) {
    if (count == kMaxHeaders) return server_error(431, "too many headers");
    line = take(head, "\r\n");
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == line.npos || line.find_first_of(" \t") < colon)
      return bad();
    const std::string name = ascii_lower(line.substr(0, colon));
    const bool is_new =
        request.headers
            .emplace(name, std::string(trimmed(line.substr(colon + 1))))
            .second;
    // Which of two would count is not for us to say.
    if (!is_new && (name == "host" || name == "authorization")) return bad();
  }
  if (method != "GET") return server_error(405, "only GET is answered");
  return std::nullopt;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Connection {
  explicit Connection(int socket) : fd(socket) {}
  Descriptor fd;
  enum { kReading, kAnswering, kWriting, kClosing } state = kReading;
  Time::time_point begin = Time::now();
  Time::time_point end = begin + kTimeForHead;
  std::string bytes = {};  // of the head, then of the answer
  std::size_t sent = 0;
  std::string method = {};
  ServerRequest request = {};
};

// Requests on their way to the threads, and answers on their way back.
class Workers {
 public:
  Workers(const ServerLog& log,
          const std::function<ServerAnswer(const ServerRequest&)>& answer)
      : log_(log), answer_(answer), wake_(::eventfd(0, EFD_NONBLOCK)) {
    for (std::size_t i = 0; i < kThreads; ++i)
      threads_.emplace_back([this] { work(); });
  }
  // Waits for all of them, unless they were abandoned.
  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void ask(Connection* connection) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(connection);
    }
    changed_.notify_one();
  }
  int wake_fd() const { return wake_.get(); }
  std::vector<std::pair<Connection*, ServerAnswer>> answers() {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto n = ::read(wake_.get(), &count, sizeof count);
    const std::lock_guard lock(mutex_);
    return std::exchange(done_, {});
  }

 private:
  void work() {
    for (;;) {
      Connection* connection = nullptr;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return is_ending_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        connection = waiting_.front();
        waiting_.pop_front();
      }
      ServerAnswer answer = answer_of(log_, answer_, connection->request);
      {
        const std::lock_guard lock(mutex_);
        done_.emplace_back(connection, std::move(answer));
      }
      const std::uint64_t one = 1;
      [[maybe_unused]] const auto n = ::write(wake_.get(), &one, sizeof one);
    }
  }

  const ServerLog& log_;
  const std::function<ServerAnswer(const ServerRequest&)>& answer_;
  Descriptor wake_;
  std::mutex mutex_;  // of what is below
  std::condition_variable changed_;
  std::deque<Connection*> waiting_;
  std::vector<std::pair<Connection*, ServerAnswer>> done_;
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

// The connections, and what becomes of them.
class Connections {
 public:
  Connections(const ServerLog& log, Workers& workers)
      : log_(log), workers_(workers) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    // Half of the descriptors are for what answers.
    most_ = std::clamp<std::size_t>(
        static_cast<std::size_t>(files.rlim_cur) / 2, 8, kMostConnections);
  }

  void accept_from(int listener) {
    for (int i = 0; i < 64; ++i) {
      const int fd =
          ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE) make_room(0);
        return;
      }
      make_room(most_ - 1);
      if (all_.size() >= most_)
        ::close(fd);  // all others are being answered
      else
        all_.push_back(std::make_unique<Connection>(fd));
    }
  }

  bool is_empty() const { return all_.empty(); }
  bool is_idle() const {
    return std::none_of(all_.begin(), all_.end(), [](const auto& one) {
      return one->state == Connection::kAnswering ||
             one->state == Connection::kWriting;
    });
  }

  // Adds what each waits for; in the order in which serve() expects it.
  void add_to(std::vector<pollfd>& polled) const {
    for (const auto& one : all_) {
      const bool is_answering = one->state == Connection::kAnswering;
      const bool is_writing = one->state == Connection::kWriting;
      polled.push_back({is_answering ? -1 : one->fd.get(),
                        static_cast<short>(is_writing ? POLLOUT : POLLIN), 0});
    }
  }

  void serve(const pollfd* polled) {
    const auto now = Time::now();
    std::size_t i = 0;
    std::erase_if(all_, [&](const auto& one) {
      const short events = polled[i++].revents;
      if (one->state == Connection::kAnswering) return false;
      return now >= one->end || (events != 0 && !go_on(*one));
    });
  }

  void take_answers() {
    for (auto& [connection, answer] : workers_.answers())
      write_answer(*connection, answer);
  }

 private:
  // Lets the oldest go whose head is not whole, if there are more than `count`.
  // What has come of a head meanwhile is read first.
  void make_room(std::size_t count) {
    if (all_.size() <= count) return;
    const auto oldest =
        std::find_if(all_.begin(), all_.end(), [&](const auto& one) {
          if (one->state == Connection::kClosing) return true;
          return one->state == Connection::kReading &&
                 (!read(*one) || one->state == Connection::kReading);
        });
    if (oldest != all_.end()) all_.erase(oldest);
  }

  // False if it is over.
  bool go_on(Connection& one) {
    switch (one.state) {
      case Connection::kReading: return read(one);
      case Connection::kWriting: return write(one);
      case Connection::kClosing: {  // so that the answer is not lost
        std::array<char, 4096> ignored;
        return ::recv(one.fd.get(), ignored.data(), ignored.size(), 0) > 0;
      }
      default: return true;
    }
  }

  bool read(Connection& one) {
    std::array<char, 4096> some;
    const ssize_t n = ::recv(one.fd.get(), some.data(), some.size(), 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    const std::size_t before = one.bytes.size();
    one.bytes.append(some.data(), static_cast<std::size_t>(n));
    const std::size_t end =
        one.bytes.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (std::min(end, one.bytes.size()) > kMaxHead) {
      write_answer(one, server_error(431, "the head is too large"));
      return true;
    }
    if (end == one.bytes.npos) return true;
    const auto why = read_head(std::string_view(one.bytes).substr(0, end),
                               one.method, one.request);
    if (why) {
      write_answer(one, *why);
    } else {
      one.state = Connection::kAnswering;
      workers_.ask(&one);
    }
    return true;
  }

  void write_answer(Connection& one, const ServerAnswer& answer) {
    log_.answered(
        one.method, one.request, answer,
        std::chrono::duration<double>(Time::now() - one.begin).count());
    one.bytes = head_of(answer);
    if (one.method != "HEAD") one.bytes += answer.body;
    one.state = Connection::kWriting;
    one.end = Time::now() + kTimeForAnswer;
  }

  static bool write(Connection& one) {
    const ssize_t n = ::send(one.fd.get(), one.bytes.data() + one.sent,
                             one.bytes.size() - one.sent, MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    one.sent += static_cast<std::size_t>(n);
    if (one.sent < one.bytes.size()) return true;
    ::shutdown(one.fd.get(), SHUT_WR);
    one.state = Connection::kClosing;
    one.end = Time::now() + kTimeToClose;
    return true;
  }

  const ServerLog& log_;
  Workers& workers_;
  std::size_t most_ = kMostConnections;
  std::vector<std::unique_ptr<Connection>> all_;  // the oldest first
};

// A socket that listens; sets the port to the one it got. Throws Exit.
int listen_on(ServerAddress& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  int fd = -1;
  if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(),
                    &hints, &found) == 0) {
    for (const addrinfo* one = found; one && fd < 0; one = one->ai_next) {
      fd = ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    0);
      const int yes = 1;
      ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      if (fd >= 0 && (::bind(fd, one->ai_addr, one->ai_addrlen) != 0 ||
                      ::listen(fd, SOMAXCONN) != 0)) {
        ::close(fd);
        fd = -1;
      }
    }
    ::freeaddrinfo(found);
  }
  if (fd < 0)
    throw Exit(EX_UNAVAILABLE, "cannot listen on " + address.host + ":" +
                                   std::to_string(address.port));
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  std::array<char, NI_MAXSERV> port{};
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) == 0 &&
      ::getnameinfo(reinterpret_cast<sockaddr*>(&name), size, nullptr, 0,
                    port.data(), port.size(), NI_NUMERICSERV) == 0)
    address.port = std::atoi(port.data());
  return fd;
}

}  // namespace

std::string ServerRequest::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

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

void ServerLog::write(std::string_view severity, std::string_view text) const {
  if (format_ == kText) return program_.warn(text);
  std::string line;
  JsonWriter json(line);
  json.begin_object();
  json.member("severity", severity);
  json.member("message", text);
  json.end_object();
  program_.show(line + "\n");
}

void ServerLog::answered(std::string_view method, const ServerRequest& request,
                         const ServerAnswer& answer, double seconds) const {
  const std::string text = shown(method) + " " + shown(request.path) + " " +
                           std::to_string(answer.status) + " " +
                           std::to_string(answer.body.size()) + " bytes";
  if (format_ == kText) return program_.warn(text);
  std::string line;
  JsonWriter json(line);
  json.begin_object();
  json.member("severity", answer.status >= 500   ? "ERROR"
                          : answer.status >= 400 ? "WARNING"
                                                 : "INFO");
  json.member("message", text);
  json.key("httpRequest");
  json.begin_object();
  json.member("requestMethod", shown(method));
  json.member("requestUrl", shown(request.path));
  json.member("status", answer.status);
  json.member("responseSize", std::to_string(answer.body.size()));
  json.member("latency", std::to_string(seconds) + "s");
  json.end_object();
  // "TRACE/SPAN;o=1": the request's, by which the log groups its lines.
  std::string trace = request.header("x-cloud-trace-context");
  trace.resize(std::min(trace.find('/'), trace.size()));
  const char* const project = ::getenv("GOOGLE_CLOUD_PROJECT");
  if (project && trace.size() == 32 &&
      trace.find_first_not_of("0123456789abcdef") == trace.npos)
    json.member("logging.googleapis.com/trace",
                "projects/" + std::string(project) + "/traces/" + trace);
  json.end_object();
  program_.show(line + "\n");
}

bool serve_http(const ServerLog& log, const ServerAddress& wanted,
                const std::function<ServerAnswer(const ServerRequest&)>& answer,
                const std::function<void()>& on_stop) {
  // Blocked here and in all threads started later, for signalfd() to take.
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const Descriptor stop(::signalfd(-1, &signals, SFD_CLOEXEC));

  ServerAddress address = wanted;
  const Descriptor listener(listen_on(address));
  log.info("listening on " + address.host + ":" + std::to_string(address.port));

  // Left to the system if an answer does not come in time.
  auto workers = std::make_unique<Workers>(log, answer);
  auto connections = std::make_unique<Connections>(log, *workers);
  std::optional<Time::time_point> end;
  std::vector<pollfd> polled;
  while (!end || (!connections->is_idle() && Time::now() < *end)) {
    polled = {{end ? -1 : stop.get(), POLLIN, 0},
              {workers->wake_fd(), POLLIN, 0},
              {end ? -1 : listener.get(), POLLIN, 0}};
    connections->add_to(polled);
    // Time matters only to connections, and to the end.
    const bool is_timed = end || !connections->is_empty();
    ::poll(polled.data(), polled.size(), is_timed ? 200 : -1);
    connections->serve(polled.data() + 3);
    if (polled[1].revents) connections->take_answers();
    if (polled[2].revents) connections->accept_from(listener.get());
    if (polled[0].revents) {
      on_stop();
      end = Time::now() + kTimeToStop;
    }
  }
  if (connections->is_idle()) return true;
  static_cast<void>(connections.release());
  static_cast<void>(workers.release());
  return false;
}

}  // namespace mill
