#include "lib/google/external_account.h"

#include <sysexits.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "lib/base/base64.h"
#include "lib/base/exit.h"
#include "lib/http/url.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr std::size_t kMaxFile = 64 << 10;

// The answer of credential_source.url.
Secret ask_for_subject(HttpClient& http, const CredentialFile& file,
                       JsonValue source) {
  HttpRequest request;
  request.url = source["url"].string_or_empty();
  const std::optional<Url> url = parse_url(request.url);
  request.allows_plain_http = url && url->host == "169.254.169.254";
  if (!url || (url->scheme != "https" && !is_loopback_http(request.url) &&
               !request.allows_plain_http))
    file.refuse("credential_source.url is neither https nor on loopback");
  for (const auto& [key, value] : source["headers"].members()) {
    if (!value.is_string()) file.refuse("credential_source.headers: not text");
    std::string name = key.string(), text = value.string();
    if (name == "Authorization")
      request.authorization = Secret(text);
    else
      request.headers.push_back(name + ": " + text);
    wipe(text);
  }
  request.max_response = kMaxFile;
  HttpResponse response = http.send(request);
  for (std::string& header : request.headers) wipe(header);
  Secret body(response.body);
  wipe(response.body);
  if (response.status != 200)
    throw Exit(exit_status(response),
               "credential_source.url: " + url_for_messages(request.url) +
                   ": " + describe(response));
  return body;
}

Secret subject_token(HttpClient& http, const CredentialFile& file) {
  const JsonValue source = file.root["credential_source"];
  Secret bytes;
  if (source["file"].is_string()) {
    const std::string path = source["file"].string();
    const std::string where = file.path + ": credential_source.file: ";
    if (!std::filesystem::is_regular_file(path))
      throw Exit(EX_CONFIG, where + path + ": no such file");
    bytes = read_secret(path, where);
  } else if (source["url"].is_string()) {
    bytes = ask_for_subject(http, file, source);
  } else {
    file.refuse(
        "credential_source has neither file nor url; executables, "
        "certificates and AWS are not supported");
  }
  const CredentialFile format{file.path, source["format"]};
  if (format.text("type") == "json") {
    JsonReader reader;
    if (reader.parse(bytes.reveal()))
      file.refuse("credential_source gives no JSON");
    const CredentialFile answer{file.path, reader.root()};
    bytes = answer.secret(format.text("subject_token_field_name"));
  }
  std::string_view token = bytes.reveal();
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
  if (token.empty()) file.refuse("credential_source gives no token");
  return Secret(token);
}

}  // namespace

Token exchange_token(HttpClient& http, const CredentialFile& file,
                     std::string_view scope) {
  const std::string url = file.sts_url();
  const std::string audience = file.needed("audience");
  const std::string type = file.needed("subject_token_type");
  const std::string client = file.text("client_id");
  const std::string payer = file.text("workforce_pool_user_project");
  const Secret subject = subject_token(http, file);
  std::string options;
  FormFields fields = {
      {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
      {"audience", audience},
      {"scope", scope},
      {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
      {"subject_token", subject.reveal()},
      {"subject_token_type", type}};
  if (client.empty() && !payer.empty()) {
    options = "{\"userProject\":" + json_string(payer) + "}";
    fields.emplace_back("options", options);
  }
  HttpRequest request = form_request(url, secret_form(fields));
  if (!client.empty()) {
    const Secret login =
        Secret::join({client, ":", file.secret("client_secret").reveal()});
    std::string text = base64(login.reveal());
    request.authorization = Secret::join({"Basic ", text});
    wipe(text);
  }
  return ask_for_token(http, std::move(request), "access_token",
                       {.service = "sts"});
}

}  // namespace mill
