#include "lib/reddit/dump_threads.h"

#include <unistd.h>
#include <zstd.h>

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "lib/io/lines.h"
#include "lib/io/output.h"
#include "lib/reddit/dump_buckets.h"
#include "tests/unit/catch.h"

namespace {

// Short names for what happened to a record or thread: "" where it was taken.
std::string reason(const mill::Outcome& outcome) { return outcome.reason; }

struct Join {
  mill::DumpThreads threads;
  mill::JsonReader reader;

  explicit Join(mill::DumpChoice choice = {}) : threads(std::move(choice)) {}
  std::string post(std::string_view line) {
    REQUIRE(!reader.parse(line));
    return reason(threads.add_post(reader.root()));
  }
  std::string comment(std::string_view line) {
    REQUIRE(!reader.parse(line));
    return reason(threads.add_comment(reader.root()));
  }
  // A comment on post "p" in few words.
  std::string comment(std::string_view id, std::string_view parent,
                      int created) {
    return comment(R"({"id":")" + std::string(id) +
                   R"(","link_id":"t3_p","parent_id":")" + std::string(parent) +
                   R"(","created_utc":)" + std::to_string(created) + "}");
  }
  std::uint64_t duplicates = 0;  // of comments, once written
  std::string write() {
    duplicates = threads.arrange();
    std::string all;
    for (std::size_t i = 0; i < threads.size(); ++i) threads.write(i, all);
    return all;
  }
  // The first thread's comments, each as "ID:DEPTH".
  std::vector<std::string> order() {
    const std::string line = write();
    REQUIRE(!reader.parse(std::string_view(line).substr(0, line.find('\n'))));
    std::vector<std::string> ids;
    for (const mill::JsonValue comment : reader.root()["comments"].elements())
      ids.push_back(comment["id"].string() + ":" +
                    std::string(comment["depth"].raw()));
    return ids;
  }
};

constexpr std::string_view kPost = R"({"id":"p","created_utc":1})";

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("DumpThreads orders comments depth first") {
  Join join;
  CHECK(join.post(kPost).empty());
  // Answers come before what they answer, as files may have them.
  join.comment("e", "t1_b", 50);
  join.comment("c", "t1_b", 30);
  join.comment("z", "t3_p", 20);
  join.comment("10", "t3_p", 20);  // a longer id is a greater number
  join.comment("b", "t3_p", 10);
  join.comment("d", "t1_c", 40);
  CHECK(join.order() == Ids{"b:0", "c:1", "d:2", "e:1", "z:0", "10:0"});
}

TEST_CASE("DumpThreads keeps comments whose parent is not there") {
  Join join;
  join.post(kPost);
  join.comment("a", "t1_gone", 10);
  join.comment("b", "t1_a", 20);
  join.comment("c", "t3_p", 30);
  join.comment("d", "t1_lost", 5);
  CHECK(join.order() == Ids{"c:0", "d:1", "a:1", "b:2"});
}

TEST_CASE("DumpThreads keeps comments that answer each other") {
  Join join;
  join.post(kPost);
  join.comment("a", "t1_b", 10);
  join.comment("b", "t1_a", 20);
  join.comment("c", "t1_c", 30);
  join.comment("d", "t1_c", 40);
  join.comment("e", "t3_p", 50);
  CHECK(join.order() == Ids{"e:0", "a:1", "b:2", "c:1", "d:2"});
}

TEST_CASE("DumpThreads does not join over posts") {
  Join join;
  join.post(kPost);
  join.post(R"({"id":"q","created_utc":1})");
  join.comment("a", "t3_p", 10);
  CHECK(join.comment(R"({"id":"b","link_id":"t3_q","parent_id":"t1_a",)"
                     R"("created_utc":1})")
            .empty());
  CHECK(join.comment(R"({"id":"c","link_id":"t3_r"})") == "no_submission");
  const std::string lines = join.write();
  CHECK(lines.find("\"id\":\"b\"") > lines.find('\n'));
}

