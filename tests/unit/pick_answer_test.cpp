#include "lib/answers/pick_answer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>

#include "lib/base/sha256.h"
#include "lib/io/input.h"
#include "lib/json/json_writer.h"
#include "tests/unit/catch.h"
#include "tests/unit/top_folder.h"

namespace {

constexpr const char* kLong =
    "A plain answer of more than eighty characters, so that it is long enough "
    "to be chosen at all.";

// A text, and kLong to make it long enough.
std::string padded(std::string_view text) {
  return std::string(text).append(" ").append(kLong);
}

std::string as_json(std::string_view text) { return mill::json_string(text); }

// A comment on the post t3_p; more are members that come after, and win over,
// the usual ones.
std::string comment(const std::string& id, std::string_view body,
                    const std::string& more = "\"score\":5") {
  return R"({"id":")" + id + R"(","parent_id":"t3_p","author":"u_)" + id +
         R"(","body":)" + as_json(body) + R"(,"score":5,)" + more + "}";
}

std::string thread(const std::string& comments,
                   const std::string& more = "\"id\":\"p\"") {
  return R"({"post":{"id":"p","author":"asker","title":"Why is it so?",)"
         R"("selftext":"","permalink":"/r/s/comments/p/why/",)" +
         more + R"(},"comments":[)" + comments + "]}";
}

// What came of the thread: the interaction, "drop: REASON" or "bad: WHY".
std::string pick(const std::string& json, const char* profile = "mtg",
                 mill::PickOptions options = {}, mill::CardNames cards = {}) {
  mill::JsonReader reader;
  REQUIRE(!reader.parse(json));
  std::string out;
  const mill::PickAnswer core(profile[0] == '{'
                                  ? mill::read_profile(profile, "p")
                                  : mill::load_profile(profile),
                              options, std::move(cards));
  const mill::Outcome outcome = core(reader.root(), out);
  if (outcome.kind == mill::Outcome::kDrop) return "drop: " + outcome.reason;
  if (outcome.kind == mill::Outcome::kBad) return "bad: " + outcome.reason;
  REQUIRE(outcome.kind == mill::Outcome::kReplace);
  return out;
}

// One member of an interaction, as JSON.
std::string field(const std::string& interaction, const char* name) {
  INFO(interaction);
  mill::JsonReader reader;
  REQUIRE(!reader.parse(interaction));
  const mill::JsonValue value = reader.root()[name];
  return value ? std::string(value.raw()) : "missing";
}

std::string answer_id(const std::string& json, const char* profile = "mtg",
                      mill::PickOptions options = {}) {
  return field(pick(json, profile, options), "answer_id");
}

}  // namespace

TEST_CASE("doubts lower the confidence and drop nothing") {
  const struct {
    const char* post;
    const char* profile;
    const char* confidence;
  } cases[] = {
      {R"("title":"Why?")", "qa", "0.81"},
      {R"("title":"What is your favourite card ever?")", "qa", "0.25"},
      {R"("title":"Redditors, why?")", "qa", "0.25"},
      {R"("title":"Why?","selftext":"I sold mine. Thoughts?")", "qa", "0.25"},
      {R"("title":"Why?","subreddit":"AskReddit")", "qa", "0.25"},
      {R"("title":"Redditors, why?","subreddit":"askreddit")", "qa", "0.19"},
      {R"("title":"Redditors, why?")", "mtg", "0.5"},
      {R"("title":"My new deck")", "mtg", "0.3"},
  };
  for (const auto& c : cases) {
    INFO(c.post);
    CHECK(field(pick(thread(comment("c", kLong), c.post), c.profile),
                "confidence") == c.confidence);
  }
}

TEST_CASE("an interaction has its fields in order") {
  CHECK(pick(thread(comment("c", kLong, R"("created_utc":1)"),
                    R"("subreddit":"mtg","created_utc":"1400000000",)"
                    R"("retrieved_on":1400000100.0,"upvote_ratio":1)")) ==
        "{\"id\":\"" +
            mill::hex(mill::sha256("https://reddit.com/r/s/comments/p/why/")) +
            R"(","question":"Why is it so?","answer":")" + kLong +
            R"(","confidence":0.6,"upvotes":5,"answered_by_judge":false,)"
            R"("rule_references":[],"cards_mentioned":[],)"
            R"("interaction_type":"general",)"
            R"("source_url":"https://reddit.com/r/s/comments/p/why/",)"
            R"("subreddit":"mtg","source_tags":["reddit",)"
            R"("collected_by_pipeline"],"post_id":"t3_p","answer_id":"t1_c",)"
            R"("collected_at":"2014-05-13T16:55:00Z",)"
            R"("timestamp":"2014-05-13T16:53:20Z"})"
            "\n");
}

TEST_CASE("the id is that of the URL, else of the question") {
  const std::string of_url = field(pick(thread(comment("c", kLong))), "id");
  for (const char* permalink : {"https://www.reddit.com/r/s/comments/p/why/",
                                "http://old.reddit.com/r/s/comments/p/why/"}) {
    CHECK(field(pick(thread(comment("c", kLong),
                            "\"permalink\":" + as_json(permalink))),
                "id") == of_url);
  }
  const std::string none =
      pick(thread(comment("c", kLong), R"("permalink":null)"));
  CHECK(field(none, "id") == as_json(mill::hex(mill::sha256("Why is it so?"))));
  CHECK(field(none, "source_url") == "missing");
}

