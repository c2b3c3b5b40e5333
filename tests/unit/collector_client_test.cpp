#include <sysexits.h>

#include <string>

#include "lib/cli/command_line.h"
#include "lib/collector/client.h"
#include "tests/unit/catch.h"

TEST_CASE("collector_url names parameters as the collector does") {
  CHECK(mill::collector_url("https://c.example/f", {}) ==
        "https://c.example/f?limit=50");
  CHECK(mill::collector_url("https://c.example/f?key=1#top",
                            {9, true, "a,b", "hot", -3, 80, true}) ==
        "https://c.example/f?key=1&limit=9&dryRun=true&sources=a%2Cb&"
        "streams=hot&minScore=-3&minLen=80&strictMagicFlair=true");
}

TEST_CASE("read_collector_answer says what is wrong, not what it says") {
  const struct {
    const char* body;
    const char* message;
  } cases[] = {
      {"", "byte 1: empty"},
      {"\n <html>secret", "HTML, not JSON"},
      {R"({"count":1,"interactions":[{"question":"secret)",
       "byte 40: unterminated string"},
      {"[]", "not an object but an array"},
      {R"({"count":0})", "interactions: missing"},
      {R"({"count":0,"interactions":{}})",
       "interactions: not an array but an object"},
      {R"({"interactions":[]})", "count: missing"},
      {R"({"count":"1","interactions":[]})",
       "count: not a whole number but a string"},
      {R"({"count":0,"metrics":3,"interactions":[]})",
       "metrics: not an object but a number"},
  };
  for (const auto& c : cases) {
    INFO(c.body);
    mill::HttpResponse response;
    response.body = c.body;
    mill::JsonReader reader;
    std::string message;
    try {
      mill::read_collector_answer(response, reader);
    } catch (const mill::Exit& exit) {
      CHECK(exit.code == EX_DATAERR);
      message = exit.what();
    }
    CHECK(message == std::string("the collector's answer: ") + c.message);
  }
}

TEST_CASE("read_collector_answer finds the parts of a good answer") {
  mill::HttpResponse response;
  response.body = R"({"count":2,"metrics":{"a":1},"interactions":[{},{}]})";
  mill::JsonReader reader;
  const auto answer = mill::read_collector_answer(response, reader);
  CHECK(answer.count == 2);
  CHECK(answer.interactions.size() == 2);
  CHECK(answer.metrics.raw() == R"({"a":1})");
}
