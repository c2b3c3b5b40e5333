// table.h - rows of cells as lines for people.
#pragma once

#include <string>
#include <vector>

namespace mill {

enum class Side { kLeft, kRight };

// Each column aligned to its side; columns past the last side, to that. Each
// cell is kept to its line (harmless_line()).
std::string aligned(std::vector<std::vector<std::string>> rows,
                    const std::vector<Side>& sides);

}  // namespace mill