TEST_CASE("DumpThreads nests as deep as comments do") {
  Join join;
  join.post(kPost);
  std::string parent = "t3_p";
  for (int i = 1; i <= 100'000; ++i) {
    const std::string id = std::to_string(i);
    join.comment(id, parent, i);
    parent = "t1_" + id;
  }
  const Ids ids = join.order();
  REQUIRE(ids.size() == 100'000);
  CHECK(ids.back() == "100000:99999");
}

TEST_CASE("DumpThreads adds depth and no other byte") {
  const struct {
    const char* what;
    std::string comment;  // after the fields that are needed
    std::string expected;
  } cases[] = {
      {"added last", R"(,"body":"\u00e9 é"})",
       R"(,"body":"\u00e9 é","depth":0})"},
      {"space inside", R"(, "x" : 1.50 })", R"(, "x" : 1.50 ,"depth":0})"},
      {"in place", R"(,"depth":17,"x":[]})", R"(,"depth":0,"x":[]})"},
      {"any value", R"(,"depth": {"a":1} })", R"(,"depth": 0 })"},
      {"escaped key", R"(,"\u0064epth":null})", R"(,"\u0064epth":0})"},
      {"a nested one stays", R"(,"x":{"depth":3}})",
       R"(,"x":{"depth":3},"depth":0})"},
  };
  const std::string fields =
      R"({"id":"c","link_id":"t3_p","parent_id":"t3_p","created_utc":"5.0")";
  for (const auto& c : cases) {
    INFO(c.what);
    Join join;
    join.post("  {\"id\":\"p\", \"created_utc\":1.0 }\r");
    CHECK(join.comment(" " + fields + c.comment + " ").empty());
    CHECK(join.write() ==
          "{\"post\":{\"id\":\"p\", \"created_utc\":1.0 },"
          "\"comments\":[" +
              fields + c.expected + "]}\n");
  }
}

TEST_CASE("DumpThreads keeps of duplicates what was retrieved last") {
  const struct {
    const char* what;
    std::vector<std::string> retrieved;
    int kept;
  } cases[] = {
      {"the last, of equals", {"", ""}, 1},
      {"the later", {R"(,"retrieved_on":9)", R"(,"retrieved_on":8)"}, 0},
      {"as a string", {R"(,"retrieved_on":"9")", R"(,"retrieved_on":10)"}, 1},
      {"any over none", {R"(,"retrieved_utc":1)", ""}, 0},
      {"null is none", {R"(,"retrieved_on":1)", R"(,"retrieved_on":null)"}, 0},
      {"the second retrieval counts",
       {R"(,"retrieved_on":1,"_meta":{"retrieved_2nd_on":7})",
        R"(,"retrieved_on":5)"},
       0},
      {"three", {"", R"(,"retrieved_on":3)", R"(,"retrieved_utc":2)"}, 1},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    Join join;
    for (std::size_t i = 0; i < c.retrieved.size(); ++i) {
      const std::string end =
          c.retrieved[i] + ",\"n\":" + std::to_string(i) + "}";
      const std::string expected = i == 0 ? "" : "duplicate";
      CHECK(join.post(R"({"id":"p","created_utc":1)" + end) == expected);
      CHECK(join.comment(R"({"id":"c","link_id":"t3_p","parent_id":"t3_p",)"
                         R"("created_utc":1)" +
                         end)
                .empty());
    }
    const std::string line = join.write();
    CHECK(join.duplicates == c.retrieved.size() - 1);
    const std::string kept = "\"n\":" + std::to_string(c.kept);
    CHECK(line.find(kept) != line.npos);
    CHECK(line.find(kept, line.find("comments")) != line.npos);
    CHECK(line.find("\"n\":") == line.find(kept));
  }
}

TEST_CASE("DumpThreads says what it does not take") {
  mill::DumpChoice choice;
  choice.subreddits = mill::SubredditScan({"Pics"});
  choice.since = mill::from_unix_seconds(100);
  choice.until = mill::from_unix_seconds(200);
  choice.min_comments = 0;
  Join join(choice);
  const struct {
    const char* post;
    const char* expected;
  } posts[] = {
      {R"({"subreddit":"pics","id":"a","created_utc":100})", ""},
      {R"({"subreddit":"PICS","id":"b","created_utc":"199"})", ""},
      {R"({"subreddit":"pics","id":"c","created_utc":99.9})", "outside_time"},
      {R"({"subreddit":"pics","id":"d","created_utc":200})", "outside_time"},
      {R"({"subreddit":"funny","id":5})", "other_subreddit"},
      {R"({"subreddit":null})", "other_subreddit"},
      {R"({"subreddit":"pics","created_utc":100})", "id: missing"},
      {R"({"subreddit":"pics","id":5})",
       "id: not an id in base 36 but a number"},
      {R"({"subreddit":"pics","id":"Ab"})", "id: not an id in base 36"},
      {R"({"subreddit":"pics","id":""})", "id: not an id in base 36"},
      {R"({"subreddit":"pics","id":"0123456789abc"})",
       "id: not an id in base 36"},
      {R"({"subreddit":"pics","id":"e"})", "created_utc: missing"},
      {R"({"subreddit":"pics","id":"e","created_utc":null})",
       "created_utc: not a time but null"},
      {R"({"subreddit":"pics","id":"e","created_utc":"soon"})",
       "created_utc: not a time"},
      {R"({"subreddit":"pics","id":"e","created_utc":1e300})",
       "created_utc: not a time but a number"},
      {R"({"subreddit":"pics","id":"e","link_id":"t3_a"})",
       "link_id: a comment among the submissions"},
  };
  for (const auto& p : posts) CHECK(join.post(p.post) == p.expected);
  const struct {
    const char* comment;
    const char* expected;
  } comments[] = {
      {R"({"subreddit":"funny","link_id":"t3_a"})", "other_subreddit"},
      {R"({"subreddit":"pics","id":"c"})", "link_id: missing"},
      {R"({"subreddit":"pics","link_id":"a"})",
       "link_id: not a post's fullname"},
      {R"({"subreddit":"pics","link_id":"t3_d"})", "no_submission"},
      {R"({"subreddit":"pics","link_id":"t3_a","id":null})",
       "id: not an id in base 36 but null"},
      {R"({"subreddit":"pics","link_id":"t3_a","id":"c","parent_id":3})",
       "parent_id: not a post's or comment's fullname but a number"},
      {R"({"subreddit":"pics","link_id":"t3_a","id":"c","parent_id":"t3_a"})",
       "created_utc: missing"},
  };
  for (const auto& c : comments) CHECK(join.comment(c.comment) == c.expected);
  CHECK(join.write() ==
        "{\"post\":{\"subreddit\":\"pics\",\"id\":\"a\",\"created_utc\":100},"
        "\"comments\":[]}\n"
        "{\"post\":{\"subreddit\":\"PICS\",\"id\":\"b\",\"created_utc\":"
        "\"199\"},\"comments\":[]}\n");
}

TEST_CASE("DumpBuckets joins as DumpThreads does") {
  // Ids far apart and close together, some several times, some of no post.
  std::mt19937_64 random(7);
  const auto id = [&] {
    std::string digits;
    for (auto left = random() % 12 + 1; left > 0; --left)
      digits += "01z"[random() % 3];
    return digits;
  };
  for (const std::size_t count : {0u, 1u, 2u, 3u, 50u, 1000u}) {
    std::vector<std::string> ids(count), comment_ids(count + 1);
    for (std::string& each : ids) each = id();
    for (std::string& each : comment_ids) each = id();
    const auto some = [&](const std::vector<std::string>& from) {
      return from.empty() || random() % 8 == 0 ? id()
                                               : from[random() % from.size()];
    };
    std::vector<std::string> posts, comments;
    for (std::size_t i = 0; i < count + count / 4; ++i)
      posts.push_back(R"({"id":")" + (i < count ? ids[i] : some(ids)) +
                      R"(","created_utc":1,"retrieved_on":)" +
                      std::to_string(random() % 3) + R"(,"n":)" +
                      std::to_string(i) + "}");
    for (std::size_t i = 0; i < count * 4; ++i) {
      const std::string post = "t3_" + some(ids);
      const std::string parent =
          random() % 2 ? post : "t1_" + some(comment_ids);
      std::string comment = R"({"id":")" + some(comment_ids);
      comment += R"(","link_id":")" + post + R"(","parent_id":")" + parent;
      // Some are bad, if their post is there, and else nobody looks.
      comment += R"(","created_utc":)" +
                 (random() % 16 == 0 ? "[]" : std::to_string(random() % 9));
      comments.push_back(comment + R"(,"n":)" + std::to_string(i) + "}");
    }

    Join whole;
    std::map<std::string, std::uint64_t> drops, expected_drops{{"", 0}};
    for (const auto& line : posts) ++expected_drops[whole.post(line)];
    for (const auto& line : comments) ++expected_drops[whole.comment(line)];
    const std::string expected = whole.write();
    expected_drops["duplicate"] += whole.duplicates;
    expected_drops["no_submission"] += 0;  // counted at the end
    CHECK((count < 50 || (whole.duplicates > 0 && !expected.empty())));
    for (const std::size_t parts : {1u, 2u, 7u, 300u}) {
      CAPTURE(count, parts);
      mill::JsonReader reader;
      mill::DumpBuckets buckets({}, parts);
      drops.clear();
      for (const auto& line : posts) {
        REQUIRE(!reader.parse(line));
        ++drops[reason(buckets.add_post(reader.root()))];
      }
      const std::uint64_t duplicates = buckets.finish_posts();
      drops["duplicate"] += duplicates;
      drops[""] -= duplicates;
      for (const auto& line : comments) {
        REQUIRE(!reader.parse(line));
        ++drops[reason(buckets.add_comment(reader.root()))];
      }
      const std::uint64_t without_post = buckets.finish_comments();
      drops["no_submission"] += without_post;
      drops[""] -= without_post;
      std::string written;
      buckets.write([&](mill::DumpThreads& threads, std::uint64_t again) {
        drops["duplicate"] += again;
        for (std::size_t i = 0; i < threads.size(); ++i)
          threads.write(i, written);
      });
      CHECK(written == expected);
      CHECK(drops == expected_drops);
    }
  }
}

