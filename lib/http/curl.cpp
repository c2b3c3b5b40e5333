#include "lib/http/curl.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/cli/program.h"
#include "lib/http/url.h"

namespace mill {

namespace {

// Where libcurl's callbacks leave an answer as it comes.
struct Transfer {
  HttpResponse response;
  std::uint64_t max_response;
  bool is_too_large = false;
  const std::function<void(double)>* on_progress;
  std::chrono::steady_clock::time_point start, shown;
};

std::size_t take_body(char* data, std::size_t, std::size_t size, void* to) {
  auto& transfer = *static_cast<Transfer*>(to);
  std::string& body = transfer.response.body;
  if (body.size() + size > transfer.max_response) {
    transfer.is_too_large = true;
    return 0;
  }
  body.append(data, size);
  return size;
}

std::size_t take_header(char* data, std::size_t, std::size_t size, void* to) {
  auto& headers = static_cast<Transfer*>(to)->response.headers;
  std::string_view line(data, size);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n'))
    line.remove_suffix(1);
  if (line.starts_with("HTTP/")) headers.clear();  // what came before was 1xx
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return size;
  std::string name = ascii_lower(line.substr(0, colon));
  line.remove_prefix(colon + 1);
  const std::size_t text = line.find_first_not_of(" \t");
  headers.emplace_back(std::move(name),
                       text == line.npos ? "" : line.substr(text));
  return size;
}

int show_progress(void* to, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(to);
  const auto now = std::chrono::steady_clock::now();
  if (now - transfer.shown >= std::chrono::seconds(1)) {
    transfer.shown = now;
    (*transfer.on_progress)(
        std::chrono::duration<double>(now - transfer.start).count());
  }
  return 0;
}

constexpr long kUploadBuffer = 512 << 10;  // bytes a read_body() at most

// How far libcurl is in a body that is read as it is sent.
struct BodyStream {
  const HttpRequest& request;
  std::uint64_t offset = 0;
  std::exception_ptr error = {};  // an exception must not cross libcurl
};

std::size_t give_body(char* to, std::size_t, std::size_t room, void* from) {
  auto& stream = *static_cast<BodyStream*>(from);
  const std::size_t size = static_cast<std::size_t>(
      std::min<std::uint64_t>(room, stream.request.body_size - stream.offset));
  try {
    if (size > 0) stream.request.read_body(stream.offset, to, size);
  } catch (...) {
    stream.error = std::current_exception();
    return CURL_READFUNC_ABORT;
  }
  stream.offset += size;
  return size;
}

int seek_body(void* from, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<BodyStream*>(from)->offset = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

// A header list that does not copy its text: libcurl's own would copy it, and
// not wipe the copy.
class HeaderList {
 public:
  void add(const char* line) {
    nodes_.push_back({const_cast<char*>(line), nullptr});
  }
  curl_slist* list() {
    for (std::size_t i = 1; i < nodes_.size(); ++i)
      nodes_[i - 1].next = &nodes_[i];
    return nodes_.data();
  }

 private:
  std::vector<curl_slist> nodes_;
};

// Keeps SIGPIPE, which a TLS write to a closed connection raises, from ending
// the program, in this thread and for as long as it lives.
class SigpipeBlock {
 public:
  SigpipeBlock() {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeBlock() {
    const timespec at_once{0, 0};
    ::sigtimedwait(&pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;

 private:
  sigset_t pipe_, before_;
};

bool has_proxy() {
  for (const char* name :
       {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    if (const char* const value = ::getenv(name); value && *value) return true;
  return false;
}

// proxy_status is the proxy's answer to CONNECT; 0: none was asked, or did not
// answer.
void set_failure(HttpResponse& response, CURLcode code, const Url& url,
                 long proxy_status) {
  using enum HttpResponse::Failure;
  if (proxy_status != 0 && proxy_status / 100 != 2) {
    response.failure = kUnreachable;
    response.problem = "the proxy that https_proxy names refuses " + url.host +
                       ": status " + std::to_string(proxy_status);
    return;
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      response.failure = kUnreachable;
      response.problem = "no such host: " + url.host;
      break;
    case CURLE_COULDNT_RESOLVE_PROXY:
      response.failure = kUnreachable;
      response.problem = "no such host: the proxy that https_proxy names";
      break;
    case CURLE_COULDNT_CONNECT:
      response.failure = kUnreachable;
      response.problem = "cannot connect to " + url.host;
      if (!url.port.empty()) response.problem += ":" + url.port;
      if (url.scheme == "https" && has_proxy())
        response.problem += ", or to the proxy that https_proxy names";
      break;
    case CURLE_OPERATION_TIMEDOUT:
      response.failure = kBroken;
      response.problem = "timed out";
      break;
    case CURLE_SSL_CACERT_BADFILE:
      response.failure = kRefused;
      response.problem = "the certificates to trust cannot be read";
      break;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      response.failure = kRefused;
      response.problem = "the server's certificate cannot be verified";
      break;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      response.failure = kBroken;
      response.problem = "the connection broke";
      break;
    default:
      response.failure = kBroken;
      response.problem = ::curl_easy_strerror(code);
  }
}

template <typename Value>
void set(CURL* curl, CURLoption option, Value value) {
  if (const CURLcode code = ::curl_easy_setopt(curl, option, value))
    throw Exit(EX_SOFTWARE, std::string("libcurl option refused: ") +
                                ::curl_easy_strerror(code));
}

long info(CURL* curl, CURLINFO what) {
  long number = 0;
  ::curl_easy_getinfo(curl, what, &number);
  return number;
}

// Where to send, how, and how long to wait.
void set_connection(CURL* curl, const HttpRequest& request, bool is_plain) {
  set(curl, CURLOPT_URL, request.url.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
  if (is_plain) set(curl, CURLOPT_NOPROXY, "*");
  if (const char* const file = ::getenv("SSL_CERT_FILE"); file && *file)
    set(curl, CURLOPT_CAINFO, file);
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  // On a kept connection that turns out to be dead, libcurl sends again by
  // itself.
  if (!request.is_repeatable) set(curl, CURLOPT_FRESH_CONNECT, 1L);
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_PATH_AS_IS, 1L);
  set(curl, CURLOPT_ACCEPT_ENCODING, "");
  set(curl, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(request.connect_timeout * 1000));
  set(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(curl, CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(std::ceil(request.silence_timeout)));
  const std::string agent = "answermill/" + std::string(version());
  set(curl, CURLOPT_USERAGENT, agent.c_str());
}

// The method, and what goes with it; `stream` and the request's texts are read
// while it is sent.
void set_body(CURL* curl, const HttpRequest& request, BodyStream& stream) {
  const std::string_view body =
      request.secret_body.empty() ? request.body : request.secret_body.reveal();
  if (request.method != "GET")
    set(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.read_body) {
    set(curl, CURLOPT_UPLOAD, 1L);
    set(curl, CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
    set(curl, CURLOPT_INFILESIZE_LARGE,
        static_cast<curl_off_t>(request.body_size));
    set(curl, CURLOPT_READFUNCTION, &give_body);
    set(curl, CURLOPT_READDATA, &stream);
    set(curl, CURLOPT_SEEKFUNCTION, &seek_body);
    set(curl, CURLOPT_SEEKDATA, &stream);
  } else if (request.method != "GET") {
    set(curl, CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(body.size()));
    set(curl, CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
  }
}

}  // namespace

Curl::Curl() {
  if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    throw Exit(EX_OSERR, "libcurl does not start");
  handle_ = ::curl_easy_init();
  if (!handle_) throw std::bad_alloc();
}

Curl::~Curl() {
  ::curl_easy_cleanup(handle_);
  ::curl_global_cleanup();
}

HttpResponse Curl::send(const HttpRequest& request) {
  const auto url = parse_url(request.url);
  const bool is_plain = url && url->scheme == "http";
  if (!url || (!is_plain && url->scheme != "https"))
    return {.failure = HttpResponse::kRefused,
            .problem = "not an http or https URL"};
  if (is_plain && !is_loopback_host(url->host) && !request.allows_plain_http)
    return {.failure = HttpResponse::kRefused,
            .problem = "plain http is for loopback only; use https"};

  const auto start = std::chrono::steady_clock::now();
  Transfer transfer{{},   request.max_response, false, &on_progress, start,
                    start};
  BodyStream stream{request};
  Secret authorization, serverless;
  HeaderList headers;
  headers.add("Expect:");  // no waiting for "100 Continue"
  for (const std::string& header : request.headers) headers.add(header.c_str());
  const auto add_secret = [&](Secret& kept, std::string_view name,
                              const Secret& value) {
    using namespace std::string_view_literals;
    if (value.empty()) return;
    kept = Secret::join({name, value.reveal(), "\0"sv});
    headers.add(kept.reveal().data());
  };
  add_secret(authorization, "Authorization: ", request.authorization);
  add_secret(serverless,
             "X-Serverless-Authorization: ", request.serverless_authorization);

  ::curl_easy_reset(handle_);  // keeps connections
  set_connection(handle_, request, is_plain);
  set(handle_, CURLOPT_HTTPHEADER, headers.list());
  set_body(handle_, request, stream);
  set(handle_, CURLOPT_WRITEFUNCTION, &take_body);
  set(handle_, CURLOPT_WRITEDATA, &transfer);
  set(handle_, CURLOPT_HEADERFUNCTION, &take_header);
  set(handle_, CURLOPT_HEADERDATA, &transfer);
  if (deadline)
    set(handle_, CURLOPT_TIMEOUT_MS,
        std::max(1L, static_cast<long>(
                         std::chrono::duration_cast<std::chrono::milliseconds>(
                             *deadline - start)
                             .count())));
  if (on_progress) {
    set(handle_, CURLOPT_NOPROGRESS, 0L);
    set(handle_, CURLOPT_XFERINFOFUNCTION, &show_progress);
    set(handle_, CURLOPT_XFERINFODATA, &transfer);
  }

  CURLcode code;
  {
    SigpipeBlock block;
    code = ::curl_easy_perform(handle_);
  }
  if (stream.error) std::rethrow_exception(stream.error);
  HttpResponse& response = transfer.response;
  if (transfer.is_too_large) {
    response.failure = HttpResponse::kTooLarge;
    response.problem = "the answer is larger than " +
                       std::to_string(request.max_response) + " bytes";
  } else if (code != CURLE_OK) {
    set_failure(response, code, *url, info(handle_, CURLINFO_HTTP_CONNECTCODE));
  } else {
    response.status = static_cast<int>(info(handle_, CURLINFO_RESPONSE_CODE));
    response.used_new_connection = info(handle_, CURLINFO_NUM_CONNECTS) > 0;
  }
  return std::move(response);
}

}  // namespace mill
