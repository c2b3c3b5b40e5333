#include "lib/pii/code.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

// What a line of code begins with.
constexpr std::string_view kBeginnings[] = {
    "#include", "#define",   "#if",       "#endif",  "#!",      "#pragma",
    "//",       "/*",        "*/",        "* @",     "<?",      "<%",
    "<!--",     ">>>",       "$ ",        "$_",      "--",      "def ",
    "class ",   "import ",   "from ",     "return",  "public ", "private ",
    "static ",  "void ",     "int ",      "const ",  "let ",    "var ",
    "function", "func ",     "fn ",       "elif ",   "else:",   "else",
    "try:",     "except",    "select ",   "insert ", "update ", "create ",
    "declare ", "set @",     "exec ",     "npm ",    "pip ",    "git ",
    "sudo ",    "apt ",      "ssh ",      "curl ",   "echo ",   "cd ",
    "export ",  "if (",      "if(",       "for (",   "for(",    "while (",
    "while(",   "switch",    "case ",     "package", "using ",  "namespace",
    "template", "struct ",   "typedef ",  "extern ", "enum ",   "raise ",
    "assert",   "print",     "self.",     "this.",   "docker ", "yarn ",
    "unsigned", "protected", "interface", "char ",   "double ", "float ",
    "@media",   "@import",   "@echo",     "rem ",    "%",       "r\"",
    "use ",     "my $",      "my @",      "local ",  "end",     "begin",
    "module ",  "our $",     "our @",     "push @",  "foreach", "=item",
    "=head",    "require",   "async ",    "await ",  "throw ",  "catch"};

// What a line of code has in it.
constexpr std::string_view kOperators[] = {
    " = ", "==", "!=",  "->",  "=>",  "::",  "()", ");", "&&",
    "||",  "+=", "</",  "/>",  "[]",  "${",  "];", "%s", "%d",
    "\\n", "0x", "__",  "=\"", "='",  "\",", "',", ":=", "<<",
    ">>",  "($", "(\"", "('",  "[\"", "['",  "({", "++", " @@"};

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && is_space(line.front())) line.remove_prefix(1);
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

// True if the line ends as statements and blocks do. A card's "{W}" and a
// sentence's ";" among words are another matter: two signs make code.
bool ends_like_code(std::string_view line) {
  const char last = line.back();
  if (last == ';' || last == '{' || last == '\\' || last == '(' || last == '=')
    return true;
  if (last != '}') return false;
  const std::size_t open = line.rfind('{');
  return open == line.npos || line.size() - open > 5;
}

// How many blanks an operator begins with.
constexpr std::size_t blanks_of(std::string_view sign) {
  return sign.find_first_not_of(' ');
}

// Of which operators a byte is the first one that is no blank, or the one after
// it; one bit each.
constexpr std::array<std::uint64_t, 256> make_operator_bits(std::size_t place) {
  static_assert(std::size(kOperators) < 63);
  std::array<std::uint64_t, 256> bits{};
  for (std::size_t k = 0; k < std::size(kOperators); ++k) {
    const char byte = kOperators[k][blanks_of(kOperators[k]) + place];
    bits[static_cast<unsigned char>(byte)] |= std::uint64_t{1} << k;
  }
  return bits;
}

constexpr std::array<std::uint64_t, 256> kFirstOf = make_operator_bits(0);
constexpr std::array<std::uint64_t, 256> kSecondOf = make_operator_bits(1);
// The bit after the operators' stands for a call, "name(".
constexpr std::uint64_t kCall = std::uint64_t{1} << std::size(kOperators);

// The beginnings by their first byte.
constexpr auto kSortedBeginnings = [] {
  auto sorted = std::to_array(kBeginnings);
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}();

// Whether a line begins as a line of code may.
bool begins_like_code(std::string_view line) {
  const char first = lower(line[0]);
  for (auto it =
           std::lower_bound(kSortedBeginnings.begin(), kSortedBeginnings.end(),
                            std::string_view(&first, 1));
       it != kSortedBeginnings.end() && it->front() == first; ++it)
    if (starts_with_word(line, 0, *it)) return true;
  return false;
}

// A line is code if it has a sign for every so many bytes; no line has more
// different signs than kMostSigns.
constexpr std::size_t kBytesASign = 80;
constexpr std::size_t kMostSigns = std::size(kOperators) + 4;

// How many columns the line is indented by.
std::size_t indent(std::string_view line) {
  std::size_t columns = 0;
  for (const char c : line) {
    if (c == '\t')
      columns += 4;
    else if (c == ' ')
      ++columns;
    else
      break;
  }
  return columns;
}

// How many different signs of code a line has that is indented by so many
// columns.
std::size_t count_signs(std::string_view line, std::size_t columns) {
  if (line.empty() || line.size() > kMostSigns * kBytesASign) return 0;
  std::size_t signs = ends_like_code(line) ? 1 : 0;
  if (begins_like_code(line)) ++signs;
  // A decorator stands alone.
  if (line[0] == '@' && line.size() > 1 && is_letter(line[1]) &&
      line.find(' ') == line.npos)
    signs += columns > 0 ? 2 : 1;
  // The stars of a comment stand below the one of "/*"; a list's do not.
  if (line[0] == '*' && columns % 2 == 1) ++signs;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!kFirstOf[static_cast<unsigned char>(line[i])]) continue;
    if (line[i] == '(' && i > 1 && is_word(line[i - 1]) &&
        is_word(line[i - 2]) && line.compare(i, 3, "(s)") != 0)
      seen |= kCall;
    if (i + 1 == line.size()) break;
    std::uint64_t bits = kFirstOf[static_cast<unsigned char>(line[i])] &
                         kSecondOf[static_cast<unsigned char>(line[i + 1])] &
                         ~seen;
    for (; bits != 0; bits &= bits - 1) {
      const int k = std::countr_zero(bits);
      const std::size_t before = blanks_of(kOperators[k]);
      if (before <= i && line.substr(i - before).starts_with(kOperators[k]))
        seen |= std::uint64_t{1} << k;
    }
  }
  return signs + static_cast<std::size_t>(std::popcount(seen));
}