TEST_CASE("DumpThreads writes the same bytes whatever the size of reads") {
  std::string dump;
  for (int i = 0; i < 12; ++i)
    dump += R"({"id":"c)" + std::to_string(i) +
            R"(","link_id":"t3_p","parent_id":"t3_p","body":"é春🌀)" +
            std::string(static_cast<std::size_t>(i * 7), 'x') +
            R"(\ud83c\udf00 ربيع","created_utc":)" + std::to_string(i) + "}\n";
  std::string compressed(ZSTD_compressBound(dump.size()), '\0');
  compressed.resize(ZSTD_compress(compressed.data(), compressed.size(),
                                  dump.data(), dump.size(), 3));
  std::vector<std::string> files;
  for (const std::string& bytes : {dump, compressed}) {
    files.push_back("dump_threads_test." + std::to_string(files.size()));
    mill::AtomicFile file(files.back());
    file.write(bytes);
    file.commit();
  }

  std::string expected;
  for (std::size_t size = 1; size <= 4096; ++size) {
    for (const std::string& file : files) {
      Join join;
      join.post(kPost);
      mill::LineReader lines(mill::Input(file, size), 1 << 20, size);
      while (const auto line = lines.next()) join.comment(line->text);
      const std::string written = join.write();
      if (expected.empty()) expected = written;
      if (written != expected) {  // an assertion each would cost the time
        CAPTURE(size, file);
        REQUIRE(written == expected);
      }
    }
  }
  CHECK(expected.find("é春🌀x") != expected.npos);
  for (const std::string& file : files) ::unlink(file.c_str());
}
