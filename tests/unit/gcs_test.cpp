// What the client of Cloud Storage decides, with a server that is a list of
// answers; and how it fares with the loopback one.
#include "lib/google/gcs.h"

#include <sysexits.h>

#include <deque>

#include "lib/cli/command_line.h"
#include "lib/google/gcs_session.h"
#include "tests/unit/catch.h"

namespace {

using Step = mill::SessionStep;
constexpr std::uint64_t kGrain = mill::kGcsGrain;

mill::HttpResponse answer(int status, std::string body = "",
                          std::string range = "") {
  mill::HttpResponse response{.status = status, .body = std::move(body)};
  if (!range.empty()) response.headers = {{"range", std::move(range)}};
  return response;
}

mill::HttpResponse broken() {
  return {.failure = mill::HttpResponse::kBroken, .problem = "it broke"};
}

std::string resource(std::uint64_t size, const std::string& crc32c) {
  return R"({"generation":"7","size":")" + std::to_string(size) +
         R"(","crc32c":")" + crc32c + R"(","md5Hash":"m"})";
}

const mill::HttpResponse kAhead =
    answer(503,
           "According to the Content-Range header, the upload offset is 9 "
           "byte(s), which exceeds already uploaded size of 4 byte(s).");

// A server that gives prepared answers and notes what it was asked, and a clock
// that only sleeping moves.
struct World {
  std::deque<mill::HttpResponse> answers;
  std::vector<std::string> asked = {};
  std::vector<std::string> sessions = {};
  double now = 0;

  // "PUT URL | Content-Range | hash", without what is not there.
  mill::HttpResponse send(const mill::HttpRequest& request) {
    std::string text = request.method + " " + request.url;
    for (const std::string& header : request.headers)
      if (header.starts_with("Content-Range: bytes ") ||
          header.starts_with("X-Goog-Hash"))
        text += " | " + header.substr(header.find(':') + 2);
    std::string body(static_cast<std::size_t>(request.body_size), '\0');
    if (request.read_body) request.read_body(0, body.data(), body.size());
    asked.push_back(text);
    if (answers.empty()) throw std::runtime_error("asked once too often");
    mill::HttpResponse response = std::move(answers.front());
    answers.pop_front();
    return response;
  }

  // The outcome in a word: the object's generation, "present", or the exit
  // status.
  std::string upload(mill::Upload upload) {
    mill::Clock clock = mill::system_clock();
    clock.now = clock.unix_time = [this] { return now; };
    clock.sleep = [this](double seconds) { now += seconds; };
    mill::HttpClient http(
        [this](const mill::HttpRequest& request) { return send(request); },
        {.retries = 2}, clock);
    mill::Gcs gcs(http, "http://h");
    upload.bucket = "b";
    upload.name = "n";
    upload.crc32c = "right";
    upload.chunk_size = kGrain;
    if (!upload.read)
      upload.read = [&](std::uint64_t offset, char*, std::size_t size) {
        REQUIRE(offset + size <= upload.size);
      };
    upload.keep_session = [this](const std::string& session) {
      sessions.push_back(session);
    };
    try {
      const mill::UploadResult result = gcs.upload(upload);
      return result.was_present ? "present" : result.object.generation;
    } catch (const mill::Exit& exit) {
      return std::to_string(exit.code);
    }
  }
};

mill::HttpResponse session(const std::string& uri = "http://h/s1") {
  return {.status = 200, .headers = {{"location", uri}}};
}

}  // namespace

TEST_CASE("what an answer to a PUT to a session says to do") {
  const struct {
    const char* what;
    mill::HttpResponse response;
    std::uint64_t reach;
    Step::Action action;
    std::uint64_t offset;
  } cases[] = {
      {"part is there", answer(308, "", "bytes=0-49"), 100, Step::kSend, 50},
      {"nothing is there", answer(308), 100, Step::kSend, 0},
      {"all that was sent", answer(308, "", "bytes=0-99"), 100, Step::kSend,
       100},
      {"more than was sent", answer(308, "", "bytes=0-100"), 100, Step::kFail,
       0},
      {"more than there is", answer(308, "", "bytes=0-200"), 900, Step::kFail,
       0},
      {"a range not from the first byte", answer(308, "", "bytes=1-5"), 100,
       Step::kFail, 0},
      {"no range at all", answer(308, "", "bytes=0-"), 100, Step::kFail, 0},
      {"a range that overflows",
       answer(308, "", "bytes=0-18446744073709551615"), 100, Step::kFail, 0},
      {"done", answer(200, resource(200, "x")), 100, Step::kVerify, 0},
      {"done, as created", answer(201, resource(200, "x")), 100, Step::kVerify,
       0},
      {"done, but the answer is not whole", answer(200, "{\"size\":"), 100,
       Step::kAsk, 0},
      {"408", answer(408), 100, Step::kAsk, 0},
      {"429", answer(429), 100, Step::kAsk, 0},
      {"500", answer(500), 100, Step::kAsk, 0},
      {"502", answer(502), 100, Step::kAsk, 0},
      {"503", answer(503), 100, Step::kAsk, 0},
      {"504", answer(504), 100, Step::kAsk, 0},
      {"a broken connection", broken(), 100, Step::kAsk, 0},
      {"no connection",
       {.failure = mill::HttpResponse::kUnreachable, .problem = "x"},
       100,
       Step::kAsk,
       0},
      {"ahead of the server", kAhead, 100, Step::kAhead, 0},
      {"404", answer(404), 100, Step::kStartOver, 0},
      {"410", answer(410), 100, Step::kStartOver, 0},
      {"412", answer(412), 100, Step::kExists, 0},
      {"400", answer(400), 100, Step::kFail, 0},
      {"403", answer(403), 100, Step::kFail, 0},
      {"a redirect", answer(307), 100, Step::kFail, 0},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const Step step = mill::read_session_answer(c.response, c.reach, 200);
    CHECK(step.action == c.action);
    CHECK(step.offset == c.offset);
  }
}

