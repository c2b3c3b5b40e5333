#include "lib/report/html.h"

#include <stdio.h>

#include "lib/base/harmless.h"
#include "lib/base/utf8.h"

namespace mill {

namespace {

bool is_shown_by_number(char32_t c) {
  const bool is_no_character =
      (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
  return (is_harmful(c) && c != '\n' && c != '\t') || is_no_character;
}

}  // namespace

std::string html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    const char32_t c = take_code_point(text, i);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if (is_shown_by_number(c)) {
      char escape[12];
      ::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      out += text.substr(begin, i - begin);
    }
  }
  return out;
}

HtmlTable::HtmlTable(std::string_view classes, std::string_view caption,
                     std::vector<Column> columns)
    : columns_(std::move(columns)) {
  out_ = "<table class=\"" + std::string(classes) +
         "\">\n<caption class=\"hidden\">" + html(caption) +
         "</caption>\n<thead><tr>";
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].title.empty())
      cell("td", "", i, "");
    else
      cell("th", "col", i, html(columns_[i].title));
  out_ += "</tr></thead>\n<tbody>\n";
}

void HtmlTable::row(const std::vector<std::string>& cells) {
  out_ += "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i)
    cell(i == 0 ? "th" : "td", i == 0 ? "row" : "", i, cells[i]);
  out_ += "</tr>\n";
}

void HtmlTable::cell(std::string_view tag, std::string_view scope,
                     std::size_t column, std::string_view content) {
  out_.append("<").append(tag);
  if (!scope.empty()) out_.append(" scope=\"").append(scope).append("\"");
  if (!columns_[column].classes.empty())
    out_.append(" class=\"").append(columns_[column].classes).append("\"");
  out_.append(">").append(content).append("</").append(tag).append(">");
}

}  // namespace mill
