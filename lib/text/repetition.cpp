#include "lib/text/repetition.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/base/utf8.h"
#include "lib/pii/code.h"

namespace mill {

namespace {

using Parts = std::vector<std::string_view>;

// What stands between the separators, none of it empty.
Parts split(std::string_view text, std::string_view separators) {
  Parts parts;
  for (std::size_t from = 0;
       (from = text.find_first_not_of(separators, from)) != text.npos;) {
    const std::size_t end =
        std::min(text.find_first_of(separators, from), text.size());
    parts.push_back(text.substr(from, end - from));
    from = end;
  }
  return parts;
}

Parts words_of(std::string_view text) { return split(text, " \t\r\n"); }

std::string prose_in(std::string_view text) {
  internal::Code code(text);
  std::string prose;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (!code.contains(i)) prose += text[i];
  return prose;
}

std::size_t sum_of_sizes(const Parts& parts) {
  std::size_t sum = 0;
  for (const std::string_view part : parts) sum += part.size();
  return sum;
}

// The words from first on, as they stand in the text.
std::string_view run(const Parts& words, std::size_t first, std::size_t count) {
  const std::string_view last = words[first + count - 1];
  return {words[first].data(),
          static_cast<std::size_t>(last.data() + last.size() -
                                   words[first].data())};
}

// The bytes of the words that are in a run of n words that stood before.
std::size_t repeated_in_runs(const Parts& words, std::size_t n) {
  std::unordered_set<std::string_view> seen;
  std::size_t repeated = 0;
  for (std::size_t i = 0; i + n <= words.size();) {
    if (seen.insert(run(words, i, n)).second) {
      ++i;
      continue;
    }
    for (std::size_t end = i + n; i < end; ++i) repeated += words[i].size();
  }
  return repeated;
}

// The bytes of the run of n words that takes the most of the text, if it
// stands there more than once.
std::size_t most_in_one_run(const Parts& words, std::size_t n) {
  std::unordered_map<std::string_view, std::size_t> counts;
  for (std::size_t i = 0; i + n <= words.size(); ++i)
    ++counts[run(words, i, n)];
  std::size_t most = 0;
  for (const auto& [text, count] : counts)
    if (count > 1) most = std::max(most, count * (text.size() - (n - 1)));
  return most;
}

bool has_ellipsis_at_end(std::string_view line) {
  return line.ends_with("...") || line.ends_with("…");
}

bool has_letter(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](unsigned char c) {
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c >= 0x80;
  });
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != text.npos;
       at += part.size())
    ++found;
  return found;
}

}  // namespace

bool is_repetitive(std::string_view text) {
  const Parts words = words_of(text);
  const auto all = static_cast<double>(sum_of_sizes(words));
  const Parts lines = split(text, "\n");
  Parts repeated;
  std::unordered_set<std::string_view> seen;
  for (const std::string_view line : lines)
    if (has_letter(line) && !seen.insert(line).second) repeated.push_back(line);
  if (static_cast<double>(repeated.size()) >
          0.3 * static_cast<double>(lines.size()) ||
      static_cast<double>(sum_of_sizes(repeated)) >
          0.2 * static_cast<double>(sum_of_sizes(lines)))
    return true;
  if (words.size() >= 50) {
    double limit = 0.20;
    for (std::size_t n = 2; n <= 4; ++n, limit -= 0.02)
      if (static_cast<double>(most_in_one_run(words, n)) > limit * all)
        return true;
  }
  double limit = 0.15;
  for (std::size_t n = 5; n <= 10; ++n, limit -= 0.01)
    if (static_cast<double>(repeated_in_runs(words, n)) > limit * all)
      return true;
  return false;
}

bool is_mostly_symbols(std::string_view whole) {
  const std::string text = prose_in(whole);
  if (words_of(text).empty()) return words_of(whole).empty();
  std::size_t words = 0, with_letter = 0, characters = 0;
  for (const std::string_view word : words_of(text)) {
    if (word.find("://") != word.npos) continue;
    ++words;
    with_letter += has_letter(word) ? 1 : 0;
    characters += count_code_points(word);
  }
  const auto share = [&](std::size_t part, std::size_t of) {
    return static_cast<double>(part) /
           static_cast<double>(std::max<std::size_t>(of, 1));
  };
  const Parts lines = split(text, "\n");
  const auto trailing = static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), has_ellipsis_at_end));
  const std::size_t symbols =
      count(text, "#") + count(text, "...") + count(text, "…");
  const double mean = share(characters, words);
  return words == 0 || share(with_letter, words) < 0.8 ||
         share(symbols, words) > 0.1 || share(trailing, lines.size()) > 0.3 ||
         mean < 3 || mean > 10 ||
         ascii_lower(text).find("lorem ipsum") != std::string::npos;
}

}  // namespace mill
