#include "lib/tokens/character_pieces.h"

namespace mill {

namespace {

std::uint64_t node_key(std::uint32_t node, char byte) {
  return std::uint64_t{node} << 8 | static_cast<unsigned char>(byte);
}

}  // namespace

CharacterPieces::CharacterPieces(const TokenList& list, Prefix prefix,
                                 Symbols symbols)
    : prefix_(prefix), symbols_(symbols) {
  for (const TokenList::Merge& merge : list.merges) {
    const std::string& token = list.tokens[merge.joined];
    const char* const end = token.data() + token.size();
    std::bitset<256>* before = nullptr;
    for (const char* p = token.data(); p < end;) {
      const bool mark = is_mark(p, end);
      if (before)
        before->set(mark ? kMarkCode : static_cast<unsigned char>(*p));
      p += mark ? kMark.size() : size_at(p, end);
      before =
          &neighbors_[mark ? kMarkCode : static_cast<unsigned char>(p[-1])];
    }
  }
  for (const TokenList::Id id : list.symbols) add_symbol(list.tokens[id]);
}

void CharacterPieces::add_symbol(std::string_view symbol) {
  if (symbol.empty()) return;
  first_bytes_.set(static_cast<unsigned char>(symbol[0]));
  Node* node = nullptr;
  std::uint32_t at = 0;
  for (const char byte : symbol) {
    node = &nodes_[node_key(at, byte)];
    if (node->id == 0) node->id = static_cast<std::uint32_t>(nodes_.size());
    at = node->id;
  }
  node->is_end = true;
}

std::size_t CharacterPieces::symbol_at(std::string_view text) const {
  std::size_t longest = 0;
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto found = nodes_.find(node_key(at, text[i]));
    if (found == nodes_.end()) break;
    if (found->second.is_end) longest = i + 1;
    at = found->second.id;
  }
  return longest;
}

std::string_view CharacterPieces::with_marks(std::string_view text) {
  if (text.empty()) return text;
  const std::size_t begin = marked_.size();
  if (prefix_ == Prefix::kSpace || (prefix_ == Prefix::kSpaceUnlessThere &&
                                    text[0] != ' ' && !text.starts_with(kMark)))
    marked_ += kMark;
  for (;;) {
    const std::size_t space = text.find(' ');
    marked_ += text.substr(0, space);
    if (space == text.npos) return std::string_view(marked_).substr(begin);
    marked_ += kMark;
    text.remove_prefix(space + 1);
  }
}

}  // namespace mill
