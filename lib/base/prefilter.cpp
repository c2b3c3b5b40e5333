#include "lib/base/prefilter.h"

#include <algorithm>
#include <optional>

#include "lib/base/ascii.h"
#include "lib/base/numbers.h"
#include "lib/base/runs.h"
#include "lib/base/utf8.h"

namespace mill {

namespace {

// Whether some texts do not have it.
constexpr bool is_telling(char c) { return !is_ascii_letter(c) & (c != ' '); }

}  // namespace

constexpr std::array<bool, 256> Trigrams::kCommon = [] {
  std::array<bool, 256> common{};
  for (std::size_t byte = 0; byte < common.size(); ++byte)
    common[byte] = !is_telling(static_cast<char>(byte));
  return common;
}();

MILL_WIDE void Trigrams::read(std::string_view whole) {
  std::string_view text = whole;
  // In parts, so that each loop is one of vectors, but for the last.
  constexpr std::size_t kPart = 512;
  unsigned char bytes[kPart + 2], all = 0;
  std::uint16_t hashes[kPart];
  bytes[0] = bytes[1] = 0;
  while (!text.empty()) {
    const std::size_t size = std::min(text.size(), kPart);
    for (std::size_t i = 0; i < size; ++i) {
      bytes[i + 2] = static_cast<unsigned char>(ascii_lower(text[i]));
      all |= bytes[i + 2];
    }
    for (std::size_t i = 0; i < size; ++i)
      hashes[i] = hash(bytes[i], bytes[i + 1], bytes[i + 2]);
    std::size_t i = 0;
    for (; i + 4 <= size; i += 4) {
      trigrams_[hashes[i]] = true;
      trigrams_[hashes[i + 1]] = true;
      trigrams_[hashes[i + 2]] = true;
      trigrams_[hashes[i + 3]] = true;
    }
    for (; i < size; ++i) trigrams_[hashes[i]] = true;
    bytes[0] = bytes[size];
    bytes[1] = bytes[size + 1];
    text.remove_prefix(size);
  }
  for_each_byte(whole, is_telling, [this](char c) {
    bytes_[static_cast<unsigned char>(c)] = true;
  });
  has_non_ascii_ = all >= 0x80;
  // U+017F is a long s, U+212A the sign of Kelvin.
  is_unknown_ = (has_byte(0xC5) && whole.find("\xC5\xBF") != whole.npos) ||
                (has_byte(0xE2) && whole.find("\xE2\x84\xAA") != whole.npos);
}

// Below read(), since clang makes two of a function only before its first use.
Trigrams::Trigrams(std::string_view whole) { read(whole); }

std::vector<std::unique_ptr<Subject::Found>>& Subject::spare() {
  static thread_local std::vector<std::unique_ptr<Found>> spare;
  return spare;
}

void Subject::take_spare() const {
  auto& all = spare();
  if (all.empty()) all.push_back(std::make_unique<Found>());
  found_.reset(all.back().release());
  all.pop_back();
}

void Subject::GiveBack::operator()(Found* found) const {
  constexpr std::size_t kMost = 64, kMostWords = 1 << 14;
  std::unique_ptr<Found> given(found);
  if (spare().size() >= kMost || given->words.capacity() > kMostWords) return;
  given->trigrams.reset();
  given->has_words = false;
  spare().push_back(std::move(given));
}

namespace {

constexpr std::uint32_t kNonAscii = 256;  // in the place of a byte

// How common a character is in English, about: 0 for all but letters and blanks.
int commonness(char c) {
  constexpr std::string_view kByFrequency = " etaoinshrdlcumwfgypbvkjxqz";
  const std::size_t at = kByFrequency.find(c);
  return at == std::string_view::npos
             ? 0
             : static_cast<int>(kByFrequency.size() - at);
}

bool is_rarer(const Requirement::Trigram& a, const Requirement::Trigram& b) {
  return a.commonness < b.commonness;
}

}  // namespace

void Needs::add(const Requirement& all) {
  const std::size_t begin = parts_.size();
  const auto put = [&](std::size_t number) {
    parts_.push_back(static_cast<std::uint32_t>(number));
  };
  put(0);
  put(all.trigrams.size());
  put(all.bytes.size() + all.has_non_ascii);
  put(all.any.size());
  std::vector<Requirement::Trigram> trigrams = all.trigrams;
  std::stable_sort(trigrams.begin(), trigrams.end(), is_rarer);
  for (const Requirement::Trigram& trigram : trigrams) put(trigram.hash);
  parts_.insert(parts_.end(), all.bytes.begin(), all.bytes.end());
  if (all.has_non_ascii) put(kNonAscii);
  for (const std::vector<Requirement>& list : all.any) {
    put(list.size());
    const bool all_have_one = std::none_of(
        list.begin(), list.end(),
        [](const Requirement& one) { return one.trigrams.empty(); });
    put(all_have_one ? list.size() : 0);
    if (all_have_one)
      for (const Requirement& one : list)
        put(std::min_element(one.trigrams.begin(), one.trigrams.end(), is_rarer)
                ->hash);
    for (const Requirement& one : list) add(one);
  }
  parts_[begin] = static_cast<std::uint32_t>(parts_.size() - begin);
}

bool Needs::hold(const Trigrams& text, const std::uint32_t* part) {
  const std::uint32_t* const trigrams = part + 4;
  const std::uint32_t* const bytes = trigrams + part[1];
  const std::uint32_t* list = bytes + part[2];
  for (const std::uint32_t* at = trigrams; at != bytes; ++at)
    if (!text.has(static_cast<std::uint16_t>(*at))) return false;
  for (const std::uint32_t* at = bytes; at != list; ++at)
    if (*at == kNonAscii ? !text.has_non_ascii()
                         : !text.has_byte(static_cast<unsigned char>(*at)))
      return false;
  for (std::uint32_t lists = part[3]; lists > 0; --lists) {
    std::uint32_t left = *list++;
    // Most texts have none of them, which is found without a branch for each.
    const std::uint32_t rarest = *list++;
    bool has_one = rarest == 0;
    for (std::uint32_t i = 0; i < rarest; ++i)
      has_one |= text.has(static_cast<std::uint16_t>(*list++));
    if (!has_one) return false;
    bool is_one = false;
    for (; left > 0; --left) {
      is_one = is_one || hold(text, list);
      list += *list;
    }
    if (!is_one) return false;
  }
  return true;
}

namespace {

struct NotUnderstood {};

// What the matches of a part of a pattern begin with: the characters of one
// word, perhaps none, and what comes after them.
struct Beginning {
  enum Next : std::uint8_t {
    kRest,      // what stands after the part
    kWordsEnd,  // a character that is of no word, or the text's end
    kAnything,
  };
  std::string word;
  Next next;
  bool is_at_word = false;  // no character of a word is right before it
};
using Beginnings = std::vector<Beginning>;  // none: anything

// What is known of a part of a pattern.
struct Part {
  Requirement needs = {};
  Beginnings begins = {};
};

// The beginnings of one part after another.
Beginnings join(Beginnings first, const Beginnings& second) {
  if (std::none_of(first.begin(), first.end(), [](const Beginning& one) {
        return one.next == Beginning::kRest;
      }))
    return first;
  Beginnings joined;
  for (const Beginning& a : first) {
    if (a.next != Beginning::kRest) {
      joined.push_back(a);
      continue;
    }
    if (second.empty())
      joined.push_back({a.word, Beginning::kAnything, a.is_at_word});
    for (const Beginning& b : second) {
      if (a.word.empty())
        joined.push_back({b.word, b.next, a.is_at_word || b.is_at_word});
      else if (b.is_at_word)
        joined.push_back({a.word, Beginning::kWordsEnd, a.is_at_word});
      else
        joined.push_back({a.word + b.word, b.next, a.is_at_word});
    }
    if (joined.size() > FirstWords::kMost) return {};
  }
  return joined;
}

// Reads a pattern that PCRE2 has compiled.
class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : pattern_(pattern) {}

