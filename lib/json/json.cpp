#include "lib/json/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/utf8.h"
#include "lib/json/structural_index.h"

namespace mill {

namespace {

constexpr std::size_t kMaxDepth = 1024;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_number(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  auto digits = [&] {
    const char* const start = p;
    while (p < end && is_ascii_digit(*p)) ++p;
    return p > start;
  };
  if (p < end && *p == '-') ++p;
  if (p < end && *p == '0')
    ++p;
  else if (!digits())
    return false;
  if (p < end && *p == '.') {
    ++p;
    if (!digits()) return false;
  }
  if (p < end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p < end && (*p == '+' || *p == '-')) ++p;
    if (!digits()) return false;
  }
  return p == end;
}

template <std::size_t N>
bool equals(std::string_view text, const char (&word)[N]) {
  return text.size() == N - 1 && std::memcmp(text.data(), word, N - 1) == 0;
}

// What text is as a number or a literal; kMissing if it is neither.
[[gnu::noinline]] JsonKind scalar_kind(std::string_view text) {
  if (equals(text, "true")) return JsonKind::kTrue;
  if (equals(text, "false")) return JsonKind::kFalse;
  if (equals(text, "null")) return JsonKind::kNull;
  return is_number(text) ? JsonKind::kNumber : JsonKind::kMissing;
}

// Where the white space before stop begins.
std::uint32_t trim(const char* base, std::uint32_t stop) {
  while (is_space(base[stop - 1])) --stop;
  return stop;
}

// The first backslash from `from` on, or end.
std::uint32_t find_backslash(const char* base, std::uint32_t from,
                             std::uint32_t end) {
  if (base[from] == '\\') return from;  // as in "\n\n"
  const void* found = std::memchr(base + from, '\\', end - from);
  if (!found) return end;
  return static_cast<std::uint32_t>(static_cast<const char*>(found) - base);
}

// Four hexadecimal digits at p, or -1.
int hex4(const char* p, const char* end) {
  if (end - p < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    const int digit = is_ascii_digit(c)      ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high_surrogate(int unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(int unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// The length of the escape at p, a surrogate pair's two as one; or 0, and why
// it is wrong. The string ends at `end`.
std::uint32_t escape_length(const char* p, const char* end,
                            std::string_view& why) {
  switch (p[1]) {  // the first pass saw to it that no string ends here
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return 2;
    case 'u': break;
    default: why = "unknown escape in a string"; return 0;
  }
  const int unit = hex4(p + 2, end);
  if (unit < 0) {
    why = "\\u without four hexadecimal digits";
    return 0;
  }
  if (!is_high_surrogate(unit) && !is_low_surrogate(unit)) return 6;
  p += 6;
  if (is_high_surrogate(unit) && end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
      is_low_surrogate(hex4(p + 2, end)))
    return 12;
  why = "\\u escape is half a surrogate pair";
  return 0;
}

// Checks the escapes from the one at backslash to the string's end at stop.
// Returns the next backslash after it; or of the first wrong escape, and why.
[[gnu::noinline]] std::uint32_t check_escapes(const char* base,
                                              std::uint32_t backslash,
                                              std::uint32_t stop,
                                              std::uint32_t size,
                                              std::string_view& why) {
  while (backslash < stop) {
    const std::uint32_t length =
        escape_length(base + backslash, base + stop - 1, why);
    if (length == 0) break;
    backslash = find_backslash(base, backslash + length, size);
  }
  return backslash;
}

constexpr std::string_view kBackslash = "a backslash outside a string";

// Where and why the first pass refused text. It does not say where; this is the
// slow way, taken for bad lines only.
JsonError explain(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_space)) return {"empty", 0};
  if (text.size() >= StructuralIndex::kEnd) return {"longer than 4 GiB", 0};
  if (const auto bad = find_invalid_utf8(text))
    return {"not valid UTF-8", *bad};
  bool in_string = false;
  std::size_t opened = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!in_string) {
      if (c == '"') {
        in_string = true;
        opened = i;
      } else if (c == '\\') {
        return {kBackslash, i};
      }
    } else if (c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = false;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return {"control character in a string", i};
    }
  }
  if (in_string) return {"unterminated string", opened};
  return {"not JSON", 0};
}

// One walk over the structural characters: ':' ',' and brackets, and the first
// byte of each string, number and literal. What lies between two of them and is
// not a string must be white space or the rest of a scalar.
//
// The nodes are written without asking for room: there are never more of them
// than structural characters. A container's `next` is the container around it
// until it is closed. The steps are inlined into one loop, and what is rare is
// kept out of line, so that all of this stays in registers.
class Walk {
 public:
  // The value begins at the structural character `at` and ends by `end`; the
  // first backslash from there on is at `backslash`, and `size` bytes are known.
  Walk(internal::JsonTape& tape, std::uint32_t end, std::uint32_t size,
       const std::uint32_t* at, std::uint32_t backslash)
      : base_(tape.bytes),
        nodes_(tape.nodes.data()),
        begin_(tape.begin),
        end_(end),
        size_(size),
        at_(at),
        backslash_(backslash) {}