TEST_CASE("posts that are no good questions are dropped for a reason") {
  const struct {
    const char* post;
    const char* profile;
    const char* outcome;
  } cases[] = {
      {R"("selftext":"[deleted]")", "mtg", "drop: post_deleted"},
      {R"("title":"[deleted by user]")", "mtg", "drop: post_deleted"},
      {R"("removed_by_category":"deleted")", "mtg", "drop: post_deleted"},
      {R"("_meta":{"was_deleted_later":true})", "mtg", "drop: post_deleted"},
      {R"("_meta":{"was_initially_deleted":true})", "mtg",
       "drop: post_deleted"},
      {R"("_meta":{"removal_type":"deleted"})", "mtg", "drop: post_deleted"},
      {R"("_meta":{"removal_type":"moderator"})", "mtg", "drop: post_removed"},
      {R"("author":"[deleted]")", "mtg", "drop: post_deleted"},
      {R"("author":null)", "mtg", "drop: post_deleted"},
      {R"("selftext":"[removed]")", "mtg", "drop: post_removed"},
      {R"("title":"[ Removed by Reddit ]")", "mtg", "drop: post_removed"},
      {R"("removed_by_category":"automod_filtered")", "mtg",
       "drop: post_removed"},
      {R"("removal_reason":"legal")", "mtg", "drop: post_removed"},
      {R"("author":"AutoModerator")", "mtg", "drop: post_by_bot"},
      {R"("subreddit":"u_asker")", "qa", "drop: post_on_profile"},
      {R"("subreddit":"U_Asker")", "mtg", "drop: post_on_profile"},
      {R"("permalink":"/user/asker/comments/p/why/")", "qa",
       "drop: post_on_profile"},
      {R"("permalink":"https://old.reddit.com/r/u_asker/comments/p/why/")",
       "mtg-first", "drop: post_on_profile"},
      {R"("over_18":true)", "qa", "drop: post_over_18"},
      {R"("stickied":true)", "mtg", "drop: post_stickied"},
      {R"("distinguished":"moderator")", "mtg", "drop: post_distinguished"},
      {R"("is_self":false)", "mtg", "drop: post_not_text"},
      {R"("title":"","selftext":null)", "mtg", "drop: post_empty"},
      {R"("title":"My new deck")", "qa", "drop: not_a_question"},
      {R"("title":"Why I left")", "qa", "drop: not_a_question"},
      {R"("title":"Question thread: why?","distinguished":null)", "qa",
       "drop: recurring_thread"},
      {R"("title":"I am a judge, AMA?")", "qa", "drop: ask_me_anything"},
      {R"("title":"[AMA] We are judges, what is hard?")", "qa",
       "drop: ask_me_anything"},
      {R"("title":"[Meta] Why so many?")", "qa", "drop: meta_post"},
      {R"("title":7)", "mtg", "bad: post.title: not a string but a number"},
      {R"("created_utc":"soon")", "mtg",
       "bad: post.created_utc: not a number but a string"},
      {R"("upvote_ratio":1e999)", "mtg",
       "bad: post.upvote_ratio: not a number but a number"},
      {R"("created_utc":1e300)", "mtg",
       "bad: post.created_utc: not a time but a number"},
      {R"("id":null)", "mtg", "bad: post.id: not a string but null"},
  };
  for (const auto& c : cases) {
    INFO(c.post);
    CHECK(pick(thread(comment("c", kLong), c.post), c.profile) == c.outcome);
  }
  CHECK(pick("{}") == "bad: post: missing");
  CHECK(pick(R"({"post":{},"comments":null})") ==
        "bad: comments: not an array but null");
  CHECK(pick(thread("7")) == "bad: comments[0]: not an object but a number");
}

