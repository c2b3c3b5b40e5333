#include "lib/answers/pick_answer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <set>
#include <tuple>
#include <vector>

#include "lib/base/ascii.h"
#include "lib/base/hash.h"
#include "lib/base/utf8.h"
#include "lib/json/json_writer.h"
#include "lib/record/kind.h"
#include "lib/record/stage.h"
#include "lib/reddit/fate.h"
#include "lib/reddit/markdown.h"

namespace mill {

namespace {

// Reads an object's members as leniently as twenty years of dumps ask for, and
// notes the first whose type no year had.
class Fields {
 public:
  Fields(JsonValue object, std::optional<std::size_t> comment,
         std::string& error)
      : object_(object), comment_(comment), error_(error) {}

  JsonValue object() const { return object_; }
  JsonValue operator[](std::string_view key) const { return object_[key]; }

  // A string; "" where it is absent or null.
  std::string text(std::string_view key) const {
    const JsonValue value = object_[key];
    if (value.is_string()) return value.string();
    if (value && !value.is_null()) complain(key, "a string", value);
    return {};
  }
  // A number, or a string that is one; nothing where it is absent or null.
  std::optional<double> number(std::string_view key) const {
    const JsonValue value = object_[key];
    std::optional<double> number = value.number();
    if (value.is_string()) {
      const std::string_view digits = value.raw_string();
      const char* const end = digits.data() + digits.size();
      double parsed = 0;
      const auto [stop, error] = std::from_chars(digits.data(), end, parsed);
      if (error == std::errc() && stop == end) number = parsed;
    }
    if (number && std::isfinite(*number)) return number;
    if (value && !value.is_null()) complain(key, "a number", value);
    return std::nullopt;
  }
  bool is_true(std::string_view key) const {
    const JsonValue value = object_[key];
    if (value && !value.is_null() && !value.is_bool())
      complain(key, "true or false", value);
    return value.is_true();
  }
  std::optional<Timestamp> time(std::string_view key) const {
    constexpr double kYear1 = -62135596800, kYear10000 = 253402300800;
    const auto seconds = number(key);
    if (!seconds) return std::nullopt;
    if (*seconds < kYear1 || *seconds >= kYear10000) {
      complain(key, "a time", object_[key]);
      return std::nullopt;
    }
    return from_unix_seconds(static_cast<std::int64_t>(std::floor(*seconds)));
  }
  // The fullname, or what it is made of where the year had none.
  std::string fullname(std::string_view kind) const {
    std::string name = text("name");
    if (!name.empty()) return name;
    const std::string id = text("id");
    if (id.empty()) complain("id", "a string", object_["id"]);
    return std::string(kind) + id;
  }

 private:
  void complain(std::string_view key, std::string_view wanted,
                JsonValue value) const {
    if (!error_.empty()) return;
    if (comment_)
      error_.append("comments[").append(std::to_string(*comment_)).append("].");
    else
      error_.append("post.");
    error_.append(key).append(": ").append(mismatch(wanted, value));
  }

  JsonValue object_;
  std::optional<std::size_t> comment_;  // its index; none: the post
  std::string& error_;
};

struct Author {
  std::string name;      // lower case; empty if gone
  std::string fullname;  // may be empty

