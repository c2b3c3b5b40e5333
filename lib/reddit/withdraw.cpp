#include "lib/reddit/withdraw.h"

#include <utility>

#include "lib/record/interaction.h"
#include "lib/reddit/comment_tree.h"

namespace mill {

namespace {

bool is_fullname(std::string_view text, std::string_view kind) {
  return text.starts_with(kind) && is_reddit_id(text.substr(kind.size()));
}

std::string fullname(JsonValue value, std::string_view kind) {
  const std::string text = value.string_or_empty();
  return is_fullname(text, kind) ? text : "";
}

// The post in a permalink's .../comments/ID/...
std::string post_in_url(JsonValue url) {
  if (!url.is_string()) return "";
  constexpr std::string_view kBefore = "/comments/";
  const std::string text = url.string();
  const std::size_t at = text.find(kBefore);
  if (at == text.npos) return "";
  const std::size_t begin = at + kBefore.size();
  const std::string name =
      "t3_" + text.substr(begin, text.find('/', begin) - begin);
  return is_fullname(name, "t3_") ? name : "";
}

// False if a member that matters is not of the type that Reddit sends.
bool is_whole(JsonValue data, bool is_post) {
  const JsonValue category = data["removed_by_category"];
  if (category && !category.is_null() && !category.is_string()) return false;
  return is_post ? data["title"].is_string() && data["selftext"].is_string()
                 : data["body"].is_string();
}

}  // namespace

InteractionSource interaction_source(std::string id, JsonValue interaction) {
  InteractionSource source{
      std::move(id), fullname(interaction_field(interaction, "post_id"), "t3_"),
      fullname(interaction_field(interaction, "answer_id"), "t1_"),
      fullname(interaction["rejected_id"], "t1_")};
  if (source.post.empty())
    source.post = post_in_url(interaction_field(interaction, "source_url"));
  return source;
}

std::optional<Fates> read_fates(JsonValue answer,
                                const std::set<std::string>& asked) {
  const JsonValue kind = answer["kind"], data = answer["data"];
  const JsonValue children = data["children"], after = data["after"];
  if (!kind.is_string() || kind.raw_string() != "Listing" ||
      !children.is_array() || (after && !after.is_null()))
    return std::nullopt;
  Fates fates;
  for (const std::string& name : asked) fates[name] = Fate::kMissing;
  bool is_empty = true;
  for (const JsonValue child : children.elements()) {
    const JsonValue name = child["data"]["name"];
    if (!name.is_string()) return std::nullopt;
    const auto at = fates.find(name.string());
    if (at == fates.end()) return std::nullopt;
    if (!is_whole(child["data"], at->first.starts_with("t3_")))
      return std::nullopt;
    at->second = fate_of(child["data"]);
    is_empty = false;
  }
  if (is_empty) return std::nullopt;
  return fates;
}

std::string withdrawal_reason(const InteractionSource& source,
                              const Fates& fates) {
  const std::pair<const char*, const std::string&> parts[] = {
      {"post_", source.post},
      {"answer_", source.answer},
      {"rejected_", source.rejected}};
  for (const auto& [part, name] : parts) {
    const auto at = fates.find(name);
    if (at == fates.end()) continue;
    switch (at->second) {
      case Fate::kAlive: break;
      case Fate::kMissing: return std::string(part) + "missing";
      case Fate::kDeleted: return std::string(part) + "deleted";
      case Fate::kRemoved: return std::string(part) + "removed";
    }
  }
  return "";
}

}  // namespace mill