TEST_CASE("a profile's filters have a reason each") {
  const std::string nine =
      "one two three four five six seven eight nine words that say it. ";
  const std::string german =
      "Das ist eine ganz gewöhnliche Antwort auf die Frage, die lang genug "
      "ist, "
      "damit man ihre Sprache sicher erkennen kann.";
  const std::string plain = comment("a", kLong);
  const struct {
    const char* profile;
    std::string thread;
    const char* reason;
  } cases[] = {
      {R"({"min_post_score":10})", thread(plain, R"("score":9)"),
       "post_below_min_score"},
      {R"({"min_post_score":10})", thread(plain), "post_below_min_score"},
      {R"({"min_post_score":10})", thread(plain, R"("score":10)"), ""},
      {R"({"skip_posts":["edited"]})", thread(plain, R"("edited":1600000000)"),
       "post_edited"},
      {R"({"skip_posts":["edited"]})", thread(plain, R"("edited":false)"), ""},
      {R"({"min_question_length":14})", thread(plain), "question_too_short"},
      {R"({"min_question_length":13,"max_question_length":13})", thread(plain),
       ""},
      {R"({"max_question_length":12})", thread(plain), "question_too_long"},
      {R"({"min_answer_length":99})", thread(plain), "answer_too_short"},
      {R"({"min_answer_length":1})", thread(comment("a", "Yes.")), ""},
      {R"({"max_answer_length":80})", thread(plain), "answer_too_long"},
      {R"({"min_answer_score":6})", thread(plain), "answer_below_min_score"},
      {R"({"skip_answers":["distinguished"]})",
       thread(comment("a", kLong, R"("distinguished":"moderator")")),
       "answer_by_moderator"},
      {R"({"skip_answers":["edited"]})",
       thread(comment("a", kLong, R"("edited":1600000000.0)")),
       "answer_edited"},
      {R"({"skip_answers":["repetitive"]})", thread(plain), ""},
      {R"({"skip_answers":["repetitive"]})", thread(comment("a", nine + nine)),
       "answer_repetitive"},
      {R"({"skip_posts":["repetitive"]})",
       thread(plain, R"("selftext":")" + nine + nine + "\""),
       "question_repetitive"},
      {R"({"skip_answers":["symbols"]})",
       thread(comment("a", std::string(40, '#') + " 1 2 3 4 5 6 7 8 9 10 11 12 "
                                                  "13 14 15 16 17 18 19 20")),
       "answer_symbols"},
      {R"({"max_profanity":0})", thread(comment("a", padded("Oh shit!"))),
       "answer_profane"},
      {R"({"max_profanity":0.1})", thread(comment("a", padded("Oh shit!"))),
       ""},
      {R"({"max_profanity":0})", thread(comment("a", padded("Scunthorpe."))),
       ""},
      {R"({"languages":["en"]})", thread(comment("a", german)),
       "answer_other_language"},
      {R"({"languages":["en","de"]})", thread(comment("a", german)), ""},
      {R"({"languages":["en"]})", thread(plain, R"("title":")" + german + "\""),
       "question_other_language"},
      {R"({"languages":["de"]})", thread(plain), "question_other_language"},
  };
  for (const auto& c : cases) {
    INFO(c.profile << " " << c.reason);
    const std::string got = pick(c.thread, c.profile);
    if (c.reason[0])
      CHECK(got == std::string("drop: ") + c.reason);
    else
      CHECK(got.starts_with("{"));
  }
}

TEST_CASE("a post with odd types still counts") {
  for (const char* post :
       {R"("is_self":null)",
        R"("edited":1400000000.5,"upvote_ratio":null,"score":null)",
        R"("edited":true,"created_utc":"1400000000")", R"("over_18":true)",
        R"("is_self":false,"selftext":"With words below the picture")"}) {
    INFO(post);
    CHECK(answer_id(thread(comment("c", kLong), post)) == "\"t1_c\"");
  }
}

TEST_CASE("comments that cannot answer are passed over, whatever their score") {
  const struct {
    const char* what;
    std::string worse;
    const char* reason;
  } cases[] = {
      {"a joke", comment("x", "Ha!", "\"score\":999"), "answer_too_short"},
      {"low", comment("x", kLong, "\"score\":0"), "answer_below_min_score"},
      {"deleted", comment("x", "[deleted]", "\"score\":99"), "answer_deleted"},
      {"removed", comment("x", "[removed]", "\"score\":99"), "answer_deleted"},
      {"deleted later",
       comment("x", kLong, R"("score":99,"_meta":{"was_deleted_later":true})"),
       "answer_deleted"},
      {"is_submitter", comment("x", kLong, R"("score":99,"is_submitter":true)"),
       "answer_by_asker"},
      {"asker's name", comment("x", kLong, R"("score":99,"author":"Asker")"),
       "answer_by_asker"},
      {"asker's id",
       comment("x", kLong, R"("score":99,"author_fullname":"t2_a")"),
       "answer_by_asker"},
      {"AutoModerator",
       comment("x", kLong, R"("score":99,"author":"AutoModerator")"),
       "answer_by_bot"},
      {"by name", comment("x", kLong, R"("score":99,"author":"RemindMeBot")"),
       "answer_by_bot"},
      {"by its words",
       comment("x", std::string(kLong) + " ^^I ^^am ^^a ^^bot.",
               R"("score":99)"),
       "answer_by_bot"},
      {"stickied", comment("x", kLong, R"("score":99,"stickied":true)"),
       "answer_stickied"},
      {"hidden", comment("x", kLong, R"("score":99,"score_hidden":true)"),
       "answer_score_hidden"},
      {"null score", comment("x", kLong, R"("score":null)"),
       "answer_score_hidden"},
      {"a reply", comment("x", kLong, R"("score":99,"parent_id":"t1_c")"),
       "no_answer"},
      {"of another post",
       comment("x", kLong, R"("score":99,"parent_id":"t3_q")"), "no_answer"},
      {"a reply, by depth",
       comment("x", kLong, R"("score":99,"parent_id":null,"depth":1)"),
       "no_answer"},
      {"a quote",
       comment("x", std::string("> ").append(kLong) + "\n\nYes.",
               "\"score\":99"),
       "answer_mostly_quote_or_link"},
      {"a link",
       comment("x", "[here](https://example.org/" + std::string(90, 'x') + ")",
               "\"score\":99"),
       "answer_mostly_quote_or_link"},
      {"thanks",
       comment("x", "Thank you! " + std::string(kLong), "\"score\":99"),
       "answer_thanks_only"},
      {"asks back",
       comment("x",
               "Which edition do you play, and what did the others at the "
               "table say about it? Is there a link?",
               "\"score\":99"),
       "answer_asks_back"},
      {"sends away",
       comment("x",
               "You might want to ask this over in r/another_sub instead, they "
               "know all about this kind of thing.",
               "\"score\":99"),
       "answer_sends_elsewhere"},
      {"waits",
       comment("x",
               "Commenting to come back later, since I have wondered about "
               "that for the whole of the last year too",
               "\"score\":99"),
       "answer_follows_only"},
      {"mod notice",
       comment("x",
               "Hi! Your post has been removed because it breaks the third of "
               "our rules. Please read them again.",
               "\"score\":99"),
       "answer_mod_notice"},
      {"overwritten",
       comment("x",
               "This comment was edited by me with power delete suite, and so "
               "it was mass deleted with redact, sorry.",
               "\"score\":99"),
       "answer_overwritten"},
  };
  const std::string post = R"("author_fullname":"t2_a")";
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(pick(thread(c.worse, post)) == std::string("drop: ") + c.reason);
    CHECK(answer_id(thread(c.worse + "," + comment("c", kLong), post)) ==
          "\"t1_c\"");
  }
  CHECK(pick(thread("")) == "drop: no_answer");
  CHECK(pick(thread(cases[2].worse + "," + cases[0].worse + "," +
                    cases[1].worse)) == "drop: answer_too_short");
}

