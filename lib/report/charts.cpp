#include "lib/report/charts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "lib/base/numbers.h"
#include "lib/report/html.h"
#include "lib/report/svg_chart.h"
#include "lib/version/stages.h"

namespace mill {

namespace {

constexpr int kMaxMonths = 96;  // a chart of more is by year

std::string missing_chart(std::string_view title, std::string_view why) {
  std::string out = "<div>\n<h3>";
  out.append(title).append("</h3>\n<p class=\"note\">");
  return out.append(why).append("</p>\n</div>\n");
}

std::string confidence_chart(const DatasetFolder& folder) {
  const JsonValue confidence = folder.manifest()["confidence"];
  const auto mean = confidence["mean"].number();
  if (!mean) return missing_chart("Confidence", "No example has a confidence.");
  ColumnChart chart{
      "chart-confidence",
      "Confidence",
      "Mean " + decimal(*mean, 3) + ", median " +
          decimal(confidence["median"].number().value_or(0), 3) + ", of " +
          counted(count_of(confidence["count"]), "example", "examples") +
          " that have one.",
      "Confidence",
      "Examples",
      {},
      {}};
  int tenth = 0;
  for (const JsonValue count : confidence["histogram"].elements()) {
    chart.columns.push_back(
        {decimal(tenth / 10.0, 1) + (tenth == 9 ? " to 1" : " to below ") +
             (tenth == 9 ? "" : decimal((tenth + 1) / 10.0, 1)),
         count_of(count)});
    chart.ticks.push_back(
        {static_cast<double>(tenth), decimal(tenth / 10.0, 1)});
    ++tenth;
  }
  chart.ticks.push_back({static_cast<double>(tenth), "1"});
  return column_chart(chart);
}

// A chart whose columns double: 64 to 127, 128 to 255, ...
ColumnChart doubling_chart(ColumnChart chart,
                           const std::vector<TokenSummary::Range>& ranges) {
  const std::size_t every = ranges.size() > 7 ? 2 : 1;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto& [from, to, count] = ranges[i];
    chart.columns.push_back(
        {from == to ? grouped(from) : grouped(from) + " to " + grouped(to),
         count});
    if (i % every == 0)
      chart.ticks.push_back({static_cast<double>(i), std::to_string(from)});
  }
  if (ranges.size() % every == 0)
    chart.ticks.push_back({static_cast<double>(ranges.size()),
                           std::to_string(ranges.back().to + 1)});
  return chart;
}

std::string token_chart(const DatasetFolder& folder) {
  const JsonValue tokens = folder.manifest()["tokens"];
  std::vector<TokenSummary::Range> ranges;
  for (const JsonValue range : tokens["histogram"].elements())
    ranges.push_back({count_of(range["from"]), count_of(range["to"]),
                      count_of(range["records"])});
  if (ranges.empty())
    return missing_chart("Tokens",
                         "Not counted: the manifest has no token "
                         "statistics.");
  const JsonValue sums = tokens["tokens"];
  std::string summary = "From " + grouped(count_of(sums["min"])) + " to " +
                        grouped(count_of(sums["max"])) + ", mean " +
                        decimal(sums["mean"].number().value_or(0), 1) +
                        ", by " + plain_text(tokens["encoding"]) + ".";
  std::string roles;
  for (const auto& [role, count] : tokens["roles"].members())
    roles += (roles.empty() ? " " : ", ") + role.string() + " " +
             percent(count_of(count), count_of(sums["total"]));
  if (!roles.empty()) summary += " By role:" + roles + ".";
  return column_chart(doubling_chart({"chart-tokens",
                                      "Tokens per example",
                                      summary,
                                      "Tokens",
                                      "Examples",
                                      {},
                                      {}},
                                     ranges));
}

std::string length_chart(std::string_view id, std::string_view title,
                         const TokenSummary& lengths) {
  if (lengths.records() == 0)
    return missing_chart(title, "No example has such a message.");
  return column_chart(doubling_chart(
      {std::string(id),
       std::string(title),
       "From " + grouped(lengths.min()) + " to " + grouped(lengths.max()) +
           " characters, median " + grouped(lengths.percentile(50)) +
           "; 95% have at most " + grouped(lengths.percentile(95)) + ".",
       "Characters",
       "Examples",
       {},
       {}},
      lengths.histogram()));
}

// "2024-03" as the number of months since the year 0.
int serial_of(const std::string& month) {
  return std::stoi(month) * 12 + std::stoi(month.substr(5)) - 1;
}

std::string two_digits(int number) {
  return std::to_string(100 + number).substr(1);
}

std::string time_chart(const ExampleFacts& facts) {
  if (facts.months.empty())
    return missing_chart(
        "When the questions were asked",
        "Not known: the examples carry no <code>timestamp</code>. "
        "<code>to-messages --include-fields timestamp</code> would add it.");
  const std::string &first = facts.months.begin()->first,
                    &last = facts.months.rbegin()->first;
  const bool by_year = serial_of(last) - serial_of(first) >= kMaxMonths;
  const int months = by_year ? 12 : 1;  // of a column
  const int begin = serial_of(first) / months, end = serial_of(last) / months;
  ColumnChart chart{"chart-time",
                    "When the questions were asked",
                    "",
                    by_year ? "Year" : "Month",
                    "Examples",
                    {},
                    {}};
  for (int at = begin; at <= end; ++at)
    chart.columns.push_back(
        {by_year ? std::to_string(at)
                 : std::to_string(at / 12) + "-" + two_digits(at % 12 + 1),
         0});
  std::uint64_t dated = 0;
  for (const auto& [month, count] : facts.months) {
    const int at = serial_of(month) / months - begin;
    chart.columns[static_cast<std::size_t>(at)].count += count;
    dated += count;
  }
  chart.summary = "From " + first + " to " + last + ", " +
                  (by_year ? "by year" : "by month") + ", of " +
                  counted(dated, "example", "examples") + " that say when.";
  const std::size_t every = (chart.columns.size() + 4) / 5;
  for (std::size_t i = every / 2; i < chart.columns.size(); i += every)
    chart.ticks.push_back(
        {static_cast<double>(i) + 0.5, chart.columns[i].label});
  return column_chart(chart);
}

std::string type_table(const DatasetFolder& folder) {
  const JsonValue types = folder.manifest()["interaction_types"];
  std::vector<std::pair<std::string, std::uint64_t>> rows;
  std::uint64_t total = 0, most = 0;
  for (const auto& [type, count] : types.members()) {
    rows.emplace_back(type.string(), count_of(count));
    total += rows.back().second;
    most = std::max(most, rows.back().second);
  }
  if (rows.empty())
    return missing_chart("Interaction types", "No example has one.");
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return a.second > b.second;
  });
  HtmlTable table(
      "", "Examples by interaction type",
      {{"Type"}, {"Examples", "number"}, {"Share", "number"}, {"", "bars"}});
  for (const auto& [type, count] : rows)
    table.row({html(reason_in_words(type)), grouped(count),
               percent(count, total), bar(count, count, most)});
  return "<div>\n<h3>Interaction types</h3>\n" + std::move(table).finish() +
         "</div>\n";
}

}  // namespace

std::string distribution_charts(const DatasetFolder& folder) {
  const ExampleFacts& facts = folder.facts();
  return "<div class=\"charts\">\n" + confidence_chart(folder) +
         token_chart(folder) +
         length_chart("chart-questions", "Length of the questions",
                      facts.question_length) +
         length_chart("chart-answers", "Length of the answers",
                      facts.answer_length) +
         time_chart(facts) + type_table(folder) + "</div>\n";
}

}  // namespace mill
