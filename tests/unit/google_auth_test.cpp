#include "lib/net/google_auth.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "lib/cli.h"
#include "lib/json_writer.h"
#include "lib/net/jwt.h"
#include "tests/unit/catch.h"

namespace {

struct Key {
  EVP_PKEY* key = ::EVP_RSA_gen(2048);
  std::string pem;

  Key() {
    BIO* const out = ::BIO_new(::BIO_s_mem());
    ::PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = ::BIO_get_mem_data(out, &text);
    pem.assign(text, static_cast<std::size_t>(size));
    ::BIO_free(out);
  }
  ~Key() { ::EVP_PKEY_free(key); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  bool verifies(std::string_view text, std::string_view signature) const {
    EVP_MD_CTX* const context = ::EVP_MD_CTX_new();
    auto bytes = [](std::string_view view) {
      return reinterpret_cast<const unsigned char*>(view.data());
    };
    ::EVP_DigestVerifyInit(context, nullptr, ::EVP_sha256(), nullptr, key);
    const bool is_good =
        ::EVP_DigestVerify(context, bytes(signature), signature.size(),
                           bytes(text), text.size()) == 1;
    ::EVP_MD_CTX_free(context);
    return is_good;
  }
};

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

// A credential file in GOOGLE_APPLICATION_CREDENTIALS for as long as it lives.
struct Credentials {
  char path[32] = "/tmp/credentials.XXXXXX";
  explicit Credentials(const std::string& text) {
    ::close(::mkstemp(path));
    std::ofstream(path) << text;
    ::setenv("GOOGLE_APPLICATION_CREDENTIALS", path, 1);
  }
  ~Credentials() {
    ::unlink(path);
    ::unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
  }
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;
};

std::string service_account(const std::string& pem, const std::string& uri) {
  return R"({"type":"service_account","client_email":"a@example.org",)"
         R"("private_key_id":"k1","token_uri":")" +
         uri + R"(","private_key":)" + mill::json_string(pem) + "}";
}

}  // namespace

TEST_CASE("sign_jwt signs what RFC 7519 says") {
  const Key key;
  const mill::Secret jwt = mill::sign_jwt(R"({"a":1})", "k1", key.pem);
  const std::string text(jwt.reveal());
  const std::size_t dot = text.rfind('.');
  CHECK(text.starts_with(
      mill::base64url(R"({"alg":"RS256","typ":"JWT","kid":"k1"})") + "." +
      mill::base64url(R"({"a":1})") + "."));
  CHECK(key.verifies(text.substr(0, dot),
                     decode_base64url(text.substr(dot + 1))));
  CHECK(text.find_first_of("+/=") == text.npos);
  CHECK(mill::base64url(R"({"alg":"RS256","typ":"JWT"})") ==
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9");
}

TEST_CASE("a service account's assertion asks for the audience") {
  const Key key;
  const Credentials file(
      service_account(key.pem, "https://accounts.google.com/o/oauth2/token"));
  std::string url, form;
  mill::Clock clock = mill::system_clock();
  clock.unix_time = [] { return 1767225600.7; };
  mill::HttpClient http(
      [&](const mill::HttpRequest& request) {
        url = request.url;
        form = request.secret_body.reveal();
        return mill::HttpResponse{.status = 200,
                                  .body = R"({"id_token":"idt"})"};
      },
      {}, clock);
  CHECK(mill::GoogleAuth().id_token(http, "https://c.example/f").reveal() ==
        "Bearer idt");
  CHECK(url == "https://oauth2.googleapis.com/token");
  CHECK(
      form.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type"
                       "%3Ajwt-bearer&assertion="));
  const std::size_t claims = form.find('.') + 1;
  CHECK(decode_base64url(form.substr(claims, form.rfind('.') - claims)) ==
        R"({"iss":"a@example.org","aud":"https://oauth2.googleapis.com/token",)"
        R"("target_audience":"https://c.example/f","iat":1767225600,)"
        R"("exp":1767229200})");
}

