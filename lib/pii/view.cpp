#include "lib/pii/view.h"

#include <algorithm>
#include <array>

#include "lib/base/utf8.h"
#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

// What a character, an escape or a tag becomes in the view: so many bytes of
// the text become one byte, or none.
struct Change {
  std::size_t size = 0;  // 0: no change
  bool is_left_out = false;
  char byte = '\0';
};

// The first bytes of what may change.
constexpr std::array<bool, 256> make_leads() {
  std::array<bool, 256> leads{};
  for (const int lead : {0x01, 0x02, 0x5B, 0x5C, 0xC2, 0xD8, 0xD9, 0xDB, 0xDF,
                         0xE0, 0xE1, 0xE2, 0xE3, 0xEF})
    leads[static_cast<std::size_t>(lead)] = true;
  return leads;
}

constexpr std::array<bool, 256> kLeads = make_leads();

// Where the ten decimal digits of a script begin; those of at most three bytes.
constexpr char32_t kZeros[] = {
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66,  0xAE6,  0xB66,  0xBE6, 0xC66,
    0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10};

bool has_no_width(char32_t c) {
  return c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) ||
         c == 0xFEFF;
}

// The byte that c is in the view, or NUL for none.
char plain(char32_t c) {
  if (c == 0x01 || c == 0x02) return '\x03';
  if (c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
      c == 0x205F || c == 0x3000)
    return ' ';
  if (c == 0x85 || c == 0x2028 || c == 0x2029) return '\n';
  if (c == 0x2010 || c == 0x2011 || c == 0x2212 || c == 0xFE63) return '-';
  if (c >= 0x2012 && c <= 0x2015) return kLongDash;
  if (c >= 0xFF01 && c <= 0xFF5E) return static_cast<char>(c - 0xFEE0);
  if (c == 0xFE6B) return '@';
  for (const char32_t zero : kZeros)
    if (c >= zero && c < zero + 10) return static_cast<char>('0' + (c - zero));
  return '\0';
}

bool is_punctuation(char c) { return c > ' ' && c < 0x7F && !is_alnum(c); }

// The change at i, whose byte is one of kLeads; tag_begin is where the text's
// next finding is, which will be a tag.
Change change_at(std::string_view text, std::size_t i, std::size_t tag_begin) {
  if (text[i] == '[') {
    const std::size_t length = tag_length(text.substr(i));
    return length > 0 ? Change{length, false, kTag} : Change{};
  }
  if (text[i] == '\\') {
    if (i + 1 >= text.size() || !is_punctuation(text[i + 1]) ||
        i + 1 == tag_begin || tag_length(text.substr(i + 1)) > 0)
      return {};
    return {2, false, text[i + 1]};
  }
  std::size_t end = i;
  const char32_t c = take_code_point(text, end);
  if (has_no_width(c)) return {end - i, true};
  const char byte = plain(c);
  return byte != '\0' ? Change{end - i, false, byte} : Change{};
}

}  // namespace

void View::assign(std::string_view text, const PiiSpan* found,
                  std::size_t count) {
  buffer_.clear();
  pieces_.clear();
  std::size_t done = 0;  // what of the text is in the view
  std::size_t i = 0;
  for (;;) {
    const std::size_t tag_begin = count > 0 ? found->begin : text.size();
    while (i < tag_begin && !kLeads[static_cast<unsigned char>(text[i])]) ++i;
    if (i >= text.size()) break;
    Change change;
    if (i == tag_begin) {
      change = {found->end - i, false, kTag};
      ++found;
      --count;
    } else {
      change = change_at(text, i, tag_begin);
      if (change.size == 0) {
        ++i;
        continue;
      }
    }
    copy(text, done, i);
    if (!change.is_left_out) {
      pieces_.push_back({buffer_.size(), i, change.size});
      buffer_ += change.byte;
    }
    done = i += change.size;
    if (pieces_.empty()) pieces_.push_back({0, done, 0});
  }
  if (done > 0) copy(text, done, text.size());
  text_ = done > 0 ? std::string_view(buffer_) : text;
}

void View::copy(std::string_view text, std::size_t begin, std::size_t end) {
  if (begin == end) return;
  pieces_.push_back({buffer_.size(), begin, 0});
  buffer_.append(text, begin, end - begin);
}

const View::Piece& View::piece_at(std::size_t i) const {
  return *(std::upper_bound(
               pieces_.begin(), pieces_.end(), i,
               [](std::size_t at, const Piece& p) { return at < p.view; }) -
           1);
}

std::size_t View::raw_begin(std::size_t begin) const {
  if (pieces_.empty()) return begin;
  const Piece& piece = piece_at(begin);
  return piece.raw_size > 0 ? piece.raw : piece.raw + (begin - piece.view);
}

std::size_t View::raw_end(std::size_t end) const {
  if (pieces_.empty()) return end;
  const Piece& piece = piece_at(end - 1);
  return piece.raw + (piece.raw_size > 0 ? piece.raw_size : end - piece.view);
}

}  // namespace mill::internal
