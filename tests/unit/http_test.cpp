#include <sysexits.h>

#include <cmath>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/http/client.h"
#include "lib/http/curl.h"
#include "lib/http/url.h"
#include "tests/cloud/server.h"
#include "tests/unit/catch.h"

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

mill::HttpResponse answer(int status, Headers headers = {},
                          std::string body = "{}") {
  return {
      .status = status, .headers = std::move(headers), .body = std::move(body)};
}

mill::HttpResponse failure(mill::HttpResponse::Failure kind) {
  return {.failure = kind, .problem = "it failed"};
}

// A server that gives prepared answers, and a clock that only sleeping moves.
// Chance always says 0.5, so that a back-off is half of its bound.
struct World {
  std::vector<mill::HttpResponse> answers;
  std::vector<double> sent_at = {};
  double now = 1000;

  mill::HttpClient client(mill::RetryPolicy policy = {}) {
    mill::Clock clock = mill::system_clock();
    clock.now = clock.unix_time = [this] { return now; };
    clock.sleep = [this](double seconds) { now += seconds; };
    clock.random = [] { return 0.5; };
    return mill::HttpClient(
        [this](const mill::HttpRequest&) {
          sent_at.push_back(std::round((now - 1000) * 1000) / 1000);
          return answers.at(sent_at.size() - 1);
        },
        policy, clock);
  }
};

}  // namespace

TEST_CASE("HttpClient sends again what may be mended, and nothing else") {
  using enum mill::HttpResponse::Failure;
  const mill::HttpResponse good = answer(200);
  const struct {
    const char* what;
    bool is_repeatable;
    std::vector<mill::HttpResponse> answers;
    std::vector<double> sent_at;
    int status;
  } cases[] = {
      {"at once", true, {good}, {0}, 200},
      {"back-off doubles",
       true,
       {answer(500), answer(502), answer(503), answer(504), good},
       {0, 0.5, 1.5, 3.5, 7.5},
       200},
      {"gives up after the last retry",
       true,
       {answer(503), answer(503), answer(503), answer(503), answer(503)},
       {0, 0.5, 1.5, 3.5, 7.5},
       503},
      {"Retry-After",
       true,
       {answer(429, {{"retry-after", "7"}}), good},
       {0, 7},
       200},
      {"Google's RetryInfo",
       true,
       {answer(503, {},
               R"([{"error":{"details":[{"x":1},{"retryDelay":"2.5s"}]}}])"),
        good},
       {0, 2.5},
       200},
      {"a Retry-After that is a date",
       true,
       {answer(503, {{"retry-after", "Thu, 01 Jan 1970 00:17:00 GMT"}}), good},
       {0, 20},
       200},
      {"a wait that is too long is not waited",
       true,
       {answer(429, {{"retry-after", "901"}})},
       {0},
       429},
      {"a broken connection", true, {failure(kBroken), good}, {0, 0.5}, 200},
      {"no connection", false, {failure(kUnreachable), good}, {0, 0.5}, 200},
      {"what cannot be repeated", false, {failure(kBroken)}, {0}, 0},
      {"nor after 500", false, {answer(500)}, {0}, 500},
      {"but after 429", false, {answer(429), good}, {0, 0.5}, 200},
      {"no certificate", true, {failure(kRefused)}, {0}, 0},
      {"too large", true, {failure(kTooLarge)}, {0}, 0},
      {"refused for good", true, {answer(404)}, {0}, 404},
      {"a redirect", true, {answer(302)}, {0}, 302},
      {"an answer that is not JSON",
       true,
       {answer(200, {}, "<html>"), answer(200, {}, "{\"a\":"), good},
       {0, 0.5, 1.5},
       200},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    World world{c.answers};
    mill::HttpClient http = world.client();
    mill::HttpRequest request;
    request.is_repeatable = c.is_repeatable;
    request.expects_json = true;
    CHECK(http.send(request).status == c.status);
    CHECK(world.sent_at == c.sent_at);
    CHECK(http.requests() == c.sent_at.size());
    CHECK(http.retries() == c.sent_at.size() - 1);
  }
}

TEST_CASE("the back-off has an upper bound") {
  World world{std::vector<mill::HttpResponse>(9, answer(503))};
  mill::HttpClient http = world.client({.retries = 8, .longest_backoff = 4});
  http.send({});
  CHECK(world.sent_at ==
        std::vector<double>{0, 0.5, 1.5, 3.5, 5.5, 7.5, 9.5, 11.5, 13.5});
}

