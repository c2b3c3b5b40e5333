#include "lib/answers/card_names.h"

#include <algorithm>

#include "lib/answers/profile.h"
#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/base/utf8.h"
#include "lib/json/json.h"
#include "lib/reddit/markdown.h"

namespace mill {

namespace {

bool is_word(char c) {
  return is_ascii_alphanumeric(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string straighten(std::string_view text) {
  constexpr std::string_view kCurly = "\u2019";
  std::string out;
  std::size_t from = 0;
  for (std::size_t at; (at = text.find(kCurly, from)) != text.npos;
       from = at + kCurly.size())
    out.append(text, from, at - from) += '\'';
  return out.append(text, from);
}

}  // namespace

CardNames::CardNames(std::string_view list, std::string_view source) {
  const auto fail = [&](std::string_view what) {
    throw Exit(EX_CONFIG, std::string(source) + ": " + std::string(what));
  };
  if (find_invalid_utf8(list)) fail("not valid UTF-8");
  if (list.starts_with('{') || list.starts_with('[')) {
    JsonReader reader;
    if (const auto error = reader.parse(list)) fail(error->message());
    const JsonValue root = reader.root();
    const JsonValue names = root.is_array() ? root : root["data"];
    if (!names.is_array()) fail("data: not an array of names");
    for (const JsonValue name : names.elements()) {
      if (!name.is_string()) fail("not an array of names");
      add(name.string());
    }
  } else {
    while (!list.empty()) {
      const std::size_t end = std::min(list.find('\n'), list.size());
      add(list.substr(0, end));
      list.remove_prefix(std::min(end + 1, list.size()));
    }
  }
  for (auto& [word, names] : by_first_word_)
    std::sort(names.begin(), names.end(),
              [](const std::string& a, const std::string& b) {
                return a.size() != b.size() ? a.size() > b.size() : a < b;
              });
}

void CardNames::add(std::string_view curly) {
  constexpr std::string_view kSplit = " // ";
  const std::string name = straighten(trimmed(curly));
  if (name.empty()) return;
  spellings_.emplace(ascii_lower(name), name);
  const std::size_t space = name.find(' ');
  if (space != name.npos) by_first_word_[name.substr(0, space)].push_back(name);
  const std::size_t split = name.find(kSplit);
  if (split == name.npos) return;
  add(std::string_view(name).substr(0, split));
  add(std::string_view(name).substr(split + kSplit.size()));
}

void CardNames::for_each(
    std::string_view text,
    const std::function<void(std::string_view)>& visit) const {
  if (by_first_word_.empty()) return;
  const std::string straight = straighten(text);
  text = straight;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ' ' || (at > 0 && is_word(text[at - 1]))) continue;
    const std::size_t space = text.find(' ', at);
    if (space == text.npos) return;
    const auto names = by_first_word_.find(text.substr(at, space - at));
    if (names == by_first_word_.end()) continue;
    for (const std::string& name : names->second) {
      const std::size_t end = at + name.size();
      if (!text.substr(at).starts_with(name)) continue;
      if (end < text.size() && is_word(text[end])) continue;
      visit(name);
      at = end - 1;
      break;
    }
  }
}

std::string_view CardNames::spelling(std::string_view name) const {
  const auto found = spellings_.find(ascii_lower(straighten(name)));
  return found != spellings_.end() ? found->second : name;
}

}  // namespace mill