TEST_CASE("credentials that cannot serve are refused before anything is sent") {
  const Key key;
  const struct {
    const char* what;
    std::string text;
    std::string problem;
  } cases[] = {
      {"not JSON", "{", "not a JSON object"},
      {"another kind", R"({"type":"authorized_user"})",
       "identity tokens need a service account, its key or its impersonation, "
       "not 'authorized_user'"},
      {"someone else's token endpoint",
       service_account(key.pem, "https://oauth2.googleapis.com.evil/token"),
       "token_uri is not Google's"},
      {"another universe",
       R"({"type":"service_account","universe_domain":"x.org"})",
       "universe_domain is not googleapis.com"},
      {"no name", R"({"type":"service_account"})", "client_email is missing"},
      {"no key", service_account("secret", ""),
       "private_key is not an RSA key in PEM"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const Credentials file(c.text);
    mill::HttpClient http([](const mill::HttpRequest&) -> mill::HttpResponse {
      FAIL("sent");
      return {};
    });
    std::string message;
    try {
      mill::GoogleAuth().id_token(http, "https://c.example/f");
    } catch (const mill::Exit& exit) {
      CHECK(exit.code == EX_CONFIG);
      message = exit.what();
    }
    CHECK(message.ends_with(c.problem));
    CHECK(message.find("secret") == message.npos);
  }
}

TEST_CASE("without a file the metadata server is asked, and must be Google's") {
  ::setenv("CLOUDSDK_CONFIG", "/nonexistent", 1);
  for (const bool is_google : {true, false}) {
    std::string url;
    mill::HttpClient http([&](const mill::HttpRequest& request) {
      url = request.url;
      CHECK(request.allows_plain_http);
      CHECK(request.headers ==
            std::vector<std::string>{"Metadata-Flavor: Google"});
      mill::HttpResponse response{.status = 200, .body = "idt"};
      if (is_google) response.headers = {{"metadata-flavor", "Google"}};
      return response;
    });
    mill::GoogleCredentials auth;
    if (is_google)
      CHECK(auth.id_token(http, "https://c/f").text.reveal() == "idt");
    else
      CHECK_THROWS_AS(auth.id_token(http, "https://c/f"), mill::Exit);
    CHECK(url ==
          "http://metadata.google.internal/computeMetadata/v1/instance/"
          "service-accounts/default/identity?audience=https%3A%2F%2Fc%2Ff&"
          "format=full");
  }
  ::unsetenv("CLOUDSDK_CONFIG");
}

TEST_CASE("a service account's assertion asks for the scope") {
  const Key key;
  const Credentials file(service_account(key.pem, ""));
  std::string url, form;
  mill::Clock clock = mill::system_clock();
  clock.unix_time = [] { return 1767225600.7; };
  mill::HttpClient http(
      [&](const mill::HttpRequest& request) {
        url = request.url;
        form = request.secret_body.reveal();
        return mill::HttpResponse{.status = 200,
                                  .body = R"({"access_token":"ya29.c..."})"};
      },
      {}, clock);
  CHECK(mill::GoogleCredentials()
            .access_token(http, "https://s/a https://s/b")
            .text.reveal() == "ya29.c...");
  CHECK(url == "https://oauth2.googleapis.com/token");
  const std::size_t claims = form.find('.') + 1;
  CHECK(decode_base64url(form.substr(claims, form.rfind('.') - claims)) ==
        R"({"iss":"a@example.org","aud":"https://oauth2.googleapis.com/token",)"
        R"("scope":"https://s/a https://s/b","iat":1767225600,)"
        R"("exp":1767229200})");
}

TEST_CASE("a user's login is refreshed, without a scope") {
  const Credentials file(
      R"({"type":"authorized_user","client_id":"i d","client_secret":"s&",)"
      R"("refresh_token":"1//r","quota_project_id":"payer"})");
  std::string sent;
  mill::HttpResponse answer{.status = 200, .body = R"({"access_token":"at"})"};
  mill::HttpClient http([&](const mill::HttpRequest& request) {
    sent = request.method + " " + request.url + " ";
    sent += request.secret_body.reveal();
    CHECK(request.body.empty());
    return answer;
  });
  mill::GoogleCredentials auth;
  CHECK(auth.access_token(http, "https://s/a").text.reveal() == "at");
  CHECK(sent ==
        "POST https://oauth2.googleapis.com/token grant_type=refresh_token&"
        "client_id=i%20d&client_secret=s%26&refresh_token=1%2F%2Fr");

  answer = {.status = 400,
            .body = R"({"error":"invalid_grant","error_description":"1//r"})"};
  std::string message;
  try {
    auth.access_token(http, "https://s/a");
  } catch (const mill::Exit& exit) {
    CHECK(exit.code == EX_NOPERM);
    message = exit.what();
  }
  CHECK(
      message ==
      "https://oauth2.googleapis.com/token: status 400, invalid_grant: log in "
      "again with gcloud auth application-default login");

  CHECK(auth.quota_project() == "payer");
  ::setenv("GOOGLE_CLOUD_QUOTA_PROJECT", "another", 1);
  CHECK(auth.quota_project() == "another");
  ::unsetenv("GOOGLE_CLOUD_QUOTA_PROJECT");
}

TEST_CASE("credentials that give no access token are refused, nothing sent") {
  const struct {
    std::string text;
    std::string problem;
  } cases[] = {
      {R"({"type":"external_account"})", "audience is missing"},
      {R"({"type":"impersonated_service_account"})",
       "source_credentials of type '' are not supported"},
      {R"({"type":"authorized_user","client_id":"i"})",
       "refresh_token is missing"},
      {R"({"type":"authorized_user","client_id":"i","refresh_token":"secret",)"
       R"("token_uri":"https://oauth2.googleapis.com@evil/token"})",
       "token_uri is not Google's"},
  };
  for (const auto& c : cases) {
    INFO(c.problem);
    const Credentials file(c.text);
    mill::HttpClient http([](const mill::HttpRequest&) -> mill::HttpResponse {
      FAIL("sent");
      return {};
    });
    std::string message;
    try {
      mill::GoogleCredentials().access_token(http, "https://s/a");
    } catch (const mill::Exit& exit) {
      CHECK(exit.code == EX_CONFIG);
      message = exit.what();
    }
    CHECK(message == file.path + (": " + c.problem));
  }
}

TEST_CASE("the metadata server gives access tokens") {
  ::setenv("CLOUDSDK_CONFIG", "/nonexistent", 1);
  std::string url;
  mill::HttpResponse answer{.status = 200,
                            .headers = {{"metadata-flavor", "Google"}},
                            .body = R"({"access_token":"at"})"};
  mill::HttpClient http([&](const mill::HttpRequest& request) {
    url = request.url;
    return answer;
  });
  mill::GoogleCredentials auth;
  CHECK(auth.access_token(http, "https://s/a").text.reveal() == "at");
  CHECK(url ==
        "http://metadata.google.internal/computeMetadata/v1/instance/"
        "service-accounts/default/token?scopes=https%3A%2F%2Fs%2Fa");
  CHECK(auth.quota_project().empty());
  answer.headers.clear();
  CHECK_THROWS_AS(auth.access_token(http, "https://s/a"), mill::Exit);
  ::unsetenv("CLOUDSDK_CONFIG");
}