  // Throws NotUnderstood.
  Requirement read() {
    Part all = read_alternatives(&alternatives_);
    if (at_ != pattern_.size()) fail();
    begins_ = std::move(all.begins);
    return std::move(all.needs);
  }

  // Those of a pattern that has been read; none if some are not words, or if there
  // are too many.
  FirstWords first_words() const {
    if (has_verbs_ || begins_.size() > FirstWords::kMost) return {};
    std::vector<FirstWord> words;
    for (const Beginning& one : begins_) {
      if (one.word.empty() || !one.is_at_word) return {};
      words.push_back({one.word, one.next == Beginning::kWordsEnd});
    }
    return FirstWords(std::move(words));
  }

  // The alternatives of a pattern that has been read, groups around some opened;
  // none if what stands in one acts on others.
  std::vector<Prefilter::Alternative> alternatives() {
    if (has_verbs_) return {};
    return std::move(alternatives_.all);
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
    Part part = {};
  };
  // Takes no characters.
  static Item nothing(bool is_at_word = false) {
    Item item{Item::kNothing};
    item.part.begins = {{"", Beginning::kRest, is_at_word}};
    return item;
  }
  // The alternatives of the whole pattern, or of a group that is all of one.
  struct Choice {
    std::vector<Prefilter::Alternative> all = {};
    bool has_options = false;  // of the rest of it: (?m)
  };

