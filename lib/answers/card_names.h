// card_names.h - finds the names of cards in running text.
//
// Only names of two words or more are looked for, whole and in their exact
// case: "Lightning Bolt" is a card, "opt" and "lightning bolt" may be anything.
// A name split by " // " is also found by each of its faces, and a curly
// apostrophe passes for a straight one.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mill {

class CardNames {
 public:
  CardNames() = default;  // knows no card
  // Reads one name a line, or a JSON array of names, or an object that holds
  // one in "data", as Scryfall's catalogs do. Throws Exit(EX_CONFIG); source
  // names the file.
  CardNames(std::string_view list, std::string_view source);

  // Each name in text, in order, in the list's spelling; the longest where
  // several begin at one place.
  void for_each(std::string_view text,
                const std::function<void(std::string_view)>& visit) const;
  // The list's spelling of a name given in any case, or name itself. Valid as
  // long as both.
  std::string_view spelling(std::string_view name) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  void add(std::string_view name);

  // First word to names, the longest first; lower case to spelling.
  std::unordered_map<std::string, std::vector<std::string>, Hash,
                     std::equal_to<>>
      by_first_word_;
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>>
      spellings_;
};

}  // namespace mill
