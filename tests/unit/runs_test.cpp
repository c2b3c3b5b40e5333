#include "lib/base/runs.h"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/catch.h"

namespace {

bool is_in(char c) { return (c == 'a') | (c == '\0') | (c < 0); }

// One byte after the other.
std::vector<std::string_view> plain_runs(std::string_view text) {
  std::vector<std::string_view> runs;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_in(text[i])) continue;
    const std::size_t begin = i;
    while (i < text.size() && is_in(text[i])) ++i;
    runs.push_back(text.substr(begin, i - begin));
  }
  return runs;
}

}  // namespace

TEST_CASE("runs and bytes of a kind are found where they are, and no others") {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    // Of no bytes, too, and of just a block or two; with long runs and short.
    const std::size_t size =
        round % 5 == 0 ? random() % 3 * 64 : random() % 300;
    const std::size_t stays = 1 + random() % 40;
    std::string text(size, ' ');
    char c = 'b';
    for (char& each : text) {
      if (random() % stays == 0) c = "ab \0\xC3"[random() % 5];
      each = c;
    }
    std::vector<std::string_view> runs;
    mill::for_each_run(text, is_in,
                       [&](std::string_view run) { runs.push_back(run); });
    const auto expected = plain_runs(text);
    REQUIRE(runs == expected);
    std::string bytes, in_runs;
    mill::for_each_byte(text, is_in, [&](char byte) { bytes += byte; });
    for (std::size_t i = 0; i < runs.size(); ++i) {
      CHECK(runs[i].data() == expected[i].data());
      in_runs += runs[i];
    }
    CHECK(bytes == in_runs);
  }
}
