#include <sysexits.h>

#include <map>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/reddit/api.h"
#include "tests/unit/catch.h"

namespace {

// Answers by path, in order, the last one for good; the requests that came,
// and a clock that only sleeping moves.
struct FakeReddit {
  std::map<std::string, std::vector<mill::HttpResponse>> answers;
  std::vector<std::string> requests = {};  // "PATH?QUERY FORM"
  std::vector<std::string> authorizations = {};
  double now = 0;
  int tokens = 0;

  mill::HttpResponse answer(const mill::HttpRequest& request) {
    const std::string address =
        request.url.substr(request.url.find(".com") + 4);
    const std::string path = address.substr(0, address.find('?'));
    authorizations.emplace_back(request.authorization.reveal());
    CHECK(request.headers.back().starts_with("User-Agent: ") !=
          (path == "/api/v1/access_token"));
    std::string line = address;
    for (const std::string_view body :
         {std::string_view(request.body), request.secret_body.reveal()})
      if (!body.empty()) line.append(" ").append(body);
    requests.push_back(line);
    auto& left = answers[path];
    if (left.empty() && path == "/api/v1/access_token")
      return token_answer(200, R"({"access_token":"t)" +
                                   std::to_string(++tokens) +
                                   R"(","expires_in":3600})");
    REQUIRE(!left.empty());
    mill::HttpResponse next = left.front();
    if (left.size() > 1) left.erase(left.begin());
    return next;
  }
  static mill::HttpResponse token_answer(int status, const std::string& body) {
    mill::HttpResponse response;
    response.status = status;
    response.body = body;
    return response;
  }

  mill::HttpClient client() {
    mill::Clock clock = mill::system_clock();
    clock.now = [this] { return now; };
    clock.sleep = [this](double seconds) { now += seconds; };
    clock.random = [] { return 0.5; };
    return mill::HttpClient(
        [this](const mill::HttpRequest& request) { return answer(request); },
        {}, clock);
  }
};

mill::HttpResponse json(const std::string& body, int status = 200) {
  return FakeReddit::token_answer(status, body);
}

mill::RedditCredentials credentials() {
  mill::RedditCredentials own;
  own.client_id = "id";
  own.user_agent = "linux:test:v1";
  own.client_secret = mill::Secret("key");
  return own;
}

std::string listing(const std::string& children, const std::string& after) {
  return R"({"kind":"Listing","data":{"children":[)" + children +
         R"(],"after":)" + after + "}}";
}

std::string post(const std::string& id, int created,
                 const std::string& others = "") {
  return R"({"kind":"t3","data":{"id":")" + id + R"(","created_utc":)" +
         std::to_string(created) + ".0" + others + "}}";
}

}  // namespace

