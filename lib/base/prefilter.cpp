#include "lib/base/prefilter.h"

#include <algorithm>
#include <optional>

#include "lib/base/ascii.h"
#include "lib/base/numbers.h"
#include "lib/base/utf8.h"

namespace mill {

Trigrams::Trigrams(std::string_view text) {
  unsigned char a = 0, b = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(ascii_lower(text[i]));
    bytes_[c / 64] |= std::uint64_t{1} << c % 64;
    if (i >= 2) {
      const std::uint16_t trigram = hash(a, b, c);
      trigrams_[trigram / 64] |= std::uint64_t{1} << trigram % 64;
    }
    a = b;
    b = c;
  }
  // U+017F is a long s, U+212A the sign of Kelvin.
  is_unknown_ = (has_byte(0xC5) && text.find("\xC5\xBF") != text.npos) ||
                (has_byte(0xE2) && text.find("\xE2\x84\xAA") != text.npos);
}

bool Requirement::holds(const Trigrams& text) const {
  for (const std::uint16_t trigram : trigrams)
    if (!text.has(trigram)) return false;
  for (const unsigned char byte : bytes)
    if (!text.has_byte(byte)) return false;
  if (has_non_ascii && !text.has_non_ascii()) return false;
  return std::all_of(any.begin(), any.end(), [&](const auto& list) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Requirement& one) { return one.holds(text); });
  });
}

namespace {

struct NotUnderstood {};

// Reads a pattern that PCRE2 has compiled.
class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : pattern_(pattern) {}

  // Throws NotUnderstood.
  Requirement read() {
    Requirement all = read_alternatives();
    if (at_ != pattern_.size()) fail();
    return all;
  }

  // The alternatives of a pattern that has been read, groups around some opened;
  // none if what stands in one acts on others.
  std::vector<Prefilter::Alternative> split() {
    std::vector<Prefilter::Alternative> all;
    split(pattern_, all);
    if (has_verbs_) all.clear();
    return all;
  }

 private:
  static constexpr int kMostDepth = 100;
  static constexpr std::size_t kMostMembers = 8;

  // One item of a pattern, without its quantifier.
  struct Item {
    enum Kind {
      kCharacter,  // this one, in either case
      kNothing,    // takes no characters, but may need `needs` near by
      kAnything,   // what is not looked into
      kGroup,      // what needs `needs`
    } kind;
    char32_t character = 0;
    Requirement needs = {};
  };

  [[noreturn]] static void fail() { throw NotUnderstood(); }
  bool is_at(std::string_view text) const {
    return pattern_.substr(at_).starts_with(text);
  }
  bool take(std::string_view text) {
    if (!is_at(text)) return false;
    at_ += text.size();
    return true;
  }
  char next() {
    if (at_ == pattern_.size()) fail();
    return pattern_[at_++];
  }
  void skip_to(std::string_view end) {
    at_ = pattern_.find(end, at_);
    if (at_ == pattern_.npos) fail();
    at_ += end.size();
  }

  std::string_view take_digits() {
    const std::size_t begin = at_;
    while (at_ < pattern_.size() && is_ascii_digit(pattern_[at_])) ++at_;
    return pattern_.substr(begin, at_ - begin);
  }

  Requirement read_alternatives() {
    if (++depth_ > kMostDepth) fail();
    std::vector<Requirement> all;
    do all.push_back(read_sequence());
    while (take("|"));
    --depth_;
    if (all.size() == 1) return std::move(all.front());
    if (std::any_of(all.begin(), all.end(),
                    [](const Requirement& one) { return one.is_empty(); }))
      return {};
    Requirement either;
    either.any.push_back(std::move(all));
    return either;
  }

  static void split(std::string_view pattern,
                    std::vector<Prefilter::Alternative>& all) {
    PatternReader reader(pattern);
    reader.depth_ = 1;
    std::vector<Prefilter::Alternative> found;
    do {
      const std::size_t begin = reader.at_;
      Requirement needs = reader.read_sequence();
      found.push_back({std::string(pattern.substr(begin, reader.at_ - begin)),
                       std::move(needs)});
    } while (reader.take("|"));
    if (reader.has_options_) {
      all.push_back({std::string(pattern), PatternReader(pattern).read()});
      return;
    }
    for (Prefilter::Alternative& one : found)
      if (const auto inside = inside_group(one.pattern))
        split(*inside, all);
      else
        all.push_back(std::move(one));
  }

  // What is in a group, if that is all of the pattern: (?:a|b).
  static std::optional<std::string_view> inside_group(
      std::string_view pattern) {
    PatternReader reader(pattern);
    if (!reader.take("(?:")) return std::nullopt;
    reader.read_alternatives();
    if (reader.at_ + 1 != pattern.size()) return std::nullopt;
    return pattern.substr(3, pattern.size() - 4);
  }

