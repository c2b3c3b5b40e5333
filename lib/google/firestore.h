// firestore.h - calls of Firestore's REST interface, and its errors.
//
//   mill::Firestore firestore("my-project", "(default)", {});
//   mill::JsonValue answer = firestore.call("batchGet", body);
//
// Values are firestore_value.h's. Asks with Application Default Credentials
// (auth.h). If FIRESTORE_EMULATOR_HOST names a HOST:PORT on loopback, requests
// go there instead, with no real token.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lib/base/exit.h"
#include "lib/google/error.h"
#include "lib/http/client.h"
#include "lib/http/service_options.h"
#include "lib/json/json.h"

namespace mill {

struct FirestoreAnswer {
  JsonValue root;        // missing if there was an error
  HttpResponse problem;  // what was wrong, without a body
  GoogleError error;     // Firestore's word for it, "ALREADY_EXISTS", and more
  // An attempt before the one that got this answer may have been carried out.
  bool is_repeat = false;

  bool ok() const { return bool(root); }
};

class Firestore {
 public:
  // Throws Exit: EX_USAGE for invalid names, EX_CONFIG for an emulator beyond
  // loopback.
  Firestore(std::string project, std::string database, ServiceOptions options);
  Firestore(Firestore&&) noexcept;
  ~Firestore();

  // "projects/P/databases/D/documents/COLLECTION/ID".
  std::string name(std::string_view collection, std::string_view id) const;

  // Posts body to documents:METHOD, with retries; everything that is sent must
  // be safe to repeat. The answer is valid until the next call.
  FirestoreAnswer ask(std::string_view method, const std::string& body);
  // The same, where an error throws Exit.
  JsonValue call(std::string_view method, const std::string& body);
  // What an error throws.
  Exit failure(const FirestoreAnswer& answer) const;
  [[noreturn]] void fail(const FirestoreAnswer& answer) const;
  [[noreturn]] void fail(int exit_code, const std::string& what) const;

  bool is_emulator() const;
  const Clock& clock() const;
  // Waits before another attempt; the first is attempt 0. False, without
  // waiting, if there are no retries left.
  bool back_off(std::uint64_t attempt) const;

 private:
  struct Connection;
  HttpResponse send(std::string_view method, std::string body);

  std::string title_;  // for messages
  std::string project_;
  std::string root_;
  ServiceOptions options_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace mill
