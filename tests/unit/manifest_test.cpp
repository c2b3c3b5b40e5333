#include "lib/version/manifest.h"

#include "lib/cli/command_line.h"
#include "lib/io/output.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch_folder.h"

namespace {

mill::ScoreSummary summary_of(std::initializer_list<double> scores) {
  mill::ScoreSummary summary;
  for (const double score : scores) summary.add(score);
  return summary;
}

void write_file(const std::string& path, std::string_view text) {
  mill::AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace

TEST_CASE("ScoreSummary is exact to nine decimals") {
  const auto odd = summary_of({0.9, 0.1, 0.7999999999999999});
  CHECK(odd.count() == 3);
  CHECK(odd.mean() == 0.6);
  CHECK(odd.median() == 0.8);
  CHECK(summary_of({0.5, 0.6}).median() == 0.55);
  CHECK(summary_of({0.5, 0.5, 0.6, 0.7}).median() == 0.55);
  CHECK(summary_of({0, 0, 1}).mean() == 0.333333333);

  mill::ScoreSummary tenths;
  for (int i = 0; i < 1'000'000; ++i) tenths.add(0.1);
  CHECK(tenths.mean() == 0.1);
}

TEST_CASE("ScoreSummary's histogram counts by tenths") {
  using Bins = std::array<std::uint64_t, 10>;
  CHECK(summary_of({}).histogram() == Bins{});
  CHECK(summary_of({0, 0.0999999, 0.1, 0.3, 0.7, 0.9, 1}).histogram() ==
        Bins{2, 1, 0, 1, 0, 0, 0, 1, 0, 2});
}

TEST_CASE("Examples are summed up from metadata or the top") {
  const ScratchFolder scratch;
  write_file("manifest_test.tmp",
             R"({"metadata":{"confidence":0.5,"interaction_type":"combat"}})"
             "\r\n\n"
             R"({"confidence":1,"interaction_type":"timing"})"
             "\n"
             R"({"metadata":{"confidence":"high"}})");
  const auto summary = mill::summarize_examples("manifest_test.tmp");
  CHECK(summary.records == 3);
  CHECK(summary.confidence.count() == 2);
  CHECK(summary.confidence.mean() == 0.75);
  CHECK(summary.interaction_types ==
        std::map<std::string, std::uint64_t>{{"combat", 1}, {"timing", 1}});

  for (const char* text : {"[1]\n", "{\n", "{\"a\":\"\xFF\"}\n"}) {
    write_file("manifest_test.tmp", text);
    CHECK_THROWS_AS(mill::summarize_examples("manifest_test.tmp"), mill::Exit);
  }
}
