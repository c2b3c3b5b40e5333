// Two spellings of one value.

#include <algorithm>

#include "lib/pii/pii.h"
#include "lib/pii/scan.h"
#include "lib/pii/view.h"

namespace mill {

namespace {

// text with each `from` replaced by `to`.
std::string replaced(std::string_view text, std::string_view from,
                     std::string_view to) {
  std::string result;
  for (std::size_t at; (at = text.find(from)) != text.npos;) {
    result += text.substr(0, at);
    result += to;
    text.remove_prefix(at + from.size());
  }
  result += text;
  return result;
}

}  // namespace

std::string normalized(PiiType type, std::string_view spelled) {
  internal::View view;
  view.assign(spelled);
  const std::string_view value = view.text();
  std::string result;
  switch (type) {
    case PiiType::kPhoneNumber: {
      for (const char c : value) {
        // What follows is an extension.
        if (!result.empty() && internal::is_letter(c)) break;
        if (internal::is_digit(c)) result += c;
      }
      if (result.compare(0, 2, "00") == 0) result.erase(0, 2);
      if (result.size() == 11 && result[0] == '1') result.erase(0, 1);
      return result;
    }
    case PiiType::kCreditCard:
    case PiiType::kUsSsn:
      for (const char c : value)
        if (internal::is_digit(c)) result += c;
      return result;
    case PiiType::kIbanCode:
    case PiiType::kMacAddress:
      for (const char c : value)
        if (internal::is_alnum(c)) result += internal::lower(c);
      return result;
    case PiiType::kUsername: {
      // .../user/NAME/..., u/NAME, r/u_NAME or NAME itself.
      for (const char c : value) result += internal::lower(c);
      for (const auto& [escape, byte] :
           {std::pair("%2f", "/"), {"%5f", "_"}, {"%2d", "-"}})
        result = replaced(result, escape, byte);
      for (const std::string_view mark :
           {"/user/", "/u/", "/r/u_", "u/", "r/u_"}) {
        const std::size_t at = result.find(mark);
        if (at == result.npos || (mark[0] != '/' && at != 0)) continue;
        result.erase(0, at + mark.size());
        result.erase(std::min(result.find_first_of("/?#"), result.size()));
        break;
      }
      return result;
    }
    case PiiType::kEmailAddress: {
      // "Jo (at) example dot org" is jo@example.org.
      std::string text;
      for (const char c : value) text += internal::lower(c);
      if (text.compare(0, 7, "mailto:") == 0) text.erase(0, 7);
      for (char& c : text) {
        if (c == '(' || c == '[' || c == '{' || c == '<') c = ' ';
        if (c == ')' || c == ']' || c == '}' || c == '>') c = ' ';
      }
      if (text.find('@') == text.npos) text = replaced(text, " at ", "@");
      for (const char* at : {"%40", "&#64;", "&#x40;", "&commat;"})
        text = replaced(text, at, "@");
      text = replaced(text, " dot ", ".");
      for (const char c : text)
        if (!internal::is_space(c)) result += c;
      return result;
    }
    case PiiType::kSocialHandle:
    case PiiType::kIpAddress:
    case PiiType::kName:
      for (const char c : value) result += internal::lower(c);
      return result;
    default: return std::string(value);
  }
}

}  // namespace mill
