#include "lib/http/http.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <exception>
#include <random>
#include <thread>

#include "lib/base/exit.h"
#include "lib/cli/command_line.h"
#include "lib/json/json.h"

namespace mill {

namespace {

// A header's number, as "994.0"; nothing if it is none or negative.
std::optional<double> header_number(const HttpResponse& response,
                                    std::string_view name) {
  const auto text = response.header(name);
  double number = 0;
  if (!text) return std::nullopt;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || stop != end || !(number >= 0) ||
      !std::isfinite(number))
    return std::nullopt;
  return number;
}

// Seconds that the error in an answer of Google's asks for: retryDelay, "1.5s",
// of its google.rpc.RetryInfo; 0 without it.
double retry_info(const HttpResponse& response) {
  if (response.body.find("retryDelay") == std::string::npos) return 0;
  JsonReader reader;
  if (reader.parse(response.body)) return 0;
  JsonValue error = reader.root()["error"];
  for (const JsonValue element : reader.root().elements())
    error = element["error"];
  double seconds = 0;
  for (const JsonValue detail : error["details"].elements()) {
    if (!detail["retryDelay"].is_string()) continue;
    const std::string_view text = detail["retryDelay"].raw_string();
    std::from_chars(text.data(), text.data() + text.size(), seconds);
  }
  return std::isfinite(seconds) ? std::max(0.0, seconds) : 0;
}

// Seconds that Retry-After asks for, as a number or as a date; 0 without it.
double retry_after(const HttpResponse& response, double unix_time) {
  if (const auto seconds = header_number(response, "retry-after"))
    return *seconds;
  const auto text = response.header("retry-after");
  const auto date = text ? parse_http_date(*text) : std::nullopt;
  return date ? std::max(0.0, *date - unix_time) : 0;
}

bool may_be_mended(const HttpResponse& response) {
  return response.status == 408 || response.status == 429 ||
         response.status >= 500;
}

void append_encoded(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

void append_form(std::string& out, const FormFields& fields) {
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    append_encoded(out, name);
    out += '=';
    append_encoded(out, value);
  }
}

bool is_json(const std::string& body) {
  JsonReader reader;
  return !reader.parse(body);
}

}  // namespace

std::optional<std::string_view> HttpResponse::header(
    std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& [key, value] : headers)
    if (key == name) found = value;
  return found;
}

int exit_status(const HttpResponse& response) {
  if (response.status == 401 || response.status == 403) return EX_NOPERM;
  if (response.failure == HttpResponse::kTooLarge) return EX_DATAERR;
  if (response.failure == HttpResponse::kBroken || may_be_mended(response))
    return EX_TEMPFAIL;
  return EX_UNAVAILABLE;
}

std::string describe(const HttpResponse& response) {
  if (response.failure != HttpResponse::kNone) return response.problem;
  return "status " + std::to_string(response.status) +
         (response.status / 100 == 3 ? ", a redirect, which is not followed"
                                     : "");
}

Clock system_clock() {
  return {
      [] {
        return std::chrono::duration<double>(
                   std::chrono::steady_clock::now().time_since_epoch())
            .count();
      },
      [] {
        return std::chrono::duration<double>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
      },
      [](double seconds) {
        std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
      },
      [generator = std::mt19937_64(std::random_device()())]() mutable {
        return std::uniform_real_distribution<double>()(generator);
      },
  };
}

void RateLimit::observe(const HttpResponse& response, double now) {
  const auto remaining = header_number(response, "x-ratelimit-remaining");
  const auto used = header_number(response, "x-ratelimit-used");
  const auto reset = header_number(response, "x-ratelimit-reset");
  if (remaining && reset) {
    is_known_ = true;
    remaining_ = *remaining;
    used_ = used.value_or(0);
    window_end_ = now + std::min(*reset, kLongestReset);
  } else if (is_known_ && response.status != 0) {
    remaining_ = std::max(0.0, remaining_ - 1);
    used_ += 1;
  }
  if (is_known_ && remaining_ < 1) {
    next_ = std::max(now + 1, window_end_);
  } else if (is_known_) {
    // `even` of the window would be left if all of it were used at one pace.
    const double left = std::max(0.0, window_end_ - now);
    const double even = kWindow * remaining_ / (remaining_ + used_);
    next_ = now + std::clamp(left - even, 0.0, kLongestPause);
  }
  if (response.status == 429) next_ = std::max(next_, now + 1);
}