TEST_CASE("answers about what a bad answer says are answers") {
  for (const char* body :
       {"It is removed because it breaks the legend rule.",
        "That text was removed from the API.", "r/demo has a thread on that.",
        "Is that so? Yes, it is."}) {
    INFO(body);
    CHECK(answer_id(thread(comment("c", padded(body)))) == "\"t1_c\"");
  }
  CHECK(answer_id(thread(comment("c", kLong),
                         R"("title":"What if your foe has the most life?")")) ==
        "\"t1_c\"");
}

TEST_CASE("people whose names only look like a bot's may answer") {
  for (const char* author : {"talbot", "Abbot_", "botanist", "my_robot",
                             "SebastianCabot", "turbot"}) {
    INFO(author);
    CHECK(answer_id(thread(comment(
              "c", kLong, "\"author\":" + as_json(author)))) == "\"t1_c\"");
  }
}

TEST_CASE("spoilers, sessions in fences and the verb edit are own words") {
  const char* const kept[] = {
      ">!It was the gardener, since the mud on the boots came from the rose "
      "bed, which nobody else had a key to.!<",
      "```\n>>> total = sum(numbers)  # the built-in does all of it, no loop "
      "is "
      "needed\n>>> print(total)  # the sum\n```",
      "Edit /etc/fstab as root and add a line with the partition, the mount "
      "point and the type of the file system.",
      "Edit the file that the system reads at its start, and add a line with "
      "the partition to its end: that is all."};
  for (const char* text : kept) {
    INFO(text);
    for (const char* profile : {"qa", "mtg"})
      CHECK(pick(thread(comment("c", text)), profile).substr(0, 1) == "{");
  }
  const char* const dropped[] = {
      "> A quote of more than eighty characters, which says nothing of one's "
      "own and is no answer at all.",
      "Edit: a note of more than eighty characters, which says that the text "
      "has been changed once more.",
      "EDIT 2 - a note of more than eighty characters, which says that the "
      "text "
      "has been changed once more.",
      "*Edit for clarity*, a note of more than eighty characters, which says "
      "that the text has been changed once more."};
  for (const char* text : dropped) {
    INFO(text);
    CHECK(pick(thread(comment("c", text)), "qa") ==
          "drop: answer_mostly_quote_or_link");
  }
}

TEST_CASE("questions end as their script ends them") {
  for (const char* title :
       {"\u0644\u0645\u0627\u0630\u0627 \u064A\u0633\u0642\u0637\u061F",
        "\u96E8\u306F\u306A\u305C\uFF1F",
        "\u0393\u03B9\u03B1\u03C4\u03AF\u037E",
        "\u0393\u03B9\u03B1\u03C4\u03AF;", "Pues llueve?"})
    CHECK(pick(thread(comment("c", kLong), "\"title\":" + as_json(title)), "qa")
              .substr(0, 1) == "{");
  CHECK(pick(thread(comment("c", kLong), R"("title":"My deck; it is new")"),
             "qa") == "drop: not_a_question");
}

TEST_CASE("a question about an AMA is none") {
  for (const char* title :
       {"How does the AMA decide what is a disease?", "Is Obama's AMA real?"})
    CHECK(pick(thread(comment("c", kLong), "\"title\":" + as_json(title)), "qa")
              .substr(0, 1) == "{");
  CHECK(pick(thread(comment("c", kLong, R"("author":"AfricaBot")")), "qa") ==
        "drop: answer_by_bot");
}

TEST_CASE("a text that is but a picture or a poll asks nothing") {
  for (const char* text : {"https://preview.redd.it/a.jpg?s=1", "![img](abc1)",
                           "[View Poll](https://www.reddit.com/poll/abc)"}) {
    INFO(text);
    CHECK(pick(thread(comment("c", kLong), "\"selftext\":" + as_json(text)),
               "qa") == "drop: post_not_text");
  }
  CHECK(field(pick(thread(comment("c", padded("![gif](giphy|abc)"))), "qa"),
              "answer") == as_json(kLong));
}

TEST_CASE("a thread that says so is not unescaped") {
  std::string json = thread(comment("c", padded("`a &lt; b`")));
  CHECK(field(pick(json, "qa"), "answer") == as_json(padded("`a < b`")));
  json.back() = ',';
  CHECK(field(pick(json + R"("raw_json":true})", "qa"), "answer") ==
        as_json(padded("`a &lt; b`")));
}

