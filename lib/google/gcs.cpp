#include "lib/google/gcs.h"

#include <sysexits.h>

#include <algorithm>
#include <random>
#include <set>
#include <string_view>

#include "lib/base/exit.h"
#include "lib/base/hash.h"
#include "lib/google/gcs_session.h"
#include "lib/http/url.h"
#include "lib/json/json.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr std::uint64_t kMostAtOnce = 8 << 20;
constexpr unsigned kMostSessions = 10;
// What uploads need: to create, and to read what is there already.
constexpr std::string_view kPermissions[] = {"storage.objects.create",
                                             "storage.objects.get"};

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

}  // namespace

HttpResponse Gcs::send(HttpRequest request) {
  request.silence_timeout = silence_timeout_;
  return auth_ ? auth_->send(http_, std::move(request), kGcsScope)
               : http_.send(request);
}

void Gcs::fail(const std::string& bucket, const HttpResponse& response,
               const GoogleError& error) {
  const GoogleCall call{.service = "storage", .bucket = bucket};
  const Exit failure = auth_ ? auth_->failure(http_, response, error, call)
                             : google_failure(response, error, call);
  throw Exit(failure.code, "gs://" + bucket + ": " + failure.what());
}

void Gcs::fail(const std::string& bucket, const HttpResponse& response) {
  fail(bucket, response, google_error(response));
}

void Gcs::check_bucket(const std::string& bucket) {
  FormFields query;
  for (const std::string_view permission : kPermissions)
    query.emplace_back("permissions", permission);
  HttpRequest request;
  request.url = url_ + "/storage/v1/b/" + bucket + "/iam/testPermissions?" +
                form_encode(query);
  request.expects_json = true;
  const HttpResponse response = send(std::move(request));
  if (response.status != 200) fail(bucket, response);
  JsonReader reader;
  reader.parse(response.body);
  std::set<std::string> held;
  for (const JsonValue name : reader.root()["permissions"].elements())
    held.insert(name.string_or_empty());
  for (const std::string_view permission : kPermissions)
    if (!held.count(std::string(permission)))
      fail(
          bucket, {.status = 403},
          {.word = "PERMISSION_DENIED", .permission = std::string(permission)});
}

std::vector<GcsObject> Gcs::list(const std::string& bucket,
                                 const std::string& folder) {
  std::vector<GcsObject> objects;
  std::string page;
  do {
    FormFields query{{"prefix", folder}, {"delimiter", "/"}};
    if (!page.empty()) query.emplace_back("pageToken", page);
    HttpRequest request;
    request.url = url_ + "/storage/v1/b/" + bucket + "/o?" + form_encode(query);
    request.expects_json = true;
    const HttpResponse response = send(std::move(request));
    if (response.status != 200) fail(bucket, response);
    JsonReader reader;
    reader.parse(response.body);
    for (const JsonValue item : reader.root()["items"].elements())
      if (auto object = read_gcs_object(item))
        objects.push_back(std::move(*object));
    page = reader.root()["nextPageToken"].string_or_empty();
  } while (!page.empty());
  return objects;
}

std::optional<std::string> Gcs::read(const std::string& bucket,
                                     const std::string& name) {
  HttpRequest request;
  request.url = object_url(bucket, name) + "?alt=media";
  HttpResponse response = send(std::move(request));
  if (response.status == 404) return std::nullopt;
  if (response.status != 200) fail(bucket, response);
  const std::string sum = "crc32c=" + crc32c_base64(crc32c(0, response.body));
  const auto hash = response.header("x-goog-hash");
  if (hash && hash->find("crc32c=") != hash->npos &&
      hash->find(sum) == hash->npos)
    throw Exit(EX_TEMPFAIL, "gs://" + bucket + "/" + name +
                                ": what came is not what is stored");
  return std::move(response.body);
}

// Of that generation only, so that no other content goes.
HttpResponse Gcs::send_delete(const std::string& bucket,
                              const GcsObject& object) {
  HttpRequest request;
  request.method = "DELETE";
  request.url =
      object_url(bucket, object.name) + "?generation=" + object.generation;
  return send(std::move(request));
}

void Gcs::remove(const std::string& bucket, const GcsObject& object) {
  const HttpResponse response = send_delete(bucket, object);
  if (response.status != 204 && response.status != 404) fail(bucket, response);
}

std::optional<GcsObject> Gcs::read_live(const Upload& upload) {
  HttpRequest request;
  request.url = object_url(upload.bucket, upload.name);
  request.expects_json = true;
  const HttpResponse response = send(std::move(request));
  if (response.status == 404) return std::nullopt;
  if (response.status != 200) fail(upload.bucket, response);
  auto object = read_gcs_object(response);
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
  const HttpResponse response = send(std::move(request));
  if (response.status == 200 || response.status == 201)
    return verify(upload, response);
  if (response.status == 412) return settle(upload);
  fail(upload.bucket, response);
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
  return send(std::move(request));
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
  request.silence_timeout = silence_timeout_;
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
      if (response.status != 200 && response.status != 201)
        fail(upload.bucket, response);
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
        if (response.status >= 400) fail(upload.bucket, response);
        throw Exit(exit_status(response), step.problem);
    }
  }
}

void Gcs::cancel(const std::string& session) {
  HttpRequest request;
  request.method = "DELETE";
  request.url = session;
  request.silence_timeout = silence_timeout_;
  http_.send_once(request);  // answered 499; unused, it would expire anyway
}

// A success, unless what was stored is not what was sent; then it is deleted.
UploadResult Gcs::verify(const Upload& upload, const HttpResponse& response) {
  auto object = read_gcs_object(response);
  if (!object) object = read_live(upload);
  if (!object) throw Exit(EX_TEMPFAIL, "the object has gone again");
  if (is_equal(upload, *object)) return {*object};
  object->name = upload.name;  // whatever the answer says
  const HttpResponse deleted = send_delete(upload.bucket, *object);
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

std::string Gcs::object_url(const std::string& bucket,
                            const std::string& name) const {
  return url_ + "/storage/v1/b/" + bucket + "/o/" + escape(name);
}

}  // namespace mill