bool is_list_item(std::string_view line) {
  line = trimmed(line);
  std::size_t i = 0;
  while (i < line.size() && is_digit(line[i])) ++i;
  if (i > 0) return i + 1 < line.size() && (line[i] == '.' || line[i] == ')');
  return line.size() > 1 && line[1] == ' ' &&
         (line[0] == '-' || line[0] == '*' || line[0] == '+');
}

// The run of back-quotes or tildes that opens or closes a fence.
std::size_t fence_length(std::string_view line, char& mark) {
  if (indent(line) > 3) return 0;
  line = trimmed(line);
  if (line.size() < 3 || (line[0] != '`' && line[0] != '~')) return 0;
  const std::size_t length =
      std::min(line.find_first_not_of(line[0]), line.size());
  // "```x``` is" is quoted within a line.
  if (length < 3 || (line[0] == '`' && line.find('`', length) != line.npos))
    return 0;
  mark = line[0];
  return length;
}

}  // namespace

bool Code::contains(std::size_t i) {
  if (!is_read_) read();
  const auto next = std::upper_bound(
      ranges_.begin(), ranges_.end(), i,
      [](std::size_t at, const Range& range) { return at < range.begin; });
  return next != ranges_.begin() && i < (next - 1)->end;
}

bool Code::is_empty() {
  if (!is_read_) read();
  return ranges_.empty();
}

std::string Code::prose() {
  if (!is_read_) read();
  std::string prose;
  std::size_t at = 0;
  for (const Range& range : ranges_) {
    prose += text_.substr(at, range.begin - at);
    at = std::min(range.end, text_.size());
  }
  return prose += text_.substr(at);
}

void Code::read() {
  is_read_ = true;
  split_into_lines();
  mark_blocks();
  mark_by_signs();
  for (const Line& line : lines_) {
    if (line.is_code)
      ranges_.push_back({line.begin, line.end + 1});
    else
      add_quoted(line);
  }
}

void Code::split_into_lines() {
  for (std::size_t begin = 0; begin < text_.size();) {
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    const std::string_view line = text_.substr(begin, end - begin);
    const std::string_view words = trimmed(line);
    lines_.push_back(
        {begin, end, count_signs(words, indent(line)), words.empty(), false});
    begin = end + 1;
  }
}

// Fences, and lines indented by four columns or more after a blank line, except
// those that continue a list's item.
void Code::mark_blocks() {
  char mark = '\0';
  std::size_t fence = 0;
  bool after_blank = true, in_block = false, in_list = false;
  for (Line& line : lines_) {
    const std::string_view text =
        text_.substr(line.begin, line.end - line.begin);
    char its_mark = '\0';
    const std::size_t length = fence_length(text, its_mark);
    if (fence > 0) {
      line.is_code = true;
      if (its_mark == mark && length >= fence) fence = 0;
      continue;
    }
    if (length > 0) {
      fence = length;
      mark = its_mark;
      line.is_code = true;
      continue;
    }
    if (line.is_blank) {
      after_blank = true;
      continue;
    }
    const bool is_indented = indent(text) >= 4;
    in_block = is_indented && !in_list && (after_blank || in_block);
    line.is_code = in_block;
    if (!is_indented) in_list = is_list_item(text) || (in_list && !after_blank);
    after_blank = false;
  }
}

// Two signs make a line code, or one for every 80 bytes of a longer one; fewer
// among lines that are code. Blocks say nothing of the text around them.
void Code::mark_by_signs() {
  constexpr std::size_t kReach = 3;  // lines on either side
  std::vector<Line*> lines;          // that are not in a block, nor blank
  for (Line& line : lines_)
    if (!line.is_blank && !line.is_code) lines.push_back(&line);
  auto is_plain = [](const Line& line) {
    return line.signs >= 2 && line.signs * kBytesASign >= line.end - line.begin;
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_plain(*lines[i])) {
      lines[i]->is_code = true;
      continue;
    }
    std::size_t plain = 0, some = 0;
    const std::size_t begin = i - std::min(i, kReach);
    const std::size_t end = std::min(lines.size(), i + kReach + 1);
    for (std::size_t k = begin; k < end; ++k) {
      plain += is_plain(*lines[k]);
      some += lines[k]->signs > 0;
    }
    lines[i]->is_code = plain >= 2 || (some >= 3 && some * 2 >= end - begin);
  }
}

// What is between equal runs of back-quotes.
void Code::add_quoted(const Line& line) {
  constexpr std::size_t kMostRuns = 16;  // looked over for the one that closes
  std::vector<Range> runs;
  for (std::size_t i = line.begin; i < line.end; ++i) {
    i = std::min(text_.substr(0, line.end).find('`', i), line.end);
    if (i == line.end) break;
    const std::size_t begin = i;
    while (i < line.end && text_[i] == '`') ++i;
    runs.push_back({begin, i});
  }
  for (std::size_t k = 0; k < runs.size(); ++k) {
    const std::size_t length = runs[k].end - runs[k].begin;
    const std::size_t last = std::min(runs.size(), k + kMostRuns);
    for (std::size_t j = k + 1; j < last; ++j) {
      if (runs[j].end - runs[j].begin != length) continue;
      ranges_.push_back({runs[k].begin, runs[j].end});
      k = j;
      break;
    }
  }
}

}  // namespace mill::internal
