#include "lib/io/checksums.h"

#include <string>

#include "lib/cli/command_line.h"
#include "lib/io/output.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch_folder.h"

namespace {

const std::string kSum(64, 'a');

mill::FileSums sums_of(std::string_view bytes) {
  const ScratchFolder scratch;
  mill::AtomicFile file("checksums_test.tmp");
  file.write(bytes);
  file.commit();
  const mill::FileSums sums = mill::sum_file("checksums_test.tmp");
  return sums;
}

}  // namespace

TEST_CASE("sum_file sums up all of a file") {
  const mill::FileSums check = sums_of("123456789");
  CHECK(check.bytes == 9);
  CHECK(check.lines == 1);
  CHECK(mill::hex(check.crc32c) == "e3069283");
  CHECK(mill::hex(check.sha256) ==
        "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");

  CHECK(sums_of("").lines == 0);
  CHECK(sums_of("a\n\nb\n").lines == 3);
  CHECK(sums_of("a\n\nb").lines == 3);
  const std::string wide(1'000'000, 'x');  // over more than one block
  CHECK(sums_of(wide).sha256 == mill::sha256(wide));
  CHECK(sums_of(wide).crc32c == mill::crc32c(0, wide));
  CHECK_THROWS_AS(mill::sum_file("no-such-file"), mill::Exit);
  CHECK_THROWS_AS(mill::sum_file("."), mill::Exit);
}

TEST_CASE("A name comes back from its line, whatever is in it") {
  for (const std::string name : {"a.jsonl", " a", "a b", "a\\b", "a\nb", "a\rb",
                                 "\\", "(x) = y", "*a", "a\\nb"}) {
    INFO(name);
    const auto entry = mill::parse_sums_line(mill::sums_line(kSum, name));
    REQUIRE(entry);
    CHECK(entry->name == name);
    CHECK(entry->sum == kSum);
  }
  CHECK(mill::sums_line(kSum, "a\\\n\rb") == "\\" + kSum + "  a\\\\\\n\\rb");
  CHECK(mill::verdict_line("a", "OK") == "a: OK");
  CHECK(mill::verdict_line("a\nb", "OK") == "\\a\\nb: OK");
}

TEST_CASE("Sums lines of other programs are read") {
  const std::string upper(64, 'A');
  const struct {
    std::string line, sum, name;
  } good[] = {
      {kSum + " *a", kSum, "a"},
      {upper + "  a", kSum, "a"},
      {"e3069283  a", "e3069283", "a"},
      {"SHA256 (a (b)) = " + kSum, kSum, "a (b)"},
      {"\\SHA256 (a\\nb) = " + kSum, kSum, "a\nb"},
      {"CRC32C (a) = E3069283", "e3069283", "a"},
  };
  for (const auto& c : good) {
    INFO(c.line);
    const auto entry = mill::parse_sums_line(c.line);
    REQUIRE(entry);
    CHECK(entry->sum == c.sum);
    CHECK(entry->name == c.name);
  }
  for (const std::string& line :
       {std::string(), kSum, kSum + " a", kSum + "  ", kSum + "a  b",
        kSum.substr(1) + "  a", std::string(64, 'g') + "  a",
        "\\" + kSum + "  a\\x", "\\" + kSum + "  a\\", "MD5 (a) = " + kSum,
        "SHA256 (a) " + kSum, "SHA256 () = " + kSum}) {
    INFO(line);
    CHECK(!mill::parse_sums_line(line));
  }
}
