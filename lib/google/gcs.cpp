#include "lib/google/gcs.h"

#include <stdlib.h>
#include <sysexits.h>

#include <algorithm>
#include <charconv>
#include <random>

#include "lib/base/exit.h"
#include "lib/base/utf8.h"
#include "lib/http/url.h"
#include "lib/json/json.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr std::uint64_t kMostAtOnce = 8 << 20;
constexpr unsigned kMostSessions = 10;

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::string member(JsonValue object, std::string_view name) {
  const JsonValue value = object[name];
  return value.is_string() ? value.string() : "";
}

// The metadata that an answer's body holds; nothing if it is none.
std::optional<GcsObject> read_object(const HttpResponse& response) {
  JsonReader reader;
  if (reader.parse(response.body)) return std::nullopt;
  const JsonValue root = reader.root();
  GcsObject object{member(root, "generation"), 0, member(root, "crc32c"),
                   member(root, "md5Hash")};
  const auto size = parse_number(member(root, "size"));
  if (!size || !parse_number(object.generation)) return std::nullopt;
  object.size = *size;
  return object;
}

bool is_transient(const HttpResponse& response) {
  return response.failure == HttpResponse::kUnreachable ||
         exit_status(response) == EX_TEMPFAIL;
}

// With the reason's code, such as "notFound"; the error's text may quote
// anything.
[[noreturn]] void fail(const HttpResponse& response) {
  JsonReader reader;
  reader.parse(response.body);
  std::string reason;
  for (const JsonValue error : reader.root().at_path("error.errors").elements())
    reason = member(error, "reason");
  const bool is_code =
      !reason.empty() && reason.size() < 64 &&
      std::all_of(reason.begin(), reason.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      });
  std::string what = describe(response);
  if (is_code) what.append(", ").append(reason);
  if (response.status == 404) what += ": no such bucket";
  throw Exit(exit_status(response), what);
}

bool is_equal(const Upload& upload, const GcsObject& object) {
  return upload.size == object.size && upload.crc32c == object.crc32c;
}

// The metadata that the object is to have, as JSON.
std::string metadata(const Upload& upload) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("name", upload.name);
  json.member("contentType", upload.content_type);
  json.member("crc32c", upload.crc32c);
  json.end_object();
  return text;
}

std::string random_boundary() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string text;
  for (int i = 0; i < 4; ++i)
    for (std::uint32_t bits = random(), k = 0; k < 8; ++k, bits >>= 4)
      text += kDigits[bits & 15];
  return text;
}

std::string origin(std::string_view url) {
  const std::size_t host = url.find("://");
  if (host == url.npos) return "";
  return std::string(url.substr(0, url.find_first_of("/?#", host + 3)));
}

std::string escape(std::string_view text) {
  return form_encode({{"", text}}).substr(1);
}

// The number of bytes that an answer's Range header says are there, from the
// first on: "bytes=0-8388607". Without the header there are none.
std::optional<std::uint64_t> stored_bytes(const HttpResponse& response) {
  const auto range = response.header("range");
  if (!range) return 0;
  constexpr std::string_view kStart = "bytes=0-";
  if (!range->starts_with(kStart)) return std::nullopt;
  const auto last = parse_number(range->substr(kStart.size()));
  if (!last || *last == UINT64_MAX) return std::nullopt;
  return *last + 1;
}

}  // namespace

GcsEndpoint gcs_endpoint() {
  constexpr char kVariable[] = "STORAGE_EMULATOR_HOST";
  const char* const value = ::getenv(kVariable);
  if (!value || !*value) return {};
  std::string url = value;
  if (url.find("://") == url.npos) url = "http://" + url;
  while (url.ends_with('/')) url.pop_back();
  if (!is_loopback_http(url))
    throw Exit(EX_CONFIG,
               std::string(kVariable) + ": only http:// to loopback");
  return {url, true};
}

