#include "lib/base/nfc.h"

#include <string>

#include "tests/unit/catch.h"

TEST_CASE("to_nfc composes, orders marks, and leaves what is later alone") {
  const struct {
    const char* what;
    std::string text;
    std::string nfc;
  } cases[] = {
      {"nothing", "", ""},
      {"ASCII", "plain", "plain"},
      {"below U+0300", "na\u00efve", "na\u00efve"},
      {"a mark joins", "cafe\u0301!", "caf\u00e9!"},
      {"marks by class", "x\u0301\u0316", "x\u0316\u0301"},
      {"two marks", "o\u0308\u0323", "\u1ecd\u0308"},
      {"a singleton", "\u212b", "\u00c5"},
      {"an exclusion", "\u0958", "\u0915\u093c"},
      {"Hangul", "\u1100\u1161\u11a8", "\uac01"},
      {"a mark first", "\u0301e\u0301", "\u0301\u00e9"},
      {"NUL", std::string("\0e\u0301", 4), std::string("\0\u00e9", 3)},
      {"a mark of Unicode 14", "x\u0301\u0899", "x\u0301\u0899"},
      {"across it", "e\u0899\u0301", "e\u0899\u0301"},
      {"a pair of Unicode 13", "\U00011935\U00011930", "\U00011935\U00011930"},
      {"no character", "\U0010ffff", "\U0010ffff"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    std::string scratch;
    CHECK(mill::to_nfc(c.text, scratch) == c.nfc);
  }
}
