// fake_firestore.h - the loopback cloud's Firestore in place of Google's, for
// as long as it lives.
#pragma once

#include <stdlib.h>

#include <string>
#include <utility>

#include "tests/cloud/firestore.h"
#include "tests/cloud/server.h"

// FIRESTORE_EMULATOR_HOST, set.
class EmulatorVariable {
 public:
  explicit EmulatorVariable(const std::string& value) {
    ::setenv("FIRESTORE_EMULATOR_HOST", value.c_str(), 1);
  }
  ~EmulatorVariable() { ::unsetenv("FIRESTORE_EMULATOR_HOST"); }
  EmulatorVariable(const EmulatorVariable&) = delete;
  EmulatorVariable& operator=(const EmulatorVariable&) = delete;
};

class FakeFirestore {
 public:
  explicit FakeFirestore(cloud::FaultPlan plan = {})
      : variable_(start(std::move(plan))) {}

 private:
  std::string start(cloud::FaultPlan plan) {
    firestore_.add_routes(server_);
    server_.set_faults(std::move(plan));
    server_.listen(0);
    return "127.0.0.1:" + std::to_string(server_.port());
  }

  cloud::Firestore firestore_;
  cloud::Server server_;
  EmulatorVariable variable_;
};
