#include <openssl/evp.h>
#include <stdlib.h>
#include <sysexits.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/google/auth.h"
#include "lib/google/jwt.h"
#include "lib/json/json_writer.h"
#include "tests/unit/catch.h"
#include "tests/unit/test_key.h"

namespace {

std::string decode_base64url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                    reinterpret_cast<const unsigned char*>(text.data()),
                    static_cast<int>(text.size()));
  bytes.resize(bytes.size() - padding);
  return bytes;
}

const TestKey& test_key() {
  static const TestKey key;
  return key;
}

// A machine with one credential file or none, and Google's side of the wire:
// what is sent, and prepared answers to it, the last one again and again.
struct Machine {
  explicit Machine(const std::string& credentials = "") {
    for (const char* name : {"GOOGLE_CLOUD_QUOTA_PROJECT", "GCE_METADATA_HOST"})
      ::unsetenv(name);
    ::setenv("CLOUDSDK_CONFIG", folder, 1);
    ::setenv("GOOGLE_APPLICATION_CREDENTIALS",
             credentials.empty() ? "" : path.c_str(), 1);
    if (!credentials.empty()) write("credentials", credentials);
  }
  ~Machine() {
    std::filesystem::remove_all(folder);
    ::unsetenv("CLOUDSDK_CONFIG");
    ::unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder + ("/" + name)) << text;
    std::filesystem::permissions(folder + ("/" + name),
                                 std::filesystem::perms(0600));
  }
  mill::HttpClient client(mill::RetryPolicy policy = {}) {
    mill::Clock clock = mill::system_clock();
    clock.now = [this] { return now; };
    clock.unix_time = [this] { return 1767225600.7 + now; };
    clock.sleep = [this](double seconds) { now += seconds; };
    return mill::HttpClient(
        [this](const mill::HttpRequest& request) {
          std::string text = request.method + " " + request.url + "\n";
          for (const std::string& header : request.headers)
            text += header + "\n";
          if (!request.authorization.empty())
            text.append("Authorization: ")
                .append(request.authorization.reveal())
                .append("\n");
          text.append(request.body).append(request.secret_body.reveal());
          sent.push_back(text);
          const std::size_t last = answers.size() - 1;
          return answers.at(std::min(sent.size() - 1, last));
        },
        policy, clock);
  }

  char folder[32] = "/tmp/google-auth.XXXXXX";
  std::string path = std::string(::mkdtemp(folder)) + "/credentials";
  double now = 0;
  std::vector<std::string> sent;
  std::vector<mill::HttpResponse> answers;
};

mill::HttpResponse ok(const std::string& body) {
  return {.status = 200, .body = body};
}

// The exit status and message with which action ends.
std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const mill::Exit& exit) {
    return std::to_string(exit.code) + " " + exit.what();
  }
  return "0";
}

std::string access_token(Machine& machine, std::string_view scope) {
  mill::HttpClient http = machine.client();
  return std::string(
      mill::GoogleCredentials().access_token(http, scope).text.reveal());
}

std::string id_token(Machine& machine, std::string_view audience) {
  mill::HttpClient http = machine.client();
  return std::string(
      mill::GoogleCredentials().id_token(http, audience).text.reveal());
}

std::string service_account(const std::string& pem, const std::string& uri) {
  return R"({"type":"service_account","client_email":"a@example.org",)"
         R"("private_key_id":"k1","token_uri":")" +
         uri + R"(","private_key":)" + mill::json_string(pem) + "}";
}

constexpr char kUser[] =
    R"({"type":"authorized_user","client_id":"i d","client_secret":"s&",)"
    R"("refresh_token":"1//r","quota_project_id":"payer"})";
const std::string kForm = "Content-Type: application/x-www-form-urlencoded\n";
const std::string kUserRequest =
    "POST https://oauth2.googleapis.com/token\n" + kForm +
    "grant_type=refresh_token&client_id=i%20d&client_secret=s%26&"
    "refresh_token=1%2F%2Fr";

