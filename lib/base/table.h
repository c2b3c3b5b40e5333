// table.h - rows of cells as lines for people.
#pragma once

#include <string>
#include <vector>

namespace mill {

enum class Side { kLeft, kRight };

// Each column aligned to its side; columns past the last side, to that.
std::string aligned(const std::vector<std::vector<std::string>>& rows,
                    const std::vector<Side>& sides);

}  // namespace mill