double RateLimit::wait(double now) const { return std::max(0.0, next_ - now); }

HttpResponse HttpClient::send(const HttpRequest& request, RateLimit* rate) {
  unsigned waits = 0;
  for (;;) {
    if (rate) wait(rate->wait(clock_.now()));
    HttpResponse response = send_once(request);
    if (rate) rate->observe(response, clock_.now());
    const bool again =
        response.failure == HttpResponse::kUnreachable ||
        response.status == 429 ||
        (request.is_repeatable &&
         (response.failure == HttpResponse::kBroken ||
          may_be_mended(response) ||
          (request.is_temporary && request.is_temporary(response))));
    if (!again ||
        !wait_to_retry(waits, response, rate ? rate->wait(clock_.now()) : 0))
      return response;
  }
}

HttpResponse HttpClient::send_once(const HttpRequest& request) {
  HttpResponse response = transport_(request);
  ++requests_;
  bytes_received_ += response.body.size();
  if (response.status == 200 && request.expects_json && !is_json(response.body))
    return {.failure = HttpResponse::kBroken,
            .problem = "the answer is not JSON"};
  return response;
}

bool HttpClient::wait_to_retry(unsigned& waits, const HttpResponse& response,
                               double least) {
  if (waits == policy_.retries) return false;
  const double asked = std::max(
      {retry_after(response, clock_.unix_time()), retry_info(response), least});
  if (asked > policy_.longest_wait) return false;
  // Full jitter: many clients that failed together do not return together.
  const double backoff =
      std::min(std::ldexp(policy_.first_backoff, static_cast<int>(waits)),
               policy_.longest_backoff);
  ++waits;
  wait(std::max(asked, backoff * clock_.random()));
  ++retries_;
  return true;
}

void HttpClient::wait(double seconds) {
  if (seconds <= 0) return;
  if (seconds >= 1 && on_wait) on_wait(seconds);
  clock_.sleep(seconds);
}

// ---- libcurl
// -----------------------------------------------------------------

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
  std::string name(line.substr(0, colon));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
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

// Where libcurl is in a body that is read as it is sent.
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

// A header list whose text stays where it is: libcurl's own would copy it, and
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

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (::curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string copy = text;
  ::curl_free(text);
  return copy;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == host.npos);
}

