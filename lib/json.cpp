#include "lib/json.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "lib/utf8.h"

namespace mill {

namespace {

constexpr std::size_t kMaxDepth = 1024;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_number(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  auto digits = [&] {
    const char* const start = p;
    while (p < end && is_digit(*p)) ++p;
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

// Four hexadecimal digits at p, or -1.
int hex4(const char* p, const char* end) {
  if (end - p < 4) return -1;
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    const int digit = is_digit(c)            ? c - '0'
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

// The first wrong escape in a string's raw bytes, as the error at its byte.
std::optional<JsonError> check_escapes(std::string_view raw,
                                       std::size_t offset) {
  const char* const begin = raw.data();
  const char* const end = begin + raw.size();
  const char* p = begin;
  while ((p = static_cast<const char*>(
              std::memchr(p, '\\', static_cast<std::size_t>(end - p))))) {
    const std::size_t at = offset + static_cast<std::size_t>(p - begin);
    switch (p[1]) {  // stage 1 saw to it that a string cannot end here
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't': p += 2; continue;
      case 'u': break;
      default: return JsonError{"unknown escape in a string", at};
    }
    const int unit = hex4(p + 2, end);
    if (unit < 0) return JsonError{"\\u without four hexadecimal digits", at};
    p += 6;
    if (is_low_surrogate(unit))
      return JsonError{"\\u escape is half a surrogate pair", at};
    if (is_high_surrogate(unit)) {
      const bool is_pair = end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
                           is_low_surrogate(hex4(p + 2, end));
      if (!is_pair) return JsonError{"\\u escape is half a surrogate pair", at};
      p += 6;
    }
  }
  return std::nullopt;
}

// Where and why simdjson's first stage refused text. It does not say where;
// this is the slow way, taken for bad lines only.
JsonError explain(simdjson::error_code code, std::string_view text) {
  if (code == simdjson::EMPTY) return {"empty", 0};
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
        return {"a backslash outside a string", i};
      }
    } else if (c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = false;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return {"control character in a string", i};
    }
  }
  if (in_string) return {"string without an end", opened};
  return {"not JSON", 0};
}

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

JsonReader::JsonReader() = default;
JsonReader::~JsonReader() = default;

std::optional<JsonError> JsonReader::parse(std::string_view text) {
  is_parsed_ = false;
  tape_.text = text.data();
  if (text.size() > capacity_) {
    if (text.size() >= std::numeric_limits<std::uint32_t>::max())
      return JsonError{"longer than 4 GiB", 0};
    capacity_ = std::max<std::size_t>(
        std::min<std::size_t>(text.size() * 2, 0xFFFFFFFF), 16 << 10);
    indexer_.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity_, 1, indexer_)) {
      capacity_ = 0;
      throw std::bad_alloc();
    }
  }
  if (text.empty()) return JsonError{"empty", 0};
  const auto code =
      indexer_->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                       text.size(), simdjson::stage1_mode::regular);
  if (code) return explain(code, text);
  auto error = walk(text);
  is_parsed_ = !error;
  return error;
}

