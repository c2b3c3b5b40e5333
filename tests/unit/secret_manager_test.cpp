#include "lib/google/secret_manager.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/hash.h"
#include "lib/cli/command_line.h"
#include "tests/unit/catch.h"

namespace {

std::string payload(std::string_view secret) {
  return R"({"name":"projects/1/secrets/N/versions/7","payload":{"data":")" +
         mill::base64(secret) + R"(","dataCrc32c":")" +
         std::to_string(mill::crc32c(0, secret)) + "\"}}";
}

// The emulator's address, for as long as it lives.
struct Emulator {
  explicit Emulator(const char* host) {
    ::setenv("SECRET_MANAGER_EMULATOR_HOST", host, 1);
  }
  ~Emulator() { ::unsetenv("SECRET_MANAGER_EMULATOR_HOST"); }
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;
};

}  // namespace

TEST_CASE("a secret is what its answer holds, if the checksum fits") {
  const Emulator emulator("127.0.0.1:1");
  const struct {
    const char* what;
    mill::HttpResponse answer;
    int status;
    std::string secret;
  } cases[] = {
      {"plain", {.status = 200, .body = payload("s3cret")}, 0, "s3cret"},
      {"one newline goes", {.status = 200, .body = payload("a\n\n")}, 0, "a\n"},
      {"and a carriage return with it",
       {.status = 200, .body = payload("ab\r\n")},
       0,
       "ab"},
      {"but not alone", {.status = 200, .body = payload("a\r")}, 0, "a\r"},
      {"empty", {.status = 200, .body = payload("")}, 0, ""},
      {"without data",
       {.status = 200, .body = R"({"payload":{"dataCrc32c":"0"}})"},
       0,
       ""},
      // CRC32C of "123456789" is 0xE3069283 (RFC 3720's check value).
      {"a known checksum",
       {.status = 200,
        .body = R"({"payload":{"data":"MTIzNDU2Nzg5",)"
                R"("dataCrc32c":"3808858755"}})"},
       0,
       "123456789"},
      {"a wrong checksum",
       {.status = 200,
        .body = R"({"payload":{"data":"MTIzNDU2Nzg4",)"
                R"("dataCrc32c":"3808858755"}})"},
       EX_DATAERR,
       ""},
      {"no checksum",
       {.status = 200, .body = R"({"payload":{"data":"MTIz"}})"},
       EX_DATAERR,
       ""},
      {"not base64",
       {.status = 200, .body = R"({"payload":{"data":"a","dataCrc32c":"0"}})"},
       EX_DATAERR,
       ""},
      {"padding alone",
       {.status = 200,
        .body = R"({"payload":{"data":"====","dataCrc32c":"0"}})"},
       EX_DATAERR,
       ""},
      {"no payload", {.status = 200, .body = "{}"}, EX_DATAERR, ""},
      {"none of that name", {.status = 404, .body = "{}"}, 0, ""},
      {"not allowed", {.status = 403, .body = "{}"}, EX_NOPERM, ""},
      {"disabled", {.status = 400, .body = "{}"}, EX_UNAVAILABLE, ""},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    mill::HttpClient http([&](const mill::HttpRequest& request) {
      CHECK(request.url ==
            "http://127.0.0.1:1/v1/projects/p/secrets/N/versions/"
            "latest:access");
      CHECK(request.authorization.reveal() == "Bearer owner");
      return c.answer;
    });
    int status = 0;
    std::string secret;
    try {
      secret = mill::SecretManager(http, "p").get("N").reveal();
    } catch (const mill::Exit& exit) {
      status = exit.code;
      CHECK(std::string(exit.what()).starts_with("secret N of p: "));
    }
    CHECK(status == c.status);
    CHECK(secret == c.secret);
  }
}

TEST_CASE("Google's reason is named") {
  const Emulator emulator("[::1]:1");
  mill::HttpClient http([](const mill::HttpRequest&) {
    return mill::HttpResponse{
        .status = 400,
        .body = R"({"error":{"message":"m","status":"FAILED_PRECONDITION"}})"};
  });
  std::string message;
  try {
    mill::SecretManager(http, "p").get("N");
  } catch (const mill::Exit& exit) {
    message = exit.what();
  }
  CHECK(message == "secret N of p: status 400 (FAILED_PRECONDITION): m");
}

TEST_CASE("one access token serves all secrets, at the quota project's cost") {
  char path[] = "/tmp/credentials.XXXXXX";
  ::close(::mkstemp(path));
  std::ofstream(path) << R"({"type":"authorized_user","client_id":"i",)"
                         R"("client_secret":"s","refresh_token":"r",)"
                         R"("quota_project_id":"payer"})";
  ::setenv("GOOGLE_APPLICATION_CREDENTIALS", path, 1);
  std::vector<std::string> urls;
  mill::HttpClient http([&](const mill::HttpRequest& request) {
    urls.push_back(request.url);
    if (request.method == "POST")
      return mill::HttpResponse{.status = 200,
                                .body = R"({"access_token":"at"})"};
    CHECK(request.authorization.reveal() == "Bearer at");
    CHECK(request.headers ==
          std::vector<std::string>{"x-goog-user-project: payer"});
    return mill::HttpResponse{.status = 200, .body = payload("s3cret")};
  });
  mill::SecretManager secrets(http, "p");
  CHECK(urls.empty());
  CHECK(secrets.get("A").reveal() == "s3cret");
  CHECK(secrets.get("B").reveal() == "s3cret");
  ::unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
  ::unlink(path);
  const std::string base = "https://secretmanager.googleapis.com/v1/projects/p";
  CHECK(urls ==
        std::vector<std::string>{"https://oauth2.googleapis.com/token",
                                 base + "/secrets/A/versions/latest:access",
                                 base + "/secrets/B/versions/latest:access"});
}

TEST_CASE("a project has a name, and the emulator is on loopback") {
  mill::HttpClient http([](const mill::HttpRequest&) -> mill::HttpResponse {
    FAIL("sent");
    return {};
  });
  for (const char* project : {"", "a/b", "a?b", "../p", "a b", "a%2Fb"})
    CHECK_THROWS_AS(mill::SecretManager(http, project), mill::Exit);
  CHECK_NOTHROW(mill::SecretManager(http, "example.com:my-project-1"));
  for (const char* host : {"example.org:80", "127.0.0.1:1@example.org"}) {
    const Emulator emulator(host);
    CHECK_THROWS_AS(mill::SecretManager(http, "p"), mill::Exit);
  }
}
