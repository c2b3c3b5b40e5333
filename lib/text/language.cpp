#include "lib/text/language.h"

#include <cld2/public/compact_lang_det.h>
#include <stdio.h>  // compact_lang_det.h forgets it

#include "lib/base/utf8.h"

namespace mill {

std::string_view language_of(std::string_view text) {
  constexpr std::size_t kEnough = 1 << 16;  // bytes
  const std::string_view start = utf8_prefix(text, kEnough);
  constexpr bool kIsPlainText = true;
  bool is_reliable = false;
  const CLD2::Language language = CLD2::DetectLanguage(
      start.data(), static_cast<int>(start.size()), kIsPlainText, &is_reliable);
  return is_reliable ? CLD2::LanguageCode(language) : "";
}

bool is_language(std::string_view code) {
  for (int i = 0; i < CLD2::NUM_LANGUAGES; ++i)
    if (CLD2::LanguageCode(static_cast<CLD2::Language>(i)) == code) return true;
  return false;
}

}  // namespace mill