// One pass over the structural characters: ':' ',' and brackets, and the
// first byte of each string, number and literal. What lies between two of them
// and is not a string must be white space or the rest of a scalar.
//
// The nodes are written without asking for room: there are never more of them
// than structural characters.
std::optional<JsonError> JsonReader::walk(std::string_view text) {
  const char* const base = text.data();
  const std::uint32_t* const index = indexer_->structural_indexes.get();
  const std::uint32_t count = indexer_->n_structural_indexes;
  const auto size = static_cast<std::uint32_t>(text.size());
  if (tape_.nodes.size() < count) tape_.nodes.resize(count * 2);
  internal::JsonNode* const nodes = tape_.nodes.data();
  std::uint32_t node = 0;  // the next to write
  std::uint32_t i = 0;     // the structural character looked at
  open_.clear();

  auto find_backslash = [&](std::uint32_t from) {
    const void* found = std::memchr(base + from, '\\', size - from);
    return found ? static_cast<std::uint32_t>(static_cast<const char*>(found) -
                                              base)
                 : std::numeric_limits<std::uint32_t>::max();
  };
  std::uint32_t backslash = find_backslash(0);  // the next in the text

  std::optional<JsonError> error;
  auto fail_at = [&](std::uint32_t at, std::string_view what) {
    error = JsonError{what, at};
    return false;
  };
  auto fail = [&](std::string_view what) {
    return i < count ? fail_at(index[i], what)
                     : fail_at(size, "cut off before its end");
  };
  auto has = [&](char c) { return i < count && base[index[i]] == c; };
  // Where a scalar ends: at the next structural character, less the white
  // space before that.
  auto scalar_end = [&] {
    std::uint32_t end = i + 1 < count ? index[i + 1] : size;
    while (is_space(base[end - 1])) --end;
    return end;
  };
  auto add_string = [&]() __attribute__((always_inline)) {
    const std::uint32_t at = index[i], end = scalar_end();
    if (end - at < 2 || base[end - 1] != '"')
      return fail_at(end - 1, "text behind a string");
    const bool escaped = backslash < end;
    if (escaped) {
      error = check_escapes({base + at + 1, end - at - 2}, at + 1);
      if (error) return false;
      backslash = find_backslash(end);
    }
    nodes[node] = {at, end, node + 1, JsonKind::kString, escaped};
    ++node;
    ++i;
    return true;
  };
  auto add_key = [&]() __attribute__((always_inline)) {
    if (!has('"')) return fail("a key is missing");
    if (!add_string()) return false;
    if (!has(':')) return fail("a colon is missing");
    ++i;
    return true;
  };
  auto add_number_or_literal = [&] {
    const std::uint32_t at = index[i], end = scalar_end();
    const std::string_view scalar(base + at, end - at);
    JsonKind kind = JsonKind::kNumber;
    if (scalar[0] == '-' || is_digit(scalar[0])) {
      if (!is_number(scalar)) return fail("not a valid number");
    } else if (scalar == "true") {
      kind = JsonKind::kTrue;
    } else if (scalar == "false") {
      kind = JsonKind::kFalse;
    } else if (scalar == "null") {
      kind = JsonKind::kNull;
    } else {
      return fail("a value is missing");
    }
    nodes[node] = {at, end, node + 1, kind, false};
    ++node;
    ++i;
    return true;
  };

  for (;;) {
    // A value is due.
    if (has('{') || has('[')) {
      const bool is_object = has('{');
      if (open_.size() == kMaxDepth) {
        fail("nested too deep");
        return error;
      }
      open_.push_back(node);
      nodes[node] = {index[i], 0, 0,
                     is_object ? JsonKind::kObject : JsonKind::kArray, false};
      ++node;
      ++i;
      if (!has(is_object ? '}' : ']')) {
        if (is_object && !add_key()) return error;
        continue;
      }
    } else if (i >= count ? !fail("")
               : has('"') ? !add_string()
                          : !add_number_or_literal()) {
      return error;
    }

    // A value has ended, or an empty container is about to.
    for (;;) {
      if (open_.empty()) {
        if (i < count) fail("text after the end");
        return error;
      }
      internal::JsonNode& container = nodes[open_.back()];
      const bool is_object = container.kind == JsonKind::kObject;
      if (has(',')) {
        ++i;
        if (is_object && !add_key()) return error;
        break;
      }
      if (!has(is_object ? '}' : ']')) {
        fail("a comma or a closing bracket is missing");
        return error;
      }
      ++i;
      container.end = index[i - 1] + 1;
      container.next = node;
      open_.pop_back();
    }
  }
}

JsonValue JsonReader::root() const {
  return is_parsed_ ? JsonValue(&tape_, 0) : JsonValue();
}

std::string_view JsonValue::raw() const {
  return {tape_->text + node().begin, node().end - node().begin};
}

std::string_view JsonValue::raw_string() const {
  return {tape_->text + node().begin + 1, node().end - node().begin - 2};
}

std::string_view JsonValue::string(std::string& scratch) const {
  if (!is_escaped()) return raw_string();
  scratch.clear();
  append_unescaped(scratch, raw_string());
  return scratch;
}

std::string JsonValue::string() const {
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
    range.begin_ = first();
    range.end_ = beside();
  }
  return range;
}

JsonValue::Elements JsonValue::elements() const {
  Elements range;
  if (is_array()) {
    range.begin_ = first();
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
