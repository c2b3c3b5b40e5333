#include "tests/cloud/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <random>
#include <stdexcept>

#include "lib/json/json_writer.h"

namespace cloud {
namespace {

constexpr std::array<std::string_view, 12> kFaultNames = {
    "none",         "reset_before",     "reset_during", "reset_after",
    "stall_before", "stall_after",      "truncated",    "status_429",
    "status_503",   "status_503_after", "html_502",     "handler"};

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

// Whether path is of the pattern's form; appends what its {} and {*} stand for,
// decoded: of {} as little as may be, of {*} as much.
bool fits(std::string_view path, std::string_view pattern,
          std::vector<std::string>& parts) {
  const std::size_t brace = std::min(pattern.find('{'), pattern.size());
  if (!path.starts_with(pattern.substr(0, brace))) return false;
  path.remove_prefix(brace);
  pattern.remove_prefix(brace);
  if (pattern.empty()) return path.empty();
  const bool takes_all = pattern.starts_with("{*}");
  const std::size_t most = takes_all ? path.size() : path.find('/');
  pattern.remove_prefix(takes_all ? 3 : 2);
  for (std::size_t n = 1; n <= std::min(most, path.size()); ++n) {
    const std::size_t length = takes_all ? path.size() + 1 - n : n;
    const std::size_t before = parts.size();
    parts.push_back(percent_decode(path.substr(0, length), false));
    if (fits(path.substr(length), pattern, parts)) return true;
    parts.resize(before);
  }
  return false;
}

}  // namespace

std::string_view name_of(Fault fault) {
  return kFaultNames[static_cast<std::size_t>(fault)];
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(
          std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

std::multimap<std::string, std::string> parse_form(std::string_view text) {
  std::multimap<std::string, std::string> fields;
  while (!text.empty()) {
    const std::string_view field = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(field.size() + 1, text.size()));
    const std::size_t equals = std::min(field.find('='), field.size());
    fields.emplace(
        percent_decode(field.substr(0, equals), true),
        percent_decode(field.substr(std::min(equals + 1, field.size())), true));
  }
  return fields;
}

Answer google_error(int status, std::string_view name,
                    std::string_view message) {
  return {status, "{\"error\":{\"code\":" + std::to_string(status) +
                      ",\"message\":" + mill::json_string(message) +
                      ",\"status\":" + mill::json_string(name) + "}}\n"};
}

// A connection and the body of the request that is being read from it.
class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {}

  // The next line without its end; nothing where the client is gone.
  std::optional<std::string> line() {
    std::size_t end;
    while ((end = buffer_.find('\n', begin_)) == std::string::npos)
      if (!fill()) return std::nullopt;
    std::string text = buffer_.substr(begin_, end - begin_);
    begin_ = end + 1;
    if (!text.empty() && text.back() == '\r') text.pop_back();
    return text;
  }

  // Begins a body of `length` bytes, or one in chunks. Only `limit` of its
  // bytes are handed out, then read_body() throws Cut.
  void begin_body(std::uint64_t length, bool is_chunked, bool wants_continue,
                  std::uint64_t limit) {
    left_ = is_chunked ? 0 : length;
    is_chunked_ = is_chunked;
    wants_continue_ = wants_continue;
    limit_ = limit;
  }

  std::size_t read_body(char* to, std::size_t n) {
    if (wants_continue_) send("HTTP/1.1 100 Continue\r\n\r\n");
    wants_continue_ = false;
    if (is_chunked_ && left_ == 0) next_chunk();
    if (left_ == 0) return 0;
    if (limit_ == 0) throw Cut();
    n = std::min({n, left_, limit_});
    if (begin_ < buffer_.size()) {
      n = std::min(n, buffer_.size() - begin_);
      std::memcpy(to, buffer_.data() + begin_, n);
      begin_ += n;
    } else {
      const ssize_t got = recv(fd_, to, n, 0);
      if (got <= 0) throw Cut();
      n = static_cast<std::size_t>(got);
    }
    left_ -= n;
    limit_ -= n;
    if (is_chunked_ && left_ == 0) line();
    return n;
  }

  void skip_body() {
    char scrap[1 << 16];
    while (read_body(scrap, sizeof scrap) > 0) {
    }
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw Cut();
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  // Makes close() send a reset.
  void reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  // Waits until the client closes its end.
  void wait_for_client_to_go() {
    char scrap[1 << 16];
    while (recv(fd_, scrap, sizeof scrap, 0) > 0) {
    }
  }

 private:
  bool fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    char block[1 << 16];
    const ssize_t got = recv(fd_, block, sizeof block, 0);
    if (got <= 0) return false;
    buffer_.append(block, static_cast<std::size_t>(got));
    return true;
  }

  void next_chunk() {
    const auto size = line();
    if (!size) throw Cut();
    left_ = std::stoull(*size, nullptr, 16);
    if (left_ > 0) return;
    is_chunked_ = false;
    for (auto trailer = line(); trailer && !trailer->empty();) trailer = line();
  }

  int fd_;
  std::string buffer_;
  std::size_t begin_ = 0;   // of what is not yet taken from buffer_
  std::uint64_t left_ = 0;  // of the body, or of its chunk
  std::uint64_t limit_ = 0;
  bool is_chunked_ = false;
  bool wants_continue_ = false;
};

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Request::parameter(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

std::size_t Request::read(char* to, std::size_t n) {
  return connection->read_body(to, n);
}

std::string Request::body() {
  std::string all;
  char block[1 << 16];
  while (const std::size_t n = read(block, sizeof block)) all.append(block, n);
  return all;
}

Server::~Server() {
  stopping_ = true;
  if (listener_ >= 0) shutdown(listener_, SHUT_RDWR);
  if (acceptor_.joinable()) acceptor_.join();
  if (listener_ >= 0) close(listener_);
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

void Server::route(std::string method, std::string_view pattern,
                   Handler handler, std::vector<std::string> faults) {
  routes_.push_back({std::move(method), std::string(pattern),
                     std::move(handler), std::move(faults)});
}

void Server::listen(int port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t size = sizeof address;
  auto* where = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, where, size) != 0 || ::listen(listener_, 128) != 0 ||
      getsockname(listener_, where, &size) != 0)
    throw std::runtime_error(std::string("cannot listen: ") + strerror(errno));
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_connections(); });
}

