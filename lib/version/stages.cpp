#include "lib/version/stages.h"

#include <algorithm>

namespace mill {

namespace {

struct Reason {
  std::string_view word;
  std::string_view meaning;
};

constexpr Reason kReasons[] = {
    {"answer_asks_back", "the best answer asks a question in return"},
    {"answer_below_min_score", "the best answer had too few points"},
    {"answer_by_asker", "only the asker answered"},
    {"answer_by_bot", "only bots answered"},
    {"answer_by_moderator", "only moderators answered, as such"},
    {"answer_deleted", "the answers were deleted or removed"},
    {"answer_edited", "the best answer was edited"},
    {"answer_mostly_quote_or_link", "the best answer was a quote or a link"},
    {"answer_other_language", "the best answer is in another language"},
    {"answer_overwritten", "the best answer was overwritten by its writer"},
    {"answer_profane", "the best answer swears too much"},
    {"answer_repetitive", "the best answer repeats itself"},
    {"answer_score_hidden", "the best answer's points were still hidden"},
    {"answer_stickied", "only pinned comments answered"},
    {"answer_symbols", "the best answer is mostly symbols"},
    {"answer_too_long", "the best answer was too long"},
    {"answer_too_short", "the best answer was too short"},
    {"ask_me_anything", "an invitation to ask, not a question"},
    {"at_or_above_threshold", "confidence at the threshold or above it"},
    {"below_threshold", "confidence below the threshold"},
    {"duplicate", "the same as one before it"},
    {"exact", "the same text as one that is kept"},
    {"exists", "in the store already"},
    {"few_comments", "too few comments"},
    {"gives_advice", "gives advice and asks for none"},
    {"invalid", "not valid for the format"},
    {"meta_post", "about the subreddit itself"},
    {"near", "nearly the same words as one that is kept"},
    {"no_answer", "nobody answered"},
    {"no_clear_preference", "no answer is clearly worse"},
    {"no_question", "no question"},
    {"no_rejected", "no answer to reject"},
    {"no_submission", "a comment without its post"},
    {"normalized", "the same words as one that is kept"},
    {"not_a_question", "asks nothing"},
    {"one_answer", "one answer, and none to prefer it to"},
    {"other_subreddit", "of another subreddit"},
    {"outside_time", "outside the time asked for"},
    {"over_limit", "older than the limit let through"},
    {"post_below_min_score", "the post has too few points"},
    {"post_by_bot", "posted by a bot"},
    {"post_deleted", "the post was deleted by its author"},
    {"post_distinguished", "an official post of moderators or staff"},
    {"post_edited", "the post was edited"},
    {"post_empty", "the post has no text"},
    {"post_not_text", "a picture or a link, not a text post"},
    {"post_on_profile", "posted on its author's own page, which names them"},
    {"post_over_18", "marked as for adults"},
    {"post_overwritten", "the post was overwritten by its author"},
    {"post_removed", "the post was removed"},
    {"post_stickied", "a pinned post"},
    {"question_other_language", "the question is in another language"},
    {"question_profane", "the question swears too much"},
    {"question_repetitive", "the question repeats itself"},
    {"question_symbols", "the question is mostly symbols"},
    {"question_too_long", "the question is too long"},
    {"question_too_short", "the question is too short"},
    {"recurring_thread", "a recurring thread"},
    {"subreddit_blocked", "of a subreddit that the profile blocks"},
    {"subreddit_not_allowed", "of a subreddit that the profile does not name"},
    {"thread_not_fetched", "the thread could not be fetched whole"},
    {"withdrawn", "withdrawn, since it was deleted at its source"},
};

}  // namespace

StageAccount::StageAccount(JsonValue account)
    : name(plain_text(account["stage"])),
      tool(plain_text(account["tool"])),
      read(count_of(account["records_read"])),
      written(count_of(account["records_written"])) {
  std::uint64_t told = written;
  for (const auto& [reason, count] : account["dropped"].members()) {
    reasons.emplace_back(reason_in_words(reason.string()), count_of(count));
    told += reasons.back().second;
  }
  if (const std::uint64_t bad = count_of(account["bad"])) {
    reasons.emplace_back("bad records, which could not be read", bad);
    told += bad;
  }
  if (read > told)
    reasons.emplace_back("for a reason that the account does not tell",
                         read - told);
  std::stable_sort(
      reasons.begin(), reasons.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
}

std::uint64_t StageAccount::left_out() const {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : reasons) sum += count;
  return sum;
}

std::vector<StageAccount> stages_of(JsonValue manifest) {
  std::vector<StageAccount> stages;
  for (const JsonValue account : manifest["stages"].elements())
    stages.emplace_back(account);
  return stages;
}

std::string_view purpose_of(std::string_view tool) {
  static constexpr std::pair<std::string_view, std::string_view> kPurposes[] = {
      {"anonymize", "takes personal data out of the texts"},
      {"confidence-filter", "keeps what scores at least the threshold"},
      {"dedup", "leaves out what repeats an earlier one"},
      {"dump-threads", "joins the posts and comments of dumps"},
      {"fs-put", "stores what the store does not have yet"},
      {"fs-query", "reads the store"},
      {"hash-split", "splits by the hash of each example's key"},
      {"jsonl-validate", "checks the format, finds duplicates"},
      {"pick-answer", "picks each thread's best answer"},
      {"reddit-fetch", "fetches threads or calls a collector"},
      {"to-messages", "makes chat examples"},
  };
  for (const auto& [name, purpose] : kPurposes)
    if (name == tool) return purpose;
  return "";
}

std::string reason_in_words(std::string_view reason) {
  for (const Reason& known : kReasons)
    if (known.word == reason) return std::string(known.meaning);
  std::string words(reason);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::uint64_t count_of(JsonValue value) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, value.integer().value_or(0)));
}

std::string plain_text(JsonValue value) {
  if (!value) return "";
  return value.is_string() ? value.string() : std::string(value.raw());
}

}  // namespace mill
