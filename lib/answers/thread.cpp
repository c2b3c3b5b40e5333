#include "lib/answers/thread.h"

#include <algorithm>
#include <cmath>

#include "lib/base/ascii.h"
#include "lib/base/numbers.h"
#include "lib/json/json_keys.h"

namespace mill {

namespace {

// https://reddit.com and the path, whichever host the permalink names.
std::string source_url_of(std::string_view permalink) {
  const std::size_t scheme = permalink.find("://");
  if (!permalink.starts_with('/') && scheme != permalink.npos)
    permalink.remove_prefix(
        std::min(permalink.find('/', scheme + 3), permalink.size()));
  if (permalink.empty()) return {};
  return "https://reddit.com" + std::string(permalink);
}

}  // namespace

ThreadFields::ThreadFields(JsonValue object, std::optional<std::size_t> comment,
                           ApiEscapes escapes, std::string& error)
    : comment_(comment), escapes_(escapes), error_(error) {
  static const JsonKeys keys({FieldName::kAll.begin(), FieldName::kAll.end()});
  keys.find(object, [&](std::size_t i, JsonValue value) {
    members_[i] = value;
    if (i < kFateKeys.size()) signs_.add(i, value);
  });
}

std::string ThreadFields::text(FieldName key) const {
  const JsonValue value = (*this)[key];
  if (value.is_string()) return value.string();
  if (value && !value.is_null()) complain(key, "a string", value);
  return {};
}

std::optional<double> ThreadFields::number(FieldName key) const {
  const JsonValue value = (*this)[key];
  std::optional<double> number = value.number();
  if (value.is_string()) {
    number = parse_number<double>(value.raw_string());
  }
  if (number && std::isfinite(*number)) return number;
  if (value && !value.is_null()) complain(key, "a number", value);
  return std::nullopt;
}

bool ThreadFields::is_true(FieldName key) const {
  const JsonValue value = (*this)[key];
  if (value && !value.is_null() && !value.is_bool())
    complain(key, "true or false", value);
  return value.is_true();
}

std::optional<Timestamp> ThreadFields::time(FieldName key) const {
  constexpr double kYear1 = -62135596800, kYear10000 = 253402300800;
  const auto seconds = number(key);
  if (!seconds) return std::nullopt;
  if (*seconds < kYear1 || *seconds >= kYear10000) {
    complain(key, "a time", (*this)[key]);
    return std::nullopt;
  }
  return from_unix_seconds(static_cast<std::int64_t>(std::floor(*seconds)));
}

std::string ThreadFields::fullname(std::string_view kind) const {
  std::string name = text("name");
  if (!name.empty()) return name;
  const std::string id = text("id");
  if (id.empty()) complain("id", "a string", (*this)["id"]);
  return std::string(kind) + id;
}

void ThreadFields::complain(FieldName key, std::string_view wanted,
                            JsonValue value) const {
  if (!error_.empty()) return;
  if (comment_)
    error_.append("comments[").append(std::to_string(*comment_)).append("].");
  else
    error_.append("post.");
  error_.append(key.text()).append(": ").append(mismatch(wanted, value));
}

Author::Author(const ThreadFields& fields)
    : name(ascii_lower(fields.text("author"))),
      fullname(fields.text("author_fullname")) {
  if (notice_in(name) != Fate::kAlive) name.clear();
}

Post read_post(const ThreadFields& fields) {
  Post post{fields.fullname("t3_"), Author(fields)};
  const std::string title = fields.title(), prose = fields.prose("selftext"),
                    text = without_media(prose);
  post.is_picture = text.empty() && !prose.empty();
  post.question =
      Subject(title + (title.empty() || text.empty() ? "" : "\n\n") + text);
  post.title = Subject(title);
  post.text = Subject(text);
  post.flair = Subject(fields.text("link_flair_text"));
  post.subreddit = Subject(fields.text("subreddit"));
  post.source_url = source_url_of(fields.text("permalink"));
  post.upvote_ratio = fields.number("upvote_ratio").value_or(0);
  post.created = fields.time("created_utc");
  post.collected = fields.time("retrieved_on");
  if (!post.collected) post.collected = fields.time("retrieved_utc");
  return post;
}

}  // namespace mill