  // Takes the one value; false if it is wrong, or not alone.
  bool take_value() {
    for (;;) {
      if (closing_ == '}' && !take_key()) return false;
      const char first = look();
      if (first == '"') {
        if (!take_string()) return false;
      } else if (first == '{' || first == '[') {
        if (!open(first == '{')) return false;
        if (look() != closing_) continue;
      } else if (!take_scalar(first)) {
        return false;
      }
      const Step step = close();
      if (step != kMore) return step == kDone;
    }
  }

  const std::uint32_t* at() const { return at_; }
  std::uint32_t backslash() const { return backslash_; }
  JsonError error() const {
    return wrong_ < end_ ? JsonError{why_, wrong_ - begin_}
                         : JsonError{"cut off before its end", end_ - begin_};
  }

 private:
  enum Step { kMore, kDone, kWrong };

  bool fail(std::uint32_t byte, std::string_view why) {
    wrong_ = byte;
    why_ = why;
    return false;
  }

  // The structural character that is next, or NUL, which is none, after the
  // last.
  char look() const { return *at_ < end_ ? base_[*at_] : '\0'; }

  // Inlined both for keys and values: what calls it keeps its state in
  // registers.
  [[gnu::always_inline]] inline bool take_string() {
    const std::uint32_t start = *at_++;
    std::uint32_t stop = std::min(*at_, end_);
    if (base_[stop - 1] != '"') stop = trim(base_, stop);
    if (base_[stop - 1] != '"' || stop == start + 1)
      return fail(stop - 1, "text after a string");
    nodes_[node_] = {start, stop, node_ + 1, JsonKind::kString,
                     backslash_ < stop};
    ++node_;
    if (backslash_ < stop) {
      std::string_view why;
      backslash_ = check_escapes(base_, backslash_, stop, size_, why);
      if (!why.empty()) return fail(backslash_, why);
    }
    return true;
  }

  // And its colon.
  bool take_key() {
    if (look() != '"') return fail(*at_, "a key is missing");
    if (!take_string()) return false;
    if (look() != ':') return fail(*at_, "a colon is missing");
    ++at_;
    return true;
  }

  bool take_scalar(char first) {
    const std::uint32_t start = *at_;
    if (start >= end_) return fail(start, "");
    ++at_;
    const std::uint32_t stop = trim(base_, std::min(*at_, end_));
    const JsonKind kind = scalar_kind({base_ + start, stop - start});
    if (kind == JsonKind::kMissing)
      return fail(start, first == '-' || is_ascii_digit(first)
                             ? "not a valid number"
                             : "a value is missing");
    nodes_[node_] = {start, stop, node_ + 1, kind, false};
    ++node_;
    return true;
  }

