// svg_chart.h - column charts and bars, as SVG inside an HTML page.
//
// Drawn here and not by gnuplot, which was tried (5.4, terminal svg): its
// output names its own release, so that a page would differ from machine to
// machine and no version folder could be compared whole; two of its pictures on
// a page share ids; colors and fonts are fixed in each element, where a page
// with a light and a dark theme needs classes; text shrinks with the picture on
// a phone, to 6 px; ten bars take 11 kB; and labels, which come from data,
// would pass through its command language. All that is needed of it is
// rectangles and a scale.
//
// Widths are percentages and heights pixels, so that a chart fills the width
// there is and its text keeps its size. Colors are the page's, by class: chart,
// grid, axis, column, bar, rest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mill {

struct ColumnChart {
  struct Column {
    std::string label;  // in full, as the table has it: "128 to 255"
    std::uint64_t count;
  };
  struct Tick {
    double at;  // in columns: 0 is the left edge of the first, 0.5 its middle
    std::string label;
  };

  std::string id;       // of the figure; unique on the page
  std::string title;    // "Confidence"
  std::string summary;  // a sentence with what the picture shows
  std::string unit;     // what the labels are: "Confidence"
  std::string counts;   // what is counted: "Examples"
  std::vector<Column> columns;
  std::vector<Tick> ticks;
};

// A figure: the picture with title and description, then its numbers as a
// table that can be opened. Up to twelve columns carry their counts; above
// that there is a scale.
std::string column_chart(const ColumnChart& chart);

// A bar for a table's cell, beside its numbers: screen readers skip it. The
// cell's full width stands for `cell`; an outline as long as whole is filled as
// far as part.
std::string bar(std::uint64_t part, std::uint64_t whole, std::uint64_t cell);

}  // namespace mill
