#include "lib/google/signed_url.h"

#include <stdlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/sha256.h"
#include "lib/google/credentials.h"
#include "lib/google/jwt.h"
#include "lib/http/client.h"
#include "lib/json/json.h"
#include "tests/cloud/identity.h"
#include "tests/unit/catch.h"
#include "tests/unit/test_key.h"

namespace {

// The account of Google's conformance tests of V4 signatures, and its key's
// public half.
constexpr char kAccount[] =
    "test-iam-credentials@dummy-project-id.iam.gserviceaccount.com";
constexpr char kPublicKey[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArD8zIqyKLbX0Nq8o0Jj1\n"
    "qHEhHhqO3+0OP7TEFx5Vxc6PdwBoFNrfnJRI/S+ZaDYS1avr5Pqpp8g8+UNOMvI1\n"
    "VsjGM8xjTaxkVv8mmKp6pSmQstTt25pzY1exA2wv4xNWSwWNFNx2kh35+kvTQ/DF\n"
    "3YA9P7pUU1sKur1PP8OoubWLFO59iy5UE5dX0O/3pjvZ2HAhSXsx2VWtB5nlrHR8\n"
    "FrKJNLJMEGEDSMz9yRfQaUeYCU9oDYHuiqKQ3rCXi6C82l+3FJw5/ggJ5y7iw8ME\n"
    "rCFSslcYQRbBVz6ZYKWkEcJhs8BG3/16bfaqNusNlDIJ99I7DmipUngF/HEulYhf\n"
    "rQIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

}  // namespace

TEST_CASE("Google's published links are ours") {
  const struct {
    const char *bucket, *object, *time;
    std::uint64_t seconds;
    std::string signature;
  } cases[] = {
      {"test-bucket", "test-object", "2019-02-01T09:00:00Z", 10,
       "95e6a13d43a1d1962e667f17397f2b80ac9bdd1669210d5e08e0135df9dff4e561134"
       "85dbe429ca2266487b9d1796ebdee2d7cf682a6ef3bb9fbb4c351686fba90d7b621cf"
       "1c4eb1fdf126460dd25fa0837dfdde0a9fd98662ce60844c458448fb2b352c203d996"
       "9cb74efa4bdb742287744a4f2308afa4af0e0773f55e32e92973619249214b97283b2"
       "daa14195244444e33f938138d1e5f561088ce8011f4986dda33a556412594db7c12fc"
       "40e1ff3f1bedeb7a42f5bcda0b9567f17f65855f65071fabb88ea12371877f3f77f10"
       "e1466fff6ff6973b74a933322ff0949ce357e20abe96c3dd5cfab42c9c83e740a4d32"
       "b9e11e146f0eb3404d2e975896f74"},
      {"test-bucket", "test-object", "2019-03-01T09:00:00Z", 20,
       "9669ed5b10664dc594c758296580662912cf4bcc5a4ba0b6bf055bcbf6f34eed7bdad"
       "664f534962174a924741a0c273a4f67bc1847cef20192a6beab44223bd9d4fbbd749c"
       "407b79997598c30f82ddc269ff47ec09fa3afe74e00616d438df0d96a7d8ad0adacfa"
       "d1dc3286f864d924fe919fb0dce45d3d975c5afe8e13af2db9cc37ba77835f92f7669"
       "b61e94c6d562196c1274529e76cfff1564cc2cad7d5387dc8e12f7a5dfd925685fe92"
       "c30b43709eee29fa2f66067472cee5423d1a3a4182fe8cea75c9329d181dc6acad7c3"
       "93cd04f8bf5bc0515127d8ebd65d80c08e19ad03316053ea60033fd1b1fd85a69c576"
       "415da3bf0a3718d9ea6d03e0d66f0"},
      {"test-bucket2", "test-object2", "2019-02-01T09:00:00Z", 10,
       "36e3d58dfd3ec1d2dd2f24b5ee372a71e811ffaa2162a2b871d26728d0354270bc116"
       "face87127532969c4a3967ed05b7309af741e19c7202f3167aa8c2ac420b61417d645"
       "1442bb91d7c822cd17be8783f01e05372769c88913561d27e6660dd8259f0081a71f8"
       "31be6c50283626cbf04494ac10c394b29bb3bce74ab91548f58a37118a452693cf048"
       "3d77561fc9cac8f1765d2c724994cca46a83517a10157ee0347a233a2aaeae6e6ab5e"
       "204ff8fc5f54f90a3efdb8301d9fff5475d58cd05b181affd657f48203f4fb133c3a3"
       "d355b8eefbd10d5a0a5fd70d06e9515460ad74e22334b2cba4b29cae4f6f285cdb92d"
       "8f3126d7a1479ca3bdb69c207d860"},
  };
  for (const auto& c : cases) {
    const mill::SignedUrl link({.bucket = c.bucket,
                                .object = c.object,
                                .account = kAccount,
                                .at = *mill::parse_timestamp(c.time),
                                .seconds = c.seconds});
    const std::string signature = bytes_of(c.signature);
    CHECK(cloud::is_signed(link.text_to_sign(), signature, kPublicKey));
    CHECK_FALSE(
        cloud::is_signed(link.text_to_sign() + "x", signature, kPublicKey));
    const std::string day(c.time, 10);
    const std::string date =
        day.substr(0, 4) + day.substr(5, 2) + day.substr(8);
    CHECK(link.url(signature) ==
          std::string("https://storage.googleapis.com/") + c.bucket + "/" +
              c.object +
              "?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential="
              "test-iam-credentials%40dummy-project-id.iam.gserviceaccount.com"
              "%2F" +
              date + "%2Fauto%2Fstorage%2Fgoog4_request&X-Goog-Date=" + date +
              "T090000Z&X-Goog-Expires=" + std::to_string(c.seconds) +
              "&X-Goog-SignedHeaders=host&X-Goog-Signature=" + c.signature);
  }
}

TEST_CASE("A link may be of a generation, and all but slashes is encoded") {
  const mill::SignedUrl link({.endpoint = "http://127.0.0.1:8080",
                              .bucket = "b",
                              .object = "a b/\xC3\xA9+~",
                              .generation = "17",
                              .account = "r@p",
                              .at = mill::from_unix_seconds(1767323045),
                              .seconds = 60});
  CHECK(
      link.url("\x01\xAB") ==
      "http://127.0.0.1:8080/b/a%20b/%C3%A9%2B~?"
      "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=r%40p%2F20260102%2F"
      "auto%2Fstorage%2Fgoog4_request&X-Goog-Date=20260102T030405Z&"
      "X-Goog-Expires=60&X-Goog-SignedHeaders=host&generation=17&"
      "X-Goog-Signature=01ab");
}

TEST_CASE("A machine's service account signs by IAM") {
  const TestKey key;
  std::vector<std::string> asked;
  mill::HttpClient http([&](const mill::HttpRequest& request) {
    asked.push_back(request.method + " " + request.url);
    mill::HttpResponse response{.status = 200};
    if (request.url.find("/email") != std::string::npos) {
      response.headers = {{"metadata-flavor", "Google"}};
      response.body = "run@p.iam.gserviceaccount.com\n";
    } else if (request.url.find("/token") != std::string::npos) {
      response.headers = {{"metadata-flavor", "Google"}};
      response.body = R"({"access_token":"t0ken","expires_in":3599})";
    } else {
      CHECK(request.authorization.reveal() == "Bearer t0ken");
      mill::JsonReader reader;
      reader.parse(request.body);
      const auto text =
          mill::decode_base64(reader.root()["payload"].string()).value();
      response.body =
          "{\"signedBlob\":\"" +
          mill::base64(mill::sign_rsa_sha256(text, key.pem).value()) + "\"}";
    }
    return response;
  });
  ::unsetenv("GOOGLE_APPLICATION_CREDENTIALS");
  ::setenv("CLOUDSDK_CONFIG", "/nonexistent", 1);
  const mill::GoogleCredentials credentials;
  CHECK(credentials.signing_account(http) == "run@p.iam.gserviceaccount.com");
  CHECK(key.verifies("text", credentials.sign(http, "text")));
  CHECK(asked.back() ==
        "POST https://iamcredentials.googleapis.com/v1/projects/-/"
        "serviceAccounts/run@p.iam.gserviceaccount.com:signBlob");
  ::unsetenv("CLOUDSDK_CONFIG");
}
