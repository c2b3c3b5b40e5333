// nfc.h - Unicode 9.0's Normalization Form C, over utf8proc.
//
// That is the form which Hugging Face's tokenizers bring a text into. What was
// assigned later is left as it is, whatever utf8proc knows of it; all else is
// the same in any version.
#pragma once

#include <string>
#include <string_view>

namespace mill {

// Text in NFC: text itself where it has no character at or above U+0300, since
// those below are in NFC beside each other; else scratch, which is overwritten.
// Time is n log n, whatever the order of the marks. REQUIRES: valid UTF-8.
std::string_view to_nfc(std::string_view text, std::string& scratch);

}  // namespace mill