  [[noreturn]] static void fail() { throw NotUnderstood(); }
  bool is_at(char c) const {
    return at_ < pattern_.size() && pattern_[at_] == c;
  }
  bool is_at(std::string_view text) const {
    return pattern_.substr(at_).starts_with(text);
  }
  bool take(char c) {
    const bool is = is_at(c);
    at_ += is;
    return is;
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

  Part read_alternatives(Choice* choice = nullptr) {
    if (++depth_ > kMostDepth) fail();
    Choice* const around = std::exchange(choice_, choice);
    const std::size_t begin = at_;
    Part either{{}, {}};
    std::vector<Requirement> all;
    do {
      Part one = read_sequence();
      all.push_back(std::move(one.needs));
      if (one.begins.empty()) one.begins = {{"", Beginning::kAnything}};
      append(either.begins, one.begins);
    } while (take('|'));
    --depth_;
    choice_ = around;
    if (all.size() == 1)
      either.needs = std::move(all.front());
    else if (std::none_of(all.begin(), all.end(), [](const Requirement& one) {
               return one.is_empty();
             }))
      either.needs.any.push_back(std::move(all));
    if (choice && choice->has_options)
      choice->all = {alternative(begin, either.needs)};
    return either;
  }

  Prefilter::Alternative alternative(std::size_t begin,
                                     const Requirement& needs) const {
    return {std::string(pattern_.substr(begin, at_ - begin)), Needs(needs)};
  }

  // Of all that is not ASCII, these two match "s" and "k".
  static bool is_case_of_ascii(char32_t c) { return c == 0x17F || c == 0x212A; }

  Part read_sequence() {
    const std::size_t begin = at_;
    Choice inside;  // of a group that it begins with
    std::size_t inside_end = std::string_view::npos;
    Part sequence = nothing().part;
    Requirement& all = sequence.needs;
    std::string run;  // characters that stand next to each other
    const auto end_run = [&] {
      add_run(run, all);
      run.clear();
    };
    while (at_ < pattern_.size() && !is_at('|') && !is_at(')')) {
      const bool is_inside = choice_ && at_ == begin && take("(?:");
      Item item =
          is_inside ? read_rest_of_group(Item::kGroup, &inside) : read_item();
      if (is_inside) inside_end = at_;
      const bool is_once_at_most = is_at('?');
      const auto least = read_quantifier();
      sequence.begins =
          join(std::move(sequence.begins),
               repeated(beginnings_of(item), least, is_once_at_most));
      switch (item.kind) {
        case Item::kNothing:
          if (least != 0) add(std::move(item.part.needs), all);
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
          if (least != 0) add(std::move(item.part.needs), all);
          break;
      }
    }
    end_run();
    if (choice_) {
      if (at_ == inside_end)
        append(choice_->all, inside.all);
      else
        choice_->all.push_back(alternative(begin, all));
    }
    return sequence;
  }

  static Beginnings beginnings_of(const Item& item) {
    if (item.kind == Item::kCharacter) return beginnings_of(item.character);
    return item.part.begins;
  }
  static Beginnings beginnings_of(char32_t c) {
    if (is_case_of_ascii(c)) return {};
    if (c >= 0x80) return {{"", Beginning::kWordsEnd}};
    const char letter = ascii_lower(static_cast<char>(c));
    if (!is_ascii_alphanumeric(letter) && letter != '_')
      return {{"", Beginning::kWordsEnd}};
    return {{std::string(1, letter), Beginning::kRest}};
  }
  // Those of a part that stands there as often as its quantifier says.
  static Beginnings repeated(Beginnings begins,
                             std::optional<std::uint64_t> least,
                             bool is_once_at_most) {
    if (!least || begins.empty()) return begins;
    if (!is_once_at_most)
      for (Beginning& one : begins)
        if (one.next == Beginning::kRest && !one.word.empty())
          one.next = Beginning::kAnything;
    if (*least == 0) begins.push_back({"", Beginning::kRest});
    return begins;
  }

  static void add_non_ascii(char32_t character, Requirement& all) {
    if (!is_case_of_ascii(character)) all.has_non_ascii = true;
  }

  static void add_run(std::string_view run, Requirement& all) {
    for (std::size_t i = 0; i + 2 < run.size(); ++i)
      all.trigrams.push_back(
          {Trigrams::hash(static_cast<unsigned char>(run[i]),
                          static_cast<unsigned char>(run[i + 1]),
                          static_cast<unsigned char>(run[i + 2])),
           commonness(run[i]) + commonness(run[i + 1]) +
               commonness(run[i + 2])});
    if (run.size() > 2) return;
    for (const char c : run)
      if (is_telling(c)) all.bytes.push_back(static_cast<unsigned char>(c));
  }

  template <typename List>
  static void append(List& to, List& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()),
              std::make_move_iterator(from.end()));
  }