std::string content_type(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".jsonl", "application/x-ndjson"},
      {".json", "application/json"},
      {".html", "text/html"},
      {".md", "text/markdown"},
      {".txt", "text/plain"},
      {"SHA256SUMS", "text/plain"},
      {".gz", "application/gzip"},
      {".zst", "application/zstd"},
      {".parquet", "application/vnd.apache.parquet"}};
  for (const auto& [end, type] : kTypes)
    if (name.ends_with(end)) return std::string(type);
  return "application/octet-stream";
}

std::optional<std::string> bad_bucket_name(std::string_view bucket) {
  const auto is_fit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (bucket.size() < 3 || bucket.size() > 222)
    return "not 3 to 222 characters long";
  if (!std::all_of(bucket.begin(), bucket.end(), is_fit))
    return "not a bucket's name, which has only a-z 0-9 - _ .";
  return std::nullopt;
}

std::optional<std::string> bad_object_name(std::string_view name) {
  if (name.empty() || name.size() > 1024) return "not 1 to 1024 bytes long";
  if (find_invalid_utf8(name)) return "not valid UTF-8";
  if (std::any_of(name.begin(), name.end(),
                  [](unsigned char c) { return c < 32 || c == 127; }))
    return "has a control character";
  if (name == "." || name == ".." ||
      name.starts_with(".well-known/acme-challenge/"))
    return "a name that Cloud Storage refuses";
  return std::nullopt;
}

SessionStep read_session_answer(const HttpResponse& response,
                                std::uint64_t reach, std::uint64_t size) {
  switch (response.status) {
    case 200:
    case 201:
      if (read_object(response)) return {SessionStep::kVerify};
      return {SessionStep::kAsk, 0, "the answer is not an object's metadata"};
    case 308: {
      const auto stored = stored_bytes(response);
      if (!stored) return {SessionStep::kFail, 0, "Range makes no sense"};
      if (*stored > std::min(reach, size))
        return {SessionStep::kFail, 0,
                "the server has bytes that were not sent from here"};
      return {SessionStep::kSend, *stored};
    }
    case 404:
    case 410: return {SessionStep::kStartOver, 0, "the upload session is gone"};
    case 412: return {SessionStep::kExists};
    default:
      // "upload offset is X byte(s), which exceeds already uploaded size of Y"
      if (response.status == 503 &&
          response.body.find("exceeds already uploaded size") !=
              response.body.npos)
        return {SessionStep::kAhead, 0, "the server has lost bytes"};
      if (is_transient(response))
        return {SessionStep::kAsk, 0, describe(response)};
      return {SessionStep::kFail, 0, describe(response)};
  }
}

std::optional<GcsObject> Gcs::read_live(const Upload& upload) {
  HttpRequest request;
  request.url = object_url(upload);
  request.silence_timeout = silence_timeout;
  request.expects_json = true;
  const HttpResponse response = send_(std::move(request));
  if (response.status == 404) return std::nullopt;
  if (response.status != 200) fail(response);
  auto object = read_object(response);
  if (!object)
    throw Exit(EX_UNAVAILABLE, "the answer is not an object's metadata");
  return object;
}

std::optional<GcsObject> Gcs::find(const Upload& upload) {
  auto object = read_live(upload);
  if (object && !is_equal(upload, *object))
    throw Exit(EX_CANTCREAT,
               "exists with other content; objects are never overwritten");
  return object;
}

bool Upload::is_in_chunks() const {
  return size > std::min(kMostAtOnce, chunk_size);
}

UploadResult Gcs::upload(const Upload& upload) {
  return upload.is_in_chunks() ? upload_in_chunks(upload)
                               : upload_at_once(upload);
}

