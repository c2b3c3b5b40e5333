#include "lib/base/sha256.h"

#include <random>
#include <string>

#include "lib/base/hash.h"
#include "tests/unit/catch.h"

TEST_CASE("SHA-256 without OpenSSL is SHA-256") {
  CHECK(mill::sha256_hex("abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::mt19937 random(11);
  std::string bytes;
  for (std::size_t size = 0; size < 400; ++size) {
    REQUIRE(mill::sha256_hex(bytes) == mill::hex(mill::sha256(bytes)));
    bytes += static_cast<char>(random());
  }
  bytes.assign(1'000'003, 'a');
  CHECK(mill::sha256_hex(bytes) == mill::hex(mill::sha256(bytes)));
}
