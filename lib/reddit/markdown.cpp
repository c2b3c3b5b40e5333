#include "lib/reddit/markdown.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mill {

namespace {

using Replacement = std::pair<std::string_view, std::string_view>;
constexpr std::array<Replacement, 3> kEscapes = {
    {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}};
constexpr std::array<Replacement, 4> kEditorTraces = {
    {{"&#x200B;", ""}, {"&nbsp;", " "}, {"\u200B", ""}, {"\r\n", "\n"}}};

// Replaces each in one pass, so that nothing is replaced twice. first holds
// the bytes at which a replacement can begin.
template <std::size_t size>
std::string replace_all(std::string_view text, const char* first,
                        const std::array<Replacement, size>& replacements) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find_first_of(first), text.size());
    out.append(text, 0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    std::size_t taken = 0;
    for (const auto& [from, to] : replacements) {
      if (!text.starts_with(from)) continue;
      out += to;
      taken = from.size();
      break;
    }
    if (taken == 0) {
      out += text[0];
      taken = 1;
    }
    text.remove_prefix(taken);
  }
  return out;
}

bool is_escaped_by_api(std::string_view text) {
  if (text.find_first_of("<>") != text.npos) return false;
  bool has_entity = false;
  for (std::size_t at = 0; (at = text.find('&', at)) != text.npos; ++at) {
    const std::string_view rest = text.substr(at);
    has_entity = rest.starts_with("&lt;") || rest.starts_with("&gt;") ||
                 rest.starts_with("&amp;");
    if (!has_entity) return false;
  }
  return has_entity;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::string clean_text(std::string_view text) {
  std::string unescaped;
  if (is_escaped_by_api(text)) {
    unescaped = replace_all(text, "&", kEscapes);
    text = unescaped;
  }
  if (text.find_first_of("&\r\xE2") == text.npos)
    return std::string(trimmed(text));
  return std::string(trimmed(replace_all(text, "&\r\xE2", kEditorTraces)));
}

}  // namespace mill