void set_failure(HttpResponse& response, CURLcode code) {
  using enum HttpResponse::Failure;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      response.failure = kUnreachable;
      response.problem = "no such host";
      break;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      response.failure = kUnreachable;
      response.problem = "cannot connect";
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
            .problem = "not a http or https URL"};
  if (is_plain && !is_loopback(url->host) && !request.allows_plain_http)
    return {.failure = HttpResponse::kRefused,
            .problem = "plain http is for loopback only; use https"};

  const auto start = std::chrono::steady_clock::now();
  Transfer transfer{{},   request.max_response, false, &on_progress, start,
                    start};
  Secret authorization;
  HeaderList headers;
  headers.add("Expect:");  // no waiting for "100 Continue"
  for (const std::string& header : request.headers) headers.add(header.c_str());
  if (!request.authorization.empty()) {
    using namespace std::string_view_literals;
    authorization = Secret::join(
        {"Authorization: ", request.authorization.reveal(), "\0"sv});
    headers.add(authorization.reveal().data());
  }

  CURL* const curl = handle_;
  ::curl_easy_reset(curl);  // keeps connections
  auto set = [&](CURLoption option, auto value) {
    if (const CURLcode code = ::curl_easy_setopt(curl, option, value))
      throw Exit(EX_SOFTWARE, std::string("libcurl option refused: ") +
                                  ::curl_easy_strerror(code));
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
  if (is_plain) set(CURLOPT_NOPROXY, "*");
  if (const char* const file = ::getenv("SSL_CERT_FILE"); file && *file)
    set(CURLOPT_CAINFO, file);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  // On a kept connection that turns out dead libcurl sends again by itself.
  if (!request.is_repeatable) set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_ACCEPT_ENCODING, "");
  set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(request.connect_timeout * 1000));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(std::ceil(request.silence_timeout)));
  set(CURLOPT_HTTPHEADER, headers.list());
  const std::string agent = "answermill/" + std::string(version());
  set(CURLOPT_USERAGENT, agent.c_str());
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_WRITEDATA, &transfer);
  set(CURLOPT_HEADERFUNCTION, &take_header);
  set(CURLOPT_HEADERDATA, &transfer);
  if (on_progress) {
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &show_progress);
    set(CURLOPT_XFERINFODATA, &transfer);
  }
  const std::string_view body =
      request.secret_body.empty() ? request.body : request.secret_body.reveal();
  BodyStream stream{request};
  if (request.method != "GET")
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.read_body) {
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
    set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body_size));
    set(CURLOPT_READFUNCTION, &give_body);
    set(CURLOPT_READDATA, &stream);
    set(CURLOPT_SEEKFUNCTION, &seek_body);
    set(CURLOPT_SEEKDATA, &stream);
  } else if (request.method != "GET") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
  }

  CURLcode code;
  {
    SigpipeBlock block;
    code = ::curl_easy_perform(curl);
  }
  if (stream.error) std::rethrow_exception(stream.error);
  HttpResponse& response = transfer.response;
  if (transfer.is_too_large) {
    response.failure = HttpResponse::kTooLarge;
    response.problem = "the answer is larger than " +
                       std::to_string(request.max_response) + " bytes";
  } else if (code != CURLE_OK) {
    set_failure(response, code);
  } else {
    long status = 0;
    ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    long connections = 0;
    ::curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connections);
    response.used_new_connection = connections > 0;
  }
  return std::move(response);
}

std::string form_encode(const FormFields& fields) {
  std::string out;
  append_form(out, fields);
  return out;
}

Secret secret_form(const FormFields& fields) {
  std::size_t most = 0;
  for (const auto& [name, value] : fields)
    most += 3 * (name.size() + value.size()) + 2;
  std::string text;
  text.reserve(most);  // growing would leave a copy
  append_form(text, fields);
  Secret form(text);
  wipe(text);
  return form;
}

std::optional<Url> parse_url(const std::string& text) {
  CURLU* const url = ::curl_url();
  std::optional<Url> parsed;
  if (::curl_url_set(url, CURLUPART_URL, text.c_str(), 0) == CURLUE_OK) {
    parsed = {url_part(url, CURLUPART_SCHEME), url_part(url, CURLUPART_HOST),
              url_part(url, CURLUPART_PORT),   url_part(url, CURLUPART_PATH),
              url_part(url, CURLUPART_QUERY),  false};
    parsed->has_login = !url_part(url, CURLUPART_USER).empty() ||
                        !url_part(url, CURLUPART_PASSWORD).empty();
    for (char& c : parsed->host)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  ::curl_url_cleanup(url);
  return parsed;
}

std::optional<double> parse_http_date(std::string_view text) {
  const time_t at = ::curl_getdate(std::string(text).c_str(), nullptr);
  if (at == -1) return std::nullopt;
  return static_cast<double>(at);
}

std::string url_for_messages(std::string_view url) {
  const auto parsed = parse_url(std::string(url));
  if (!parsed) return "URL";
  return parsed->scheme + "://" + parsed->host +
         (parsed->port.empty() ? "" : ":" + parsed->port) + parsed->path;
}

bool is_loopback_http(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed && parsed->scheme == "http" && is_loopback(parsed->host);
}

}  // namespace mill
