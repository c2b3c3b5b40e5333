#include "lib/google/metadata_server.h"

#include <sysexits.h>

#include <algorithm>
#include <fstream>

#include "lib/base/exit.h"
#include "lib/google/credential_file.h"
#include "lib/http/url.h"

namespace mill {

namespace {

// True where there must be a metadata server, even if it starts a little later.
bool expects_metadata_server() {
  std::string machine;
  std::getline(std::ifstream("/sys/class/dmi/id/product_name"), machine);
  return machine.starts_with("Google") ||
         !environment("GCE_METADATA_HOST").empty();
}

HttpResponse ask_metadata(HttpClient& http, const std::string& what) {
  std::string host = environment("GCE_METADATA_HOST");
  if (host.empty()) host = "metadata.google.internal";
  HttpRequest request;
  request.url = "http://" + host +
                "/computeMetadata/v1/instance/service-accounts/default/" + what;
  request.headers = {"Metadata-Flavor: Google"};
  request.allows_plain_http = true;
  request.max_response = kMaxGoogleAnswer;
  const bool is_expected = expects_metadata_server();
  request.connect_timeout = is_expected ? 3 : 1;
  // Elsewhere one attempt without an answer means that there is none.
  HttpResponse response =
      is_expected ? http.send(request) : http.send_once(request);
  if (response.failure == HttpResponse::kUnreachable ||
      (!is_expected && response.failure == HttpResponse::kBroken))
    throw Exit(EX_CONFIG, std::string("no Google credentials: gcloud auth "
                                      "application-default login, or set ") +
                              kCredentialsVariable +
                              ", or run where a metadata server is");
  if (!is_expected && response.status != 200) response = http.send(request);
  if (response.status != 200)
    throw Exit(
        exit_status(response),
        "metadata server: " + describe(response) +
            (response.status == 404 ? "; no service account is attached" : ""));
  if (response.header("metadata-flavor") != "Google")
    throw Exit(EX_CONFIG,
               "what answers as the metadata server is not Google's");
  return response;
}

}  // namespace

Token metadata_access_token(HttpClient& http, std::string_view scope) {
  std::string scopes(scope);
  std::replace(scopes.begin(), scopes.end(), ' ', ',');
  HttpResponse response =
      ask_metadata(http, "token?" + form_encode({{"scopes", scopes}}));
  JsonReader reader;
  const bool is_json = !reader.parse(response.body);
  Token token = take_token(response, is_json ? reader.root() : JsonValue(),
                           "access_token", http.clock().unix_time());
  if (!token.text.empty()) return token;
  throw Exit(EX_NOPERM, "metadata server: no access_token given");
}

std::string metadata_email(HttpClient& http) {
  std::string email = ask_metadata(http, "email").body;
  while (email.ends_with('\n')) email.pop_back();
  if (email.size() < 256 && email.ends_with(".gserviceaccount.com") &&
      email.find_first_of("/?# \r\n") == email.npos)
    return email;
  throw Exit(EX_CONFIG, "metadata server: no service account is attached");
}

std::string metadata_account(HttpClient& http) {
  try {
    return metadata_email(http);
  } catch (const Exit&) {  // another error is on its way to the user already
  }
  return "this machine's service account";
}

Token metadata_id_token(HttpClient& http, std::string_view audience) {
  HttpResponse response = ask_metadata(
      http,
      "identity?" + form_encode({{"audience", audience}, {"format", "full"}}));
  Token token{Secret(response.body), 0};
  wipe(response.body);
  return token;
}

}  // namespace mill
