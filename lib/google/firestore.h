// firestore.h - Firestore's REST interface: values both ways, calls, errors.
//
//   mill::Firestore firestore("my-project", "(default)", {});
//   mill::JsonValue answer = firestore.call("batchGet", body);
//
// Asks with Application Default Credentials (google_auth.h). Where
// FIRESTORE_EMULATOR_HOST names a HOST:PORT on loopback, that is asked in
// Google's place, and is sent no real token.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lib/http/client.h"
#include "lib/json/json.h"

namespace mill {

// ---- values
// ------------------------------------------------------------------

// A document's fields as Firestore writes them, {"score":{"integerValue":"3"}},
// and the bytes that Firestore counts them as.
struct FirestoreFields {
  std::string json;
  std::size_t size = 0;
};

// The members of an object as fields. A whole number that fits 64 bits and is
// written without a fraction is an integer, any other a double. The times that
// our records have become timestamps: `timestamp` and `collected_at`, and, if
// they come back as they are spelled, `created_at` and `withdrawn_at`. Answers
// what Firestore would not take, if there is such a thing.
std::optional<std::string> encode_fields(JsonValue object,
                                         FirestoreFields& fields);

// Appends a value as plain JSON: times in RFC 3339, bytes in base64, a
// reference as its name, a place as {"latitude","longitude"}; a number that is
// not finite, which JSON has not, as null. The members of maps are in the byte
// order of their names.
void append_value(std::string& out, JsonValue value);

// Fields as one JSON object: those of an interaction first, in its order, the
// others by their names; without the field left_out.
std::string decode_fields(JsonValue fields, std::string_view left_out);

// The number that a value is, if it is one.
std::optional<double> value_number(JsonValue value);

// The bytes that Firestore counts a document of a collection as.
std::size_t document_size(std::string_view collection, std::string_view id,
                          std::size_t fields_size);

// ---- calls
// -------------------------------------------------------------------

struct ServiceOptions {
  std::uint64_t timeout = 60;  // seconds of silence
  std::uint64_t retries = 4;   // after the first attempt
};

struct FirestoreAnswer {
  JsonValue root;        // missing if there was an error
  HttpResponse problem;  // what was wrong, without a body
  std::string status;    // Firestore's word for it, "ALREADY_EXISTS"
  std::string message;   // Firestore's, on one line
  // An attempt before the one that got this answer may have been carried out.
  bool is_repeat = false;

  bool ok() const { return bool(root); }
};

class Firestore {
 public:
  // Throws Exit: EX_USAGE for names that are none, EX_CONFIG for an emulator
  // beyond loopback.
  Firestore(std::string project, std::string database, ServiceOptions options);
  Firestore(Firestore&&) noexcept;
  ~Firestore();

  // "projects/P/databases/D/documents/COLLECTION/ID".
  std::string name(std::string_view collection, std::string_view id) const;

  // Posts body to documents:METHOD, as often as it takes; everything that is
  // sent must be safe to repeat. The answer is valid until the next call.
  FirestoreAnswer ask(std::string_view method, const std::string& body);
  // The same, where an error throws Exit.
  JsonValue call(std::string_view method, const std::string& body);
  [[noreturn]] void fail(const FirestoreAnswer& answer) const;
  [[noreturn]] void fail(int exit_code, const std::string& what) const;

  bool is_emulator() const;
  const Clock& clock() const;
  // Waits before another attempt; the first is attempt 0. False if there have
  // been enough of them.
  bool back_off(std::uint64_t attempt) const;

 private:
  struct Connection;
  HttpResponse send(std::string_view method, std::string body);

  std::string title_;  // for messages
  std::string root_;
  ServiceOptions options_;
  std::unique_ptr<Connection> connection_;
};

// The name of a google.rpc code, "UNAVAILABLE" for 14.
std::string_view rpc_status_name(std::int64_t code);
// Whether what failed with the code may be mended by sending it again.
bool is_transient(std::int64_t code);

// How fast a collection may be written to: 500 documents a second at first,
// and half as much again every five minutes, as Google asks, up to 10,000.
class WriteRamp {
 public:
  // Seconds to wait at `now` before so many writes are sent.
  double wait(std::size_t writes, double now);

 private:
  std::optional<double> start_;
  double next_ = 0;
};

}  // namespace mill