TEST_CASE("length is counted in characters, after cleaning") {
  std::string eighty(" ");
  for (int i = 0; i < 80; ++i) eighty += "\U0001F600";
  CHECK(answer_id(thread(comment("c", eighty + "&#x200B;\n"))) == "\"t1_c\"");
  eighty.resize(eighty.size() - 4);
  CHECK(pick(thread(comment("c", eighty + "&#x200B;\n"))) ==
        "drop: answer_too_short");
  mill::PickOptions options;
  options.min_length = 1;
  options.min_score = -5;
  CHECK(answer_id(thread(comment("c", "No.", "\"score\":-5")),
                  R"({"extends":"mtg","min_own_words":0})",
                  options) == "\"t1_c\"");
}

TEST_CASE("flairs that are a judge's, and those that are not") {
  const struct {
    const char* flair;
    bool is_judge;
  } cases[] = {
      {"L2 Judge", true},
      {"Level 3", true},
      {"Judge - L1", true},
      {"Rules Advisor", true},
      {":judge: Level 2 Judge", true},
      {"judge", true},
      {"(L1)", true},
      {"not a judge", false},
      {"I am not a level 2 judge", false},
      {"Not even a judge", false},
      {"isn't a judge", false},
      {"ex-judge", false},
      {"Aspiring Judge", false},
      {"Judge me", false},
      {"Judge's Familiar", false},
      {"Prejudged", false},
      {"HTML5", false},
      {"Control4ever", false},
      {"XL2000", false},
      {"Level 30 wizard", false},
      {"", false},
  };
  for (const auto& c : cases) {
    INFO(c.flair);
    CHECK(field(pick(thread(comment(
                    "c", kLong, "\"author_flair_text\":" + as_json(c.flair)))),
                "answered_by_judge") == (c.is_judge ? "true" : "false"));
  }
}

TEST_CASE("rule references, and what only looks like one") {
  const struct {
    const char* text;
    const char* rules;
  } cases[] = {
      {"see 704.5f.", R"(["704.5f"])"},
      {"(702.19b), CR702.2c and rule 100.1; again 702.19b",
       R"(["702.19b","702.2c","100.1"])"},
      {"CR 903.9a/903.9b, 601.2f-h", R"(["903.9a","903.9b","601.2f"])"},
      {"**702.100a**", R"(["702.100a"])"},
      {"it costs $100.50 or 100.50 USD, \u20ac250.25, 175.50\u20ac", "[]"},
      {"$1,100.50 and 1,210.75 in all", "[]"},
      {"192.168.1.10 and 10.192.168.1", "[]"},
      {"version 115.2, v120.4, Chrome 115.3", "[]"},
      {"1.5 or 12.34 or 1704.5 or 704.1234", "[]"},
      {"100.5% of 120.5 km at 101.5 fm", "[]"},
      {"https://example.org/702.19 and example.org/702.19", "[]"},
      {"704.05 and 004.5", "[]"},
      {"user@704.5f.example", "[]"},
      {"702.19bc", "[]"},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(field(pick(thread(comment("c", padded(c.text)))),
                "rule_references") == c.rules);
  }
}

TEST_CASE("every number of the rules is a rule reference") {
  // A few of every form; and all of several editions where they are there.
  const auto [folder, at_least] = GENERATE(table<const char*, std::size_t>(
      {{"tests/data/rule_numbers", 20},
       {"../shared/data/3_magic/rule_numbers", 3000}}));
  const auto editions = top_folder() / folder;
  if (!std::filesystem::exists(editions)) {
    REQUIRE(folder[0] == '.');
    WARN("no " << folder);
    return;
  }
  const mill::AnswerProfile profile = mill::load_profile("mtg");
  std::size_t count = 0;
  for (const auto& edition : std::filesystem::directory_iterator(editions)) {
    const std::string text = mill::read_all(edition.path());
    mill::JsonReader reader;
    REQUIRE(!reader.parse(text));
    for (const mill::JsonValue rule : reader.root()["rules"].elements()) {
      const std::string number = rule.string();
      INFO(number);
      REQUIRE(profile.rule_reference->find("see " + number + ".") == number);
      REQUIRE(profile.rule_reference->find(number) == number);
      ++count;
    }
  }
  CHECK(count > at_least);
}

TEST_CASE("cards are those that are linked or listed") {
  const auto cards = [](const char* text, mill::CardNames names = {}) {
    return field(
        pick(thread(comment("c", padded(text))), "mtg", {}, std::move(names)),
        "cards_mentioned");
  };
  CHECK(cards("[[Opt]], [[opt]] and [[ Fact or Fiction |INV]]") ==
        R"(["Opt","Fact or Fiction"])");
  CHECK(cards("[[!Opt]] [[?Shock]] [[#Duress]] [[$Negate]]") ==
        R"(["Opt","Shock","Duress","Negate"])");
  CHECK(cards(R"(\[\[Jace, the Mind Sculptor\]\] \[\[Opt|XLN\]\])") ==
        R"(["Jace, the Mind Sculptor","Opt"])");
  CHECK(cards("[[Urza's Tower]] [[Fire // Ice]] [[Lim-D\u00fbl's Vault]]") ==
        "[\"Urza's Tower\",\"Fire // Ice\",\"Lim-D\u00fbl's Vault\"]");
  CHECK(cards("[Opt] [[1]] [[]] [[ ]] [[a\nb]] Maria Elena Santos") == "[]");
  const char* const list = "Lightning Bolt\nOpt\nSerra Angel\n";
  CHECK(cards("Lightning Bolt, opt, Opt, Serra angel, [[SERRA ANGEL]]",
              {list, "list"}) == R"(["Serra Angel","Lightning Bolt"])");
}

