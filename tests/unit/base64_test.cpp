#include "lib/base/base64.h"

#include <openssl/evp.h>

#include <random>
#include <string>
#include <string_view>

#include "tests/unit/catch.h"

TEST_CASE("base64 is RFC 4648's, and that of OpenSSL") {
  const std::string_view words = "foobar";
  const char* const texts[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                               "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (std::size_t i = 0; i <= words.size(); ++i)
    CHECK(mill::base64(words.substr(0, i)) == texts[i]);

  std::mt19937 random(3);
  for (std::size_t size = 0; size < 600; ++size) {
    std::string bytes(size, ' ');
    for (char& byte : bytes) byte = static_cast<char>(random());
    std::string expected((size + 2) / 3 * 4 + 1, ' ');
    expected.resize(static_cast<std::size_t>(
        ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(expected.data()),
                          reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(size))));
    const std::string text = mill::base64(bytes);
    REQUIRE(text == expected);
    CHECK(mill::decode_base64(text) == bytes);
  }
}

TEST_CASE("what is no base64 is refused") {
  CHECK(mill::decode_base64("Zh==") == "f");  // bits that are left over
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "==", "===", "====",
                           "A===", "Z=g=", "Zm9=Zm9v", "Zm9v ", " Zm9v",
                           "Zm9v\n", "Zm9\n", "Zm-_", "Zm9\xC3", "Zg==Zg=="})
    CHECK(!mill::decode_base64(text));
  CHECK(!mill::decode_base64(std::string_view("Zm9\0", 4)));
}