void Server::accept_connections() {
  while (!stopping_) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void Server::serve(int fd) {
  Connection connection(fd);
  try {
    while (!stopping_ && serve_request(connection)) {
    }
  } catch (const Cut&) {
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
  close(fd);
}

// The name of the fault that request `number` meets; empty for none.
std::string Server::draw_fault(const Route& route, std::uint64_t number) const {
  std::mt19937_64 random(plan_.seed * 1'000'003 + number);
  const bool is_drawn = std::uniform_real_distribution<>()(random) < plan_.rate;
  if (plan_.at ? number != plan_.at : !is_drawn) return {};
  std::vector<std::string> names = route.faults;
  for (int i = 1; i <= static_cast<int>(kLastCommonFault); ++i)
    names.emplace_back(name_of(static_cast<Fault>(i)));
  if (!plan_.names.empty())
    std::erase_if(names, [this](const std::string& name) {
      return std::find(plan_.names.begin(), plan_.names.end(), name) ==
             plan_.names.end();
    });
  if (names.empty()) return {};
  return names[random() % names.size()];
}

// Reads a request, answers it; false where the connection is to be closed.
bool Server::serve_request(Connection& connection) {
  const auto first = connection.line();
  if (!first) return false;
  Request request;
  request.connection = &connection;
  const std::size_t method_end = first->find(' ');
  const std::size_t target_end = first->rfind(' ');
  if (method_end == std::string::npos || target_end <= method_end) return false;
  request.method = first->substr(0, method_end);
  const std::string target =
      first->substr(method_end + 1, target_end - method_end - 1);
  request.path = target.substr(0, target.find('?'));
  if (request.path.size() < target.size())
    request.query =
        parse_form(std::string_view(target).substr(request.path.size() + 1));
  for (auto header = connection.line(); header && !header->empty();
       header = connection.line()) {
    const std::size_t colon = std::min(header->find(':'), header->size() - 1);
    request.headers[lower_case(header->substr(0, colon))] =
        trimmed(std::string_view(*header).substr(colon + 1));
  }

  const std::uint64_t number = ++count_;
  const Route* route = nullptr;
  bool path_is_known = false;
  for (const Route& candidate : routes_) {
    std::vector<std::string> parts;
    if (!fits(request.path, candidate.pattern, parts)) continue;
    path_is_known = true;
    if (candidate.method != request.method) continue;
    route = &candidate;
    request.parts = std::move(parts);
    break;
  }

  Fault fault = Fault::kNone;
  if (const std::string name = route ? draw_fault(*route, number) : "";
      !name.empty()) {
    const auto found = std::find(kFaultNames.begin(), kFaultNames.end(), name);
    fault = found == kFaultNames.end()
                ? Fault::kHandler
                : static_cast<Fault>(found - kFaultNames.begin());
    if (fault == Fault::kHandler) request.fault = name;
  }
  const std::string length = request.header("content-length");
  const std::uint64_t body_length = length.empty() ? 0 : std::stoull(length);
  connection.begin_body(
      body_length, request.header("transfer-encoding") == "chunked",
      request.header("expect") == "100-continue",
      fault == Fault::kResetDuring ? body_length / 2 : ~std::uint64_t{0});
  const auto log = [&](int status) {
    log_(std::to_string(number) + " " + request.method + " " + request.path +
         " " + std::to_string(status) + " " +
         (request.fault.empty() ? std::string(name_of(fault)) : request.fault));
  };

  Answer answer;
  try {
    switch (fault) {
      case Fault::kResetBefore: throw Cut();
      case Fault::kStallBefore:
        log(0);
        connection.wait_for_client_to_go();
        return false;
      case Fault::kStatus429:
        answer = google_error(429, "RESOURCE_EXHAUSTED", "slow down");
        answer.headers.emplace_back("Retry-After", "0");
        break;
      case Fault::kStatus503:
        answer = google_error(503, "UNAVAILABLE", "try again");
        break;
      case Fault::kHtml502:
        answer = {502,
                  "<!doctype html><title>Bad Gateway</title>\n",
                  {},
                  "text/html"};
        break;
      default:
        if (request.path.starts_with("/control/refuse")) {
          set_refusal(request);
          break;
        }
        if (is_refused(request)) {
          answer = google_error(403, "PERMISSION_DENIED", "refused");
          break;
        }
        answer =
            route ? route->handler(request)
            : path_is_known
                ? google_error(405, "UNIMPLEMENTED", "no such method here")
                : google_error(404, "NOT_FOUND", "nothing is at this path");
        if (fault == Fault::kStatus503After)
          answer = google_error(503, "UNAVAILABLE", "try again");
    }
    connection.skip_body();
    if (fault == Fault::kResetAfter || fault == Fault::kResetDuring)
      throw Cut();
  } catch (const Cut&) {
    log(0);
    connection.reset();
    return false;
  }
  log(answer.status);
  if (fault == Fault::kStallAfter) {
    connection.wait_for_client_to_go();
    return false;
  }

  const bool has_body = answer.status != 204 && answer.status != 304;
  std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + " -\r\n";
  for (const auto& [name, value] : answer.headers)
    bytes += name + ": " + value + "\r\n";
  if (has_body) {
    bytes += "Content-Type: " + answer.type + "\r\n";
    bytes += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  }
  bytes += "\r\n";
  std::string_view body = answer.body;
  if (request.method == "HEAD" || !has_body) body = {};
  if (fault == Fault::kTruncated) body = body.substr(0, body.size() / 2);
  connection.send(bytes);
  connection.send(body);
  return fault != Fault::kTruncated && request.header("connection") != "close";
}

void Server::set_refusal(const Request& request) {
  const std::lock_guard lock(mutex_);
  const std::string after = request.parameter("after");
  refusal_ = {request.parameter("path"), request.parameter("counting"),
              after.empty() ? 0 : std::stoull(after)};
  if (refusal_.counting.empty()) refusal_.counting = refusal_.path;
}

bool Server::is_refused(const Request& request) {
  const std::lock_guard lock(mutex_);
  if (refusal_.path.empty()) return false;
  const bool is_full = refusal_.seen >= refusal_.after;
  refusal_.seen += request.path.find(refusal_.counting) != std::string::npos;
  return is_full && request.path.find(refusal_.path) != std::string::npos;
}

}  // namespace cloud