  Requirement read_sequence() {
    Requirement all;
    std::string run;  // characters that stand next to each other
    const auto end_run = [&] {
      add_run(run, all);
      run.clear();
    };
    while (at_ < pattern_.size() && !is_at("|") && !is_at(")")) {
      Item item = read_item();
      const auto least = read_quantifier();
      switch (item.kind) {
        case Item::kNothing:
          if (least != 0) add(std::move(item.needs), all);
          break;
        case Item::kAnything: end_run(); break;
        case Item::kCharacter:
          if (least == 0 || item.character >= 0x80) {
            end_run();
            if (least != 0) add_non_ascii(item.character, all);
            break;
          }
          run += ascii_lower(static_cast<char>(item.character));
          if (least) end_run();  // it may stand there more than once
          break;
        case Item::kGroup:
          end_run();
          if (least != 0) add(std::move(item.needs), all);
          break;
      }
    }
    end_run();
    return all;
  }

  static void add_non_ascii(char32_t character, Requirement& all) {
    // These two match "s" and "k".
    if (character != 0x17F && character != 0x212A) all.has_non_ascii = true;
  }

  static void add_run(std::string_view run, Requirement& all) {
    for (std::size_t i = 0; i + 2 < run.size(); ++i)
      all.trigrams.push_back(
          Trigrams::hash(static_cast<unsigned char>(run[i]),
                         static_cast<unsigned char>(run[i + 1]),
                         static_cast<unsigned char>(run[i + 2])));
    if (run.size() > 2) return;
    for (const char c : run)
      if (is_telling(c)) all.bytes.push_back(static_cast<unsigned char>(c));
  }

  // Whether some texts do not have it.
  static bool is_telling(char c) { return !is_ascii_letter(c) && c != ' '; }

  static void add(Requirement&& more, Requirement& all) {
    const auto append = [](auto& to, auto& from) {
      to.insert(to.end(), std::make_move_iterator(from.begin()),
                std::make_move_iterator(from.end()));
    };
    append(all.trigrams, more.trigrams);
    append(all.bytes, more.bytes);
    append(all.any, more.any);
    all.has_non_ascii |= more.has_non_ascii;
  }

  // The least number of times that a quantifier allows, if there is one.
  std::optional<std::uint64_t> read_quantifier() {
    std::optional<std::uint64_t> least;
    if (take("*") || take("?")) {
      least = 0;
    } else if (take("+")) {
      least = 1;
    } else if (take("{")) {
      least = parse_number<std::uint64_t>(take_digits());
      if (!least) fail();
      if (take(",")) take_digits();
      if (!take("}")) fail();
    }
    if (least && !take("+")) take("?");
    return least;
  }

  Item read_item() {
    switch (pattern_[at_]) {
      case '\\': return read_escape();
      case '[': return read_class();
      case '(': return read_group();
      case '.': ++at_; return {Item::kAnything};
      case '^':
      case '$': ++at_; return {Item::kNothing};
      case '*':
      case '+':
      case '?':
      case '{': fail();
      default: return {Item::kCharacter, take_code_point(pattern_, at_)};
    }
  }

  // What \x, \n and the like, or a mark after '\', stand for; nothing if it is
  // something else, whose letter has been taken.
  std::optional<char32_t> read_character(char letter) {
    switch (letter) {
      case 'a': return '\a';
      case 'e': return 0x1B;
      case 'f': return '\f';
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case 'x': return read_hex();
      default: break;
    }
    if (static_cast<unsigned char>(letter) >= 0x80) {
      --at_;
      return take_code_point(pattern_, at_);
    }
    if (is_ascii_alphanumeric(letter)) return std::nullopt;
    return static_cast<unsigned char>(letter);
  }

  char32_t read_hex() {
    const bool is_long = take("{");
    const std::size_t end = is_long ? pattern_.find('}', at_) : at_ + 2;
    if (end > pattern_.size()) fail();
    const auto number =
        parse_number<std::uint32_t>(pattern_.substr(at_, end - at_), 16);
    if (!number) fail();
    at_ = end + is_long;
    return *number;
  }

  Item read_escape() {
    ++at_;
    const char letter = next();
    if (const auto character = read_character(letter))
      return {Item::kCharacter, *character};
    switch (letter) {
      case 'A':
      case 'b':
      case 'B':
      case 'G':
      case 'K':
      case 'z':
      case 'Z': return {Item::kNothing};
      case 'p':
      case 'P':
        if (take("{"))
          skip_to("}");
        else
          next();
        return {Item::kAnything};
      case 'd':
      case 'D':
      case 'h':
      case 'H':
      case 'N':
      case 'R':
      case 's':
      case 'S':
      case 'v':
      case 'V':
      case 'w':
      case 'W':
      case 'X': return {Item::kAnything};
      default: fail();  // references, \Q, \c, \o, \C ...
    }
  }

