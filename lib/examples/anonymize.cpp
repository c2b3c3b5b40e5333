#include "lib/examples/anonymize.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/base/hash.h"
#include "lib/io/input.h"
#include "lib/record/example.h"
#include "lib/record/stage.h"

namespace mill {

namespace {

// Keys whose strings are ids, labels and times that other programs rely on; a
// turn's role (is_role_key()) is another. They hold no text of a person's, and
// a changed id would separate a record from its source.
constexpr std::string_view kStructuralKeys[] = {"answer_id",
                                                "answerId",
                                                "collectedAt",
                                                "collected_at",
                                                "id",
                                                "interactionType",
                                                "interaction_type",
                                                "link_id",
                                                "parent_id",
                                                "postId",
                                                "post_id",
                                                "rejected_id",
                                                "ruleReferences",
                                                "rule_references",
                                                "sha256",
                                                "sourceTags",
                                                "sourceUrl",
                                                "source_tags",
                                                "source_url",
                                                "subreddit",
                                                "subreddit_id",
                                                "timestamp"};

// Keys whose values are personal data whatever they look like. Compared in
// lower case and without '_' and '-', so that userName is user_name.
struct IdentifyingKey {
  std::string_view key;
  PiiType type;
};

constexpr IdentifyingKey kIdentifyingKeys[] = {
    {"author", PiiType::kUsername},
    {"authorfullname", PiiType::kUsername},
    {"authorid", PiiType::kUsername},
    {"authorname", PiiType::kUsername},
    {"displayname", PiiType::kUsername},
    {"email", PiiType::kEmailAddress},
    {"emailaddress", PiiType::kEmailAddress},
    {"firstname", PiiType::kName},
    {"fullname", PiiType::kName},
    {"ip", PiiType::kIpAddress},
    {"ipaddress", PiiType::kIpAddress},
    {"lastname", PiiType::kName},
    {"phone", PiiType::kPhoneNumber},
    {"phonenumber", PiiType::kPhoneNumber},
    {"realname", PiiType::kName},
    {"screenname", PiiType::kUsername},
    {"user", PiiType::kUsername},
    {"userid", PiiType::kUsername},
    {"username", PiiType::kUsername},
};

bool is_structural(std::string_view key) {
  return std::find(std::begin(kStructuralKeys), std::end(kStructuralKeys),
                   key) != std::end(kStructuralKeys) ||
         is_role_key(key);
}

std::optional<PiiType> identified_by(std::string_view key) {
  char plain[16];
  std::size_t size = 0;
  for (const char c : key) {
    if (c == '_' || c == '-') continue;
    if (size == sizeof plain) return std::nullopt;
    plain[size++] = ascii_lower(c);
  }
  for (const IdentifyingKey& entry : kIdentifyingKeys)
    if (entry.key == std::string_view(plain, size)) return entry.type;
  return std::nullopt;
}

// The bytes of text that one character or escape of a string's raw bytes
// stands for, and how many raw bytes it takes.
std::pair<std::size_t, std::size_t> step(std::string_view raw, std::size_t i) {
  if (raw[i] != '\\') return {1, 1};
  if (raw[i + 1] != 'u') return {1, 2};
  const auto digit = [&](std::size_t k) {
    const char c = raw[i + k];
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  };
  const unsigned unit =
      digit(2) << 12 | digit(3) << 8 | digit(4) << 4 | digit(5);
  if (unit < 0x80) return {1, 6};
  if (unit < 0x800) return {2, 6};
  if (unit >= 0xD800 && unit <= 0xDBFF) return {4, 12};  // a surrogate pair
  return {3, 6};
}

}  // namespace

Anonymizer::Anonymizer(AnonymizeOptions options)
    : options_(std::move(options)),
      finder_(options_.types, options_.lists),
      is_seen_(options_.fields.size()) {}

Outcome Anonymizer::operator()(const Record& record, std::string& out) {
  replacements_.clear();
  line_edits_.clear();
  steps_.assign(1, {});
  place_ = 0;
  keys_.clear();
  walk(record, options_.fields.empty());
  if (line_edits_.empty()) return Outcome::keep();
  std::size_t at = 0;
  for (const Edit& edit : line_edits_) {
    out.append(record.line, at, edit.begin - at);
    out += edit.tag;
    at = edit.end;
  }
  out.append(record.line, at);
  out += '\n';
  return Outcome::replace();
}

std::vector<std::string> Anonymizer::unseen_fields() const {
  std::vector<std::string> unseen;
  for (std::size_t i = 0; i < is_seen_.size(); ++i)
    if (!is_seen_[i]) unseen.push_back(options_.fields[i]);
  return unseen;
}

bool Anonymizer::selects(std::string_view path) {
  for (std::size_t i = 0; i < options_.fields.size(); ++i) {
    if (options_.fields[i] != path) continue;
    is_seen_[i] = true;
    return true;
  }
  return false;
}

// Visits a value within the one at place_; keeps the path there if something
// was replaced.
template <typename Visit>
void Anonymizer::enter(JsonValue key, std::size_t index, Visit visit) {
  const std::size_t parent = place_, replaced = replacements_.size();
  place_ = steps_.size();
  steps_.push_back({parent, key, index});
  visit();
  if (replacements_.size() == replaced) steps_.resize(place_);
  place_ = parent;
}

void Anonymizer::walk(JsonValue value, bool is_selected) {
  const std::size_t keys_size = keys_.size();
  if (value.is_string()) {
    if (is_selected) search(value, kAllPiiTypes);
  } else if (value.is_object()) {
    for (const JsonValue::Member member : value.members()) {
      key_text_.clear();
      const std::string_view key = member.key.string(key_text_);
      if (keys_size > 0) keys_ += '.';
      keys_ += key;
      enter(member.key, 0,
            [&] { walk_member(key, member.value, is_selected); });
      keys_.resize(keys_size);
    }
  } else if (value.is_array()) {
    std::size_t index = 0;
    for (const JsonValue element : value.elements())
      enter({}, index++, [&] { walk(element, is_selected); });
  }
}

void Anonymizer::walk_member(std::string_view key, JsonValue value,
                             bool is_selected) {
  const auto type = identified_by(key);
  if (type && (options_.types & bit(*type))) return redact_all(value, *type);
  // --fields may name a structural key, too.
  if (!options_.fields.empty()) {
    is_selected = selects(keys_) || is_selected;
  } else if (is_structural(key)) {
    if (is_selected && value.is_string()) redact_profile(key, value);
    is_selected = false;
  }
  walk(value, is_selected);
}

// A post on a user's own page has the user's name in its subreddit, u_NAME,
// and in its address.
void Anonymizer::redact_profile(std::string_view key, JsonValue string) {
  constexpr PiiTypes kUser = bit(PiiType::kUsername);
  if (!(options_.types & kUser)) return;
  if (key == "subreddit") {
    if (string.string(text_).substr(0, 2) == "u_")
      redact_all(string, PiiType::kUsername);
  } else if (key == "source_url" || key == "sourceUrl") {
    search(string, kUser);
  }
}

// Replaces every string and number in value.
void Anonymizer::redact_all(JsonValue value, PiiType type) {
  if (value.is_object() || value.is_array()) {
    std::size_t index = 0;
    for (const JsonValue::Member member : value.members())
      enter(member.key, 0, [&] { redact_all(member.value, type); });
    for (const JsonValue element : value.elements())
      enter({}, index++, [&] { redact_all(element, type); });
    return;
  }
  if (!value.is_string() && !value.is_number()) return;
  text_.clear();
  const std::string_view text =
      value.is_string() ? value.string(text_) : value.raw();
  if (text.empty() || tag_length(text) == text.size()) return;
  replacements_.push_back({place_, 0, text.size(), type});
  line_edits_.push_back({value.offset(), value.offset() + value.raw().size(),
                         type, '"' + tag(type, text) + '"'});
}

void Anonymizer::search(JsonValue string, PiiTypes types) {
  const std::string_view text = string.string(text_);
  found_.clear();
  finder_.find(text, found_);
  edits_.clear();
  for (const PiiSpan& span : found_) {
    if (!(types & bit(span.type))) continue;
    replacements_.push_back({place_, span.begin, span.end, span.type});
    edits_.push_back(
        {span.begin, span.end, span.type,
         tag(span.type, text.substr(span.begin, span.end - span.begin))});
  }
  if (!edits_.empty()) add_line_edits(string, edits_);
}

std::string Anonymizer::field(const Replacement& replacement) const {
  std::vector<const Step*> way;
  for (std::size_t i = replacement.place; i > 0; i = steps_[i].parent)
    way.push_back(&steps_[i]);
  std::string path;
  for (; !way.empty(); way.pop_back()) {
    const Step& step = *way.back();
    if (!step.key) {
      path += '[' + std::to_string(step.index) + ']';
      continue;
    }
    if (!path.empty()) path += '.';
    path += step.key.string();
  }
  return path;
}

// The edits of a string's text as edits of the line.
void Anonymizer::add_line_edits(JsonValue string,
                                const std::vector<Edit>& edits) {
  const std::size_t start = string.offset() + 1;
  if (!string.is_escaped()) {
    for (const Edit& edit : edits)
      line_edits_.push_back(
          {start + edit.begin, start + edit.end, edit.type, edit.tag});
    return;
  }
  const std::string_view raw = string.raw_string();
  std::size_t in_text = 0, in_raw = 0;
  auto raw_offset = [&](std::size_t offset) {
    while (in_text < offset) {
      const auto [text_bytes, raw_bytes] = step(raw, in_raw);
      in_text += text_bytes;
      in_raw += raw_bytes;
    }
    return start + in_raw;
  };
  for (const Edit& edit : edits) {
    const std::size_t begin = raw_offset(edit.begin);
    line_edits_.push_back({begin, raw_offset(edit.end), edit.type, edit.tag});
  }
}

// "[TYPE]", or with a key "[TYPE:abcdefgh]": letters only, since digits could
// be found again.
std::string Anonymizer::tag(PiiType type, std::string_view value) const {
  std::string text = "[";
  text += name(type);
  if (!options_.key.empty()) {
    std::string message(name(type));
    message += ':';
    message += normalized(type, value);
    std::uint64_t bits = first_64_bits(hmac_sha256(options_.key, message));
    text += ':';
    for (int i = 0; i < 8; ++i, bits /= 26)
      text += static_cast<char>('a' + bits % 26);
  }
  text += ']';
  return text;
}

std::string read_key_file(const std::string& path) {
  constexpr std::size_t kLeast = 16;
  Input input(path);
  struct stat status;
  if (path != "-" && ::stat(path.c_str(), &status) == 0 &&
      S_ISREG(status.st_mode) && (status.st_mode & S_IROTH))
    throw Exit(EX_CONFIG, path + ": everyone may read this key; chmod 600 it");
  std::string key(64 << 10, '\0');
  std::size_t size = 0;
  while (const std::size_t got =
             input.read(key.data() + size, key.size() - size)) {
    size += got;
    if (size == key.size())
      throw Exit(EX_CONFIG, path + ": too long for a key");
  }
  key.resize(size);
  if (key.ends_with('\n')) key.pop_back();
  if (key.ends_with('\r')) key.pop_back();  // as editors on Windows end lines
  if (key.size() < kLeast)
    throw Exit(EX_CONFIG, path + ": a key must have at least " +
                              std::to_string(kLeast) + " bytes");
  return key;
}

}  // namespace mill