TEST_CASE("each grant asks as Reddit wants it") {
  const struct {
    const char* what;
    const char* username;
    const char* password;
    const char* refresh_token;
    const char* form;
  } cases[] = {
      {"refresh token first", "u", "p", "r s",
       "grant_type=refresh_token&refresh_token=r%20s"},
      {"a user's password", "u", "p&", "",
       "grant_type=password&username=u&password=p%26"},
      {"the application alone", "u", "", "", "grant_type=client_credentials"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    FakeReddit fake{{{"/api/info", {json("{}")}}}};
    mill::HttpClient http = fake.client();
    mill::RedditCredentials own = credentials();
    own.username = c.username;
    own.password = mill::Secret(c.password);
    own.refresh_token = mill::Secret(c.refresh_token);
    mill::Reddit reddit(http, std::move(own));
    CHECK(reddit.get("/api/info", {{"id", "t3_a,t1_b"}}).ok());
    CHECK(fake.requests == std::vector<std::string>{
                               std::string("/api/v1/access_token ") + c.form,
                               "/api/info?raw_json=1&id=t3_a%2Ct1_b"});
    CHECK(fake.authorizations ==
          std::vector<std::string>{"Basic aWQ6a2V5", "bearer t1"});
  }
}

TEST_CASE("a token is used until it ends or Reddit refuses it") {
  FakeReddit fake{
      {{"/x", {json("{}"), json("{}"), json("", 401), json("{}")}}}};
  mill::HttpClient http = fake.client();
  mill::Reddit reddit(http, credentials());
  CHECK(reddit.get("/x").ok());
  fake.now = 3500;
  CHECK(reddit.get("/x").ok());
  fake.now = 3541;  // a minute before its end
  CHECK(reddit.get("/x").ok());
  CHECK(fake.authorizations ==
        std::vector<std::string>{"Basic aWQ6a2V5", "bearer t1", "bearer t1",
                                 "Basic aWQ6a2V5", "bearer t2",
                                 "Basic aWQ6a2V5", "bearer t3"});
}

TEST_CASE("a refused token or scope ends the program") {
  const struct {
    const char* what;
    std::string path;
    mill::HttpResponse answer;
    int code;
    const char* message;
  } cases[] = {
      {"an error with status 200", "/api/v1/access_token",
       json(R"({"error":"invalid_grant"})"), EX_NOPERM,
       "Reddit gave no token: credentials refused (invalid_grant)"},
      {"an error that is a number", "/api/v1/access_token",
       json(R"({"error":400})", 400), EX_NOPERM,
       "Reddit gave no token: status 400"},
      {"a client that is not known", "/api/v1/access_token",
       json(R"({"message":"Unauthorized","error":401})", 401), EX_NOPERM,
       "Reddit gave no token: status 401"},
      {"a server that is down", "/api/v1/access_token", json("", 503),
       EX_TEMPFAIL, "Reddit gave no token: status 503"},
      {"401 again with a new token", "/x", json("", 401), EX_NOPERM,
       "Reddit refuses its own new token"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    FakeReddit fake{{{"/x", {json("{}")}}}};
    fake.answers[c.path] = {c.answer};
    mill::HttpClient http = fake.client();
    mill::Reddit reddit(http, credentials());
    int code = 0;
    std::string message;
    try {
      reddit.get("/x");
    } catch (const mill::Exit& exit) {
      code = exit.code;
      message = exit.what();
    }
    CHECK(code == c.code);
    CHECK(message == c.message);
  }
}

TEST_CASE("list_posts pages until the limit, the end, or the past") {
  const std::string page1 =
      listing(post("a", 500) + "," + post("b", 400), "\"t3_b\"");
  const std::string page2 = listing(post("s", 10, R"(,"stickied":true)") + "," +
                                        post("c", 300) + "," + post("d", 200),
                                    "\"t3_d\"");
  const std::string page3 = listing(post("e", 100), "null");
  const struct {
    const char* what;
    std::string stream;
    std::uint64_t limit;
    std::optional<std::int64_t> since;
    std::string ids;
    std::vector<std::string> queries;
  } cases[] = {
      {"to the end",
       "hot",
       1000,
       {},
       "abscde",
       {"limit=100", "limit=100&after=t3_b&count=2",
        "limit=100&after=t3_d&count=5"}},
      {"to the limit",
       "hot",
       4,
       {},
       "absc",
       {"limit=4", "limit=2&after=t3_b&count=2"}},
      {"with a span of time", "top", 1, {}, "a", {"limit=1&t=week"}},
      {"new ends where the past begins",
       "new",
       1000,
       250,
       "abc",
       {"limit=100", "limit=100&after=t3_b&count=2"}},
      {"hot is not in order of time",
       "hot",
       1000,
       450,
       "a",
       {"limit=100", "limit=100&after=t3_b&count=2",
        "limit=100&after=t3_d&count=5"}},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const std::string path = "/r/mtg/" + c.stream;
    FakeReddit fake{{{path, {json(page1), json(page2), json(page3)}}}};
    mill::HttpClient http = fake.client();
    mill::Reddit reddit(http, credentials());
    mill::ListingRequest request{"mtg", c.stream, "week", c.limit};
    if (c.since) request.since = mill::from_unix_seconds(*c.since);
    std::string ids;
    CHECK(list_posts(reddit, request, [&](const mill::ListedPost& listed) {
            ids += listed.id;
          }).ok());
    CHECK(ids == c.ids);
    std::vector<std::string> wanted{
        "/api/v1/access_token grant_type=client_credentials"};
    for (const std::string& query : c.queries)
      wanted.push_back(path + "?raw_json=1&" + query);
    CHECK(fake.requests == wanted);
  }
}

TEST_CASE("an answer of another shape is a fault, not an empty list") {
  for (const char* body :
       {"[]", "{}", R"({"data":{"children":{}}})",
        R"({"data":{"children":[{"data":{"id":"../x"}}]}})"}) {
    INFO(body);
    FakeReddit fake{
        {{"/r/mtg/new", {json(body)}}, {"/comments/a", {json(body)}}}};
    mill::HttpClient http = fake.client();
    mill::Reddit reddit(http, credentials());
    CHECK(list_posts(reddit, {"mtg", "new", "", 9}, [](const auto&) {
          }).status == EX_DATAERR);
    CHECK(fetch_thread(reddit, "a", {}).status == EX_DATAERR);
  }
}

TEST_CASE("fetch_thread keeps the post's bytes and says when") {
  const std::string comment =
      R"({"kind":"t1","data":{"id":"c","parent_id":"t3_a","score":2}})";
  auto thread = [&](const std::string& others) {
    return "[" + listing(post("a", 5, others), "null") + "," +
           listing(comment, "null") + "]";
  };
  FakeReddit fake{
      {{"/comments/a",
        {json(thread(R"(,"x":1.50)")), json(thread(R"(,"retrieved_on":7)"))}}}};
  mill::HttpClient http = fake.client();
  mill::Reddit reddit(http, credentials());
  const auto at = mill::from_unix_seconds(99);
  CHECK(
      fetch_thread(reddit, "a", at).thread ==
      R"({"post":{"id":"a","created_utc":5.0,"x":1.50,"retrieved_on":99},)"
      R"("comments":[{"id":"c","parent_id":"t3_a","score":2,"depth":0}],"raw_json":true})");
  CHECK(fetch_thread(reddit, "a", at)
            .thread.starts_with(
                R"({"post":{"id":"a","created_utc":5.0,"retrieved_on":7},)"));
}
