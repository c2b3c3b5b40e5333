#include "lib/answers/profile.h"

#include "lib/answers/embedded_profiles.h"
#include "lib/cli/command_line.h"
#include "tests/unit/catch.h"

TEST_CASE("the built-in profiles are right") {
  for (const auto& [name, text] : mill::embedded_profiles()) {
    INFO(name);
    CHECK_NOTHROW(mill::read_profile(text, name));
  }
  CHECK(mill::embedded_profiles().contains("mtg"));
  CHECK(mill::embedded_profiles().contains("qa"));
}

TEST_CASE("a profile replaces what it names of the one it extends") {
  const auto drops = [](const char* json) {
    return mill::read_profile(json, "p").drop.size();
  };
  const std::size_t all = drops(R"({"extends":"qa"})");
  CHECK(drops(R"({"extends":"qa","drop":{"ask_me_anything":null}})") ==
        all - 1);
  CHECK(drops(R"({"extends":"qa","drop":{"ask_me_anything":
        {"field":"title","matches":"x"}}})") == all);
  CHECK(drops(R"({"extends":"qa","drop":{"new":
        {"field":"title","matches":["x","y"]}}})") == all + 1);
  const mill::AnswerProfile judged = mill::read_profile(
      R"({"extends":"mtg","known_judges":["Some_One"]})", "p");
  CHECK(judged.known_judges.contains("some_one"));
  CHECK(judged.base == 50);
  CHECK(judged.max == 95);
}

TEST_CASE("a wrong profile is refused with the key that is wrong") {
  const struct {
    const char* json;
    const char* message;
  } cases[] = {
      {"{", "p: byte 2: cut off before its end"},
      {"[]", "p: not an object but an array"},
      {R"({"weights":1})", "p: weights: unknown key"},
      {R"({"extends":"no"})",
       "p: extends: no such profile; the built-in profiles are dolma, mtg, "
       "mtg-first, qa, shp"},
      {R"({"bot_author":1})", "p: bot_author: not a string but a number"},
      {R"({"bot_author":[]})", "p: bot_author: no pattern"},
      {R"({"bot_author":["a","(b"]})",
       "p: bot_author[1]: bad pattern: missing closing parenthesis at byte 2"},
      {R"({"judge_flair":{"match":"x"}})", "p: judge_flair.match: unknown key"},
      {R"({"min_own_words":-1})", "p: min_own_words: not a count"},
      {R"({"skip_posts":["nsfw"]})",
       "p: skip_posts[0]: 'nsfw' is not one of over_18, stickied, not_text, "
       "distinguished, edited, repetitive, symbols"},
      {R"({"skip_answers":["over_18"]})",
       "p: skip_answers[0]: 'over_18' is not one of distinguished, edited, "
       "repetitive, symbols"},
      {R"({"languages":["english"]})", "p: languages[0]: no language's code"},
      {R"({"min_post_score":1.5})", "p: min_post_score: not a whole number"},
      {R"({"max_answer_length":-1})", "p: max_answer_length: not a count"},
      {R"({"drop":{"x":{"field":"body","matches":"a"}}})",
       "p: drop.x.field: 'body' is not one of title, text, question, "
       "post_flair, subreddit, answer"},
      {R"({"drop":{"x":{"field":"title"}}})",
       "p: drop.x: needs matches or unless"},
      {R"({"drop":{"x":{"matches":"a"}}})", "p: drop.x: field is missing"},
      {R"({"drop":{"x":null}})",
       "p: drop.x: null, but there is nothing to undo"},
      {R"({"interaction_types":[{"type":"a"}]})",
       "p: interaction_types[0]: needs type and matches"},
      {R"({"choice":[{"signal":"luck","add":1}]})",
       "p: choice[0].signal: 'luck' is not one of score, length, upvote_ratio, "
       "known_judge, judge_flair, rule_reference, asker_thanked, "
       "controversial, place, candidates, lead, asker_confirmed, corrected, "
       "distinguished, gilded"},
      {R"({"choice":[{"signal":"score","add":1,"times":1}]})",
       "p: choice[0]: needs one of add, per and times"},
      {R"({"text_signals":{"score":{"matches":"a"}}})",
       "p: text_signals.score: a built-in signal has that name"},
      {R"({"text_signals":{"long":{"share":true}}})",
       "p: text_signals.long: matches is missing"},
      {R"({"calibration":[[0.5,0.6],[0.7,0.5]]})",
       "p: calibration[1]: points must rise and lie between 0 and 1"},
      {R"({"calibration":[[0.5]]})", "p: calibration[0]: not [from, to]"},
      {R"({"choice":[{"signal":"score"}]})",
       "p: choice[0]: needs one of add, per and times"},
      {R"({"choice":[{"add":1}]})", "p: choice[0]: signal is missing"},
      {R"({"choice":[{"signal":"score","per":0}]})",
       "p: choice[0].per: less than 0.01"},
      {R"({"confidence":{"base":0.123}})",
       "p: confidence.base: not a number of whole hundredths"},
      {R"({"confidence":{"base":0.9,"max":0.8}})",
       "p: confidence: max must be at most 1, and base between -1 and max"},
  };
  for (const auto& c : cases) {
    INFO(c.json);
    try {
      mill::read_profile(c.json, "p");
      FAIL("no error");
    } catch (const mill::Exit& exit) {
      CHECK(exit.code == EX_CONFIG);
      CHECK(std::string(exit.what()) == c.message);
    }
  }
}

TEST_CASE("an addend is added, divided, or multiplied") {
  const auto profile = mill::read_profile(R"({
    "text_signals": {
      "questions": {"matches": "\\?"},
      "about_self": {"matches": "\\bI\\b", "share": true}
    },
    "choice": [
      {"signal": "score", "over": 4, "add": 0.5},
      {"signal": "length", "per": 50, "max": 2},
      {"signal": "length", "times": 2, "up_to": 100, "log": true},
      {"signal": "about_self", "times": -10},
      {"signal": "questions", "add": 1}
    ]
  })",
                                          "p");
  const auto& choice = profile.choice;
  CHECK(!choice[0].amount(4));
  CHECK(choice[0].amount(5) == 50);
  CHECK(choice[1].amount(75) == 150);
  CHECK(choice[1].amount(1e6) == 200);
  CHECK(choice[2].amount(0) == 0);      // no logarithm of nothing
  CHECK(choice[2].amount(100) == 921);  // 2 ln 100
  CHECK(choice[2].amount(1e6) == 921);
  CHECK(choice[3].amount(0.25) == -250);
  CHECK(choice[1].has_signal_of(choice[2]));
  CHECK(!choice[3].has_signal_of(choice[4]));
  CHECK(profile.name_of(choice[3]) == "about_self");
  CHECK(profile.name_of(choice[0]) == "score");
  const auto& signals = profile.text_signals;
  CHECK(signals[0].value_in(mill::Subject("is it? or not?")) == 1);
  CHECK(signals[1].value_in(mill::Subject("I think I do")) == 0.5);
  CHECK(signals[1].value_in(mill::Subject("")) == 0);
}
