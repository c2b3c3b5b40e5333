// html.h - text as HTML, and numbers as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mill {

// text as HTML, good between tags and in a quoted attribute. What cannot be
// seen and what HTML has no place for becomes visible, as \u0007: control
// characters but tab and newline, and those that turn the direction of the
// text around them. REQUIRES: valid UTF-8.
std::string html(std::string_view text);

// "1,234,567".
std::string grouped(std::uint64_t number);
// "950", "1.0k", "35M": at most four characters, for where room is scarce.
std::string abbreviated(std::uint64_t number);
// "12.3%"; "under 0.1%" rather than none of something, and "0%" of nothing.
std::string percent(std::uint64_t part, std::uint64_t whole);
// With so many decimals, without zeros at its end.
std::string decimal(double number, int decimals);
// "1 example", "2,000 examples".
std::string counted(std::uint64_t number, std::string_view one,
                    std::string_view many);

// A table with a caption, a header for each row and one for each column; a
// column without a title, as one of bars, has none.
class HtmlTable {
 public:
  struct Column {
    std::string title;
    std::string classes = {};  // of all its cells, as "number"
  };
  // classes are the table's; caption is text and is for screen readers only,
  // since a heading or a figure's caption stands above.
  HtmlTable(std::string_view classes, std::string_view caption,
            std::vector<Column> columns);
  // A row of HTML; the first cell is its header.
  void row(const std::vector<std::string>& cells);
  std::string finish() && { return std::move(out_) + "</tbody></table>\n"; }

 private:
  void cell(std::string_view tag, std::string_view scope, std::size_t column,
            std::string_view content);

  std::vector<Column> columns_;
  std::string out_;
};

}  // namespace mill