  static void add(Requirement&& more, Requirement& all) {
    append(all.trigrams, more.trigrams);
    append(all.bytes, more.bytes);
    append(all.any, more.any);
    all.has_non_ascii |= more.has_non_ascii;
  }

  // The least number of times that a quantifier allows, if there is one.
  std::optional<std::uint64_t> read_quantifier() {
    std::optional<std::uint64_t> least;
    if (take('*') || take('?')) {
      least = 0;
    } else if (take('+')) {
      least = 1;
    } else if (take('{')) {
      least = parse_number<std::uint64_t>(take_digits());
      if (!least) fail();
      if (take(',')) take_digits();
      if (!take('}')) fail();
    }
    if (least && !take('+')) take('?');
    return least;
  }

  Item read_item() {
    switch (pattern_[at_]) {
      case '\\': return read_escape();
      case '[': return read_class();
      case '(': return read_group();
      case '.': ++at_; return {Item::kAnything};
      case '^':
      case '$': ++at_; return nothing();
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
    const bool is_long = take('{');
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
      case 'b': return nothing(true);
      case 'A':
      case 'B':
      case 'K':
      case 'z':
      case 'Z': return nothing();
      case 'G': has_verbs_ = true; return nothing();
      case 'p':
      case 'P':
        if (take('{'))
          skip_to("}");
        else
          next();
        return {Item::kAnything};
      case 'h':
      case 'R':
      case 's':
      case 'v':
      case 'W': return {Item::kAnything, 0, {{}, {{"", Beginning::kWordsEnd}}}};
      case 'd':
      case 'D':
      case 'H':
      case 'N':
      case 'S':
      case 'V':
      case 'w':
      case 'X': return {Item::kAnything};
      default: fail();  // references, \Q, \c, \o, \C ...
    }
  }

