#include "lib/answers/profile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>

#include "lib/answers/profile_item.h"
#include "lib/answers/profile_text.h"
#include "lib/base/ascii.h"
#include "lib/base/exit.h"
#include "lib/json/json.h"
#include "lib/text/language.h"

namespace mill {

namespace {

using Item = ProfileItem;

constexpr std::array<std::string_view, 15> kSignals = {
    "score",       "length",         "upvote_ratio",  "known_judge",
    "judge_flair", "rule_reference", "asker_thanked", "controversial",
    "place",       "candidates",     "lead",          "asker_confirmed",
    "corrected",   "distinguished",  "gilded"};
constexpr std::array<std::string_view, 6> kFields = {
    "title", "text", "question", "post_flair", "subreddit", "answer"};

// A pattern, or an array of patterns as the pattern of any of them. Each is
// compiled alone too, so that a message names the one that is wrong.
Regex read_regex(const Item& item) {
  const auto compile = [](const Item& where, const std::string& pattern) {
    try {
      return Regex(pattern);
    } catch (const RegexError& error) {
      where.fail("bad pattern: " + std::string(error.what()));
    }
  };
  if (!item.value.is_array()) return compile(item, item.text());
  std::string any;
  item.elements([&](const Item& one) {
    compile(one, one.text());
    any += (any.empty() ? "(?:" : "|(?:") + one.text() + ")";
  });
  if (any.empty()) item.fail("no pattern");
  return compile(item, any);
}

auto into(std::optional<Regex>* regex) {
  return [=](const Item& item) { regex->emplace(read_regex(item)); };
}

auto into(std::optional<Pattern>* pattern) {
  return [=](const Item& item) {
    Pattern& read = pattern->emplace();
    if (item.value.is_object())
      item.members(
          {{"matches", into(&read.matches)}, {"unless", into(&read.unless)}});
    else
      read.matches.emplace(read_regex(item));
  };
}

void read_signal(const Item& item, const std::vector<TextSignal>& own,
                 Addend& addend) {
  const std::string name = item.text();
  for (addend.text = 0; addend.text < own.size(); ++addend.text) {
    if (own[addend.text].name != name) continue;
    addend.signal = Signal::kText;
    return;
  }
  addend.text = 0;
  addend.signal = static_cast<Signal>(item.one_of(kSignals));
}

void read_positive(const Item& item, double& number) {
  number = item.number();
  if (!(number >= 0.01)) item.fail("less than 0.01");
}

std::vector<Addend> read_addends(const Item& list,
                                 const std::vector<TextSignal>& own) {
  std::vector<Addend> addends;
  list.elements([&](const Item& item) {
    if (!item.value["signal"]) item.fail("signal is missing");
    const bool adds = !!item.value["add"], divides = !!item.value["per"];
    if (adds + divides + !!item.value["times"] != 1)
      item.fail("needs one of add, per and times");
    Addend addend{};
    addend.kind = adds ? Addend::kAdd : divides ? Addend::kPer : Addend::kTimes;
    item.members({
        {"signal", [&](const Item& i) { read_signal(i, own, addend); }},
        {"over", [&](const Item& i) { addend.over = i.number(); }},
        {"add", [&](const Item& i) { addend.add = i.hundredths(); }},
        {"per", [&](const Item& i) { read_positive(i, addend.per); }},
        {"max", [&](const Item& i) { addend.max = i.hundredths(); }},
        {"times", [&](const Item& i) { addend.times = i.number(); }},
        {"up_to", [&](const Item& i) { read_positive(i, addend.up_to); }},
        {"log", [&](const Item& i) { addend.is_log = i.truth(); }},
    });
    addend.is_again = std::any_of(
        addends.begin(), addends.end(),
        [&](const Addend& other) { return other.has_signal_of(addend); });
    addends.push_back(addend);
  });
  return addends;
}

void read_text_signals(const Item& list, std::vector<TextSignal>& signals) {
  list.want(JsonKind::kObject);
  for (const JsonValue::Member member : list.value.members()) {
    const std::string name = member.key.string();
    const Item item{member.value, list.path + "." + name, list.source};
    if (std::find(kSignals.begin(), kSignals.end(), name) != kSignals.end())
      item.fail("a built-in signal has that name");
    TextSignal signal;
    signal.name = name;
    item.members({
        {"field",
         [&](const Item& i) {
           signal.field = static_cast<TextRule::Field>(i.one_of(kFields));
         }},
        {"matches", into(&signal.matches)},
        {"share", [&](const Item& i) { signal.is_share = i.truth(); }},
    });
    if (!signal.matches) item.fail("matches is missing");
    const auto old = std::find_if(
        signals.begin(), signals.end(),
        [&](const TextSignal& other) { return other.name == name; });
    // Replaced in place: addends of the extended profile refer to it by number.
    if (old != signals.end())
      *old = std::move(signal);
    else
      signals.push_back(std::move(signal));
  }
}

Calibration read_calibration(const Item& list) {
  std::vector<Knot> knots;
  list.elements([&](const Item& item) {
    item.want(JsonKind::kArray);
    std::vector<double> pair;
    item.elements([&](const Item& i) { pair.push_back(i.number()); });
    if (pair.size() != 2) item.fail("not [from, to]");
    const bool rises = knots.empty() || (pair[0] > knots.back().first &&
                                         pair[1] >= knots.back().second);
    if (!rises || !(pair[0] >= 0) || !(pair[1] >= 0 && pair[1] <= 1))
      item.fail("points must rise and lie between 0 and 1");
    knots.emplace_back(pair[0], pair[1]);
  });
  return Calibration(std::move(knots));
}

enum class RuleKind { kDrop, kDoubt };

// Adds the rule, in the place of one for the same reason.
void read_text_rule(const Item& item, RuleKind kind, const std::string& reason,
                    std::vector<TextRule>& rules) {
  const auto old =
      std::find_if(rules.begin(), rules.end(),
                   [&](const TextRule& rule) { return rule.reason == reason; });
  if (item.value.is_null()) {
    if (old == rules.end()) item.fail("null, but there is nothing to undo");
    rules.erase(old);
    return;
  }
  TextRule rule;
  rule.reason = reason;
  Item::Readers readers = {
      {"field",
       [&](const Item& i) {
         rule.field = static_cast<TextRule::Field>(i.one_of(kFields));
       }},
      {"matches", into(&rule.pattern.matches)},
      {"unless", into(&rule.pattern.unless)},
  };
  if (kind == RuleKind::kDoubt) {
    readers["add"] = [&](const Item& i) { rule.add = i.hundredths(); };
    if (item.value.is_object() && !item.value["add"])
      item.fail("add is missing");
  }
  item.members(readers);
  if (!item.value["field"]) item.fail("field is missing");
  if (!rule.pattern.matches && !rule.pattern.unless)
    item.fail("needs matches or unless");
  if (old != rules.end())
    *old = std::move(rule);
  else
    rules.push_back(std::move(rule));
}

// Reads {reason: rule} into rules.
auto text_rules(RuleKind kind, std::vector<TextRule>& rules) {
  return [kind, &rules](const Item& item) {
    item.want(JsonKind::kObject);
    for (const JsonValue::Member member : item.value.members()) {
      const std::string reason = member.key.string();
      read_text_rule({member.value, item.path + "." + reason, item.source},
                     kind, reason, rules);
    }
  };
}

auto into_names(std::set<std::string>& names) {
  return [&names](const Item& list) {
    names.clear();
    list.elements(
        [&](const Item& item) { names.insert(ascii_lower(item.text())); });
  };
}

auto into_count(std::uint64_t& count) {
  return [&count](const Item& item) {
    const std::int64_t number = item.integer();
    if (number < 0) item.fail("not a count");
    count = static_cast<std::uint64_t>(number);
  };
}

// Reads an array of names: what they name is passed over, and nothing else.
template <std::size_t size>
auto switches(
    Skips& skips,
    const std::array<std::pair<std::string_view, bool Skips::*>, size>& all) {
  return [&skips, all](const Item& list) {
    std::array<std::string_view, size> names;
    for (std::size_t i = 0; i < size; ++i) names[i] = all[i].first;
    skips = {};
    list.elements([&](const Item& item) {
      skips.*all[item.one_of(names)].second = true;
    });
  };
}

// What drop_if names, which is found only in all texts together.
struct DropNames {
  std::vector<std::string> names;
  std::string source;
};

// Reads one text over what those that it extends say.
void read_into(AnswerProfile& profile, const ProfileText& text,
               std::optional<DropNames>& drop_if) {
  JsonReader reader;
  reader.parse(text.json);  // with_bases() found it right
  const std::string_view source = text.source;
  const Item root{reader.root(), "", source};
  // Before the addends, which name them, wherever they stand.
  if (const JsonValue signals = root.value["text_signals"])
    read_text_signals({signals, "text_signals", source}, profile.text_signals);
  root.members({
      {"extends", [](const Item&) {}},
      {"description", [](const Item& item) { item.want(JsonKind::kString); }},
      {"system_prompt", [](const Item& item) { item.want(JsonKind::kString); }},
      {"known_judges", into_names(profile.known_judges)},
      {"judge_flair", into(&profile.judge_flair)},
      {"topic_flair", into(&profile.topic_flair)},
      {"bot_author", into(&profile.bot_author)},
      {"rule_reference", into(&profile.rule_reference)},
      {"card_link", into(&profile.card_link)},
      {"asker_thanks", into(&profile.asker_thanks)},
      {"asker_confirms", into(&profile.asker_confirms)},
      {"reply_corrects", into(&profile.reply_corrects)},
      {"not_own_words", into(&profile.not_own_words)},
      {"min_own_words", into_count(profile.min_own_words)},
      {"skip_posts", switches<7>(profile.skip_posts,
                                 {{{"over_18", &Skips::over_18},
                                   {"stickied", &Skips::stickied},
                                   {"not_text", &Skips::not_text},
                                   {"distinguished", &Skips::distinguished},
                                   {"edited", &Skips::edited},
                                   {"repetitive", &Skips::repetitive},
                                   {"symbols", &Skips::symbols}}})},
      {"skip_answers", switches<4>(profile.skip_answers,
                                   {{{"distinguished", &Skips::distinguished},
                                     {"edited", &Skips::edited},
                                     {"repetitive", &Skips::repetitive},
                                     {"symbols", &Skips::symbols}}})},
      {"languages",
       [&](const Item& list) {
         profile.languages.clear();
         list.elements([&](const Item& item) {
           if (!is_language(item.text())) item.fail("no language's code");
           profile.languages.insert(item.text());
         });
       }},
      {"max_profanity",
       [&](const Item& item) {
         profile.max_profanity = item.number();
         profile.profanity.emplace();
       }},
      {"min_post_score",
       [&](const Item& item) { profile.min_post_score = item.integer(); }},
      {"min_answer_score",
       [&](const Item& item) { profile.min_answer_score = item.integer(); }},
      {"min_question_length", into_count(profile.question_length.least)},
      {"max_question_length", into_count(profile.question_length.most)},
      {"min_answer_length", into_count(profile.answer_length.least)},
      {"max_answer_length", into_count(profile.answer_length.most)},
      {"allowed_subreddits", into_names(profile.allowed_subreddits)},
      {"blocked_subreddits", into_names(profile.blocked_subreddits)},
      {"drop", text_rules(RuleKind::kDrop, profile.drop)},
      {"doubt", text_rules(RuleKind::kDoubt, profile.doubt)},
      {"drop_if",
       [&](const Item& list) {
         drop_if = DropNames{{}, text.source};
         list.elements(
             [&](const Item& item) { drop_if->names.push_back(item.text()); });
       }},
      {"interaction_types",
       [&](const Item& list) {
         profile.interaction_types.clear();
         list.elements([&](const Item& item) {
           InteractionType type;
           item.members({{"type", [&](const Item& i) { type.name = i.text(); }},
                         {"matches", into(&type.matches)}});
           if (type.name.empty() || !type.matches)
             item.fail("needs type and matches");
           profile.interaction_types.push_back(std::move(type));
         });
       }},
      {"negation", into(&profile.negation)},
      {"text_signals", [](const Item&) {}},
      {"choice",
       [&](const Item& list) {
         profile.choice = read_addends(list, profile.text_signals);
       }},
      {"confidence",
       [&](const Item& item) {
         item.members({
             {"base", [&](const Item& i) { profile.base = i.hundredths(); }},
             {"max", [&](const Item& i) { profile.max = i.hundredths(); }},
             {"add",
              [&](const Item& i) {
                profile.confidence = read_addends(i, profile.text_signals);
              }},
         });
         if (profile.max > 100 || profile.base < -100 ||
             profile.base > profile.max)
           item.fail("max must be at most 1, and base between -1 and max");
       }},
      {"calibration",
       [&](const Item& list) { profile.calibration = read_calibration(list); }},
  });
}

// Runs of bytes between blanks and line ends.
std::uint64_t count_words(std::string_view text) {
  const auto is_blank = [](char c) {
    return (c == ' ') | (c == '\n') | (c == '\t');
  };
  if (text.empty()) return 0;
  std::uint64_t words = !is_blank(text[0]);
  // Without a branch, so that compilers take many bytes at a time.
  for (std::size_t i = 1; i < text.size(); ++i)
    words += is_blank(text[i - 1]) & !is_blank(text[i]);
  return words;
}

}  // namespace

std::optional<Hundredths> Addend::amount(double value) const {
  switch (kind) {
    case kAdd:
      if (value > over) return add;
      return std::nullopt;
    case kPer: return std::min(static_cast<Hundredths>(value * 100 / per), max);
    case kTimes: break;
  }
  double counted = std::min(value, up_to);
  if (is_log) counted = std::log(std::max(1.0, counted));
  // A profile's signals are of any size; a sum of a million of these fits.
  return std::llround(std::clamp(counted * times * 100, -1e12, 1e12));
}

double TextSignal::value_in(const Subject& text) const {
  if (!is_share) return matches->is_in(text);
  std::uint64_t found = 0;
  matches->for_each(text, [&](std::string_view) { ++found; });
  return static_cast<double>(found) /
         static_cast<double>(
             std::max<std::uint64_t>(1, count_words(text.text())));
}

std::string_view name_of(TextRule::Field field) {
  return kFields[static_cast<std::size_t>(field)];
}

std::string_view AnswerProfile::name_of(const Addend& addend) const {
  if (addend.signal == Signal::kText) return text_signals[addend.text].name;
  return kSignals[static_cast<std::size_t>(addend.signal)];
}

TextRule::Field AnswerProfile::field_of(const DropIf& one) const {
  return one.is_doubt ? doubt[one.index].field : text_signals[one.index].field;
}

bool AnswerProfile::is_in(const DropIf& one, const Subject& text) const {
  return one.is_doubt ? doubt[one.index].pattern.is_in(text)
                      : text_signals[one.index].matches->is_in(text);
}

void AnswerProfile::set_drop_if(const std::vector<std::string>& names) {
  drop_if.clear();
  for (const std::string& name : names) {
    const std::size_t before = drop_if.size();
    for (std::size_t i = 0; i < doubt.size(); ++i)
      if (doubt[i].reason == name) drop_if.push_back({name, true, i});
    for (std::size_t i = 0; i < text_signals.size(); ++i)
      if (text_signals[i].name == name && !text_signals[i].is_share)
        drop_if.push_back({name, false, i});
    if (drop_if.size() > before) continue;
    std::string known;
    for (const TextRule& rule : doubt)
      known += (known.empty() ? "" : ", ") + rule.reason;
    for (const TextSignal& signal : text_signals)
      if (!signal.is_share) known += (known.empty() ? "" : ", ") + signal.name;
    throw Exit(EX_CONFIG, "'" + name + "' is not one of " +
                              (known.empty() ? "none" : known));
  }
}

AnswerProfile read_profile(const std::vector<ProfileText>& texts) {
  AnswerProfile profile;
  std::optional<DropNames> drop_if;
  for (auto text = texts.rbegin(); text != texts.rend(); ++text)
    read_into(profile, *text, drop_if);
  if (!drop_if) return profile;
  try {
    profile.set_drop_if(drop_if->names);
  } catch (const Exit& exit) {
    throw Exit(EX_CONFIG, drop_if->source + ": drop_if: " + exit.what());
  }
  return profile;
}

AnswerProfile read_profile(std::string_view json, std::string_view source) {
  return read_profile(with_bases({std::string(source), std::string(json)}));
}

AnswerProfile load_profile(const std::string& name_or_file) {
  return read_profile(profile_texts(name_or_file));
}

}  // namespace mill