TEST_CASE("nothing is sent while the rate limit says wait") {
  auto limits = [](const char* remaining, const char* used, const char* reset) {
    return answer(200, {{"x-ratelimit-remaining", remaining},
                        {"x-ratelimit-used", used},
                        {"x-ratelimit-reset", reset}});
  };
  World world{{
      limits("994.0", "6", "300"),    // far ahead of the pace
      limits("500.0", "500", "304"),  // half is used, 296 s have passed
      limits("100.0", "900", "500"),  // much too fast
      limits("0.0", "1000", "40"),    // used up
      answer(200),                    // says nothing, after the window
      answer(429, {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "9"}}),
      limits("3.0", "997", "2"),  // the last of a window
      limits("1.0", "999", "1"),
      answer(200),  // no headers: counted down to nothing
      answer(200),
  }};
  mill::HttpClient http = world.client();
  mill::RateLimit rate;
  for (int i = 0; i < 9; ++i) http.send({}, &rate);
  CHECK(world.sent_at ==
        std::vector<double>{0, 0, 4, 14, 54, 55, 64, 64.2, 64.6, 65.6});
}

TEST_CASE("what an answer means for the exit status") {
  using enum mill::HttpResponse::Failure;
  CHECK(exit_status(answer(401)) == EX_NOPERM);
  CHECK(exit_status(answer(403)) == EX_NOPERM);
  CHECK(exit_status(answer(302)) == EX_UNAVAILABLE);
  CHECK(exit_status(answer(400)) == EX_UNAVAILABLE);
  CHECK(exit_status(answer(404)) == EX_UNAVAILABLE);
  CHECK(exit_status(answer(429)) == EX_TEMPFAIL);
  CHECK(exit_status(answer(522)) == EX_TEMPFAIL);
  CHECK(exit_status(failure(kRefused)) == EX_UNAVAILABLE);
  CHECK(exit_status(failure(kUnreachable)) == EX_TEMPFAIL);
  CHECK(exit_status(failure(kBroken)) == EX_TEMPFAIL);
  CHECK(exit_status(failure(kTooLarge)) == EX_DATAERR);
  CHECK(describe(answer(503)) == "status 503");
  CHECK(describe(failure(kBroken)) == "it failed");
}

TEST_CASE("URLs: encoded, shown without secrets, plain only to loopback") {
  CHECK(mill::form_encode({{"a b", "1&2=3"}, {"c", "\xc3\xa9~"}}) ==
        "a%20b=1%262%3D3&c=%C3%A9~");
  CHECK(mill::secret_form({{"p", "x y"}, {"q", "+"}}).reveal() ==
        "p=x%20y&q=%2B");
  CHECK(mill::url_for_messages("https://u:p@example.com:8443/a/b?key=s#f") ==
        "https://example.com:8443/a/b");
  CHECK(mill::is_loopback_http("http://127.0.0.1:80/x"));
  CHECK(mill::is_loopback_http("http://localhost"));
  CHECK(mill::is_loopback_http("http://[::1]:1/"));
  CHECK(!mill::is_loopback_http("http://127.0.0.1.example.com/"));
  CHECK(!mill::is_loopback_http("http://localhost@example.com/"));
  CHECK(!mill::is_loopback_http("https://127.0.0.1/"));
}

TEST_CASE("Curl refuses what is not https, before anything is sent") {
  mill::Curl curl;
  for (const char* url :
       {"http://example.com/", "ftp://127.0.0.1/", "file:///etc/passwd", "",
        "http://169.254.169.254/"}) {
    INFO(url);
    mill::HttpRequest request;
    request.url = url;
    CHECK(curl.send(request).failure == mill::HttpResponse::kRefused);
  }
}

TEST_CASE("Curl sends a body as it is read, again where it must") {
  cloud::Server server;
  server.route("PUT", "/{}", [](cloud::Request& request) {
    return cloud::Answer{308,
                         request.header("content-length") + "|" +
                             std::to_string(request.body().size()),
                         {{"Location", "/elsewhere"}}};
  });
  server.listen(0);
  mill::HttpRequest request;
  request.method = "PUT";
  request.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/x";
  request.body_size = 3'000'001;
  std::uint64_t next = 0;
  request.read_body = [&](std::uint64_t offset, char*, std::size_t size) {
    if (offset != 0) CHECK(offset == next);
    next = offset + size;
  };
  mill::Curl curl;
  for (int i = 0; i < 2; ++i) {
    const mill::HttpResponse response = curl.send(request);
    CHECK(response.status == 308);
    CHECK(response.body == "3000001|3000001");
  }
  CHECK(server.requests() == 2);  // the redirect was not followed

  request.read_body = [](std::uint64_t offset, char*, std::size_t) {
    if (offset > 0) throw mill::Exit(EX_IOERR, "no more");
  };
  CHECK_THROWS_AS(curl.send(request), mill::Exit);
}
