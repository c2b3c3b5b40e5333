#include "lib/reddit/fate.h"

#include "tests/unit/catch.h"

using mill::Fate;

TEST_CASE("a notice is known by its form") {
  const struct {
    std::string_view text;
    Fate fate;
  } cases[] = {
      {"[deleted]", Fate::kDeleted},
      {" [deleted]\r\n", Fate::kDeleted},
      {{"[deleted]\0", 10}, Fate::kDeleted},
      {{"\0\n[deleted]\u200B", 14}, Fate::kDeleted},
      {"\u00A0[\u00A0DELETED\u00A0]", Fate::kDeleted},
      {"[deleted by user]", Fate::kDeleted},
      {"**[deleted]**", Fate::kDeleted},
      {"\\[removed\\]", Fate::kRemoved},
      {"[removed]", Fate::kRemoved},
      {"[ Removed by Reddit ]", Fate::kRemoved},
      {"[ Removed by moderator ]", Fate::kRemoved},
      {"[removed by moderator]", Fate::kRemoved},
      {"[ Removed by reddit in response to a copyright notice. ]",
       Fate::kRemoved},
      {"[ Removed by reddit on account of violating the [content policy]"
       "(/help/contentpolicy). ]",
       Fate::kRemoved},
      {"[This comment has been removed]", Fate::kRemoved},
      {"[content removed]", Fate::kRemoved},
      {"", Fate::kAlive},
      {"[]", Fate::kAlive},
      {"[deleted", Fate::kAlive},
      {"deleted", Fate::kAlive},
      {"[deleted] is what it says", Fate::kAlive},
      {"Removed by Reddit, it seems", Fate::kAlive},
      {"[removed] and [deleted]", Fate::kAlive},
      {"[removed](https://example.com)", Fate::kAlive},
      {"[removedor]", Fate::kAlive},
      {"[not deleted]", Fate::kAlive},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    CHECK(mill::notice_in(c.text) == c.fate);
  }
}

TEST_CASE("every sign of what is gone counts, of posts and comments alike") {
  const struct {
    const char* item;
    Fate fate;
  } cases[] = {
      {R"({"author":"a","title":"T","selftext":"","body":"B"})", Fate::kAlive},
      {R"({"title":"T"})", Fate::kAlive},
      {R"({"removed_by_category":null,"banned_by":false,"removed":false})",
       Fate::kAlive},
      {R"({"removed_by_category":"","removal_reason":null,"spam":false})",
       Fate::kAlive},
      {R"({"_meta":{"note":"no_2nd_retrieval"}})", Fate::kAlive},
      {R"({"removed_by_category":"deleted"})", Fate::kDeleted},
      {R"({"removed_by_category":"author"})", Fate::kDeleted},
      {R"({"removed_by_category":"moderator"})", Fate::kRemoved},
      {R"({"removed_by_category":"copyright_takedown"})", Fate::kRemoved},
      {R"({"removal_reason":"legal"})", Fate::kRemoved},
      {R"({"removed_by":"automoderator"})", Fate::kRemoved},
      {R"({"banned_by":"mod"})", Fate::kRemoved},
      {R"({"banned_by":true})", Fate::kRemoved},
      {R"({"banned_at_utc":1604116815})", Fate::kRemoved},
      {R"({"is_robot_indexable":false})", Fate::kRemoved},
      {R"({"is_robot_indexable":true})", Fate::kAlive},
      {R"({"removed":true})", Fate::kRemoved},
      {R"({"spam":true})", Fate::kRemoved},
      {R"({"collapsed_reason_code":"DELETED"})", Fate::kDeleted},
      {R"({"_meta":{"removal_type":"deleted"}})", Fate::kDeleted},
      {R"({"_meta":{"removal_type":"removed by reddit"}})", Fate::kRemoved},
      {R"({"_meta":{"was_deleted_later":true}})", Fate::kDeleted},
      {R"({"_meta":{"was_initially_deleted":true}})", Fate::kDeleted},
      {R"({"author":"[deleted]","body":"B"})", Fate::kDeleted},
      {R"({"author":null,"body":"B"})", Fate::kDeleted},
      {R"({"author":"","body":"B"})", Fate::kDeleted},
      {R"({"author":"[deleted]","body":"[removed]"})", Fate::kRemoved},
      {R"({"body":"[deleted]\u0000"})", Fate::kDeleted},
      {R"({"title":"[ Removed by moderator ]","selftext":"x"})",
       Fate::kRemoved},
      {R"({"removed_by_category":"moderator","selftext":"[deleted]"})",
       Fate::kDeleted},
      {R"({"body":"[deleted]","body":"B"})", Fate::kDeleted},
      {R"({"removed":true,"removed":false})", Fate::kRemoved},
  };
  for (const auto& c : cases) {
    INFO(c.item);
    mill::JsonReader reader;
    REQUIRE_FALSE(reader.parse(c.item));
    CHECK(mill::fate_of(reader.root()) == c.fate);
  }
}

TEST_CASE("what is left of a takedown is seen in an interaction") {
  CHECK(mill::fate_of_texts("Q", "A") == Fate::kAlive);
  CHECK(mill::fate_of_texts("Q", "[removed]") == Fate::kRemoved);
  CHECK(mill::fate_of_texts("Q\n\n[deleted]", "A") == Fate::kDeleted);
  CHECK(mill::fate_of_texts("[ Removed by moderator ]\n\nQ", "A") ==
        Fate::kRemoved);
}
