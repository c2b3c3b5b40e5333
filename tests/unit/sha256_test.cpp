#include "lib/base/sha256.h"

#include <random>
#include <string>

#include "lib/base/hash.h"
#include "tests/unit/catch.h"

namespace {

std::string by_openssl(const std::string& bytes) {
  mill::Sha256 sha256;
  sha256.add(bytes);
  return mill::hex(sha256.finish());
}

}  // namespace

TEST_CASE("SHA-256 is that of OpenSSL, on any processor") {
  const auto anywhere = mill::internal::add_blocks_anywhere;
  CHECK(mill::hex(mill::sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  std::mt19937 random(11);
  std::string bytes;
  for (std::size_t size = 0; size < 400; ++size) {
    REQUIRE(mill::hex(mill::sha256(bytes)) == by_openssl(bytes));
    REQUIRE(mill::hex(mill::sha256(bytes, anywhere)) == by_openssl(bytes));
    bytes += static_cast<char>(random());
  }
  bytes.assign(1'000'003, 'a');
  CHECK(mill::hex(mill::sha256(bytes)) == by_openssl(bytes));
  CHECK(mill::hex(mill::sha256(bytes, anywhere)) == by_openssl(bytes));
}

TEST_CASE("digests are written as digits, and give a number") {
  const mill::Sha256Digest digest = mill::sha256("123456789");
  CHECK(mill::hex(digest) ==
        "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
  CHECK(mill::first_64_bits(digest) == 0x15e2b0d3c33891eb);
}
