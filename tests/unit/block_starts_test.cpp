#include "lib/tokens/block_starts.h"

#include <random>
#include <string>
#include <vector>

#include "lib/base/utf8.h"
#include "tests/unit/catch.h"

namespace {

// Texts of what decides where pieces begin, most of it ASCII.
std::string random_text(std::mt19937& random) {
  static const std::vector<std::string> parts = {
      " ",
      "a",
      "word",
      "The",
      "iPhone",
      "X",
      "XML",
      "1",
      "12",
      "123",
      "1234567",
      "'",
      "'s",
      "'LL",
      "'\u017f",
      ".",
      ", ",
      "!",
      "/",
      "//",
      "\n",
      "\n\n",
      "\r\n",
      "\t",
      "  ",
      "   ",
      "--",
      "(",
      "\"",
      "e\u0301",
      "\u4e2d",
      "\u00e9",
      "\u3000",
      "\x7f",
      "\x1c",
      "don't",
      " a longer run of small words and of nothing else "};
  std::string text;
  for (auto left = random() % 60; left > 0; --left) {
    const auto kind = random() % 16;
    if (kind == 0)
      text += static_cast<char>(random() % 0x80);
    else if (kind == 1)
      mill::append_utf8(text, static_cast<char32_t>(random() % 0xD800));
    else
      text += parts[random() % parts.size()];
  }
  return text;
}

template <mill::Cut cut>
void compare(const mill::CharClasses& of, mill::ClassifyBlock classify,
             std::string_view text) {
  mill::TextPieces pieces(of, text);
  bool is_same = true;
  mill::for_each_piece<cut>(of, classify, text, [&](std::string_view piece) {
    if (!is_same || pieces.done()) {
      is_same = false;
      return;
    }
    const std::string_view wanted = pieces.next<cut>();
    is_same = piece.data() == wanted.data() && piece.size() == wanted.size();
  });
  if (is_same && pieces.done()) return;
  INFO(text);
  FAIL("cut otherwise, pattern " << static_cast<int>(cut));
}

}  // namespace

TEST_CASE("blocks are cut as the patterns do") {
  const mill::ClassifyBlock classify = mill::find_classify_block();
  if (!classify) WARN("this processor has no instructions for it");
  const mill::CharClasses of;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const std::string made = random_text(random);
    // A copy that ends where its memory does.
    const std::vector<char> exact(made.begin(), made.end());
    const std::string_view text(exact.data(), exact.size());
    compare<mill::Cut::kO200k>(of, classify, text);
    compare<mill::Cut::kCl100k>(of, classify, text);
    compare<mill::Cut::kTekken>(of, classify, text);
    compare<mill::Cut::kQwen2>(of, classify, text);
  }
}