  bool open(bool is_object) {
    if (depth_++ == kMaxDepth) return fail(*at_, "nested too deeply");
    nodes_[node_] = {*at_, 0, container_,
                     is_object ? JsonKind::kObject : JsonKind::kArray, false};
    container_ = node_++;
    closing_ = is_object ? '}' : ']';
    ++at_;
    return true;
  }

  // After a value, or in an empty container: takes a comma, or closes
  // containers up to one that goes on, or the whole value.
  Step close() {
    for (;;) {
      const char next = look();
      if (next == ',' && depth_ > 0) {
        ++at_;
        return kMore;
      }
      if (depth_ == 0) {
        if (*at_ >= end_) return kDone;
        fail(*at_, "text after the end");
        return kWrong;
      }
      if (next != closing_) {
        fail(*at_, "a comma or a closing bracket is missing");
        return kWrong;
      }
      nodes_[container_].end = *at_ + 1;
      container_ = std::exchange(nodes_[container_].next, node_);
      closing_ = nodes_[container_].kind == JsonKind::kObject ? '}' : ']';
      --depth_;
      ++at_;
    }
  }

  const char* const base_;
  internal::JsonNode* const nodes_;
  const std::uint32_t begin_, end_, size_;
  const std::uint32_t* at_;  // the structural character that is next
  std::uint32_t backslash_;  // the next one, or size_
  std::uint32_t node_ = 0;   // the next one to write
  // The container around: its node, how it must end, how many there are.
  std::uint32_t container_ = 0;
  char closing_ = '\0';
  std::uint32_t depth_ = 0;
  // What is wrong, and where.
  std::uint32_t wrong_ = 0;
  std::string_view why_;
};

}  // namespace

std::string_view describe(JsonKind kind) {
  switch (kind) {
    case JsonKind::kMissing: return "missing";
    case JsonKind::kNull: return "null";
    case JsonKind::kTrue:
    case JsonKind::kFalse: return "a boolean";
    case JsonKind::kNumber: return "a number";
    case JsonKind::kString: return "a string";
    case JsonKind::kArray: return "an array";
    case JsonKind::kObject: return "an object";
  }
  return "";
}

std::string JsonError::message() const {
  return "byte " + std::to_string(byte + 1) + ": " + std::string(what);
}

std::string mismatch(std::string_view wanted, JsonValue value) {
  if (!value) return "missing";
  std::string text = "not ";
  return text.append(wanted).append(" but ").append(describe(value.kind()));
}

JsonReader::JsonReader() : structure_(std::make_unique<StructuralIndex>()) {}
JsonReader::~JsonReader() = default;

// The first pass; false if it refuses text.
bool JsonReader::find_structure(std::string_view text) {
  if (!structure_->find(text)) return false;
  size_ = static_cast<std::uint32_t>(text.size());
  at_ = 0;
  backslash_ = find_backslash(text.data(), 0, size_);
  return true;
}

// A control character in a string is refused. So where several lines are not,
// no string reaches over a newline, and what is listed for each line is what
// would be listed for that line alone.
void JsonReader::look_ahead(std::string_view lines) {
  ahead_ = find_structure(lines) ? lines : std::string_view();
}

std::optional<JsonError> JsonReader::parse(std::string_view text) {
  is_parsed_ = false;
  if (text.empty()) return JsonError{"empty", 0};
  const bool is_ahead = std::greater_equal<>()(text.data(), ahead_.data()) &&
                        std::less_equal<>()(text.data() + text.size(),
                                            ahead_.data() + ahead_.size());
  if (!is_ahead) {
    ahead_ = {};
    if (!find_structure(text)) return explain(text);
  }
  tape_.bytes = is_ahead ? ahead_.data() : text.data();
  auto error = walk(text);
  is_parsed_ = !error;
  return error;
}