// An external account with these members besides the needed ones.
std::string external(const std::string& members) {
  return R"({"type":"external_account","audience":"//iam/p","subject_token_type":)"
         R"("urn:ietf:params:oauth:token-type:jwt",)" +
         members + "}";
}

std::string sts_request(const std::string& scope, const std::string& subject) {
  return "POST https://sts.googleapis.com/v1/token\n" + kForm +
         "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&"
         "audience=%2F%2Fiam%2Fp&scope=" +
         scope +
         "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3A"
         "access_token&subject_token=" +
         subject +
         "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt";
}

const std::string kCloudPlatform =
    "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform";
const std::string kImpersonation =
    R"("service_account_impersonation_url":)"
    R"("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/)"
    R"(sa@p.iam:generateAccessToken")";
const std::string kIamRequest =
    "POST https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
    "sa@p.iam:";

}  // namespace

TEST_CASE("sign_jwt signs what RFC 7519 says") {
  const mill::Secret jwt = mill::sign_jwt(R"({"a":1})", "k1", test_key().pem);
  const std::string text(jwt.reveal());
  const std::size_t dot = text.rfind('.');
  CHECK(text.starts_with(
      mill::base64url(R"({"alg":"RS256","typ":"JWT","kid":"k1"})") + "." +
      mill::base64url(R"({"a":1})") + "."));
  CHECK(test_key().verifies(text.substr(0, dot),
                            decode_base64url(text.substr(dot + 1))));
  CHECK(text.find_first_of("+/=") == text.npos);
  CHECK(mill::base64url(R"({"alg":"RS256","typ":"JWT"})") ==
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9");
}

TEST_CASE("a service account's assertion says what the token is for") {
  Machine machine(service_account(
      test_key().pem, "https://accounts.google.com/o/oauth2/token"));
  machine.answers = {ok(R"({"id_token":"idt"})"),
                     ok(R"({"access_token":"ya29.c..."})")};
  CHECK(id_token(machine, "https://c.example/f") == "idt");
  CHECK(access_token(machine, "https://s/a https://s/b") == "ya29.c...");
  const std::string purposes[] = {R"("target_audience":"https://c.example/f")",
                                  R"("scope":"https://s/a https://s/b")"};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string& sent = machine.sent[i];
    CHECK(sent.starts_with("POST https://oauth2.googleapis.com/token\n" +
                           kForm +
                           "grant_type=urn%3Aietf%3Aparams%3Aoauth%3A"
                           "grant-type%3Ajwt-bearer&assertion="));
    const std::size_t claims = sent.find('.', sent.find("assertion=")) + 1;
    CHECK(decode_base64url(sent.substr(claims, sent.rfind('.') - claims)) ==
          R"({"iss":"a@example.org",)"
          R"("aud":"https://oauth2.googleapis.com/token",)" +
              purposes[i] + R"(,"iat":1767225600,"exp":1767229200})");
  }
}

TEST_CASE("a token is kept for its scope until 225 s before it expires") {
  Machine machine(kUser);
  const mill::HttpResponse good = ok("{}");
  machine.answers = {ok(R"({"access_token":"t1","expires_in":3599})"),
                     good,
                     good,
                     ok(R"({"access_token":"t2","expires_in":"600"})"),
                     good,
                     ok(R"({"access_token":"t3"})"),
                     good};
  mill::HttpClient http = machine.client();
  mill::GoogleAuth auth;
  const auto sent_with = [&](const char* scope, double at) {
    machine.now = at;
    auth.send(http, {.url = "https://x/", .headers = {"A: b"}}, scope);
    return machine.sent.back();
  };
  const std::string start =
      "GET https://x/\nA: b\nx-goog-user-project: payer\n";
  CHECK(sent_with("s1", 0) == start + "Authorization: Bearer t1\n");
  CHECK(sent_with("s1", 3373) == start + "Authorization: Bearer t1\n");
  CHECK(sent_with("s1", 3374) == start + "Authorization: Bearer t2\n");
  CHECK(sent_with("s2", 3375) == start + "Authorization: Bearer t3\n");
  CHECK(sent_with("s1", 3748) == start + "Authorization: Bearer t2\n");
  CHECK(machine.sent.size() == 8);
  CHECK(machine.sent[0] == kUserRequest);
}

TEST_CASE("after a 401 a request is sent once more, with a new token") {
  const mill::HttpResponse t1 =
      ok(R"({"access_token":"t1","expires_in":3599})");
  const mill::HttpResponse t2 =
      ok(R"({"access_token":"t2","expires_in":3599})");
  const mill::HttpResponse no{.status = 401}, never{.status = 403};
  const struct {
    const char* what;
    std::vector<mill::HttpResponse> answers;
    int status;
    std::size_t requests;
    std::string last;
  } cases[] = {
      {"good at once", {t1, ok("{}")}, 200, 2, "Bearer t1"},
      {"a new token serves", {t1, no, t2, ok("{}")}, 200, 4, "Bearer t2"},
      {"a second 401 is final", {t1, no, t2, no, t2}, 401, 4, "Bearer t2"},
      {"a 403 is final", {t1, never, t2}, 403, 2, "Bearer t1"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    Machine machine(kUser);
    machine.answers = c.answers;
    mill::HttpClient http = machine.client();
    mill::GoogleAuth auth;
    CHECK(auth.send(http,
                    {.method = "POST",
                     .url = "https://x/",
                     .headers = {"x-goog-user-project: mine"},
                     .is_repeatable = false},
                    "s")
              .status == c.status);
    CHECK(machine.sent.size() == c.requests);
    CHECK(machine.sent.back() ==
          "POST https://x/\nx-goog-user-project: mine\nAuthorization: " +
              c.last + "\n");
  }
}

TEST_CASE("threads that need a token at once wait for one of them to get it") {
  const Machine machine(kUser);
  std::atomic<int> tokens = 0, calls = 0;
  mill::GoogleAuth auth;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      mill::HttpClient http([&](const mill::HttpRequest& request) {
        if (request.method == "GET") {
          calls += request.authorization.reveal() == "Bearer t";
          return ok("{}");
        }
        ++tokens;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return ok(R"({"access_token":"t","expires_in":3599})");
      });
      for (int j = 0; j < 8; ++j) auth.send(http, {.url = "https://x/"}, "s");
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(tokens == 1);
  CHECK(calls == 64);
}

TEST_CASE("the payer is the environment's, else the file's") {
  const Machine machine(kUser);
  const mill::GoogleCredentials credentials;
  CHECK(credentials.quota_project() == "payer");
  ::setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "another", 1);
  CHECK(credentials.quota_project() == "another");
  ::unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
}

TEST_CASE("an external account exchanges a token that is read each time") {
  Machine machine(external(R"("credential_source":{"file":"SUBJECT"})"));
  const std::string subject = std::string(machine.folder) + "/subject";
  const std::string file = R"("credential_source":{"file":")" + subject + "\"";
  machine.answers = {ok(R"({"access_token":"at","expires_in":3599})")};

  SECTION("text, for the scope itself") {
    machine.write("credentials", external(file + "}"));
    machine.write("subject", " s.1 \r\n\n");
    CHECK(access_token(machine, "https://s/a") == "at");
    machine.write("subject", "s.2");
    CHECK(access_token(machine, "https://s/a") == "at");
    const std::string scope = "https%3A%2F%2Fs%2Fa";
    CHECK(machine.sent == std::vector<std::string>{sts_request(scope, "%20s.1"),
                                                   sts_request(scope, "s.2")});
  }
  SECTION("a member of JSON, by a workforce's user") {
    machine.write("credentials",
                  external(file + R"(,"format":{"type":"json",)"
                                  R"("subject_token_field_name":"t"}},)"
                                  R"("workforce_pool_user_project":"w")"));
    machine.write("subject", R"({"a":1,"t":"s.1"})");
    CHECK(access_token(machine, "s") == "at");
    CHECK(machine.sent[0] == sts_request("s", "s.1") +
                                 "&options=%7B%22userProject%22%3A%22w%22%7D");
  }
  SECTION("with the login of a client") {
    machine.write("credentials",
                  external(file + R"(},"client_id":"c","client_secret":"x",)"
                                  R"("workforce_pool_user_project":"w")"));
    machine.write("subject", "s.1");
    CHECK(access_token(machine, "s") == "at");
    std::string wanted = sts_request("s", "s.1");
    wanted.insert(wanted.find("grant_type"), "Authorization: Basic Yzp4\n");
    CHECK(machine.sent[0] == wanted);
  }
}

