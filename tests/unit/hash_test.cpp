#include "lib/base/hash.h"

#include <string>

#include "tests/unit/catch.h"

TEST_CASE("hashes meet published vectors") {
  // RFC 4231, test case 2.
  CHECK(mill::hex(mill::hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(mill::crc32c(0, "123456789") == 0xe3069283);
  CHECK(mill::crc32c(0, "") == 0);
  CHECK(mill::crc32c_base64(mill::crc32c(0, "hello world")) == "yZRlqg==");
  // RFC 3720, B.4: 32 bytes of zero.
  CHECK(mill::crc32c(0, std::string(32, '\0')) == 0x8a9136aa);
}

TEST_CASE("crc32c goes on where it stopped") {
  const std::string text = "The quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    CHECK(mill::crc32c(mill::crc32c(0, text.substr(0, cut)),
                       text.substr(cut)) == 0x22620404);
}
