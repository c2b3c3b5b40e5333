#include "lib/io/lines.h"

#include <string>
#include <vector>

#include "lib/io/output.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch_folder.h"

namespace {

// The lines of text, each as "NUMBER:TEXT", read through a real file; a line
// that is too long ends in "+" and the sum of its further pieces.
std::vector<std::string> lines_of(std::string_view text,
                                  std::size_t max_line = 1 << 20) {
  const ScratchFolder scratch;
  mill::AtomicFile file("lines_test.tmp");
  file.write(text);
  file.commit();
  mill::LineReader reader(mill::Input("lines_test.tmp"), max_line);
  std::vector<std::string> lines;
  while (const auto line = reader.next()) {
    lines.push_back(std::to_string(line->number) + ":" +
                    std::string(line->text));
    if (!line->is_too_long) continue;
    std::string rest;
    while (const auto piece = reader.rest()) rest += *piece;
    lines.back() += "+" + rest;
  }
  return lines;
}

}  // namespace

TEST_CASE("LineReader cuts at newlines") {
  const std::string wide(300'000, 'x');  // wider than the first buffer
  const struct {
    const char* what;
    std::string text;
    std::vector<std::string> lines;
  } cases[] = {
      {"empty input", "", {}},
      {"last line without newline", "a\nb", {"1:a", "2:b"}},
      {"empty lines are counted", "\n\na\n", {"1:", "2:", "3:a"}},
      {"carriage return is kept", "a\r\n", {"1:a\r"}},
      {"NUL is an ordinary byte", {"a\0b\n", 4}, {{"1:a\0b", 5}}},
      {"line wider than a read", wide + "\nb\n", {"1:" + wide, "2:b"}},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(lines_of(c.text) == c.lines);
  }
}

TEST_CASE("LineReader gives a line that is too long in pieces") {
  CHECK(lines_of("abcdef\ngh\n", 3) ==
        std::vector<std::string>{"1:abc+def", "2:gh"});
  CHECK(lines_of("abc\nabcd", 3) ==
        std::vector<std::string>{"1:abc", "2:abc+d"});
  const std::string wide(500'000, 'x');
  CHECK(
      lines_of(wide + "\nb\n", 100'000) ==
      std::vector<std::string>{
          "1:" + wide.substr(0, 100'000) + "+" + wide.substr(100'000), "2:b"});
}

TEST_CASE("LineReader shows the lines it holds once after each read") {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += "line " + std::to_string(i) + "\n\n";
  text += "end";
  const ScratchFolder scratch;
  mill::AtomicFile file("lines_test.tmp");
  file.write(text);
  file.commit();
  mill::LineReader reader(mill::Input("lines_test.tmp"), 1 << 20);
  std::string shown;
  const char* end_of_held = nullptr;
  int reads = 0;
  while (const auto line = reader.next()) {
    if (!line->held.empty()) {
      ++reads;
      shown += line->held;
      end_of_held = line->held.data() + line->held.size();
      REQUIRE(line->held.data() == line->text.data());
    }
    REQUIRE(line->text.data() + line->text.size() <= end_of_held);
  }
  CHECK(shown == text);
  CHECK(reads > 3);
  CHECK(reads < 100);
}
