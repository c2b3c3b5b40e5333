// style.h - the style sheet of dataset-report's page, share/report.css: light
// and dark, desktop and phone, screen and paper.
//
// Text has a contrast of at least 4.5 to its background, and the marks of a
// chart at least 3, in both themes; tests/page_check.py measures it. The build
// carries the file into the library, so that a page needs no other file.
#pragma once

#include <string_view>

namespace mill {

std::string_view report_style();

}  // namespace mill