  // A class of few characters is a choice between them.
  Item read_class() {
    ++at_;
    const bool is_negated = take('^');
    std::vector<char32_t> members;
    bool is_known = !is_negated;
    for (bool is_first = true; is_first || !is_at(']'); is_first = false) {
      if (at_ == pattern_.size()) fail();
      if (is_at("[:")) {
        skip_name_of_class();
        is_known = false;
      } else if (take('\\')) {
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
      if (is_at('-') && !is_at("-]")) is_known = false;  // a range
    }
    ++at_;
    if (!is_known || members.empty() || members.size() > kMostMembers)
      return {Item::kAnything};
    if (members.size() == 1) return {Item::kCharacter, members[0]};
    Item item{Item::kAnything, 0, {{}, {}}};
    std::vector<Requirement> all;
    for (const char32_t member : members) {
      Beginnings begins = beginnings_of(member);
      if (begins.empty()) return {Item::kAnything};
      append(item.part.begins, begins);
      Requirement& one = all.emplace_back();
      if (member >= 0x80)
        add_non_ascii(member, one);
      else
        add_run(std::string(1, static_cast<char>(member)), one);
    }
    if (std::any_of(all.begin(), all.end(),
                    [](const Requirement& one) { return one.is_empty(); }))
      return item;
    item.kind = Item::kGroup;
    item.part.needs.any.push_back(std::move(all));
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
    if (take('*')) {  // verbs; lookarounds by name are in lower case
      has_verbs_ = true;
      if (is_at("ACCEPT") || is_at(':') || !is_ascii_upper(next())) fail();
      skip_to(")");
      return not_an_item();
    }
    if (!take('?')) return read_rest_of_group(Item::kGroup);
    if (take('#') || take('C')) {
      skip_to(")");
      return not_an_item();
    }
    if (take('=') || take("<=")) return read_rest_of_group(Item::kNothing);
    if (take("<!")) {
      const std::size_t begin = at_;
      read_rest_of_group(Item::kNothing);
      return nothing(
          is_word_character(pattern_.substr(begin, at_ - begin - 1)));
    }
    if (take('!')) {
      read_rest_of_group(Item::kNothing);
      return nothing();
    }
    if (take(':') || take('|') || take('>'))
      return read_rest_of_group(Item::kGroup);
    if (take("P<") || take('<')) {
      skip_to(">");
      return read_rest_of_group(Item::kGroup);
    }
    if (take('\'')) {
      skip_to("'");
      return read_rest_of_group(Item::kGroup);
    }
    for (;;) {  // options
      const char c = next();
      if (c == ')') {
        if (choice_) choice_->has_options = true;
        return not_an_item();
      }
      if (c == ':') return read_rest_of_group(Item::kGroup);
      // With x blanks do not count.
      if (std::string_view("imsn-^").find(c) == std::string_view::npos) fail();
    }
  }

  // Whether what is not to stand before is any character of a word, or some
  // others, too: \w, [\w'], \w|@.
  static bool is_word_character(std::string_view pattern) {
    if (pattern.starts_with('[')) pattern.remove_prefix(1);
    if (!pattern.starts_with("\\w")) return false;
    const std::size_t end = pattern.find_first_of("]|");
    return end == pattern.npos || end + 1 == pattern.size() ||
           pattern[end] == '|' || pattern[end + 1] == '|';
  }

  // What follows a comment or the like: a quantifier would be of what stands
  // before it.
  Item not_an_item() const {
    if (at_ < pattern_.size() &&
        std::string_view("*+?{").find(pattern_[at_]) != std::string_view::npos)
      fail();
    return nothing();
  }

  Item read_rest_of_group(Item::Kind kind, Choice* choice = nullptr) {
    Item item{kind, 0, read_alternatives(choice)};
    if (!take(')')) fail();
    if (kind == Item::kNothing) item.part.begins = nothing().part.begins;
    return item;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  int depth_ = 0;
  Beginnings begins_;
  Choice alternatives_;
  Choice* choice_ = nullptr;  // that whose alternative is read, if any
  bool has_verbs_ = false;    // or \G: what a search begins with matters
};

}  // namespace

Prefilter::Prefilter(std::string_view pattern) {
  PatternReader reader(pattern);
  try {
    needs_ = Needs(reader.read());
    first_words_ = reader.first_words();
  } catch (const NotUnderstood&) {
    return;  // it stays empty: any text may match
  }
  std::string rest;
  for (Alternative& one : reader.alternatives())
    if (one.needs.are_none())
      rest += (rest.empty() ? "(?:" : "|(?:") + one.pattern + ")";
    else
      alternatives_.push_back(std::move(one));
  if (!rest.empty() && !alternatives_.empty())
    alternatives_.push_back({std::move(rest), Needs()});
}

}  // namespace mill
