#include "lib/store/store.h"

#include <sqlite3.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <future>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/io/output.h"
#include "lib/json/json.h"
#include "lib/json/json_writer.h"
#include "tests/unit/catch.h"
#include "tests/unit/fake_firestore.h"

namespace {

using Opening = std::function<std::unique_ptr<mill::Store>()>;
using OpeningFor =
    std::function<std::unique_ptr<mill::Store>(mill::StoreAccess)>;

// An empty folder that goes away with what is in it.
class Folder {
 public:
  Folder() {
    char name[] = "store_test.XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Folder() {
    for (const char* file : {"a.db", "a.db-wal", "a.db-shm"})
      ::unlink((path_ + "/" + file).c_str());
    ::rmdir(path_.c_str());
  }
  std::string file() const { return path_ + "/a.db"; }
  std::string url() const { return "sqlite:" + file(); }

 private:
  std::string path_;
};

// A document whose body every store gives back as it is.
mill::Document document(std::string id, double confidence, std::int64_t seconds,
                        std::string subreddit = "mtg") {
  const mill::Timestamp time = mill::from_unix_seconds(seconds);
  std::string body;
  mill::JsonWriter json(body);
  json.begin_object();
  json.member("id", id);
  json.member("confidence", confidence);
  json.member("subreddit", subreddit);
  // What is newest was collected first.
  json.member("collected_at",
              mill::format_timestamp(mill::from_unix_seconds(1000 - seconds)));
  json.member("timestamp", mill::format_timestamp(time));
  json.end_object();
  return {std::move(id), std::move(body), confidence, time,
          std::move(subreddit)};
}

std::vector<std::string> bodies(mill::Store& store, const mill::Query& query) {
  std::vector<std::string> found;
  store.query("c", query, [&](std::string_view, std::string_view body) {
    found.emplace_back(body);
  });
  return found;
}

// The ids of what a query finds, joined by commas.
std::string ids(mill::Store& store, const mill::Query& query) {
  std::string list;
  for (const std::string& body : bodies(store, query)) {
    mill::JsonReader reader;
    reader.parse(body);
    list.append(list.empty() ? "" : ",").append(reader.root()["id"].string());
  }
  return list;
}

// Some text that is awkward to store: escapes, numbers beyond a double, other
// scripts, space.
std::string random_body(std::mt19937& random) {
  constexpr const char* kPieces[] = {
      "\\u0000", "\\n", "é", "😀", "\\ud83d\\ude00", "'", "\\\"", "%", "a", " "};
  std::string body = "{ \"n\" : 1234567890123456789012345.10e-0 ,\"t\":\"";
  for (auto n = random() % 2000; n > 0; --n) body += kPieces[random() % 10];
  return body + "\"}";
}

using Bits = std::vector<bool>;

// Which of the documents were new.
Bits create(mill::Store& store, const std::string& collection,
            std::span<const mill::Document> documents) {
  Bits is_new;
  for (const mill::Created& created : store.create(collection, documents))
    is_new.push_back(created.kind == mill::Created::kNew);
  return is_new;
}

// What every store promises, in three parts that follow each other. The store
// is empty at first, and writable.
void creates_only(mill::Store& store) {
  const mill::Document first[] = {
      document("a", 0.9, 100), document("b", 0.7999999999999999, 300),
      document("a", 0.1, 999), document("d", 0.5, 200, "judge")};
  CHECK(create(store, "c", first) == Bits{true, true, false, true});
  const mill::Document second[] = {document("b", 1, 1),
                                   document("c", 0.8, 300)};
  CHECK(create(store, "c", second) == Bits{false, true});
  CHECK(create(store, "c", {}) == Bits{});

  const std::string asked[] = {"a", "x", "c"};
  CHECK(store.contains("c", asked) == Bits{true, false, true});
  CHECK(store.contains("other", asked) == Bits{false, false, false});
  CHECK(store.get("c", "a") == first[0].body);
  CHECK(store.get("c", "x") == std::nullopt);
}

void answers_queries(mill::Store& store) {
  const auto at = [](std::int64_t seconds) {
    return mill::from_unix_seconds(seconds);
  };
  const auto check = [&](const char* what, const mill::Query& query,
                         const char* found) {
    INFO(what);
    CHECK(ids(store, query) == found);
  };
  check("newest first, then by id", {}, "b,c,d,a");
  check("confidence at nine decimals", {.min_confidence = 0.8}, "b,c,a");
  check("the least confidence is included", {.min_confidence = 0.9}, "a");
  check("since is included", {.since = at(200)}, "b,c,d");
  check("until is not", {.until = at(200)}, "a");
  check("a subreddit", {.subreddits = {"judge"}}, "d");
  check("subreddits", {.subreddits = {"judge", "mtg"}}, "b,c,d,a");
  check("no such subreddit", {.subreddits = {"x"}}, "");
  check("a limit", {.limit = 2}, "b,c");
  check("more subreddits than Firestore compares",
        {.subreddits = {"1",  "2",  "3",  "4",  "5",  "6",  "7",    "8",
                        "9",  "10", "11", "12", "13", "14", "15",   "16",
                        "17", "18", "19", "20", "21", "22", "23",   "24",
                        "25", "26", "27", "28", "29", "30", "judge"}},
        "d");
  check("collected since, which is included", {.collected_since = at(800)},
        "d,a");
  check("collected since, of a subreddit, with a confidence",
        {.min_confidence = 0.6,
         .since = at(100),
         .until = at(300),
         .collected_since = at(700),
         .subreddits = {"judge", "mtg"}},
        "a");
  check("a limit within one time", {.min_confidence = 0.5, .limit = 1}, "b");
  check("a limit on what else matches",
        {.min_confidence = 0.5, .until = at(300), .limit = 1}, "d");
}

// Any number of parts of a query, one after another, are the whole of it.
void answers_in_parts(mill::Store& store) {
  std::vector<mill::Document> documents;
  for (int i = 0; i < 60; ++i)  // some of one time, more of them early
    documents.push_back(document(std::to_string(i), i % 3 * 0.4, i * i / 50));
  create(store, "parts", documents);
  const auto found = [&](const mill::Query& query) {
    std::vector<std::string> list;
    store.query("parts", query, [&](std::string_view id, std::string_view) {
      list.emplace_back(id);
    });
    return list;
  };
  const auto at = [](std::int64_t seconds) {
    return mill::from_unix_seconds(seconds);
  };
  const mill::Query queries[] = {
      {.min_confidence = 0.3, .since = at(-62135596800), .until = at(70)},
      {.since = at(3), .until = at(47)},
      {.since = at(0), .until = mill::Timestamp{7}},
      {.since = at(9), .until = at(9)}};
  for (const mill::Query& query : queries) {
    const std::vector<std::string> whole = found(query);
    for (const std::uint64_t count : {1u, 2u, 3u, 7u, 50u}) {
      INFO(count);
      std::vector<std::string> joined;
      auto end = query.until;
      for (std::uint64_t i = 1; i <= count; ++i) {
        const mill::Query part = mill::part_of(query, i, count);
        CHECK(part.until == end);
        end = part.since;
        for (std::string& id : found(part)) joined.push_back(std::move(id));
      }
      CHECK(end == query.since);
      CHECK(joined == whole);
    }
  }
  // Whatever the time, and as many as there may be.
  const mill::Query longest{.since = at(-62135596800),
                            .until = at(253402300799)};
  const auto last = mill::part_of(longest, mill::kMostParts, mill::kMostParts);
  CHECK(last.since == longest.since);
  CHECK(last.until->microseconds - last.since->microseconds ==
        (253402300799 + 62135596800));
}

// What a query came by, and what it left out beyond its limit.
void counts(mill::Store& store) {
  const auto check = [&](const char* what, const mill::Query& query,
                         std::uint64_t found, std::uint64_t below,
                         std::optional<std::uint64_t> in_range) {
    INFO(what);
    const auto counts = store.query("c", query, [](auto, auto) {});
    CHECK(counts.found == found);
    CHECK(counts.below_threshold == below);
    CHECK(store.count("c", query) == in_range);
  };
  const auto at = mill::from_unix_seconds(200);
  check("all", {}, 4, 0, 4);
  check("below the threshold", {.min_confidence = 0.9}, 1, 3, 4);
  check("in its time only", {.min_confidence = 0.8, .since = at}, 2, 1, 3);
  check("up to the limit", {.min_confidence = 0.8, .limit = 2}, 2, 0, 4);
  check("passed over up to the limit", {.min_confidence = 0.8, .limit = 3}, 3,
        1, 4);
  check(
      "collected since",
      {.min_confidence = 0.6, .collected_since = mill::from_unix_seconds(700)},
      3, 1, 4);
  check("a subreddit twice", {.subreddits = {"judge", "judge"}}, 1, 0, 1);
  std::vector<std::string> many(40, "judge");
  for (std::size_t i = 0; i < 39; ++i) many[i] = std::to_string(i);
  check("many subreddits", {.min_confidence = 0.6, .subreddits = many}, 0, 1,
        1);
  CHECK(store.count_withdrawn("c") == 0);
  CHECK(store.count("other", {}) == 0);
}

// Many of one time, some with too little confidence among them: the limit ends
// within it, and what was passed over is what comes before that.
void counts_within_one_time(mill::Store& store) {
  std::vector<mill::Document> documents;
  for (int i = 0; i < 300; ++i)
    documents.push_back(
        document(std::to_string(1000 + i), i % 3 == 0 ? 0.9 : 0.1, 5));
  documents.push_back(document("newer", 0.1, 6));
  create(store, "tied", documents);
  for (const std::uint64_t limit : {1u, 50u, 99u, 100u, 101u}) {
    INFO(limit);
    std::vector<std::string> found;
    const auto counts = store.query(
        "tied", {.min_confidence = 0.5, .limit = limit},
        [&](std::string_view id, std::string_view) { found.emplace_back(id); });
    const std::uint64_t wanted = std::min<std::uint64_t>(limit, 100);
    CHECK(found.size() == wanted);
    CHECK(found.back() == std::to_string(1000 + 3 * (wanted - 1)));
    // Two of three before the last one, and the newer.
    CHECK(counts.below_threshold ==
          (limit == 101 ? 201 : 2 * (wanted - 1) + 1));
  }
}

void withdraws(mill::Store& store) {
  const std::string gone[] = {"b", "x"};
  const auto day = mill::from_unix_seconds(86400);
  CHECK(store.withdraw("c", gone, day) == Bits{true, false});
  CHECK(store.withdraw("c", gone, day) == Bits{false, false});
  CHECK(ids(store, {}) == "c,d,a");
  CHECK(store.count("c", {}) == 3);
  CHECK(store.count_withdrawn("c") == 1);
  CHECK(store.count_withdrawn("other") == 0);
  CHECK(store.get("c", "b") ==
        "{\"id\":\"b\",\"withdrawn\":true,"
        "\"withdrawn_at\":\"1970-01-02T00:00:00Z\"}");
  const mill::Document again = document("b", 1, 1);
  CHECK(create(store, "c", {&again, 1}) == Bits{false});
}

// More than a page and more than a batch, and equal times.
void keeps_many(mill::Store& store) {
  std::vector<mill::Document> documents;
  std::vector<std::string> wanted;
  for (int i = 0; i < 1234; ++i)
    documents.push_back(document(std::to_string(10'000 + i), 0.75, -(i / 700)));
  CHECK(create(store, "many", documents) == Bits(1234, true));
  CHECK(create(store, "many", documents) == Bits(1234, false));
  std::size_t at = 0;
  bool is_same = true;
  store.query("many", {.min_confidence = 0.7},
              [&](std::string_view, std::string_view body) {
                is_same = is_same && at < 1234 && body == documents[at].body;
                ++at;
              });
  CHECK(is_same);
  CHECK(at == 1234);
}

void keeps_what_has_no_time(mill::Store& store) {
  const mill::Document manifest{.id = "v1", .body = R"({"version":"v1"})"};
  CHECK(create(store, "t", {&manifest, 1})[0]);
  CHECK(store.get("t", "v1") == manifest.body);
  bool is_found = false;
  store.query("t", {},
              [&](std::string_view, std::string_view) { is_found = true; });
  CHECK_FALSE(is_found);
}

// Names what became of each, "new", "exists" or "refused".
std::string fates(mill::Store& store,
                  std::span<const mill::Document> documents) {
  constexpr const char* kNames[] = {"new", "exists", "refused"};
  std::string list;
  for (const mill::Created& created : store.create("dry", documents))
    list.append(list.empty() ? "" : " ").append(kNames[created.kind]);
  return list;
}

// A dry run answers as the store itself then does, and changes nothing.
void only_says_what_it_would_do(mill::Store& store, mill::Store& dry_run) {
  const mill::Document there[] = {document("a", 1, 1)};
  create(store, "dry", there);
  const mill::Document first[] = {
      document("a", 1, 1),
      document("b", 1, 1),
      document("b", 1, 1),
      {.id = "c", .body = R"({"write_id":1})"},  // which Firestore refuses
      document("c", 1, 1)};
  const mill::Document second[] = {document("b", 1, 1), document("d", 1, 1)};
  const std::string said = fates(dry_run, first);
  CHECK((said == "exists new exists refused new" ||
         said == "exists new exists new exists"));
  CHECK(fates(dry_run, second) == "exists new");
  const std::string ids_of_all[] = {"a", "b", "c", "d"};
  CHECK(store.contains("dry", ids_of_all) == Bits{true, false, false, false});
  CHECK(fates(store, first) == said);
  CHECK(fates(store, second) == "exists new");
}

// Several writers of the same documents, each with a store of its own.
void has_one_creator(const Opening& open) {
  std::vector<mill::Document> documents;
  for (int i = 0; i < 2000; ++i)
    documents.push_back(document(std::to_string(i), 0.5, i));
  std::vector<std::future<std::vector<bool>>> writers;
  for (int i = 0; i < 8; ++i)
    writers.push_back(std::async(std::launch::async, [&] {
      return create(*open(), "raced", documents);
    }));
  std::vector<int> creators(documents.size());
  for (auto& writer : writers) {
    const std::vector<bool> created = writer.get();
    for (std::size_t i = 0; i < created.size(); ++i) creators[i] += created[i];
  }
  CHECK(creators == std::vector<int>(documents.size(), 1));
}

void keeps_promises(const OpeningFor& open) {
  const auto writer = open(mill::StoreAccess::kWrite);
  const auto read_only = open(mill::StoreAccess::kRead);
  mill::Store &store = *writer, &reader = *read_only;
  creates_only(store);
  answers_queries(reader);
  counts(reader);
  withdraws(store);
  CHECK(ids(reader, {}) == "c,d,a");
  keeps_many(store);
  counts_within_one_time(store);
  answers_in_parts(store);
  keeps_what_has_no_time(store);
  has_one_creator([&] { return open(mill::StoreAccess::kWrite); });
  only_says_what_it_would_do(store, *open(mill::StoreAccess::kDryRun));
}

int exit_code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const mill::Exit& exit) {
    return exit.code;
  }
  return EX_OK;
}

void execute(const std::string& file, const char* sql) {
  sqlite3* database = nullptr;
  REQUIRE(::sqlite3_open(file.c_str(), &database) == SQLITE_OK);
  REQUIRE(::sqlite3_exec(database, sql, nullptr, nullptr, nullptr) ==
          SQLITE_OK);
  ::sqlite3_close(database);
}

constexpr auto kRead = mill::StoreAccess::kRead;
constexpr auto kWrite = mill::StoreAccess::kWrite;
constexpr auto kDryRun = mill::StoreAccess::kDryRun;

}  // namespace

TEST_CASE("A SQLite store keeps a store's promises") {
  const Folder folder;
  keeps_promises([&](mill::StoreAccess access) {
    return mill::open_store(folder.url(), access);
  });
}

TEST_CASE("A Firestore store keeps a store's promises") {
  const FakeFirestore firestore;
  keeps_promises([&](mill::StoreAccess access) {
    return mill::open_store("firestore:demo-project/some-database", access);
  });
}

TEST_CASE("A Firestore with the collector's names is read whole") {
  const FakeFirestore firestore;
  const auto store = mill::open_store("firestore:p", kWrite);
  mill::Document theirs = document("a", 0.9, 1);
  theirs.body = R"({"id":"a","confidenceScore":0.9,"timestamp":"1970-01-01"})";
  const mill::Document documents[] = {theirs, document("b", 0.1, 2)};
  create(*store, "c", documents);
  const auto counts =
      store->query("c", {.min_confidence = 0.5}, [](auto, auto) {});
  CHECK(counts.found == 1);
  CHECK(counts.below_threshold == 1);
  CHECK(counts.warning.find("confidenceScore") != std::string::npos);
}

TEST_CASE("What Firestore no longer keeps is read and counted as of now") {
  const FakeFirestore firestore({.rate = 1, .names = {"stale_time"}});
  const auto store = mill::open_store("firestore:p", kWrite);
  std::vector<mill::Document> documents;
  for (int i = 0; i < 1200; ++i)
    documents.push_back(document(std::to_string(i), i % 2 ? 0.9 : 0.1, i));
  create(*store, "c", documents);
  const auto counts =
      store->query("c", {.min_confidence = 0.5}, [](auto, auto) {});
  CHECK(counts.found == 600);
  CHECK(counts.below_threshold == 600);
  CHECK(counts.warning.empty());
}

TEST_CASE("A Firestore store that fails is withdrawn from by one writer") {
  const FakeFirestore firestore(
      {.rate = 0.3,
       .names = {"reset_before", "reset_after", "status_503_after", "truncated",
                 "items_again", "error_late"}});
  const auto open = [] {
    return mill::open_store("firestore:p", kWrite,
                            {.timeout = 5, .retries = 12});
  };
  std::vector<mill::Document> documents;
  std::vector<std::string> gone;
  for (int i = 0; i < 600; ++i) {
    documents.push_back(document(std::to_string(i), 1, i));
    gone.push_back(documents.back().id);
  }
  CHECK(create(*open(), "c", documents) == Bits(600, true));
  std::vector<std::future<Bits>> writers;
  for (int i = 0; i < 3; ++i)
    writers.push_back(std::async(
        std::launch::async, [&] { return open()->withdraw("c", gone, {}); }));
  std::vector<int> count(600);
  for (auto& writer : writers) {
    const Bits withdrawn = writer.get();
    for (std::size_t i = 0; i < 600; ++i) count[i] += withdrawn[i];
  }
  CHECK(count == std::vector<int>(600, 1));
}

TEST_CASE("A Firestore store keeps its promises in Google's emulator") {
  const char* const emulator = std::getenv("ANSWERMILL_TEST_FIRESTORE");
  if (!emulator) {
    WARN("SKIPPED: ANSWERMILL_TEST_FIRESTORE is not set");
    return;
  }
  const EmulatorVariable variable(emulator);
  const std::string url =
      "firestore:demo-" + std::to_string(std::random_device()());
  keeps_promises(
      [&](mill::StoreAccess access) { return mill::open_store(url, access); });
}

TEST_CASE("A SQLite store keeps bodies byte for byte") {
  const Folder folder;
  std::mt19937 random(7);
  std::vector<mill::Document> documents;
  for (int i = 0; i < 300; ++i) {
    documents.push_back(document(std::to_string(i), 1, -i));
    documents.back().body = random_body(random);
  }
  create(*mill::open_store(folder.url(), kWrite), "c", documents);
  const auto store = mill::open_store(folder.url(), kRead);
  std::vector<std::string> found = bodies(*store, {});
  REQUIRE(found.size() == documents.size());
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(found[i] == documents[i].body);
}

TEST_CASE("A SQLite store is a file, whatever its name") {
  const mill::Document one = document("a", 1, 1);
  create(*mill::open_store("sqlite::memory:", kWrite), "c", {&one, 1});
  CHECK(mill::open_store("sqlite::memory:", kRead)->get("c", "a") == one.body);
  ::unlink(":memory:");
}

TEST_CASE("A dry run takes a store that does not exist as an empty one") {
  const Folder folder;
  const mill::Document one[] = {document("a", 1, 1)};
  const auto dry_run = [&](const std::string& url) {
    return fates(*mill::open_store(url, kDryRun), one);
  };
  CHECK(dry_run(folder.url()) == "new");
  CHECK(::access(folder.file().c_str(), F_OK) != 0);
  CHECK(dry_run("sqlite:no-such-folder/a.db") == "new");
  mill::AtomicFile(folder.file()).commit();  // an empty file
  CHECK(dry_run(folder.url()) == "new");
  CHECK(exit_code_of([] { mill::open_store("sqlite:.", kDryRun); }) ==
        EX_CANTCREAT);
}

TEST_CASE("A SQLite store overwrites what is withdrawn") {
  const Folder folder;
  {
    const auto store = mill::open_store(folder.url(), kWrite);
    mill::Document secret = document("a", 1, 1);
    secret.body = "{\"x\":\"" + std::string(9000, 's') + "ecret\"}";
    create(*store, "c", {&secret, 1});
    const std::string id[] = {"a"};
    store->withdraw("c", id, {});
  }
  std::FILE* file = std::fopen(folder.file().c_str(), "rb");
  std::string bytes(1 << 20, '\0');
  bytes.resize(std::fread(bytes.data(), 1, bytes.size(), file));
  std::fclose(file);
  CHECK(bytes.find("withdrawn_at") != bytes.npos);
  CHECK(bytes.find("ssssssss") == bytes.npos);
}

TEST_CASE("What is no store is refused, each with its exit status") {
  const Folder folder;
  const auto open = [&](const std::string& url, mill::StoreAccess access) {
    return exit_code_of([&] { mill::open_store(url, access); });
  };
  CHECK(open("nothing", kRead) == EX_USAGE);
  CHECK(open("sqlite:", kWrite) == EX_USAGE);
  CHECK(open("redis:x", kWrite) == EX_USAGE);
  CHECK(open("firestore:", kWrite) == EX_USAGE);
  CHECK(open("firestore:My Project", kWrite) == EX_USAGE);
  CHECK(open("firestore:my-project/", kWrite) == EX_USAGE);
  CHECK(open("firestore:my-project/(default)", kWrite) == EX_OK);
  {
    const EmulatorVariable variable("example.com:8080");
    CHECK(open("firestore:my-project", kWrite) == EX_CONFIG);
  }

  CHECK(open(folder.url(), kRead) == EX_NOINPUT);
  CHECK(::access(folder.file().c_str(), F_OK) != 0);
  CHECK(open("sqlite:no-such-folder/a.db", kWrite) == EX_CANTCREAT);
  CHECK(open("sqlite:.", kRead) == EX_NOINPUT);
  CHECK(open("sqlite:.", kWrite) == EX_CANTCREAT);

  mill::AtomicFile text(folder.file());
  text.write(std::string(5000, 'x'));
  text.commit();
  CHECK(open(folder.url(), kRead) == EX_CONFIG);
  CHECK(open(folder.url(), kWrite) == EX_CONFIG);

  mill::AtomicFile(folder.file()).commit();
  CHECK(open(folder.url(), kRead) == EX_NOINPUT);
  CHECK(open(folder.url(), kWrite) == EX_OK);
  CHECK(open(folder.url(), kRead) == EX_OK);

  execute(folder.file(), "PRAGMA user_version = 2");
  CHECK(open(folder.url(), kRead) == EX_CONFIG);
  CHECK(open(folder.url(), kWrite) == EX_CONFIG);

  ::unlink(folder.file().c_str());
  execute(folder.file(), "CREATE TABLE documents (x)");
  CHECK(open(folder.url(), kRead) == EX_CONFIG);
  CHECK(open(folder.url(), kWrite) == EX_CONFIG);
}

TEST_CASE("A document's id follows Firestore's rules") {
  const struct {
    std::string id;
    bool good;
  } cases[] = {
      {"v20260102_0304", true},
      {std::string(1500, 'x'), true},
      {"__x", true},
      {"...", true},
      {"___", true},
      {"", false},
      {std::string(1501, 'x'), false},
      {"a/b", false},
      {".", false},
      {"..", false},
      {"____", false},
      {"__x__", false},
  };
  for (const auto& c : cases) {
    INFO(c.id);
    CHECK(mill::bad_document_id(c.id).has_value() != c.good);
  }
}