TEST_CASE("interaction types are told by whole phrases") {
  const struct {
    const char* question;
    const char* type;
  } cases[] = {
      {"Can I cast Counterspell on that?", "counterspell"},
      {"Is it possible to counter a commander?", "counterspell"},
      {"Does it get countered?", "counterspell"},
      {"Can I counter target spell?", "counterspell"},
      {"Did you encounter this?", "general"},
      {"Where does the +1/+1 counter go?", "general"},
      {"Do we go counterclockwise?", "general"},
      {"Does the counter on it stay?", "general"},
      {"Is it still on the stack?", "stack_interaction"},
      {"Can I bolt in response?", "stack_interaction"},
      {"Can it be targeted?", "targeting"},
      {"Does ward help?", "targeting"},
      {"Is this an award?", "general"},
      {"Does it trigger twice?", "triggered_ability"},
      {"Can I activate it now?", "activated_ability"},
      {"Can it block two?", "combat"},
      {"Is it a roadblock?", "general"},
      {"Who has priority?", "timing"},
      {"Which sleeves are good?", "general"},
      {"Does it enter tapped or not?", "replacement_effect"},
      {"Does it enter with two counters?", "replacement_effect"},
      {"Is that a replacement effect?", "replacement_effect"},
      {"If it would die, exile it instead, so what?", "replacement_effect"},
      {"In which layer does it lose abilities?", "general"},
      {"Does layer 6 matter?", "layers"},
      {"Which timestamp counts?", "layers"},
      {"Is it a copy of the spell?", "copy"},
      {"May I play four copies of the card?", "general"},
      {"I did not enter combat, so what now?", "general"},
      {"It never attacked, so what now?", "general"},
      {"It was not the stack, was it?", "general"},
      {"Why can't it block?", "combat"},
      {"I did not attack, but can it block?", "combat"},
  };
  for (const auto& c : cases) {
    INFO(c.question);
    CHECK(field(pick(thread(comment("c", kLong),
                            "\"title\":" + as_json(c.question))),
                "interaction_type") == as_json(c.type));
  }
  // The answer tells where the question does not.
  CHECK(field(pick(thread(comment("c", std::string(kLong) + " It triggers."))),
              "interaction_type") == "\"triggered_ability\"");
}

TEST_CASE("the first choice weighs points, judges, rules and length") {
  const struct {
    const char* what;
    std::string better, worse;
  } cases[] = {
      {"35 for a judge's flair",
       comment("b", kLong, R"("score":5,"author_flair_text":"L2 Judge")"),
       comment("a", kLong, R"("score":39)")},
      {"50 for a known judge", comment("b", kLong, R"("author":"Known_One")"),
       comment("a", kLong, R"("score":54)")},
      {"20 for a rule", comment("b", std::string(kLong) + " 704.5f"),
       comment("a", std::string(kLong) + " no rule", R"("score":24)")},
      {"a point for 50 characters",
       comment("b", std::string(kLong) + std::string(51, '!')),
       comment("a", kLong, R"("score":6)")},
      {"but no more than 30 points",
       comment("b", std::string(1501, 'x'), R"("score":6)"),
       comment("a", std::string(5000, 'x'))},
      {"tie: more points", comment("b", kLong, R"("score":6)"),
       comment("a", std::string(kLong) + std::string(50, '!'))},
      {"tie: the older", comment("b", kLong, R"("created_utc":"1")"),
       comment("a", kLong, R"("created_utc":2)")},
      {"tie: the smaller id", comment("b", kLong), comment("c", kLong)},
  };
  const char* const profile =
      R"({"extends":"mtg-first","known_judges":["known_one"]})";
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(answer_id(thread(c.better + "," + c.worse), profile) == "\"t1_b\"");
    CHECK(answer_id(thread(c.worse + "," + c.better), profile) == "\"t1_b\"");
  }
}

TEST_CASE("confidence is added up in whole hundredths") {
  const std::string wide(501, 'x');
  const struct {
    const char* post;
    std::string comment;
    const char* confidence;
  } cases[] = {
      {R"("upvote_ratio":0.8)", comment("c", kLong, R"("score":10)"), "0.5"},
      {R"("upvote_ratio":0.81)", comment("c", kLong, R"("score":10)"), "0.6"},
      {R"("upvote_ratio":1)", comment("c", kLong, R"("score":11)"), "0.7"},
      {R"("upvote_ratio":"0.9")", comment("c", kLong, R"("score":20)"), "0.7"},
      {R"("upvote_ratio":null)", comment("c", kLong, R"("score":21)"), "0.7"},
      {R"("id":"p")", comment("c", std::string(kLong) + " 704.5f"), "0.65"},
      {R"("id":"p")", comment("c", std::string(500, 'x')), "0.5"},
      {R"("id":"p")", comment("c", wide), "0.6"},
      {R"("id":"p")", comment("c", kLong, R"("author":"k")"), "0.8"},
      {R"("upvote_ratio":0.9)", comment("c", wide + " 704.5f", R"("score":15)"),
       "0.95"},
      {R"("upvote_ratio":0.9)",
       comment("c", wide + " 704.5f", R"("score":50,"author":"k")"), "0.95"},
  };
  for (const auto& c : cases) {
    INFO(c.post << c.comment.substr(0, 80));
    CHECK(field(pick(thread(c.comment, c.post),
                     R"({"extends":"mtg","known_judges":["K"]})"),
                "confidence") == c.confidence);
  }
}

