// storage.h - Cloud Storage's JSON API on loopback, for tests.
//
//   cloud::Storage storage;
//   storage.add_bucket("test-bucket");
//   storage.add_routes(server);
//
// Objects are in memory. It is strict where Cloud Storage is, and where it is
// lenient too: an unknown query parameter or member, a Content-Range that does
// not fit, a chunk that is no multiple of 256 KiB are errors. Large objects
// have no md5Hash, as composed ones have none.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cloud/server.h"

namespace cloud {

class Storage {
 public:
  void add_bucket(const std::string& name);
  // Takes links that this service account has signed, whose public key is in
  // PEM: GET /BUCKET/OBJECT?X-Goog-Signature=... An account whose links are
  // taken may read every object.
  void add_signer(const std::string& email, const std::string& public_key);
  void add_routes(Server& server);

  // Once `after` bytes more of content have come, makes the file `path`, and
  // reads on when it has been removed: time to kill a client. Or then_cut reads
  // no more, as where the client's last bytes never arrive.
  void hold(std::uint64_t after, std::string path, bool then_cut);
  // Bytes of content that have come.
  std::uint64_t received() const { return received_; }

  // Writes each object to folder/BUCKET/NAME, and folder/events: a line for
  // each object "created" and "deleted".
  void dump(const std::string& folder);

 private:
  struct Object {
    std::string name;
    std::uint64_t generation = 0;
    std::uint32_t crc32c = 0;
    std::string md5;  // base64; empty: none
    std::string created;
    // The members that whoever made it has set, as JSON.
    std::map<std::string, std::string> set = {};
    std::shared_ptr<const std::string> bytes;
  };
  using Objects = std::map<std::string, Object>;
  // What an insert asks for.
  struct Insert {
    std::string bucket;
    std::string name;
    std::map<std::string, std::string> set = {};
    std::string crc32c = {}, md5 = {};  // asserted; empty: not
    std::multimap<std::string, std::string> query = {};
  };
  struct Session {
    std::mutex mutex;
    Insert insert;
    std::optional<std::uint64_t> total;
    std::string bytes;
    std::optional<Answer> end;  // given to all that comes later
  };

  Answer insert(Request& request);
  Answer insert_multipart(Request& request, Insert& insert);
  Answer start_session(Request& request, Insert& insert);
  Answer put(Request& request);
  Answer put_chunk(Request& request, Session& session);
  Answer cancel(Request& request);
  Answer get(Request& request);
  Answer get_media(Request& request, const Object& object);
  Answer get_by_link(Request& request);
  Answer list(Request& request);
  Answer remove(Request& request);
  Answer make_bucket(Request& request);
  Answer test_permissions(Request& request);
  Answer get_bucket(Request& request);

  Answer create(const Insert& insert, std::string bytes,
                const std::string& fault);
  std::optional<Answer> read_metadata(std::string_view json, Insert& insert);
  std::optional<Answer> refuse(const Insert& insert);
  std::string resource(const std::string& bucket, const Object& object) const;
  std::shared_ptr<Session> find_session(const Request& request);
  void take(Request& request, std::string& bytes, std::uint64_t skip,
            std::uint64_t most);

  const Server* server_ = nullptr;
  std::map<std::string, std::string> signers_;
  std::mutex mutex_;  // of what is below, down to received_
  std::map<std::string, Objects> buckets_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;
  std::uint64_t last_generation_ = 1'700'000'000'000'000;
  std::uint64_t last_session_ = 0;
  std::vector<std::string> events_;
  std::string hold_path_;
  std::atomic<bool> hold_cuts_ = false;
  std::atomic<std::uint64_t> received_ = 0;
  std::atomic<std::uint64_t> hold_at_ = ~std::uint64_t{0};
};

}  // namespace cloud
