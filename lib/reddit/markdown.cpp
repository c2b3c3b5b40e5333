#include "lib/reddit/markdown.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/base/numbers.h"
#include "lib/base/regex.h"
#include "lib/base/utf8.h"

namespace mill {

namespace {

using Replacement = std::pair<std::string_view, std::string_view>;
constexpr std::array<Replacement, 3> kApiEscapes = {
    {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}};

struct NamedEntity {
  std::string_view name;
  char32_t code_point;
};
constexpr NamedEntity kNamedEntities[] = {
#include "lib/reddit/entities.inc"
};

// True if text begins with one of the API's escapes.
const Replacement* api_escape_at(std::string_view text) {
  const auto found = std::find_if(kApiEscapes.begin(), kApiEscapes.end(),
                                  [&](const Replacement& escape) {
                                    return text.starts_with(escape.first);
                                  });
  return found == kApiEscapes.end() ? nullptr : &*found;
}

// REQUIRES: there is no "<" or ">" in text.
bool is_escaped_by_api(std::string_view text) {
  bool has_entity = false;
  for (std::size_t at = 0; (at = text.find('&', at)) != text.npos; ++at) {
    has_entity = api_escape_at(text.substr(at)) != nullptr;
    if (!has_entity) return false;
  }
  return has_entity;
}

// In one pass, so that nothing is undone twice.
std::string without_api_escapes(std::string_view text) {
  std::string out;
  for (std::size_t at; (at = text.find('&')) != text.npos;) {
    out += text.substr(0, at);
    const Replacement* const escape = api_escape_at(text.substr(at));
    out += escape->second;
    text.remove_prefix(at + escape->first.size());
  }
  return out += text;
}

// text without control characters, with LF at its lines' ends.
std::string without_controls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') out += '\n';
    } else if (static_cast<unsigned char>(text[i]) >= ' ' || text[i] == '\t' ||
               text[i] == '\n') {
      out += text[i];
    }
  }
  return out;
}

// The character that the entity at the beginning of text stands for, and the
// entity's length; nothing if it is none that Reddit knows.
std::optional<std::pair<char32_t, std::size_t>> entity_at(
    std::string_view text) {
  constexpr std::size_t kLongest = 10;
  const std::size_t end = text.substr(0, kLongest).find(';');
  if (end == text.npos || end < 2) return std::nullopt;
  std::string_view name = text.substr(1, end - 1);
  if (name[0] != '#') {
    const auto* const known = std::lower_bound(
        std::begin(kNamedEntities), std::end(kNamedEntities), name,
        [](const NamedEntity& entity, std::string_view wanted) {
          return entity.name < wanted;
        });
    if (known == std::end(kNamedEntities) || known->name != name)
      return std::nullopt;
    return std::pair(known->code_point, end + 1);
  }
  name.remove_prefix(1);
  const bool is_hex = name.starts_with('x') || name.starts_with('X');
  if (is_hex) name.remove_prefix(1);
  const auto code_point = parse_number<std::uint32_t>(name, is_hex ? 16 : 10);
  if (!code_point) return std::nullopt;
  const bool is_character =
      (*code_point >= ' ' && *code_point < 0xD800 && *code_point != 0x7F) ||
      (*code_point >= 0xE000 && *code_point <= 0x10FFFF) ||
      *code_point == '\t' || *code_point == '\n';
  if (!is_character) return std::nullopt;
  return std::pair(char32_t{*code_point}, end + 1);
}

// Appends line's prose to out, with characters in the places of entities.
// Spans of code, "`&lt;`", stay.
void append_prose(std::string& out, std::string_view line) {
  for (std::size_t i = 0; i < line.size();) {
    if (line[i] == '`') {
      const std::size_t quotes =
          std::min(line.find_first_not_of('`', i), line.size()) - i;
      const std::string_view mark = line.substr(i, quotes);
      std::size_t close = i + quotes;
      do {
        close = line.find(mark, close);
        if (close == line.npos) break;
        const std::size_t end =
            std::min(line.find_first_not_of('`', close), line.size());
        if (end - close == quotes) break;
        close = end;
      } while (close < line.size());
      const std::size_t end = close == line.npos
                                  ? i + quotes
                                  : std::min(close + quotes, line.size());
      out += line.substr(i, end - i);
      i = end;
      continue;
    }
    const auto entity =
        line[i] == '&' ? entity_at(line.substr(i)) : std::nullopt;
    if (!entity) {
      out += line[i++];
      continue;
    }
    constexpr char32_t kNoBreakSpace = 0xA0;
    append_utf8(out, entity->first == kNoBreakSpace ? U' ' : entity->first);
    i += entity->second;
  }
}

// The mark of three or more back-quotes or tildes that line begins with; else
// nothing.
std::string_view fence_of(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  for (const char c : {'`', '~'}) {
    const std::size_t size = std::min(line.find_first_not_of(c), line.size());
    if (size >= 3) return line.substr(0, size);
  }
  return {};
}