TEST_CASE("qa: the asker's thanks and disagreement count") {
  const std::string answer = comment("c", kLong);
  const std::string thanks = comment("t", "Thanks, that worked!",
                                     R"("author":"asker","parent_id":"t1_c")");
  const auto confidence = [](const std::string& comments) {
    return field(pick(thread(comments), "qa"), "confidence");
  };
  CHECK(confidence(answer) == "0.81");
  CHECK(confidence(answer + "," + thanks) == "0.84");
  CHECK(confidence(answer + "," +
                   comment("t", "Thanks!", R"("parent_id":"t1_c")")) == "0.81");
  CHECK(confidence(comment("c", kLong, R"("controversiality":1)")) == "0.51");
  // Thanks that take themselves back are none.
  CHECK(confidence(answer + "," +
                   comment("t", "Thanks, but that is not it.",
                           R"("author":"asker","parent_id":"t1_c")")) ==
        "0.81");
}

TEST_CASE("what other candidates and replies say is the same in any order") {
  const std::string first = comment("b", kLong, R"("created_utc":1)");
  const std::string second = comment("a", kLong, R"("created_utc":2)");
  CHECK(answer_id(thread(first + "," + second), "qa") == "\"t1_b\"");
  CHECK(answer_id(thread(second + "," + first), "qa") == "\"t1_b\"");
  // Two of one time have one place.
  const std::string same = comment("c", kLong, R"("created_utc":1)");
  CHECK(answer_id(thread(first + "," + same), "qa") == "\"t1_b\"");
  CHECK(answer_id(thread(same + "," + first), "qa") == "\"t1_b\"");
  const std::string confirmed = comment(
      "t", "Solution verified", R"("author":"asker","parent_id":"t1_a")");
  CHECK(answer_id(thread(first + "," + second + "," + confirmed), "qa") ==
        "\"t1_a\"");
  const std::string wrong = comment(
      "w", "That is wrong.", R"("score":9,"author":"x","parent_id":"t1_b")");
  CHECK(answer_id(thread(first + "," + second + "," + wrong), "qa") ==
        "\"t1_a\"");
}

TEST_CASE("explain shows addends that sum up, and ranks all candidates") {
  mill::PickOptions options;
  options.explains = options.shows_all = true;
  const std::string out = pick(
      thread(
          comment("a", kLong, R"("score":2)") + "," +
              comment("b", std::string(600, 'x') + " 704.5f", R"("score":31)") +
              "," + comment("x", "Short."),
          R"("upvote_ratio":0.9)"),
      "mtg-first", options);
  const std::size_t end = out.find('\n');
  const std::string first = out.substr(0, end);
  const std::string second = out.substr(end + 1);
  CHECK(field(first, "answer_id") == "\"t1_b\"");
  CHECK(field(first, "rank") == "1");
  CHECK(field(first, "candidate_score") == "63.14");
  CHECK(field(first, "why") ==
        R"([{"of":"choice","signal":"score","value":31,"add":31},)"
        R"({"of":"choice","signal":"rule_reference","value":1,"add":20},)"
        R"({"of":"choice","signal":"length","value":607,"add":12.14},)"
        R"({"of":"confidence","signal":"base","add":0.5},)"
        R"({"of":"confidence","signal":"upvote_ratio","value":0.9,"add":0.1},)"
        R"({"of":"confidence","signal":"score","value":31,"add":0.2},)"
        R"({"of":"confidence","signal":"rule_reference","value":1,"add":0.15},)"
        R"({"of":"confidence","signal":"length","value":607,"add":0.1},)"
        R"({"of":"confidence","signal":"limit","add":-0.1}])");
  CHECK(field(second, "rank") == "2");
  CHECK(field(second, "id") == field(first, "id"));
  CHECK(std::count(out.begin(), out.end(), '\n') == 2);
}

TEST_CASE("the best two are those that all of them begin with") {
  constexpr const char* kProfile = R"({"choice": [
      {"signal": "score", "times": 1},
      {"signal": "lowers", "add": -4}, {"signal": "raises", "add": 3},
      {"signal": "share", "times": -40}, {"signal": "both", "add": -6},
      {"signal": "both", "add": 2}],
    "text_signals": {"lowers": {"matches": "low"}, "raises": {"matches": "high"},
      "share": {"matches": "some", "share": true}, "both": {"matches": "both"}}})";
  mill::PickOptions all, best, explained;
  all.shows_all = best.adds_margin = explained.explains = true;
  std::minstd_rand random(5);
  const auto below = [&](std::size_t n) { return random() % n; };
  for (int i = 0; i < 300; ++i) {
    std::string comments;
    const std::size_t count = 2 + below(6);
    for (std::size_t k = 0; k < count; ++k) {
      std::string body;
      for (const char* word : {"low", "high", "some", "both"})
        if (below(2)) body.append(word).append(" ");
      comments +=
          (k ? "," : "") + comment("a" + std::to_string(k), padded(body),
                                   "\"score\":" + std::to_string(1 + below(8)));
    }
    const std::string json = thread(comments);
    const std::string ranked = pick(json, kProfile, all);
    const std::size_t end = ranked.find('\n') + 1;
    const std::string first = ranked.substr(0, end);
    const std::string second = ranked.substr(end, ranked.find('\n', end) - end);
    const double margin = std::stod(field(first, "candidate_score")) -
                          std::stod(field(second, "candidate_score"));
    for (const mill::PickOptions& options : {best, explained}) {
      const std::string one = pick(json, kProfile, options);
      CHECK(field(one, "answer_id") == field(first, "answer_id"));
      CHECK(std::abs(std::stod(field(one, "margin")) - margin) < 1e-9);
    }
    CHECK(answer_id(json, kProfile) == field(first, "answer_id"));
  }
}

