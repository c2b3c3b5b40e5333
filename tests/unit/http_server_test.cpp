#include "lib/http/server.h"
#include "tests/unit/catch.h"

TEST_CASE("parse_server_address") {
  const struct {
    const char* text;
    const char* host;  // null: refused
    int port;
    bool is_loopback;
  } cases[] = {
      {"127.0.0.1:8787", "127.0.0.1", 8787, true},
      {"127.1.2.3:0", "127.1.2.3", 0, true},
      {"[::1]:80", "::1", 80, true},
      {"localhost:80", "localhost", 80, true},
      {"0.0.0.0:65535", "0.0.0.0", 65535, false},
      {"127.example.org:80", "127.example.org", 80, false},
      {"[::]:80", "::", 80, false},
      {"127.0.0.1", nullptr, 0, false},
      {"127.0.0.1:", nullptr, 0, false},
      {"127.0.0.1:65536", nullptr, 0, false},
      {"127.0.0.1:-1", nullptr, 0, false},
      {"127.0.0.1:8x", nullptr, 0, false},
      {":80", nullptr, 0, false},
      {"", nullptr, 0, false},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    if (!c.host) {
      CHECK_THROWS_AS(mill::parse_server_address(c.text), mill::Exit);
      continue;
    }
    const auto address = mill::parse_server_address(c.text);
    CHECK(address.host == c.host);
    CHECK(address.port == c.port);
    CHECK(address.is_loopback() == c.is_loopback);
  }
}
