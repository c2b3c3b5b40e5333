#include "lib/base/nfc.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>
#include <new>
#include <vector>

#include "lib/base/utf8.h"

namespace mill {

namespace {

using CodePoints = std::vector<utf8proc_int32_t>;

// What has a combining class or a decomposition by now, or begins one, and was
// not assigned in Unicode 9.0, up to Unicode 18.0; first and last of each run.
constexpr struct {
  utf8proc_int32_t first, last;
} kLater[] = {{0x5C8, 0x5C9},     {0x7FD, 0x7FD},     {0x897, 0x89F},
              {0x8CA, 0x8D3},     {0x9FE, 0x9FE},     {0xC3C, 0xC3C},
              {0xD3B, 0xD3C},     {0xEBA, 0xEBA},     {0x1715, 0x1715},
              {0x1ABF, 0x1AF0},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},
              {0x105C9, 0x105C9}, {0x105D2, 0x105D2}, {0x105DA, 0x105DA},
              {0x105E4, 0x105E4}, {0x10D24, 0x10D27}, {0x10D69, 0x10D6D},
              {0x10EAB, 0x10EAC}, {0x10ECB, 0x10ECF}, {0x10EF0, 0x10EFB},
              {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
              {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x11382, 0x11385},
              {0x1138B, 0x1138B}, {0x1138E, 0x1138E}, {0x11390, 0x11391},
              {0x113C2, 0x113C2}, {0x113C5, 0x113C5}, {0x113C7, 0x113C8},
              {0x113CE, 0x113D0}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
              {0x11935, 0x11935}, {0x11938, 0x11938}, {0x1193D, 0x1193E},
              {0x11943, 0x11943}, {0x119E0, 0x119E0}, {0x11A34, 0x11A34},
              {0x11A47, 0x11A47}, {0x11A99, 0x11A99}, {0x11D42, 0x11D42},
              {0x11D44, 0x11D45}, {0x11D97, 0x11D97}, {0x11F41, 0x11F42},
              {0x1611E, 0x1611E}, {0x16121, 0x16129}, {0x1612F, 0x1612F},
              {0x16D63, 0x16D63}, {0x16D67, 0x16D6A}, {0x16FF0, 0x16FF1},
              {0x1D127, 0x1D128}, {0x1D250, 0x1D252}, {0x1D25B, 0x1D25C},
              {0x1D25F, 0x1D25F}, {0x1D280, 0x1D281}, {0x1E08F, 0x1E08F},
              {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF},
              {0x1E4EC, 0x1E4EF}, {0x1E5EE, 0x1E5EF}, {0x1E6E3, 0x1E6E3},
              {0x1E6E6, 0x1E6E6}, {0x1E6EE, 0x1E6EF}, {0x1E6F5, 0x1E6F5}};

bool is_later(utf8proc_int32_t c) {
  const auto run = std::lower_bound(
      std::begin(kLater), std::end(kLater), c,
      [](const auto& r, auto value) { return r.last < value; });
  return run != std::end(kLater) && run->first <= c;
}

int class_of(utf8proc_int32_t c) {
  return is_later(c) ? 0 : utf8proc_get_property(c)->combining_class;
}

bool is_mark(utf8proc_int32_t c) { return class_of(c) != 0; }

CodePoints decomposed(std::string_view text) {
  constexpr auto kOptions =
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
  CodePoints all;
  all.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<utf8proc_int32_t>(take_code_point(text, i));
    if (is_later(c)) {
      all.push_back(c);
      continue;
    }
    utf8proc_int32_t some[8];  // none has more than 4
    const auto size = utf8proc_decompose_char(c, some, 8, kOptions, nullptr);
    all.insert(all.end(), some, some + size);
  }
  return all;
}

// Marks in a row stand by their class. utf8proc's own sort is quadratic.
void order_marks(CodePoints& all) {
  for (auto begin = all.begin(); begin != all.end();) {
    begin = std::find_if(begin, all.end(), is_mark);
    const auto end = std::find_if_not(begin, all.end(), is_mark);
    std::stable_sort(begin, end,
                     [](auto a, auto b) { return class_of(a) < class_of(b); });
    begin = end;
  }
}

}  // namespace

std::string_view to_nfc(std::string_view text, std::string& scratch) {
  // U+0300 begins with the byte CC.
  if (std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0xCC;
      }))
    return text;
  CodePoints all = decomposed(text);
  order_marks(all);
  scratch.clear();
  // Nothing is composed with what was assigned later, or across it.
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(begin, all.end(), is_later);
    const auto size = utf8proc_normalize_utf32(
        &*begin, end - begin,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    if (size < 0) throw std::bad_alloc();
    for (utf8proc_ssize_t i = 0; i < size; ++i)
      append_utf8(scratch, static_cast<char32_t>(begin[i]));
    begin = end;
    for (; begin != all.end() && is_later(*begin); ++begin)
      append_utf8(scratch, static_cast<char32_t>(*begin));
  }
  return scratch;
}

}  // namespace mill