TEST_CASE("a pair needs a clearly better answer that is not the older one") {
  mill::PickOptions options;
  options.pairs = mill::PairOptions{};
  options.min_score = -100;
  const auto rejected = [&](const char* best, const char* other) {
    const std::string out = pick(
        thread(comment("b", kLong, best) + "," + comment("o", kLong, other)),
        R"({"choice":[{"signal":"score","per":1}]})", options);
    return out.starts_with("drop") ? out : field(out, "rejected_id");
  };
  const std::string none = "drop: no_clear_preference";
  const char* const ten = R"("score":10,"created_utc":200)";
  CHECK(rejected(ten, R"("score":5,"created_utc":100)") == "\"t1_o\"");
  CHECK(rejected(ten, R"("score":5,"created_utc":200)") == "\"t1_o\"");
  CHECK(rejected(ten, R"("score":5,"created_utc":201)") == none);
  CHECK(rejected(ten, R"("score":6,"created_utc":100)") == none);
  CHECK(rejected(ten, R"("score":5)") == none);
  CHECK(rejected(R"("score":10)", R"("score":5,"created_utc":100)") == none);
  CHECK(rejected(ten, R"("score":-3,"created_utc":100)") == "\"t1_o\"");
  CHECK(rejected(R"("score":0,"created_utc":200)",
                 R"("score":0,"created_utc":100)") == none);
  CHECK(pick(thread(comment("b", kLong, ten)), "mtg", options) ==
        "drop: one_answer");
}

TEST_CASE("a pair has the best answer's fields and the other's text") {
  mill::PickOptions options;
  options.pairs = mill::PairOptions{.max_pairs = 2};
  const std::string json = thread(
      comment("a", padded("First."), R"("score":2,"created_utc":1)") + "," +
      comment("b", padded("Best."), R"("score":30,"created_utc":9)") + "," +
      comment("c", padded("Third."), R"("score":1,"created_utc":2)") + "," +
      comment("d", padded("Fourth."), R"("score":3,"created_utc":3)"));
  const std::string out = pick(json, "mtg", options);
  const std::size_t end = out.find('\n');
  const std::string first = out.substr(0, end), second = out.substr(end + 1);
  CHECK(field(first, "answer_id") == "\"t1_b\"");
  CHECK(field(first, "upvotes") == "30");
  CHECK(field(first, "rejected") == as_json(padded("Third.")));
  CHECK(field(first, "rejected_id") == "\"t1_c\"");
  CHECK(field(first, "rejected_upvotes") == "1");
  CHECK(field(second, "rejected_id") == "\"t1_a\"");
  CHECK(field(second, "id") == field(first, "id"));
  CHECK(std::count(out.begin(), out.end(), '\n') == 2);
  CHECK(field(pick(json), "rejected") == "missing");
}

TEST_CASE("a pattern that gives up makes the record bad, not the run") {
  CHECK(pick(thread(comment("c", std::string(90, 'a'))),
             R"({"drop":{"x":{"field":"answer","matches":"(a+)+\\d"}}})") ==
        "bad: a pattern of the profile gave up: too many steps");
}

TEST_CASE("no author's name is written") {
  const std::string out =
      pick(thread(comment("c", kLong, R"("author":"Secret_Name")"),
                  R"("author":"Asker_Name","author_fullname":"t2_secret")"));
  for (const char* name : {"Secret_Name", "Asker_Name", "t2_secret"})
    CHECK(out.find(name) == out.npos);
}

TEST_CASE("names of the thread's accounts are hidden in its texts") {
  const std::string json = thread(
      comment("a", padded("As Nested_9 said, so it is. Asker_1 knows."),
              R"("author":"First_1","score":9,"created_utc":2)") +
          "," +
          comment("b", padded("AutoModerator and first_1 were first."),
                  R"("author":"Second_1","score":1,"created_utc":1)") +
          "," +
          comment("c", "Hm.", R"("author":"Nested_9","parent_id":"t1_a")") +
          "," + comment("d", "I am a bot", R"("author":"AutoModerator")"),
      R"("author":"Asker_1","selftext":"I asked u/second_1 and u/other_1.")");
  const std::string out = pick(json, "qa", {.pairs = mill::PairOptions{}});
  CHECK(field(out, "question") ==
        R"("Why is it so?\n\nI asked [USERNAME] and u/other_1.")");
  CHECK(field(out, "answer") ==
        as_json(padded("As [USERNAME] said, so it is. [USERNAME] knows.")));
  CHECK(field(out, "rejected") ==
        as_json(padded("AutoModerator and [USERNAME] were first.")));
}