  // A class of few characters is a choice between them.
  Item read_class() {
    ++at_;
    const bool is_negated = take("^");
    std::vector<char32_t> members;
    bool is_known = !is_negated;
    for (bool is_first = true; is_first || !is_at("]"); is_first = false) {
      if (at_ == pattern_.size()) fail();
      if (is_at("[:")) {
        skip_name_of_class();
        is_known = false;
      } else if (take("\\")) {
        const char letter = next();
        if (const auto character = read_character(letter))
          members.push_back(*character);
        else if (std::string_view("bdDhHpPsSvVwW").find(letter) !=
                 std::string_view::npos)
          is_known = false;
        else
          fail();
      } else {
        members.push_back(take_code_point(pattern_, at_));
      }
      if (is_at("-") && !is_at("-]")) is_known = false;  // a range
    }
    ++at_;
    if (!is_known || members.empty() || members.size() > kMostMembers)
      return {Item::kAnything};
    if (members.size() == 1) return {Item::kCharacter, members[0]};
    std::vector<Requirement> all;
    for (const char32_t member : members) {
      Requirement& one = all.emplace_back();
      if (member >= 0x80)
        add_non_ascii(member, one);
      else
        add_run(std::string(1, static_cast<char>(member)), one);
      if (one.is_empty()) return {Item::kAnything};
    }
    Item item{Item::kGroup};
    item.needs.any.push_back(std::move(all));
    return item;
  }

  // [:alpha:] and the like; what only begins so is not looked into.
  void skip_name_of_class() {
    at_ += 2;
    while (is_ascii_lower(next()) || pattern_[at_ - 1] == '^') {
    }
    if (pattern_[at_ - 1] != ':' || next() != ']') fail();
  }

  Item read_group() {
    ++at_;
    if (take("*")) {  // verbs; lookarounds by name are in lower case
      has_verbs_ = true;
      if (is_at("ACCEPT") || is_at(":") || !is_ascii_upper(next())) fail();
      skip_to(")");
      return not_an_item();
    }
    if (!take("?")) return read_rest_of_group(Item::kGroup);
    if (take("#") || take("C")) {
      skip_to(")");
      return not_an_item();
    }
    if (take("=") || take("<=")) return read_rest_of_group(Item::kNothing);
    if (take("!") || take("<!")) {
      read_rest_of_group(Item::kNothing);
      return {Item::kNothing};
    }
    if (take(":") || take("|") || take(">"))
      return read_rest_of_group(Item::kGroup);
    if (take("P<") || take("<")) {
      skip_to(">");
      return read_rest_of_group(Item::kGroup);
    }
    if (take("'")) {
      skip_to("'");
      return read_rest_of_group(Item::kGroup);
    }
    for (;;) {  // options
      const char c = next();
      if (c == ')') {
        if (depth_ == 1) has_options_ = true;
        return not_an_item();
      }
      if (c == ':') return read_rest_of_group(Item::kGroup);
      // With x blanks do not count.
      if (std::string_view("imsn-^").find(c) == std::string_view::npos) fail();
    }
  }

  // What follows a comment or the like: a quantifier would be of what stands
  // before it.
  Item not_an_item() const {
    if (at_ < pattern_.size() &&
        std::string_view("*+?{").find(pattern_[at_]) != std::string_view::npos)
      fail();
    return {Item::kNothing};
  }

  Item read_rest_of_group(Item::Kind kind) {
    Item item{kind, 0, read_alternatives()};
    if (!take(")")) fail();
    return item;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  int depth_ = 0;  // 1: in no group
  bool has_verbs_ = false;
  bool has_options_ = false;  // of the rest of the pattern: (?m)
};

}  // namespace

Prefilter::Prefilter(std::string_view pattern) {
  PatternReader reader(pattern);
  try {
    requirement_ = reader.read();
  } catch (const NotUnderstood&) {
    return;  // it stays empty: any text may match
  }
  std::string rest;
  for (Alternative& one : reader.split())
    if (one.needs.is_empty())
      rest += (rest.empty() ? "(?:" : "|(?:") + one.pattern + ")";
    else
      alternatives_.push_back(std::move(one));
  if (!rest.empty() && !alternatives_.empty())
    alternatives_.push_back({std::move(rest), {}});
}

}  // namespace mill