// text with characters in the places of entities, but for code.
std::string without_entities(std::string_view text) {
  std::string out;
  std::string_view fence;
  bool may_indent = true;  // after a blank line four blanks begin code
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end);
    const std::string_view mark = fence_of(line);
    const bool is_indented = line.starts_with("    ") || line[0] == '\t';
    if (!fence.empty()) {
      if (mark.starts_with(fence)) fence = {};
      out += line;
    } else if (!mark.empty()) {
      fence = mark;
      out += line;
    } else if (is_indented && may_indent) {
      out += line;
      continue;
    } else {
      append_prose(out, line);
    }
    may_indent = trimmed(line).empty();
  }
  return out;
}

std::string without_zero_width(std::string_view text) {
  constexpr std::string_view kZeroWidthSpace = "\u200B";
  std::string out;
  for (std::size_t at; (at = text.find(kZeroWidthSpace)) != text.npos;) {
    out += text.substr(0, at);
    text.remove_prefix(at + kZeroWidthSpace.size());
  }
  return out += text;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr const char* kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

namespace {

void trim(std::string& text) {
  const std::string_view inside = trimmed(text);
  const auto begin = static_cast<std::size_t>(inside.data() - text.data());
  text.resize(inside.empty() ? 0 : begin + inside.size());
  if (!inside.empty()) text.erase(0, begin);
}

// What a text has that may have to be changed.
struct Contents {
  unsigned char control = 0;  // but for tabs and line ends
  unsigned char bracket = 0;  // "<" or ">"
  unsigned char ampersand = 0;
  unsigned char e2 = 0, x8b = 0;  // a zero-width space begins and ends so

  // Without a branch, so that compilers take many bytes at a time.
  explicit Contents(std::string_view text) {
    const auto note = [](unsigned char& any, int is) {
      any |= static_cast<unsigned char>(is);
    };
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      note(control, (byte < ' ') & (byte != '\t') & (byte != '\n'));
      note(bracket, (byte | 2) == '>');
      note(ampersand, byte == '&');
      note(e2, byte == 0xE2);
      note(x8b, byte == 0x8B);
    }
  }
};

}  // namespace

std::string clean_title(std::string title, ApiEscapes escapes) {
  const Contents has(title);
  if (has.control) title = without_controls(title);
  if (escapes == ApiEscapes::kUnknown && has.ampersand && !has.bracket &&
      is_escaped_by_api(title))
    title = without_api_escapes(title);
  if (has.e2 && has.x8b) title = without_zero_width(title);
  trim(title);
  return title;
}

std::string clean_text(std::string text, ApiEscapes escapes) {
  std::string plain = clean_title(std::move(text), escapes);
  if (plain.find('&') == plain.npos) return plain;
  plain = without_zero_width(without_entities(plain));
  trim(plain);
  return plain;
}

std::string without_media(std::string text) {
#define MILL_PICTURE "(?:preview|i|v)\\.redd\\.it/[^\\s)\\]]+"
#define MILL_MARK                                                    \
  "(?:!\\[[^\\]\\n]*\\]\\((?:(?:giphy|emote)\\|[^)\\n]*|https?:/"    \
  "/" MILL_PICTURE                                                   \
  ")(?: \"[^\"\\n]*\")?\\)|"                                         \
  "!\\[(?:img|gif|video)\\]\\(\\w+(?: \"[^\"\\n]*\")?\\)|"           \
  "\\[View Poll\\]\\(https?://(?:www\\.)?reddit\\.com/poll/\\w+\\)|" \
  "\\*Processing (?:img|gif|video) \\w+\\.\\.\\.\\*|"                \
  "(?<![(\\[])https?://" MILL_PICTURE "|\\[https?://" MILL_PICTURE   \
  "\\]\\(https?://" MILL_PICTURE "\\))"
  // In the order of what is found fastest.
  const bool may_link =
      text.find("://") != text.npos && text.find("redd") != text.npos;
  if (!may_link && text.find("![") == text.npos &&
      text.find("*Processing ") == text.npos)
    return text;
  static const Regex lines("(?m)^[ \\t]*" MILL_MARK "(?:[ \\t]*" MILL_MARK
                           ")*[ \\t]*(?:\\n+|\\z)");
  static const Regex marks(MILL_MARK);
#undef MILL_MARK
#undef MILL_PICTURE
  const auto replaced = [](const std::string& from, const Regex& what,
                           auto with) {
    std::string out;
    std::size_t at = 0;
    what.for_each(from, [&](std::string_view found) {
      const auto begin = static_cast<std::size_t>(found.data() - from.data());
      out.append(from, at, begin - at).append(with(found));
      at = begin + found.size();
    });
    return out.append(from, at);
  };
  const std::string rest =
      replaced(text, lines, [](std::string_view) { return ""; });
  text = replaced(rest, marks, [](std::string_view found) {
    return found.find("redd.it") == found.npos ? "" : "[image]";
  });
  trim(text);
  return text;
}

}  // namespace mill
