// What the loopback cloud's server does to a client, seen by our own.
#include <future>

#include "lib/http/curl.h"
#include "tests/cloud/server.h"
#include "tests/unit/catch.h"

namespace {

struct Echo {
  cloud::Server server;
  std::atomic<int> handled = 0;

  explicit Echo(cloud::FaultPlan plan) {
    server.route("POST", "/echo/{}/{*}",
                 [this](cloud::Request& request) {
                   std::string body = request.body();
                   ++handled;
                   return cloud::Answer{200, request.parts[0] + "|" +
                                                 request.parts[1] + "|" +
                                                 request.parameter("q") + "|" +
                                                 request.fault + "|" + body};
                 },
                 {"own"});
    server.set_faults(std::move(plan));
    server.listen(0);
  }

  mill::HttpResponse post(const std::string& body) {
    mill::Curl curl;
    return curl.send(
        {.method = "POST",
         .url = "http://127.0.0.1:" + std::to_string(server.port()) +
                "/echo/a%2Fb/c/d?q=1+2",
         .body = body,
         .silence_timeout = 1});
  }
};

}  // namespace

TEST_CASE("the loopback cloud decodes what a path and a query hold") {
  Echo echo({});
  CHECK(echo.post("xyz").body == "a/b|c/d|1 2||xyz");
  CHECK(echo.post(std::string(3 << 20, 'x')).body.size() == (3 << 20) + 13);
}

TEST_CASE("the loopback cloud fails in the way it is told to") {
  struct Case {
    const char* fault;
    int status;
    int handled;
  };
  const std::vector<Case> cases = {
      {"reset_before", 0, 0}, {"reset_during", 0, 0},
      {"reset_after", 0, 1},  {"stall_before", 0, 0},
      {"stall_after", 0, 1},  {"truncated", 0, 1},
      {"status_429", 429, 0}, {"status_503", 503, 0},
      {"html_502", 502, 0},   {"status_503_after", 503, 1},
      {"own", 200, 1}};
  // All at once: a client takes seconds to see that nothing comes.
  std::vector<std::future<std::pair<int, int>>> outcomes;
  for (const Case& c : cases)
    outcomes.push_back(std::async(std::launch::async, [&c] {
      Echo echo({1, 1, {c.fault}});
      const int status = echo.post("some text").status;
      return std::pair(status, echo.handled.load());
    }));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(cases[i].fault);
    const auto [status, handled] = outcomes[i].get();
    CHECK(status == cases[i].status);
    CHECK(handled == cases[i].handled);
  }
}

TEST_CASE("the loopback cloud's faults are drawn from the seed") {
  const auto faults = [](std::uint64_t seed) {
    Echo echo({0.5, seed, {"status_503"}});
    std::string pattern;
    for (int i = 0; i < 20; ++i)
      pattern += echo.post("x").status == 200 ? '.' : '!';
    return pattern;
  };
  CHECK(faults(1) == faults(1));
  CHECK(faults(1) != faults(2));
}

TEST_CASE(
    "what must not be sent twice never is, on a dead connection neither") {
  for (const bool is_repeatable : {true, false}) {
    cloud::FaultPlan plan;
    plan.names = {"reset_before"};
    plan.at = 2;
    Echo echo(plan);
    mill::Curl curl;
    mill::HttpRequest request{
        .method = "POST",
        .url = "http://127.0.0.1:" + std::to_string(echo.server.port()) +
               "/echo/a/b",
        .body = "x"};
    CHECK(curl.send(request).status == 200);
    request.is_repeatable = is_repeatable;
    curl.send(request);
    CHECK(echo.server.requests() == (is_repeatable ? 3 : 2));
  }
}
