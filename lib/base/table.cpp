#include "lib/base/table.h"

#include <algorithm>

#include "lib/base/harmless.h"

namespace mill {

std::string aligned(std::vector<std::vector<std::string>> rows,
                    const std::vector<Side>& sides) {
  std::vector<std::size_t> widths;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = harmless_line(row[i]);
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - row[i].size(), ' ');
      if (i > 0) text += "  ";
      text += sides[std::min(i, sides.size() - 1)] == Side::kLeft
                  ? row[i] + gap
                  : gap + row[i];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

}  // namespace mill
