#include "lib/google/identity_toolkit.h"

#include <stdlib.h>

#include <string>

#include "lib/cli/command_line.h"
#include "lib/json/json_writer.h"
#include "tests/unit/catch.h"

TEST_CASE("one claim is set or removed, and the others keep their bytes") {
  const struct {
    std::string claims, with, without;
  } cases[] = {
      {"{}", R"({"r":true})", "{}"},
      {R"({"a":1.50})", R"({"a":1.50,"r":true})", R"({"a":1.50})"},
      {R"( { "r" : false , "a" : [ 1 ] } )", R"({"a":[ 1 ],"r":true})",
       R"({"a":[ 1 ]})"},
      {R"({"r":1,"\u0062":"\/","r":{}})", R"({"\u0062":"\/","r":true})",
       R"({"\u0062":"\/"})"},
      {R"({"a":1,"\u0072":1})", R"({"a":1,"r":true})", R"({"a":1})"},
      {R"({"a":1,"a":2})", R"({"a":1,"a":2,"r":true})", R"({"a":1,"a":2})"},
  };
  for (const auto& c : cases) {
    INFO(c.claims);
    CHECK(mill::with_claim(c.claims, "r") == c.with);
    CHECK(mill::without_claim(c.claims, "r") == c.without);
    CHECK(mill::same_but_for(c.claims, c.with, "r"));
  }
  CHECK_FALSE(mill::same_but_for(R"({"a":1})", R"({"a":2})", "r"));
  CHECK_FALSE(mill::same_but_for(R"({"a":1})", R"({"r":true})", "r"));
}

TEST_CASE("characters are counted as JavaScript does") {
  CHECK(mill::utf16_units("") == 0);
  CHECK(mill::utf16_units("a\xC3\xA9\xE2\x82\xAC") == 3);
  CHECK(mill::utf16_units("\xF0\x9F\x98\x80") == 2);
}

TEST_CASE("what an answer of Identity Toolkit's means") {
  const struct {
    int status;
    std::string message, state;
    std::string refusal;
  } cases[] = {
      {400, "CONFIGURATION_NOT_FOUND", "", "78 project p: Firebase Auth"},
      {400, "PROJECT_NOT_FOUND", "", "78 project p: no such project"},
      {400, "USER_NOT_FOUND", "", "66 project p: no such user"},
      {403, "INSUFFICIENT_PERMISSION : ask", "", "77 project p: status 403"},
      {403, "The caller may not", "PERMISSION_DENIED",
       "77 project p: status 403"},
      {400, "FORBIDDEN_CLAIM : iss", "INVALID_ARGUMENT",
       "69 project p: status 400 (FORBIDDEN_CLAIM"},
      {400, "Bad s3cret", "INVALID_ARGUMENT",
       "69 project p: status 400 (INVALID_ARGUMENT"},
      {400, "Bad s3cret", "of s3cret", "69 project p: status 400"},
  };
  ::setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1", 1);
  for (const auto& c : cases) {
    INFO(c.message);
    mill::HttpClient http([&](const mill::HttpRequest& request) {
      CHECK(request.authorization.reveal() == "Bearer owner");
      CHECK(request.url ==
            "http://127.0.0.1:1/identitytoolkit.googleapis.com/v1/projects/p/"
            "accounts:lookup");
      return mill::HttpResponse{
          .status = c.status,
          .body = R"({"error":{"message":)" + mill::json_string(c.message) +
                  R"(,"status":)" + mill::json_string(c.state) + "}}"};
    });
    std::string refusal;
    try {
      mill::IdentityToolkit(http, "p").find({"localId", "u"});
    } catch (const mill::Exit& exit) {
      refusal = std::to_string(exit.code) + " " + exit.what();
    }
    CHECK(refusal.substr(0, c.refusal.size()) == c.refusal);
    CHECK(refusal.find("s3cret") == refusal.npos);
  }
  ::unsetenv("FIREBASE_AUTH_EMULATOR_HOST");
}