  explicit Author(const Fields& fields)
      : name(ascii_lower(fields.text("author"))),
        fullname(fields.text("author_fullname")) {
    if (notice_in(name) != Fate::kAlive) name.clear();
  }
  bool is(const Author& other) const {
    return (!name.empty() && name == other.name) ||
           (!fullname.empty() && fullname == other.fullname);
  }
};

struct Post {
  std::string name;
  Author author;
  std::string title = {}, text = {}, question = {}, flair = {}, subreddit = {};
  std::string source_url = {};  // empty if unknown
  double upvote_ratio = 0;      // 0 if unknown
  std::optional<Timestamp> created = {}, collected = {};
};

struct Candidate {
  std::string name;
  Author author;
  std::string answer = {};
  std::int64_t score = 0;
  std::int64_t created = 0;  // seconds; 0 if unknown
  std::uint64_t length = 0;  // code points
  bool is_known_judge = false;
  bool has_judge_flair = false;
  bool is_asker_thankful = false;
  bool is_controversial = false;
  std::vector<std::string> rules = {};
  Hundredths choice = 0;
};

// https://reddit.com and the path, whichever host the permalink names.
std::string source_url_of(std::string_view permalink) {
  const std::size_t scheme = permalink.find("://");
  if (!permalink.starts_with('/') && scheme != permalink.npos)
    permalink.remove_prefix(
        std::min(permalink.find('/', scheme + 3), permalink.size()));
  if (permalink.empty()) return {};
  return "https://reddit.com" + std::string(permalink);
}

Post read_post(const Fields& fields) {
  Post post{fields.fullname("t3_"), Author(fields)};
  post.title = clean_text(fields.text("title"));
  post.text = clean_text(fields.text("selftext"));
  post.question = post.title;
  if (!post.title.empty() && !post.text.empty()) post.question += "\n\n";
  post.question += post.text;
  post.flair = fields.text("link_flair_text");
  post.subreddit = fields.text("subreddit");
  post.source_url = source_url_of(fields.text("permalink"));
  post.upvote_ratio = fields.number("upvote_ratio").value_or(0);
  post.created = fields.time("created_utc");
  post.collected = fields.time("retrieved_on");
  if (!post.collected) post.collected = fields.time("retrieved_utc");
  return post;
}

bool is_bot(const AnswerProfile& profile, const Author& author) {
  return profile.bot_author && profile.bot_author->is_in(author.name);
}

const std::string& text_of(TextRule::Field field, const Post& post,
                           const Candidate* candidate) {
  switch (field) {
    case TextRule::kTitle: return post.title;
    case TextRule::kText: return post.text;
    case TextRule::kPostFlair: return post.flair;
    case TextRule::kSubreddit: return post.subreddit;
    case TextRule::kAnswer: return candidate->answer;
    case TextRule::kQuestion: break;
  }
  return post.question;
}

// Why the post is no good question, or nothing.
std::optional<std::string> reject_post(const AnswerProfile& profile,
                                       const Fields& fields, const Post& post) {
  const Fate fate = fate_of(fields.object());
  if (fate == Fate::kDeleted) return "post_deleted";
  if (fate == Fate::kRemoved) return "post_removed";
  if (is_bot(profile, post.author)) return "post_by_bot";
  if (profile.skips_over_18 && fields.is_true("over_18")) return "post_over_18";
  if (profile.skips_stickied && fields.is_true("stickied"))
    return "post_stickied";
  if (profile.skips_distinguished && !fields.text("distinguished").empty())
    return "post_distinguished";
  if (profile.skips_not_text && post.text.empty() &&
      fields["is_self"].is_bool() && !fields.is_true("is_self"))
    return "post_not_text";
  if (post.question.empty()) return "post_empty";
  for (const TextRule& rule : profile.drop) {
    if (rule.field == TextRule::kAnswer) continue;
    if (rule.pattern.is_in(text_of(rule.field, post, nullptr)))
      return rule.reason;
  }
  return std::nullopt;
}

// How many characters of the answer are the writer's own words.
std::uint64_t count_own_words(const AnswerProfile& profile,
                              const Candidate& candidate) {
  std::uint64_t own = candidate.length;
  if (profile.not_own_words)
    profile.not_own_words->for_each(
        candidate.answer,
        [&](std::string_view other) { own -= count_code_points(other); });
  return own;
}

// Reads the rest of a comment and tests it. Returns why it cannot be the
// answer, or ""; passed counts the tests it passed.
std::string_view reject_answer(const AnswerProfile& profile,
                               const PickOptions& options, const Author& asker,
                               const Fields& fields, Candidate& candidate,
                               int& passed) {
  passed = 0;
  candidate.answer = clean_text(fields.text("body"));
  if (candidate.answer.empty() || fate_of(fields.object()) != Fate::kAlive)
    return "answer_deleted";
  ++passed;
  if (fields.is_true("is_submitter") || candidate.author.is(asker))
    return "answer_by_asker";
  ++passed;
  if (is_bot(profile, candidate.author)) return "answer_by_bot";
  ++passed;
  if (fields.is_true("stickied")) return "answer_stickied";
  ++passed;
  const auto score = fields.number("score");
  if (!score || fields.is_true("score_hidden")) return "answer_score_hidden";
  candidate.score = static_cast<std::int64_t>(std::clamp(*score, -1e9, 1e9));
  ++passed;
  if (candidate.score < options.min_score) return "answer_below_min_score";
  ++passed;
  candidate.length = count_code_points(candidate.answer);
  if (candidate.length < options.min_length) return "answer_too_short";
  ++passed;
  if (count_own_words(profile, candidate) < profile.min_own_words)
    return "answer_mostly_quote_or_link";
  for (const TextRule& rule : profile.drop) {
    if (rule.field != TextRule::kAnswer) continue;
    ++passed;
    if (rule.pattern.is_in(candidate.answer)) return rule.reason;
  }
  return {};
}

void add_once(std::vector<std::string>& list, std::string_view text) {
  if (std::find(list.begin(), list.end(), text) == list.end())
    list.emplace_back(text);
}

// What the weights look at; REQUIRES: the candidate passed its tests.
void read_signals(const AnswerProfile& profile, const Fields& fields,
                  Candidate& candidate) {
  candidate.is_known_judge =
      profile.known_judges.contains(candidate.author.name);
  candidate.has_judge_flair =
      profile.judge_flair &&
      profile.judge_flair->is_in(fields.text("author_flair_text"));
  candidate.is_controversial = fields.number("controversiality") > 0;
  if (const auto created = fields.time("created_utc"))
    candidate.created = created->microseconds / 1'000'000;
  if (profile.rule_reference)
    profile.rule_reference->for_each(
        candidate.answer,
        [&](std::string_view rule) { add_once(candidate.rules, rule); });
}

double value_of(Signal signal, const Post& post, const Candidate& candidate) {
  switch (signal) {
    case Signal::kScore: return static_cast<double>(candidate.score);
    case Signal::kLength: return static_cast<double>(candidate.length);
    case Signal::kUpvoteRatio: return post.upvote_ratio;
    case Signal::kKnownJudge: return candidate.is_known_judge;
    case Signal::kJudgeFlair: return candidate.has_judge_flair;
    case Signal::kRuleReference: return !candidate.rules.empty();
    case Signal::kAskerThanked: return candidate.is_asker_thankful;
    case Signal::kControversial: return candidate.is_controversial;
  }
  return 0;
}

struct Added {
  Signal signal;
  double value;
  Hundredths amount;
};

std::vector<Added> apply(const std::vector<Addend>& addends, const Post& post,
                         const Candidate& candidate) {
  std::vector<Added> added;
  for (const Addend& addend : addends) {
    const double value = value_of(addend.signal, post, candidate);
    const auto is_same = [&](const Added& a) {
      return a.signal == addend.signal;
    };
    if (std::any_of(added.begin(), added.end(), is_same)) continue;
    if (addend.per > 0)
      added.push_back(
          {addend.signal, value,
           std::min(static_cast<Hundredths>(value * 100 / addend.per),
                    addend.max)});
    else if (value > addend.over)
      added.push_back({addend.signal, value, addend.add});
  }
  return added;
}

Hundredths sum(const std::vector<Added>& added) {
  Hundredths total = 0;
  for (const Added& one : added) total += one.amount;
  return total;
}

std::vector<const TextRule*> find_doubts(const AnswerProfile& profile,
                                         const Post& post,
                                         const Candidate& candidate) {
  std::vector<const TextRule*> doubts;
  for (const TextRule& rule : profile.doubt)
    if (rule.pattern.is_in(text_of(rule.field, post, &candidate)))
      doubts.push_back(&rule);
  return doubts;
}

bool is_better(const Candidate& a, const Candidate& b) {
  if (a.choice != b.choice) return a.choice > b.choice;
  if (a.score != b.score) return a.score > b.score;
  if (a.created != b.created) return a.created < b.created;
  return a.name < b.name;
}

bool is_preferred(const Candidate& chosen, const Candidate& other,
                  double score_ratio) {
  return chosen.score > other.score &&
         static_cast<double>(chosen.score) >=
             score_ratio * static_cast<double>(other.score) &&
         other.created > 0 && chosen.created >= other.created;
}

// Leaves of candidates the first and those that it is preferred to.
void keep_pairs(const PairOptions& options,
                std::vector<Candidate>& candidates) {
  const auto others = candidates.begin() + 1;
  candidates.erase(std::remove_if(others, candidates.end(),
                                  [&](const Candidate& other) {
                                    return !is_preferred(candidates[0], other,
                                                         options.score_ratio);
                                  }),
                   candidates.end());
  std::stable_sort(
      others, candidates.end(),
      [](const Candidate& a, const Candidate& b) { return a.score < b.score; });
  if (candidates.size() - 1 > options.max_pairs)
    candidates.erase(others + static_cast<std::ptrdiff_t>(options.max_pairs),
                     candidates.end());
}

// 95 as 0.95, 50 as 0.5, 1200 as 12.
std::string decimal(Hundredths amount) {
  const Hundredths whole = std::abs(amount) / 100;
  const Hundredths part = std::abs(amount) % 100;
  std::string text;
  if (amount < 0) text += '-';
  text += std::to_string(whole);
  if (part == 0) return text;
  text += '.';
  text += static_cast<char>('0' + part / 10);
  if (part % 10 != 0) text += static_cast<char>('0' + part % 10);
  return text;
}

void write_list(JsonWriter& json, std::string_view name,
                const std::vector<std::string>& list) {
  json.key(name);
  json.begin_array();
  for (const std::string& text : list) json.value(text);
  json.end_array();
}

void write_why(JsonWriter& json, std::string_view of,
               const std::vector<Added>& addeds) {
  for (const Added& added : addeds) {
    json.begin_object();
    json.member("of", of);
    json.member("signal", name_of(added.signal));
    if (std::trunc(added.value) == added.value)
      json.member("value", static_cast<std::int64_t>(added.value));
    else
      json.member("value", added.value);
    json.raw_member("add", decimal(added.amount));
    json.end_object();
  }
}

// An addend of the confidence that is no signal's: its base, a doubt, its
// limit.
void write_why(JsonWriter& json, std::string_view signal, Hundredths amount) {
  json.begin_object();
  json.member("of", "confidence");
  json.member("signal", signal);
  json.raw_member("add", decimal(amount));
  json.end_object();
}

std::vector<std::string> find_cards(const AnswerProfile& profile,
                                    const CardNames& names, const Post& post,
                                    const Candidate& candidate) {
  std::vector<std::string> cards;
  std::set<std::string> seen;
  const auto add = [&](std::string_view name) {
    if (seen.insert(ascii_lower(name)).second) cards.emplace_back(name);
  };
  for (const std::string* text : {&post.question, &candidate.answer}) {
    if (profile.card_link)
      profile.card_link->for_each(
          *text, [&](std::string_view name) { add(names.spelling(name)); });
    names.for_each(*text, add);
  }
  return cards;
}

// By the question if it tells, else by the answer.
std::string_view find_type(const AnswerProfile& profile, const Post& post,
                           const Candidate& candidate) {
  for (const std::string* text : {&post.question, &candidate.answer})
    for (const InteractionType& type : profile.interaction_types)
      if (type.matches->is_in(*text)) return type.name;
  return "general";
}

void write_interaction(const AnswerProfile& profile, const PickOptions& options,
                       const CardNames& cards, const Post& post,
                       const Candidate& candidate, std::size_t rank,
                       const Candidate* rejected, std::string& out) {
  const std::vector<Added> added = apply(profile.confidence, post, candidate);
  const std::vector<const TextRule*> doubts =
      find_doubts(profile, post, candidate);
  Hundredths wanted = profile.base + sum(added);
  for (const TextRule* doubt : doubts) wanted += doubt->add;
  const Hundredths confidence = std::clamp(wanted, Hundredths{0}, profile.max);
  const auto collected = post.collected ? post.collected : options.collected_at;

  JsonWriter json(out);
  json.begin_object();
  json.member("id", hex(sha256(post.source_url.empty() ? post.question
                                                       : post.source_url)));
  json.member("question", post.question);
  json.member("answer", candidate.answer);
  json.raw_member("confidence", decimal(confidence));
  json.member("upvotes", candidate.score);
  json.member("answered_by_judge",
              candidate.is_known_judge || candidate.has_judge_flair);
  write_list(json, "rule_references", candidate.rules);
  write_list(json, "cards_mentioned",
             find_cards(profile, cards, post, candidate));
  json.member("interaction_type", find_type(profile, post, candidate));
  if (!post.source_url.empty()) json.member("source_url", post.source_url);
  json.member("subreddit", post.subreddit);
  write_list(json, "source_tags", {"reddit", "collected_by_pipeline"});
  json.member("post_id", post.name);
  json.member("answer_id", candidate.name);
  if (collected) json.member("collected_at", format_timestamp(*collected));
  if (post.created) json.member("timestamp", format_timestamp(*post.created));
  if (rejected) {
    json.member("rejected", rejected->answer);
    json.member("rejected_id", rejected->name);
    json.member("rejected_upvotes", rejected->score);
  }
  if (options.shows_all) {
    json.member("rank", rank);
    json.raw_member("candidate_score", decimal(candidate.choice));
  }
  if (options.explains) {
    json.key("why");
    json.begin_array();
    write_why(json, "choice", apply(profile.choice, post, candidate));
    write_why(json, "base", profile.base);
    write_why(json, "confidence", added);
    for (const TextRule* doubt : doubts)
      write_why(json, doubt->reason, doubt->add);
    if (wanted != confidence) write_why(json, "limit", confidence - wanted);
    json.end_array();
  }
  json.end_object();
  out += '\n';
}

// Adds to thanked the comment that this one is the asker's thanks for.
void note_thanks(const AnswerProfile& profile, const Fields& comment,
                 const Author& asker, const std::string& parent,
                 std::set<std::string>& thanked) {
  if (!profile.asker_thanks) return;
  if (!comment.is_true("is_submitter") && !Author(comment).is(asker)) return;
  if (profile.asker_thanks->is_in(comment.text("body"))) thanked.insert(parent);
}

Outcome pick(const AnswerProfile& profile, const PickOptions& options,
             const CardNames& cards, JsonValue thread, std::string& out) {
  if (!thread["post"])
    if (std::string why = wrong_kind(thread, {RecordKind::kThread});
        !why.empty())
      return Outcome::bad(std::move(why));
  const JsonValue comments = thread["comments"];
  for (const auto& [name, value, wanted] :
       {std::tuple{"post", thread["post"], JsonKind::kObject},
        std::tuple{"comments", comments, JsonKind::kArray}})
    if (value.kind() != wanted)
      return Outcome::bad(std::string(name) + ": " +
                          mismatch(describe(wanted), value));

  std::string error;
  const Fields post_fields(thread["post"], std::nullopt, error);
  const Post post = read_post(post_fields);
  auto rejected = reject_post(profile, post_fields, post);
  if (!error.empty()) return Outcome::bad(error);
  if (rejected) return Outcome::drop(std::move(*rejected));

  std::vector<Candidate> candidates;
  std::set<std::string> thanked;
  std::string_view reason = "no_answer";
  int furthest = -1;
  std::size_t index = 0;
  for (const JsonValue comment : comments.elements()) {
    if (!comment.is_object())
      return Outcome::bad("comments[" + std::to_string(index) +
                          "]: " + mismatch("an object", comment));
    const Fields fields(comment, index++, error);
    const std::string parent = fields.text("parent_id");
    const bool is_top_level =
        parent.empty() ? fields.number("depth") == 0 : parent == post.name;
    if (!is_top_level) {
      note_thanks(profile, fields, post.author, parent, thanked);
      continue;
    }
    Candidate candidate{fields.fullname("t1_"), Author(fields)};
    int passed = 0;
    const std::string_view why =
        reject_answer(profile, options, post.author, fields, candidate, passed);
    if (why.empty()) {
      read_signals(profile, fields, candidate);
      candidates.push_back(std::move(candidate));
    } else if (passed > furthest) {
      furthest = passed;
      reason = why;
    }
  }
  if (!error.empty()) return Outcome::bad(error);
  if (candidates.empty()) return Outcome::drop(std::string(reason));

  for (Candidate& candidate : candidates) {
    candidate.is_asker_thankful = thanked.contains(candidate.name);
    candidate.choice = sum(apply(profile.choice, post, candidate));
  }
  std::sort(candidates.begin(), candidates.end(), is_better);
  if (options.pairs) {
    if (candidates.size() == 1) return Outcome::drop("one_answer");
    keep_pairs(*options.pairs, candidates);
    if (candidates.size() == 1) return Outcome::drop("no_clear_preference");
    for (std::size_t i = 1; i < candidates.size(); ++i)
      write_interaction(profile, options, cards, post, candidates[0], 1,
                        &candidates[i], out);
    return Outcome::replace();
  }
  if (!options.shows_all)
    candidates.erase(candidates.begin() + 1, candidates.end());
  std::size_t rank = 0;
  for (const Candidate& candidate : candidates)
    write_interaction(profile, options, cards, post, candidate, ++rank, nullptr,
                      out);
  return Outcome::replace();
}

}  // namespace

Outcome PickAnswer::operator()(JsonValue thread, std::string& out) const {
  try {
    return pick(profile_, options_, cards_, thread, out);
  } catch (const RegexGaveUp& gave_up) {
    return Outcome::bad("a pattern of the profile gave up: " +
                        std::string(gave_up.what()));
  }
}

}  // namespace mill
