// Every kind of credentials against a server that checks what it is sent, over
// real connections, with and without faults.
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "lib/cli/command_line.h"
#include "lib/google/auth.h"
#include "lib/google/secret_manager.h"
#include "lib/http/curl.h"
#include "lib/json/json.h"
#include "lib/json/json_writer.h"
#include "tests/cloud/identity.h"
#include "tests/unit/catch.h"
#include "tests/unit/test_key.h"

namespace {

constexpr char kScope[] = "https://www.googleapis.com/auth/cloud-platform";

class World {
 public:
  World() {
    identity_.add_key("robot@p", key_.public_pem());
    identity_.add_login("client", "s3cret", "refresh-s3cret");
    identity_.add_subject("//iam/pool", "subject-s3cret");
    identity_.add_secret("NAME", "s3cret\n");
    identity_.add_routes(server_);
    server_.listen(0);
    url_ = "http://127.0.0.1:" + std::to_string(server_.port());
    ::setenv("CLOUDSDK_CONFIG", "/nonexistent", 1);
    ::setenv("GCE_METADATA_HOST", url_.substr(7).c_str(), 1);
  }
  ~World() {
    std::filesystem::remove_all(folder_);
    for (const char* name : {"GOOGLE_APPLICATION_CREDENTIALS",
                             "CLOUDSDK_CONFIG", "GCE_METADATA_HOST"})
      ::unsetenv(name);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const std::string& url() const { return url_; }
  mill::HttpClient& http() { return http_; }
  cloud::Server& server() { return server_; }
  cloud::Identity& identity() { return identity_; }

  // The credentials of a kind of these; no file for "metadata".
  void use(const std::string& kind) {
    const std::string user =
        R"({"type":"authorized_user","client_id":"client",)"
        R"("client_secret":"s3cret","refresh_token":"refresh-s3cret",)"
        R"("quota_project_id":"payer",)" +
        at("token_uri", "/token") + "}";
    const std::string account =
        R"({"type":"service_account","client_email":"robot@p",)"
        R"("private_key":)" +
        mill::json_string(key_.pem) + "," + at("token_uri", "/token") + "}";
    const std::string impersonation =
        at("service_account_impersonation_url",
           "/v1/projects/-/serviceAccounts/sa@p:generateAccessToken");
    const std::string pool =
        R"({"type":"external_account","audience":"//iam/pool",)"
        R"("subject_token_type":"urn:ietf:params:oauth:token-type:jwt",)" +
        at("token_url", "/v1/token") + R"(,"credential_source":{)" +
        at("url", "/subject") +
        R"(,"headers":{"Authorization":"Bearer runner"},"format":)"
        R"({"type":"json","subject_token_field_name":"value"}})";
    std::string text;
    if (kind == "user") text = user;
    if (kind == "account") text = account;
    if (kind == "pool") text = pool + "}";
    if (kind == "pool, impersonating") text = pool + "," + impersonation + "}";
    if (kind == "impersonated")
      text = R"({"type":"impersonated_service_account","delegates":[],)"
             R"("source_credentials":)" +
             account + "," + impersonation + "}";
    std::ofstream(path_) << text;
    std::filesystem::permissions(path_, std::filesystem::perms(0600));
    ::setenv("GOOGLE_APPLICATION_CREDENTIALS",
             text.empty() ? "" : path_.c_str(), 1);
  }

  mill::HttpResponse ask(mill::GoogleAuth& auth) {
    return auth.send(http_, {.url = url_ + "/protected/x"}, kScope);
  }
  mill::HttpResponse ask_with_identity(mill::GoogleAuth& auth) {
    mill::HttpRequest request{.url = url_ + "/protected/x"};
    request.authorization = auth.id_token(http_, "https://c.example/");
    return http_.send(request);
  }

 private:
  std::string at(const std::string& name, const std::string& path) const {
    return "\"" + name + "\":\"" + url_ + path + "\"";
  }

  TestKey key_;
  char folder_[32] = "/tmp/google-identity.XXXXXX";
  std::string path_ = std::string(::mkdtemp(folder_)) + "/credentials";
  cloud::Identity identity_;
  cloud::Server server_;
  std::string url_;
  mill::Curl curl_;
  mill::HttpClient http_{
      [this](const mill::HttpRequest& request) { return curl_.send(request); },
      {.retries = 20, .first_backoff = 0.001, .longest_backoff = 0.001}};
};

// A member of the protected thing's answer.
std::string member(const mill::HttpResponse& response, const char* name) {
  mill::JsonReader reader;
  reader.parse(response.body);
  const mill::JsonValue value = reader.root()[name];
  return value.is_string() ? value.string() : "";
}

const struct {
  const char* name;
  const char* who;
  const char* payer;
  bool gives_identity;
} kinds[] = {
    {"account", "robot@p", "", true},
    {"user", "user", "payer", false},
    {"pool", "federated", "", false},
    {"pool, impersonating", "sa@p", "", true},
    {"impersonated", "sa@p", "", true},
    {"metadata", "default", "", true},
};

}  // namespace

TEST_CASE("every kind of credentials gets a token that is taken") {
  World world;
  for (const auto& kind : kinds) {
    INFO(kind.name);
    world.use(kind.name);
    mill::GoogleAuth auth;
    const mill::HttpResponse answer = world.ask(auth);
    CHECK(answer.status == 200);
    CHECK(member(answer, "who") == kind.who);
    CHECK(member(answer, "purpose") == kScope);
    CHECK(member(answer, "payer") == kind.payer);
    const std::uint64_t before = world.identity().tokens();
    CHECK(world.ask(auth).status == 200);
    CHECK(world.identity().tokens() == before);
    world.identity().revoke_tokens();
    CHECK(world.ask(auth).status == 200);
    CHECK(world.identity().tokens() > before);
    if (kind.gives_identity) {
      const mill::HttpResponse known = world.ask_with_identity(auth);
      CHECK(member(known, "who") == kind.who);
      CHECK(member(known, "purpose") == "https://c.example/");
    } else {
      CHECK_THROWS_AS(world.ask_with_identity(auth), mill::Exit);
    }
  }
}

TEST_CASE("a service that fails half of the time delays a token, no more") {
  World world;
  for (const auto& kind : kinds) {
    INFO(kind.name);
    world.use(kind.name);
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      world.server().set_faults(
          {0.5,
           seed,
           {"reset_before", "reset_during", "reset_after", "truncated",
            "status_429", "status_503", "status_503_after", "html_502"}});
      mill::GoogleAuth auth;
      CHECK(member(world.ask(auth), "who") == kind.who);
    }
  }
}

TEST_CASE("a token that is refused though it is new is not asked for forever") {
  World world;
  world.use("account");
  world.server().set_faults({1, 1, {"expired_token"}});
  mill::GoogleAuth auth;
  CHECK(world.ask(auth).status == 401);
  CHECK(world.identity().tokens() == 2);
}

TEST_CASE("a secret comes whole from a service that fails half of the time") {
  World world;
  ::setenv("SECRET_MANAGER_EMULATOR_HOST", world.url().c_str() + 7, 1);
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    world.server().set_faults(
        {0.5, seed, {"reset_after", "truncated", "status_503", "html_502"}});
    mill::SecretManager secrets(world.http(), "p");
    CHECK(secrets.get("NAME").reveal() == "s3cret");
    CHECK(secrets.get("ANOTHER").empty());
  }
  ::unsetenv("SECRET_MANAGER_EMULATOR_HOST");
}
