// style.h - the looks of dataset-report's page, share/report.css: light and
// dark, desktop and phone, screen and paper.
//
// Text keeps a contrast of at least 4.5 to its ground, and what a chart is
// read from at least 3, in both themes; tests/page_check.py measures it. The
// build carries the file into the library, so that a page needs no other file.
#pragma once

#include <string_view>

namespace mill {

std::string_view report_style();

}  // namespace mill