UploadResult Gcs::upload_at_once(const Upload& upload) {
  const std::string boundary = random_boundary();
  const std::string head =
      "--" + boundary +
      "\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n" +
      metadata(upload) + "\r\n--" + boundary +
      "\r\nContent-Type: " + upload.content_type + "\r\n\r\n";
  const std::string tail = "\r\n--" + boundary + "--\r\n";
  HttpRequest request;
  request.method = "POST";
  request.url = url_ + "/upload/storage/v1/b/" + upload.bucket +
                "/o?uploadType=multipart&ifGenerationMatch=0";
  request.headers = {"Content-Type: multipart/related; boundary=" + boundary};
  request.silence_timeout = silence_timeout;
  request.expects_json = true;
  request.body_size = head.size() + upload.size + tail.size();
  request.read_body = [&](std::uint64_t offset, char* to, std::size_t size) {
    // Copies the bytes that this piece has of a part that begins at `begin`.
    std::uint64_t begin = 0;
    const auto copy = [&](std::uint64_t part_size, const auto& read) {
      const std::uint64_t from = std::max(offset, begin);
      const std::uint64_t end = std::min(offset + size, begin + part_size);
      if (from < end)
        read(from - begin, to + (from - offset),
             static_cast<std::size_t>(end - from));
      begin += part_size;
    };
    const auto copy_text = [&](const std::string& text) {
      copy(text.size(), [&](std::uint64_t at, char* dest, std::size_t n) {
        text.copy(dest, n, static_cast<std::size_t>(at));
      });
    };
    copy_text(head);
    copy(upload.size, upload.read);
    copy_text(tail);
  };
  const HttpResponse response = send_(std::move(request));
  if (response.status == 200 || response.status == 201)
    return verify(upload, response);
  if (response.status == 412) return settle(upload);
  fail(response);
}

HttpResponse Gcs::start_session(const Upload& upload) {
  HttpRequest request;
  request.method = "POST";
  request.url = url_ + "/upload/storage/v1/b/" + upload.bucket + "/o?" +
                form_encode({{"uploadType", "resumable"},
                             {"name", upload.name},
                             {"ifGenerationMatch", "0"}});
  request.headers = {"Content-Type: application/json; charset=UTF-8",
                     "X-Upload-Content-Type: " + upload.content_type,
                     "X-Upload-Content-Length: " + std::to_string(upload.size)};
  request.body = metadata(upload);
  request.silence_timeout = silence_timeout;
  return send_(std::move(request));
}

// A session on another server would take the content to whoever named it.
std::string Gcs::session_uri(const HttpResponse& response) const {
  const auto location = response.header("location");
  if (!location || origin(*location) != origin(url_))
    throw Exit(EX_UNAVAILABLE,
               "the upload session's Location is missing, or another server");
  return std::string(*location);
}

// A PUT of the chunk at `offset`, or, without it, of nothing: that asks what
// the server has, and also ends a session that has everything.
HttpRequest Gcs::session_request(const Upload& upload,
                                 const std::string& session,
                                 std::optional<std::uint64_t> offset) const {
  const std::string total = std::to_string(upload.size);
  HttpRequest request;
  request.method = "PUT";
  request.url = session;
  request.silence_timeout = silence_timeout;
  const std::uint64_t begin = offset.value_or(upload.size);
  const std::uint64_t end = std::min(begin + upload.chunk_size, upload.size);
  if (begin == end) {
    request.headers = {"Content-Range: bytes */" + total};
  } else {
    request.headers = {"Content-Range: bytes " + std::to_string(begin) + "-" +
                       std::to_string(end - 1) + "/" + total};
    request.body_size = end - begin;
    request.read_body = [&upload, begin](std::uint64_t at, char* to,
                                         std::size_t size) {
      upload.read(begin + at, to, size);
    };
  }
  request.headers.push_back("Content-Type: " + upload.content_type);
  if (offset && end == upload.size)
    request.headers.push_back("X-Goog-Hash: crc32c=" + upload.crc32c);
  return request;
}

