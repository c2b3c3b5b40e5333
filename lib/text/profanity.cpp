#include "lib/text/profanity.h"

#include <algorithm>
#include <vector>

#include "lib/base/ascii.h"

namespace mill {

namespace {

bool is_in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The words of a text in lower case, without what stands between them.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  for (const char c : ascii_lower(text)) {
    const bool is_one = is_in_word(c);
    if (is_one && !in_word) words.emplace_back();
    if (is_one) words.back() += c;
    in_word = is_one;
  }
  return words;
}

}  // namespace

Profanity::Profanity() {
  std::string_view rest = embedded_profanity();
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.starts_with('#')) continue;
    std::string phrase;
    const auto words = words_of(line);
    for (const std::string& word : words)
      phrase += (phrase.empty() ? "" : " ") + word;
    if (phrase.empty()) continue;
    longest_ = std::max(longest_, words.size());
    listed_.insert(std::move(phrase));
  }
}

double Profanity::share_in(std::string_view text) const {
  const std::vector<std::string> words = words_of(text);
  std::size_t found = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string phrase;
    for (std::size_t n = 1; n <= longest_ && i + n <= words.size(); ++n) {
      phrase += (n == 1 ? "" : " ") + words[i + n - 1];
      if (!listed_.contains(phrase)) continue;
      found += n;
      i += n - 1;
      break;
    }
  }
  return static_cast<double>(found) /
         static_cast<double>(std::max<std::size_t>(words.size(), 1));
}

}  // namespace mill