TEST_CASE("an external account as GitHub's action for it writes one") {
  Machine machine(external(
      R"("token_url":"https://sts.googleapis.com/v1/token",)"
      R"("credential_source":{"url":"https://run.example/token?audience=a",)"
      R"("headers":{"Authorization":"Bearer runner","X-K":"v"},)"
      R"("format":{"type":"json","subject_token_field_name":"value"}},)" +
      kImpersonation));
  machine.answers = {ok(R"({"count":1,"value":"s.1"})"),
                     ok(R"({"access_token":"federated"})"),
                     ok(R"({"accessToken":"at",)"
                        R"("expireTime":"2026-01-01T01:00:00Z"})")};
  mill::HttpClient http = machine.client();
  const mill::Token token =
      mill::GoogleCredentials().access_token(http, "https://s/a https://s/b");
  CHECK(token.text.reveal() == "at");
  CHECK(std::fabs(token.lifetime - 3599.3) < 1e-6);
  CHECK(
      machine.sent ==
      std::vector<std::string>{
          "GET https://run.example/token?audience=a\nX-K: v\n"
          "Authorization: Bearer runner\n",
          sts_request(kCloudPlatform, "s.1"),
          kIamRequest +
              "generateAccessToken\nContent-Type: application/json\n"
              "Authorization: Bearer federated\n"
              R"({"scope":["https://s/a","https://s/b"],"lifetime":"3600s"})"});
  machine.sent.clear();
  machine.answers.back() = ok(R"({"token":"idt"})");
  CHECK(id_token(machine, "https://c/f") == "idt");
  CHECK(machine.sent[2] ==
        kIamRequest +
            "generateIdToken\nContent-Type: application/json\n"
            "Authorization: Bearer federated\n"
            R"({"audience":"https://c/f","includeEmail":true})");
}

TEST_CASE("a service account is impersonated by a user or another account") {
  const std::string sources[] = {kUser, service_account(test_key().pem, "")};
  for (const std::string& source : sources) {
    Machine machine(R"({"type":"impersonated_service_account",)"
                    R"("delegates":["projects/-/serviceAccounts/b"],)"
                    R"("service_account_impersonation":)"
                    R"({"token_lifetime_seconds":600},"source_credentials":)" +
                    source + "," + kImpersonation + "}");
    machine.answers = {ok(R"({"access_token":"own"})"),
                       ok(R"({"accessToken":"at"})")};
    CHECK(access_token(machine, "s") == "at");
    if (source == kUser)
      CHECK(machine.sent[0] == kUserRequest);
    else
      CHECK(machine.sent[0].find("assertion=") != std::string::npos);
    CHECK(machine.sent[1] ==
          kIamRequest +
              "generateAccessToken\nContent-Type: application/json\n"
              "Authorization: Bearer own\n"
              R"({"delegates":["projects/-/serviceAccounts/b"],"scope":["s"],)"
              R"("lifetime":"600s"})");
  }
}

TEST_CASE("without a file the metadata server is asked, and must be Google's") {
  Machine machine;
  const std::string start =
      "GET http://metadata.google.internal/computeMetadata/v1/instance/"
      "service-accounts/default/";
  machine.answers = {ok("idt"), ok(R"({"access_token":"at"})")};
  for (auto& answer : machine.answers)
    answer.headers = {{"metadata-flavor", "Google"}};
  CHECK(id_token(machine, "https://c/f") == "idt");
  CHECK(access_token(machine, "https://s/a b") == "at");
  CHECK(machine.sent ==
        std::vector<std::string>{
            start + "identity?audience=https%3A%2F%2Fc%2Ff&format=full\n"
                    "Metadata-Flavor: Google\n",
            start + "token?scopes=https%3A%2F%2Fs%2Fa%2Cb\nMetadata-Flavor: "
                    "Google\n"});
  machine.answers.back().headers.clear();
  CHECK(refusal([&] { access_token(machine, "s"); }) ==
        "78 what answers as the metadata server is not Google's");
  machine.answers = {{.status = 404}};
  CHECK(refusal([&] { access_token(machine, "s"); }) ==
        "69 metadata server: status 404; no service account is attached");
}

TEST_CASE("a metadata server that is not expected is looked for once") {
  std::string name;
  std::getline(std::ifstream("/sys/class/dmi/id/product_name"), name);
  const bool is_google = name.starts_with("Google");
  if (is_google) WARN("one of Google's machines: a server is expected");
  for (const auto failure :
       {mill::HttpResponse::kUnreachable, mill::HttpResponse::kBroken}) {
    CAPTURE(failure);
    Machine machine;
    machine.answers = {{.failure = failure}};
    if (!is_google) {
      CHECK(refusal([&] { access_token(machine, "s"); }).starts_with("78 no"));
      CHECK(machine.sent.size() == 1);
    }
    machine.sent.clear();
    ::setenv("GCE_METADATA_HOST", "m", 1);
    CHECK(refusal([&] { access_token(machine, "s"); }) != "0");
    CHECK(machine.sent.size() == 5);
  }
  Machine machine;
  machine.answers = {{.status = 503}, ok(R"({"access_token":"at"})")};
  machine.answers.back().headers = {{"metadata-flavor", "Google"}};
  CHECK(access_token(machine, "s") == "at");
}

TEST_CASE("credentials are looked for in their order, and named when missing") {
  Machine machine;
  const std::string folder = machine.folder;
  machine.answers = {{.failure = mill::HttpResponse::kUnreachable}};
  CHECK(refusal([&] { access_token(machine, "s"); }) ==
        "78 no Google credentials: gcloud auth application-default login, or "
        "set GOOGLE_APPLICATION_CREDENTIALS, or run "
        "where a metadata server is");
  machine.write("application_default_credentials.json", kUser);
  CHECK(mill::GoogleCredentials().quota_project() == "payer");
  ::unsetenv("CLOUDSDK_CONFIG");
  std::filesystem::create_directories(folder + "/.config/gcloud");
  machine.write(".config/gcloud/application_default_credentials.json",
                R"({"quota_project_id":"home"})");
  const std::string home = ::getenv("HOME") ? ::getenv("HOME") : "/";
  ::setenv("HOME", machine.folder, 1);
  CHECK(mill::GoogleCredentials().quota_project() == "home");
  machine.write(".config/gcloud/application_default_credentials.json", "{");
  CHECK(refusal([] { mill::GoogleCredentials(); }) ==
        "78 " + folder +
            "/.config/gcloud/application_default_credentials.json: not a JSON "
            "object");
  ::setenv("HOME", home.c_str(), 1);
  ::setenv("GOOGLE_APPLICATION_CREDENTIALS", "/no/such", 1);
  CHECK(refusal([] {
          mill::GoogleCredentials();
        }).starts_with("78 GOOGLE_APPLICATION_CREDENTIALS: /no/such: "));
}

TEST_CASE("credentials that cannot serve are refused, and nothing is sent") {
  const std::string source = R"("credential_source":{"file":"/etc/hostname"})";
  const struct {
    std::string text;
    std::string problem;
  } cases[] = {
      {"{", "not a JSON object"},
      {"[]", "not a JSON object"},
      {"{}", "credentials of type '' are not supported"},
      {R"({"type":"gdch_service_account"})",
       "credentials of type 'gdch_service_account' are not supported"},
      {R"({"type":"service_account","universe_domain":"x.org"})",
       "universe_domain is not googleapis.com"},
      {R"({"type":"service_account"})", "client_email is missing"},
      {service_account("s3cret", ""), "private_key is not an RSA key in PEM"},
      {service_account("s3cret", "https://oauth2.googleapis.com.evil/token"),
       "token_uri is not Google's"},
      {R"({"type":"authorized_user","client_id":"i"})",
       "refresh_token is missing"},
      {R"({"type":"authorized_user","refresh_token":"s3cret"})",
       "client_id is missing"},
      {R"({"type":"authorized_user","client_id":"i","refresh_token":"s3cret",)"
       R"("token_uri":"https://oauth2.googleapis.com@evil/token"})",
       "token_uri is not Google's"},
      {R"({"type":"external_account"})", "audience is missing"},
      {external(R"("a":1)"),
       "credential_source has neither file nor url; executables, certificates "
       "and AWS are not supported"},
      {external(R"("credential_source":{"executable":{"command":"s3cret"}})"),
       "credential_source has neither file nor url; executables, certificates "
       "and AWS are not supported"},
      {external(R"("credential_source":{"file":"/dev/zero"})"),
       "credential_source.file: /dev/zero: no such file"},
      {external(R"("credential_source":{"url":"http://example.org/s3cret"})"),
       "credential_source.url is neither https nor on loopback"},
      {external(R"("credential_source":{"url":"file:///etc/passwd"})"),
       "credential_source.url is neither https nor on loopback"},
      {external(R"("token_url":"https://sts.example.org/v1/token",)" + source),
       "token_url is not Google's"},
      {R"({"type":"impersonated_service_account","source_credentials":)"
       R"({"type":"external_account"},)" +
           kImpersonation + "}",
       "source_credentials of type 'external_account' are not supported"},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    Machine machine(c.text);
    const std::string message =
        refusal([&] { access_token(machine, "https://s/a"); });
    CHECK(message == "78 " + machine.path + ": " + c.problem);
    CHECK(message.find("s3cret") == message.npos);
    CHECK(machine.sent.empty());
  }
  Machine machine(kUser);
  CHECK(refusal([&] { id_token(machine, "https://c/f"); }) ==
        "78 " + machine.path +
            ": identity tokens need a service account, its key or its "
            "impersonation, not 'authorized_user'");
}

TEST_CASE("tokens are asked for at Google's own hosts only") {
  const char* good[] = {
      "https://sts.googleapis.com",          "https://STS.googleapis.com:443",
      "https://us-east1-sts.googleapis.com", "https://eu.sts.googleapis.com",
      "https://sts.eu.googleapis.com",       "http://127.0.0.1:8080"};
  const char* bad[] = {
      "http://sts.googleapis.com",        "https://sts.googleapis.com:8443",
      "https://u@sts.googleapis.com",     "https://sts.googleapis.com.evil",
      "https://evilsts.googleapis.com",   "https://a.b.sts.googleapis.com",
      "https://sts.a.b.googleapis.com",   "https://sts.evilgoogleapis.com",
      "https://storage.googleapis.com",   "https://-sts.googleapis.com",
      "https://.sts.googleapis.com",      "https://sts..googleapis.com",
      "https://evil/sts.googleapis.com",  "http://10.0.0.1",
      "https://evil#.sts.googleapis.com", "ftp://127.0.0.1"};
  const auto try_both = [](std::string host) {
    Machine machine(external(R"("token_url":")" + host +
                             R"(/v1/token","credential_source":)"
                             R"({"url":"https://s"})"));
    machine.answers = {ok("s.1"), ok(R"({"access_token":"at"})")};
    const std::string exchanged =
        refusal([&] { access_token(machine, "s"); }).substr(0, 2);
    if (const auto at = host.find("sts"); at != host.npos)
      host.replace(at, 3, "iamcredentials");
    if (const auto at = host.find("STS"); at != host.npos)
      host.replace(at, 3, "iamcredentials");
    machine.sent.clear();
    machine.answers = {ok(R"({"access_token":"own"})"),
                       ok(R"({"accessToken":"at"})")};
    machine.write("credentials",
                  R"({"type":"impersonated_service_account",)"
                  R"("service_account_impersonation_url":")" +
                      host +
                      "/v1/projects/-/serviceAccounts/a:generateAccessToken"
                      R"(","source_credentials":)" +
                      kUser + "}");
    return exchanged + " " +
           refusal([&] { access_token(machine, "s"); }).substr(0, 2);
  };
  for (const char* host : good) {
    INFO(host);
    CHECK(try_both(host) == "0 0");
  }
  for (const char* host : bad) {
    INFO(host);
    CHECK(try_both(host) == "78 78");
  }
  const char* paths[] = {
      "/v1/projects/-/serviceAccounts/a:generateIdToken",
      "/v1/projects/-/serviceAccounts/a/b:generateAccessToken",
      "/v1/projects/-/serviceAccounts/a:b:generateAccessToken",
      "/v1/projects/-/serviceAccounts/:generateAccessToken",
      "/v1/projects/-/serviceAccounts/a:generateAccessToken?b=c",
      "/a/v1/projects/-/serviceAccounts/a:generateAccessToken",
      "/v1/projects/-/serviceAccounts/a"};
  for (const char* path : paths) {
    INFO(path);
    Machine machine(R"({"type":"impersonated_service_account",)"
                    R"("service_account_impersonation_url":)"
                    R"("https://iamcredentials.googleapis.com)" +
                    std::string(path) + R"(","source_credentials":)" + kUser +
                    "}");
    CHECK(refusal([&] { access_token(machine, "s"); }) ==
          "78 " + machine.path +
              ": service_account_impersonation_url is not Google's");
    CHECK(machine.sent.empty());
  }
}

TEST_CASE("what a refused token means") {
  const std::string where = "https://oauth2.googleapis.com/token: ";
  const std::string login =
      "; log in again: gcloud auth application-default login";
  const auto error = [](int status, const std::string& body, const char* date) {
    mill::HttpResponse response{.status = status, .body = body};
    if (date) response.headers = {{"date", date}};
    return response;
  };
  const struct {
    const char* what;
    mill::HttpResponse answer;
    std::string refusal;
    std::size_t attempts;
  } cases[] = {
      {"revoked",
       error(400, R"({"error":"invalid_grant","error_description":"1//r"})",
             "Thu, 01 Jan 2026 00:00:30 GMT"),
       "77 " + where + "status 400 (invalid_grant)" + login, 1},
      {"a clock that is wrong",
       error(400, R"({"error":"invalid_grant"})",
             "Thu, 01 Jan 2026 01:00:00 GMT"),
       "77 " + where + "status 400 (invalid_grant)" + login +
           "; this machine's clock is 3599 s behind",
       1},
      {"an unknown client",
       error(401, R"({"error":"invalid_client"})", nullptr),
       "77 " + where + "status 401 (invalid_client)" + login, 1},
      {"words that might be what was sent",
       error(400, R"({"error":"bad 1//r"})", nullptr),
       "77 " + where + "status 400", 1},
      {"Google's own trouble, said as ours",
       error(400, R"({"error":"temporarily_unavailable"})", nullptr),
       "75 " + where + "status 400 (temporarily_unavailable)", 5},
      {"Google's own trouble", error(503, "", nullptr),
       "75 " + where + "status 503", 5},
      {"no token", ok(R"({"id_token":"x"})"),
       "77 " + where + "no access_token given", 1},
      {"not JSON", ok("<html>"), "75 " + where + "the answer is not JSON", 5},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    Machine machine(kUser);
    machine.answers = {c.answer};
    CHECK(refusal([&] { access_token(machine, "s"); }) == c.refusal);
    CHECK(machine.sent.size() == c.attempts);
  }
}