std::optional<JsonError> JsonReader::walk(std::string_view text) {
  const auto begin = static_cast<std::uint32_t>(text.data() - tape_.bytes);
  if (tape_.nodes.size() < structure_->count())
    tape_.nodes.resize(structure_->count());
  tape_.begin = begin;
  const std::uint32_t* at = structure_->bytes() + at_;
  while (*at < begin) ++at;
  if (backslash_ < begin)
    backslash_ = find_backslash(tape_.bytes, begin, size_);

  Walk walk(tape_, begin + static_cast<std::uint32_t>(text.size()), size_, at,
            backslash_);
  if (!walk.take_value()) {
    // Before a quote, one processor's first pass refuses it and another's lets
    // it pass.
    const JsonError refused = explain(text);
    return refused.what == kBackslash ? refused : walk.error();
  }
  at_ = static_cast<std::uint32_t>(walk.at() - structure_->bytes());
  backslash_ = walk.backslash();
  return std::nullopt;
}

JsonValue JsonReader::root() const {
  return is_parsed_ ? JsonValue(&tape_, 0) : JsonValue();
}

std::string_view JsonValue::string(std::string& scratch) const {
  if (!is_escaped()) return raw_string();
  scratch.clear();
  append_unescaped(scratch, raw_string());
  return scratch;
}

std::string JsonValue::string() const {
  if (!is_escaped()) return std::string(raw_string());
  std::string text;
  append_unescaped(text, raw_string());
  return text;
}

std::optional<double> JsonValue::number() const {
  if (!is_number()) return std::nullopt;
  double value = 0;
  const std::string_view text = raw();
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too large or too small, which from_chars does not tell apart.
    value = std::strtod(std::string(text).c_str(), nullptr);
  }
  return value;
}

std::optional<std::int64_t> JsonValue::integer() const {
  if (!is_number()) return std::nullopt;
  std::int64_t whole = 0;
  const std::string_view text = raw();
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc() && end == text.data() + text.size()) return whole;
  const double value = *number();
  constexpr double kExact = 9007199254740992;  // 2^53
  if (std::trunc(value) != value || std::abs(value) > kExact)
    return std::nullopt;
  return static_cast<std::int64_t>(value);
}

JsonValue JsonValue::operator[](std::string_view key) const {
  JsonValue found;
  for (const Member member : members()) {
    if (member.key.is_escaped()) {
      if (member.key.string() == key) found = member.value;
    } else if (member.key.raw_string() == key) {
      found = member.value;
    }
  }
  return found;
}

JsonValue JsonValue::at_path(std::string_view path) const {
  JsonValue value = *this;
  for (;;) {
    const std::size_t dot = path.find('.');
    value = value[path.substr(0, dot)];
    if (dot == path.npos || !value) return value;
    path.remove_prefix(dot + 1);
  }
}

JsonValue::Members JsonValue::members() const {
  Members range;
  if (is_object()) {
    range.begin_ = after();
    range.end_ = beside();
  }
  return range;
}

JsonValue::Elements JsonValue::elements() const {
  Elements range;
  if (is_array()) {
    range.begin_ = after();
    range.end_ = beside();
  }
  return range;
}

std::size_t JsonValue::size() const {
  std::size_t count = 0;
  if (is_object())
    for ([[maybe_unused]] const Member member : members()) ++count;
  else
    for ([[maybe_unused]] const JsonValue value : elements()) ++count;
  return count;
}

void append_unescaped(std::string& out, std::string_view raw) {
  const char* p = raw.data();
  const char* const end = p + raw.size();
  for (;;) {
    const void* found = std::memchr(p, '\\', static_cast<std::size_t>(end - p));
    const char* const stop = found ? static_cast<const char*>(found) : end;
    out.append(p, stop);
    if (stop == end) return;
    p = stop + 2;
    switch (stop[1]) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': {
        int unit = hex4(p, end);
        p += 4;
        if (is_high_surrogate(unit)) {
          unit =
              0x10000 + ((unit - 0xD800) << 10) + (hex4(p + 2, end) - 0xDC00);
          p += 6;
        }
        append_utf8(out, static_cast<char32_t>(unit));
        break;
      }
      default: out += stop[1];
    }
  }
}

}  // namespace mill
