#include "lib/collector/serve.h"
#include "tests/unit/catch.h"

TEST_CASE("read_collector_request reads what collector_url writes") {
  mill::CollectorRequest request;
  CHECK_FALSE(mill::read_collector_request({}, request));
  CHECK(mill::collector_url("u", request) == "u?limit=50");
  CHECK_FALSE(mill::read_collector_request({{"limit", "9"},
                                            {"dryRun", "true"},
                                            {"sources", "a,b"},
                                            {"streams", "hot"},
                                            {"minScore", "-3"},
                                            {"minLen", "80"},
                                            {"strictMagicFlair", "1"}},
                                           request));
  CHECK(mill::collector_url("u", request) ==
        "u?limit=9&dryRun=true&sources=a%2Cb&streams=hot&minScore=-3&"
        "minLen=80&strictMagicFlair=true");
}

TEST_CASE("read_collector_request refuses what makes no sense") {
  const std::multimap<std::string, std::string> queries[] = {
      {{"limit", "0"}},
      {{"limit", "501"}},
      {{"limit", "5x"}},
      {{"limit", ""}},
      {{"limit", "5"}, {"limit", "5"}},
      {{"dryRun", "yes"}},
      {{"dryrun", "true"}},
      {{"sources", ""}},
      {{"sources", "a,,b"}},
      {{"sources", "../x"}},
      {{"streams", "hottest"}},
      {{"minScore", "1.5"}},
      {{"minLen", "-1"}},
      {{"strictMagicFlair", ""}},
  };
  for (const auto& query : queries) {
    INFO(query.begin()->first << '=' << query.begin()->second);
    mill::CollectorRequest request;
    CHECK(mill::read_collector_request(query, request));
  }
}

TEST_CASE("Collection counts each thread once and stops at the limit") {
  mill::CollectorRequest request;
  request.is_dry_run = true;
  request.limit = 1;
  request.sources = "Other";
  mill::Collection collection(request, "qa");
  collection.take("no JSON");
  collection.take(R"({"post":{"subreddit":"s"}})", true);
  CHECK(collection.wants_more());
  collection.take(
      R"({"post":{"id":"p","name":"t3_p","title":"Why is the sky blue at noon?",)"
      R"("selftext":"I wonder.","author":"a","subreddit":"other","score":5,)"
      R"("upvote_ratio":0.9,"created_utc":1,"retrieved_on":2,"is_self":true,)"
      R"("permalink":"/r/other/comments/p/x/"},"comments":[{"id":"c",)"
      R"("name":"t1_c","parent_id":"t3_p","link_id":"t3_p","author":"b",)"
      R"("score":7,"created_utc":1,"body":"Because air scatters short waves )"
      R"(of light far more than long ones, and so blue comes from everywhere."}]})",
      true);
  CHECK_FALSE(collection.wants_more());
  collection.store(
      {.collection = "c", .url = "sqlite:/nonexistent/folder/x.db"});
  mill::JsonReader reader;
  const std::string text = collection.answer();
  REQUIRE_FALSE(reader.parse(text));
  const mill::JsonValue answer = reader.root();
  CHECK(answer["count"].raw() == "1");
  CHECK(answer.at_path("metrics.fetched").raw() == "3");
  CHECK(answer.at_path("metrics.bad").raw() == "1");
  CHECK(answer.at_path("metrics.dropped").raw() == R"({"other_subreddit":1})");
  CHECK(answer.at_path("metrics.persisted").raw() == "0");
  for (const mill::JsonValue interaction : answer["interactions"].elements()) {
    CHECK(interaction["answerId"].string() == "t1_c");
    CHECK(interaction["topAnswer"].is_string());
    CHECK_FALSE(interaction["answer"]);
  }
}