TEST_CASE("a resumable upload goes on where the server is") {
  // Of three grains and a byte.
  const std::uint64_t size = 3 * kGrain + 1;
  const std::string start =
      "POST http://h/upload/storage/v1/b/b/"
      "o?uploadType=resumable&name=n&ifGenerationMatch=0";
  const std::string one = "PUT http://h/s1 | bytes 0-262143/786433";
  const std::string two = "PUT http://h/s1 | bytes 262144-524287/786433";
  const std::string three = "PUT http://h/s1 | bytes 524288-786431/786433";
  const std::string last =
      "PUT http://h/s1 | bytes 786432-786432/786433 | crc32c=right";
  const std::string ask = "PUT http://h/s1 | bytes */786433";
  const std::string object = "http://h/storage/v1/b/b/o/n";
  const auto has = [](std::uint64_t grains) {
    return answer(308, "", "bytes=0-" + std::to_string(grains * kGrain - 1));
  };
  const auto good = answer(200, resource(size, "right"));
  const struct {
    const char* what;
    std::deque<mill::HttpResponse> answers;
    std::vector<std::string> asked;
    std::string outcome;
    std::string kept = {};  // a session of an earlier run
  } cases[] = {
      {"chunk by chunk",
       {session(), has(1), has(2), has(3), good},
       {start, one, two, three, last},
       "7"},
      {"less was kept",
       {session(), has(1), has(1), has(2), has(3), good},
       {start, one, two, two, three, last},
       "7"},
      {"what was kept is lost",
       {session(), has(1), has(2), answer(308), has(1), has(2), has(3), good},
       {start, one, two, three, one, two, three, last},
       "7"},
      {"asks after a fault, and repeats nothing that is there",
       {session(), broken(), has(1), answer(503), has(1), has(2), has(3), good},
       {start, one, ask, two, ask, two, three, last},
       "7"},
      {"the question fails too",
       {session(), broken(), answer(500), has(1), has(2), has(3), good},
       {start, one, ask, ask, two, three, last},
       "7"},
      {"gives up when nothing moves",
       {session(), broken(), broken(), broken()},
       {start, one, ask, ask},
       "75"},
      {"the server keeps nothing",
       {session(), answer(308), answer(308), answer(308)},
       {start, one, one, one},
       "75"},
      {"what moves may fail for ever",
       {session(), broken(), has(1), broken(), has(2), broken(), has(3),
        broken(), good},
       {start, one, ask, two, ask, three, ask, last, ask},
       "7"},
      {"the last answer is lost",
       {session(), has(1), has(2), has(3), broken(), good},
       {start, one, two, three, last, ask},
       "7"},
      {"all is there, but the end was not seen",
       {session(), has(1), has(2), has(3), answer(308, "", "bytes=0-786432"),
        good},
       {start, one, two, three, last, ask + " | crc32c=right"},
       "7"},
      {"the session is gone",
       {session(), has(1), answer(410), session("http://h/s2"), good},
       {start, one, two, start, "PUT http://h/s2 | bytes 0-262143/786433"},
       "7"},
      {"behind the server once",
       {session(), has(1), kAhead, has(1), has(2), has(3), good},
       {start, one, two, ask, two, three, last},
       "7"},
      {"the server has lost bytes and does not know",
       {session(), has(1), kAhead, has(1), kAhead, session("http://h/s2"),
        good},
       {start, one, two, ask, two, start,
        "PUT http://h/s2 | bytes 0-262143/786433"},
       "7"},
      {"another writes to the session",
       {session(), has(2)},
       {start, one},
       "69"},
      {"refused", {session(), answer(400)}, {start, one}, "69"},
      {"refused at the start", {answer(403)}, {start}, "77"},
      {"a session on another server",
       {session("http://elsewhere/s1")},
       {start},
       "69"},
      {"or with its name as a beginning",
       {session("http://h.evil/s")},
       {start},
       "69"},
      {"there already",
       {answer(412), good},
       {start, "GET " + object},
       "present"},
      {"with other content",
       {answer(412), answer(200, resource(size, "wrong"))},
       {start, "GET " + object},
       "73"},
      {"another was faster",
       {session(), has(1), has(2), has(3), answer(412),
        answer(200, resource(size, "wrong"))},
       {start, one, two, three, last, "GET " + object},
       "73"},
      {"came and went",
       {answer(412), answer(404)},
       {start, "GET " + object},
       "75"},
      {"stored otherwise",
       {session(), has(1), has(2), has(3), answer(200, resource(size, "wrong")),
        answer(204)},
       {start, one, two, three, last, "DELETE " + object + "?generation=7"},
       "1"},
      {"done before its last chunk, with other content",
       {session(), answer(200, resource(9, "right")), answer(204)},
       {start, one, "DELETE " + object + "?generation=7"},
       "1"},
      {"an earlier run's session",
       {has(3), good},
       {ask, last},
       "7",
       "http://h/s1"},
      {"an earlier run's session that is done",
       {good},
       {ask},
       "7",
       "http://h/s1"},
      {"an earlier run's session that has expired",
       {answer(404), session("http://h/s2"), good},
       {ask, start, "PUT http://h/s2 | bytes 0-262143/786433"},
       "7",
       "http://h/s1"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    World world{c.answers};
    CHECK(world.upload({.size = size, .session = c.kept}) == c.outcome);
    CHECK(world.asked == c.asked);
    CHECK(world.answers.empty());
  }
}

TEST_CASE("a session is kept until it is no more use") {
  const std::uint64_t size = kGrain + 1;
  const auto good = answer(200, resource(size, "right"));
  const auto first = answer(308, "", "bytes=0-262143");
  const struct {
    const char* what;
    std::deque<mill::HttpResponse> answers;
    std::vector<std::string> sessions;
  } cases[] = {
      {"done", {session(), first, good}, {"http://h/s1", ""}},
      {"to be tried again later",
       {session(), broken(), broken(), broken()},
       {"http://h/s1"}},
      {"gone",
       {session(), answer(410), session("http://h/s2"), good},
       {"http://h/s1", "", "http://h/s2", ""}},
      {"refused", {session(), answer(400)}, {"http://h/s1", ""}},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    World world{c.answers};
    world.upload({.size = size});
    CHECK(world.sessions == c.sessions);
  }
}

TEST_CASE("content that cannot be read ends its session") {
  World world{{session(), answer(499)}};
  mill::Upload upload{.size = kGrain + 1};
  upload.read = [](std::uint64_t, char*, std::size_t) {
    throw mill::Exit(EX_TEMPFAIL, "changed");
  };
  CHECK(world.upload(std::move(upload)) == "75");
  CHECK(world.asked.back() == "DELETE http://h/s1");
  CHECK(world.sessions == std::vector<std::string>{"http://h/s1", ""});
}

TEST_CASE("an upload in one request") {
  const std::string post =
      "POST http://h/upload/storage/v1/b/b/"
      "o?uploadType=multipart&ifGenerationMatch=0";
  const std::string object = "http://h/storage/v1/b/b/o/n";
  const auto good = answer(200, resource(5, "right"));
  const struct {
    const char* what;
    std::deque<mill::HttpResponse> answers;
    std::vector<std::string> asked;
    std::string outcome;
  } cases[] = {
      {"at once", {good}, {post}, "7"},
      {"sent again", {answer(503), broken(), good}, {post, post, post}, "7"},
      {"its answer was lost",
       {broken(), answer(412), good},
       {post, post, "GET " + object},
       "present"},
      {"with other content",
       {answer(412), answer(200, resource(5, "wrong"))},
       {post, "GET " + object},
       "73"},
      {"stored otherwise",
       {answer(200, resource(5, "wrong")), answer(204)},
       {post, "DELETE " + object + "?generation=7"},
       "1"},
      {"no bucket", {answer(404)}, {post}, "78"},
      {"not allowed", {answer(403)}, {post}, "77"},
      {"never", {broken(), broken(), broken()}, {post, post, post}, "75"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    World world{c.answers};
    CHECK(world.upload({.size = 5}) == c.outcome);
    CHECK(world.asked == c.asked);
  }
}

TEST_CASE("names that Cloud Storage refuses") {
  CHECK(!mill::bad_object_name("v 1/ä#?.jsonl"));
  CHECK(!mill::bad_object_name(std::string(1024, 'x')));
  for (const std::string name :
       {"", ".", "..", "a\nb", "a\rb", "\xff", ".well-known/acme-challenge/x"})
    CHECK(mill::bad_object_name(name));
  CHECK(mill::bad_object_name(std::string(1025, 'x')));
  CHECK(!mill::bad_bucket_name("team.data_sets-1"));
  for (const std::string name : {"ab", "Team", "gs://b", "a/b", "b ucket"})
    CHECK(mill::bad_bucket_name(name));
}
