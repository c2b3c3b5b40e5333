#include "lib/report/svg_chart.h"

#include "tests/unit/catch.h"

namespace {

mill::ColumnChart chart_of(std::initializer_list<std::uint64_t> counts) {
  mill::ColumnChart chart{"c", "Title", "Summary", "Unit", "Counts", {}, {}};
  for (const std::uint64_t count : counts)
    chart.columns.push_back({std::to_string(count).append("&"), count});
  return chart;
}

std::size_t times(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + 1))
    ++n;
  return n;
}

}  // namespace

TEST_CASE("a column chart draws its counts to scale, and tells them") {
  const std::string figure = mill::column_chart(chart_of({0, 80, 20}));
  CHECK(times(figure, "<rect class=\"column\"") == 2);  // nothing is not drawn
  CHECK(times(figure, "height=\"160\"") == 1);
  CHECK(times(figure, "height=\"40\"") == 1);
  CHECK(times(figure, "class=\"count\"") == 3);
  CHECK(figure.find("<title>80&amp;: 80</title>") != figure.npos);
  CHECK(figure.find("<th scope=\"row\">20&amp;</th><td "
                    "class=\"number\">20</td><td class=\"number\">20.0%") !=
        figure.npos);
  CHECK(figure.find("aria-labelledby=\"c-title c-desc\"") != figure.npos);
}

TEST_CASE("a chart of many columns has a round scale") {
  const struct {
    std::uint64_t most;
    const char* top;
    std::size_t lines;
  } cases[] = {{1, ">1<", 1},        {4, ">4<", 4},       {5, ">6<", 3},
               {9, ">10<", 2},       {88, ">100<", 2},    {1'000, ">1.0k<", 2},
               {1'999, ">2.0k<", 4}, {70'000, ">80k<", 4}};
  for (const auto& c : cases) {
    INFO(c.most);
    const std::string figure = mill::column_chart(
        chart_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, c.most}));
    CHECK(times(figure, "class=\"grid\"") == c.lines);
    CHECK(figure.find(c.top) != figure.npos);
    CHECK(times(figure, "class=\"count\"") == 0);
  }
}

TEST_CASE("a chart of nothing is no division by zero") {
  CHECK(times(mill::column_chart(chart_of({0, 0})), "class=\"column\"") == 0);
  CHECK(mill::bar(0, 0, 0).find("nan") == std::string::npos);
  CHECK(mill::bar(1, 2, 8).find("class=\"rest\" width=\"25%\"") !=
        std::string::npos);
  CHECK(mill::bar(1, 2, 8).find("class=\"part\" width=\"12.5%\"") !=
        std::string::npos);
}
