// gcs.h - objects of Cloud Storage: created whole, verified, never overwritten.
//
//   mill::Gcs gcs(http, endpoint.url, &auth);
//   mill::Upload upload{.bucket = "b", .name = "v1/train.jsonl", ...};
//   mill::UploadResult result = gcs.upload(upload);
//
// Every upload says ifGenerationMatch=0, so that it can only create, and may be
// sent again; and asserts the content's CRC32C, so that damaged content becomes
// no object. Larger content is sent in a resumable session, chunk by chunk:
// after any fault the server is asked how much it has, and the upload continues
// from there. No file is opened here: bytes come from a function, so that
// memory stays flat, and the caller passes the session of an earlier process.
//
// Failures throw Exit; messages never hold a session's URI, since whoever has
// that can write.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/google/auth.h"
#include "lib/google/gcs_object.h"
#include "lib/http/client.h"

namespace mill {

inline constexpr char kGcsScope[] =
    "https://www.googleapis.com/auth/devstorage.read_write";
// Every chunk but the last is a multiple of this.
inline constexpr std::uint64_t kGcsGrain = 256 << 10;

struct Upload {
  std::string bucket = {}, name = {};
  std::string content_type = "application/octet-stream";
  std::uint64_t size = 0;
  std::string crc32c = {};
  // Copies `size` bytes from `offset` on.
  std::function<void(std::uint64_t offset, char* to, std::size_t size)> read =
      {};
  // Up to the lesser of this and 8 MiB go in one request. REQUIRES: a multiple
  // of kGcsGrain.
  std::uint64_t chunk_size = 32 << 20;
  // The session that an earlier run left, and a function that keeps those of
  // this run: it gets each new session's URI, and "" once that is of no more
  // use.
  std::string session = {};
  std::function<void(const std::string& session)> keep_session =
      [](const std::string&) {};

  bool is_in_chunks() const;
};

struct UploadResult {
  GcsObject object;
  bool was_present = false;  // with the same size and CRC32C
};

class Gcs {
 public:
  // Without `auth`, which outlives this, requests have no token. PUTs to a
  // session need none.
  // silence_timeout: how long an answer may take, in seconds.
  Gcs(HttpClient& http, std::string url, GoogleAuth* auth = nullptr,
      double silence_timeout = 60)
      : http_(http),
        url_(std::move(url)),
        auth_(auth),
        silence_timeout_(silence_timeout) {}

  // Throws Exit unless the bucket is there and objects may be created and read
  // in it. Needs no permission itself.
  void check_bucket(const std::string& bucket);

  // The object, if it is there already; nothing if its name is free or the
  // bucket does not exist. Throws Exit(EX_CANTCREAT) if it has other content.
  std::optional<GcsObject> find(const Upload& upload);

  // Creates the object. Throws Exit: EX_CANTCREAT if the name has other
  // content, kExitNo if what was stored is not what was sent (it is deleted
  // again), EX_TEMPFAIL, EX_NOPERM or EX_UNAVAILABLE for what the service
  // says. After EX_TEMPFAIL a session that was kept is still good.
  UploadResult upload(const Upload& upload);

  // The objects directly in a folder, by name; folder is "" or ends with a
  // slash. Throws Exit.
  std::vector<GcsObject> list(const std::string& bucket,
                              const std::string& folder);
  // An object's content, compared with the CRC32C that comes with it; nothing
  // if there is none. At most 256 MiB.
  std::optional<std::string> read(const std::string& bucket,
                                  const std::string& name);
  // Deletes an object, if it is still of this generation.
  void remove(const std::string& bucket, const GcsObject& object);

 private:
  UploadResult upload_at_once(const Upload& upload);
  UploadResult upload_in_chunks(const Upload& upload);
  HttpResponse send(HttpRequest request);
  [[noreturn]] void fail(const std::string& bucket,
                         const HttpResponse& response,
                         const GoogleError& error);
  [[noreturn]] void fail(const std::string& bucket,
                         const HttpResponse& response);
  HttpResponse send_delete(const std::string& bucket, const GcsObject& object);
  HttpResponse start_session(const Upload& upload);
  std::string session_uri(const HttpResponse& response) const;
  HttpRequest session_request(const Upload& upload, const std::string& session,
                              std::optional<std::uint64_t> offset) const;
  UploadResult verify(const Upload& upload, const HttpResponse& response);
  UploadResult settle(const Upload& upload);
  std::optional<GcsObject> read_live(const Upload& upload);
  void cancel(const std::string& session);
  std::string object_url(const std::string& bucket,
                         const std::string& name) const;

  HttpClient& http_;
  std::string url_;
  GoogleAuth* auth_;
  double silence_timeout_;
};

}  // namespace mill