// `most` is the most that the server has said to have of this session, `reach`
// what it can have, which is all where an earlier run opened the session. What
// fails is tried again for as long as `most` grows.
UploadResult Gcs::upload_in_chunks(const Upload& upload) {
  std::string session = upload.session;
  std::optional<std::uint64_t> offset;  // to send from; nothing: ask
  std::uint64_t most = 0, reach = upload.size;
  unsigned waits = 0, sessions = 0;
  bool was_ahead = false;
  const auto end_session = [&] {
    session.clear();
    upload.keep_session("");
  };
  for (;;) {
    if (session.empty()) {
      if (++sessions > kMostSessions)
        throw Exit(EX_TEMPFAIL, "the server loses upload sessions");
      const HttpResponse response = start_session(upload);
      if (response.status == 412) return settle(upload);
      if (response.status != 200 && response.status != 201) fail(response);
      session = session_uri(response);
      upload.keep_session(session);
      offset = most = reach = 0;
    }
    if (offset)
      reach =
          std::max(reach, std::min(*offset + upload.chunk_size, upload.size));
    HttpResponse response;
    try {
      response = http_.send_once(session_request(upload, session, offset));
    } catch (const Exit&) {  // the content cannot be read
      cancel(session);
      end_session();
      throw;
    }

    SessionStep step = read_session_answer(response, reach, upload.size);
    if (step.action == SessionStep::kAhead)
      step.action = std::exchange(was_ahead, true) ? SessionStep::kStartOver
                                                   : SessionStep::kAsk;
    switch (step.action) {
      case SessionStep::kSend:
        if (step.offset > most) {
          most = step.offset;
          waits = 0;
          was_ahead = false;
        } else if (offset && step.offset <= *offset &&
                   !http_.wait_to_retry(waits, response)) {
          throw Exit(EX_TEMPFAIL, "the server takes no more bytes");
        }
        offset = step.offset;
        break;
      case SessionStep::kAhead:
      case SessionStep::kAsk:
        if (!http_.wait_to_retry(waits, response))
          throw Exit(exit_status(response), step.problem);
        offset.reset();
        break;
      case SessionStep::kStartOver:
        end_session();
        if (!http_.wait_to_retry(waits, response))
          throw Exit(EX_TEMPFAIL, step.problem);
        break;
      case SessionStep::kVerify: end_session(); return verify(upload, response);
      case SessionStep::kExists: end_session(); return settle(upload);
      case SessionStep::kFail:
        end_session();
        throw Exit(exit_status(response), step.problem);
    }
  }
}

void Gcs::cancel(const std::string& session) {
  HttpRequest request;
  request.method = "DELETE";
  request.url = session;
  request.silence_timeout = silence_timeout;
  http_.send_once(request);  // answered 499; unused, it would expire anyway
}

// A success, unless what was stored is not what was sent; then it is deleted.
UploadResult Gcs::verify(const Upload& upload, const HttpResponse& response) {
  auto object = read_object(response);
  if (!object) object = read_live(upload);
  if (!object) throw Exit(EX_TEMPFAIL, "the object has gone again");
  if (is_equal(upload, *object)) return {*object};
  HttpRequest request;
  request.method = "DELETE";
  request.url = object_url(upload) + "?generation=" + object->generation;
  request.silence_timeout = silence_timeout;
  const HttpResponse deleted = send_(std::move(request));
  throw Exit(kExitNo, deleted.status == 204 || deleted.status == 404
                          ? "what was stored was not what was sent; deleted"
                          : "what is stored is not what was sent, and cannot "
                            "be deleted: " +
                                describe(deleted));
}

// Whether the object that has the name is the one that was to be made.
UploadResult Gcs::settle(const Upload& upload) {
  const auto object = find(upload);
  if (!object) throw Exit(EX_TEMPFAIL, "an object came and went");
  return {*object, true};
}

std::string Gcs::object_url(const Upload& upload) const {
  return url_ + "/storage/v1/b/" + upload.bucket + "/o/" + escape(upload.name);
}

}  // namespace mill
