// html.h - text as HTML.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mill {

// text as HTML, for use between tags and in a quoted attribute. Characters that
// are invisible or not allowed in HTML are written out, such as \u0007: control
// characters except tab and newline, and those that change the direction of the
// text around them. REQUIRES: valid UTF-8.
std::string html(std::string_view text);

// A table with a caption, a header for each row and one for each column; a
// column without a title, such as one of bars, has none.
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
