#include "lib/report/svg_chart.h"

#include <algorithm>

#include "lib/base/numbers.h"
#include "lib/report/html.h"

namespace mill {

namespace {

constexpr double kTop = 22;    // room for a count above the highest column
constexpr double kBase = 182;  // where columns stand
constexpr double kHeight = 216;
constexpr std::size_t kMaxCounts = 12;

double ratio(double a, double b) { return b > 0 ? a / b : 0; }

// "12.5%" of the way through `whole` columns.
std::string across(double at, std::size_t whole) {
  return decimal(100 * ratio(at, static_cast<double>(whole)), 3) + '%';
}

std::string text(std::string_view classes, const std::string& x, double y,
                 std::string_view anchor, const std::string& words) {
  return "<text class=\"" + std::string(classes) + "\" x=\"" + x + "\" y=\"" +
         decimal(y, 1) + "\" text-anchor=\"" + std::string(anchor) + "\">" +
         html(words) + "</text>\n";
}

std::string line(std::string_view classes, double y) {
  return "<line class=\"" + std::string(classes) +
         "\" x1=\"0\" x2=\"100%\" y1=\"" + decimal(y, 1) + "\" y2=\"" +
         decimal(y, 1) + "\"/>\n";
}

// The smallest of 1, 2, 5, 10, 20, ... of which four reach max.
std::uint64_t scale_step(std::uint64_t max) {
  std::uint64_t step = 1;
  for (int i = 0; step * 4 < max; ++i) step = step * (i % 3 == 1 ? 5 : 4) / 2;
  return step;
}

std::string scale(std::uint64_t step, std::uint64_t top) {
  std::string out;
  for (std::uint64_t at = step; at <= top; at += step) {
    const double y = kBase - (kBase - kTop) * ratio(static_cast<double>(at),
                                                    static_cast<double>(top));
    out += line("grid", y) + text("tick", "-8", y + 4, "end", abbreviated(at));
  }
  return out;
}

std::string column(const ColumnChart::Column& column, std::size_t i,
                   std::size_t of, double height, bool with_count) {
  // Columns of a long row touch, so that none gets thinner than a hair.
  const double gap = with_count ? 0.08 : 0.03;
  const double left = static_cast<double>(i);
  const double top = kBase - height;
  std::string out;
  if (column.count > 0)
    out += "<rect class=\"column\" x=\"" + across(left + gap, of) + "\" y=\"" +
           decimal(top, 1) + "\" width=\"" + across(1 - 2 * gap, of) +
           "\" height=\"" + decimal(height, 1) + "\"><title>" +
           html(column.label) + ": " + grouped(column.count) +
           "</title></rect>\n";
  if (with_count)
    out += text("count", across(left + 0.5, of), top - 6, "middle",
                abbreviated(column.count));
  return out;
}

std::string numbers(const ColumnChart& chart) {
  std::uint64_t total = 0;
  for (const auto& [label, count] : chart.columns) total += count;
  HtmlTable table(
      "", chart.title + " in numbers",
      {{chart.unit}, {chart.counts, "number"}, {"Share", "number"}});
  for (const auto& [label, count] : chart.columns)
    table.row({html(label), grouped(count), percent(count, total)});
  return "<details><summary>The numbers</summary>\n" +
         std::move(table).finish() + "</details>\n";
}

}  // namespace

std::string column_chart(const ColumnChart& chart) {
  const std::size_t size = chart.columns.size();
  const bool with_counts = size <= kMaxCounts;
  std::uint64_t top = 1;
  for (const auto& [label, count] : chart.columns) top = std::max(top, count);
  const std::uint64_t step = scale_step(top);
  if (!with_counts) top = (top + step - 1) / step * step;

  const std::string& id = chart.id;
  std::string out = "<figure id=\"" + id + "\"" +
                    (with_counts ? "" : " class=\"scaled\"") +
                    ">\n<figcaption><h3>" + html(chart.title) +
                    "</h3></figcaption>\n<svg class=\"chart\" role=\"img\" "
                    "aria-labelledby=\"" +
                    id + "-title " + id + "-desc\" width=\"100%\" height=\"" +
                    decimal(kHeight, 0) + "\">\n<title id=\"" + id +
                    "-title\">" + html(chart.title) + "</title>\n<desc id=\"" +
                    id + "-desc\">" + html(chart.summary) + "</desc>\n";
  if (!with_counts) out += scale(step, top);
  for (std::size_t i = 0; i < size; ++i) {
    const double height =
        (kBase - kTop) * ratio(static_cast<double>(chart.columns[i].count),
                               static_cast<double>(top));
    out += column(chart.columns[i], i, size, height, with_counts);
  }
  out += line("axis", kBase);
  for (const ColumnChart::Tick& tick : chart.ticks)
    out +=
        text("tick", across(tick.at, size), kBase + 17, "middle", tick.label);
  return out + "</svg>\n<p class=\"note\">" + html(chart.summary) + "</p>\n" +
         numbers(chart) + "</figure>\n";
}

std::string bar(std::uint64_t part, std::uint64_t whole, std::uint64_t cell) {
  auto rect = [&](std::string_view classes, std::uint64_t count) {
    const double share =
        ratio(static_cast<double>(count), static_cast<double>(cell));
    return "<rect class=\"" + std::string(classes) + "\" width=\"" +
           decimal(100 * std::min(1.0, share), 2) + "%\" height=\"14\"/>";
  };
  return "<svg class=\"bar\" aria-hidden=\"true\" width=\"100%\" "
         "height=\"14\">" +
         rect("rest", whole) + rect("part", part) + "</svg>";
}

}  // namespace mill
