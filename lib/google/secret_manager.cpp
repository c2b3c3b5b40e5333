#include "lib/google/secret_manager.h"

#include <sysexits.h>

#include <optional>
#include <utility>

#include "lib/base/base64.h"
#include "lib/base/exit.h"
#include "lib/base/hash.h"
#include "lib/json/json.h"

namespace mill {

namespace {

constexpr char kEmulator[] = "SECRET_MANAGER_EMULATOR_HOST";
constexpr char kScope[] = "https://www.googleapis.com/auth/cloud-platform";
constexpr std::uint64_t kMaxAnswer = 1 << 20;  // a secret has at most 64 KiB

// The secret in an answer, if it matches its checksum.
std::optional<Secret> read_payload(JsonValue payload) {
  if (!payload.is_object() || !payload["dataCrc32c"].is_string())
    return std::nullopt;
  std::string text = payload["data"].string_or_empty();
  std::optional<std::string> bytes = decode_base64(text);
  wipe(text);
  if (!bytes) return std::nullopt;
  std::optional<Secret> secret(*bytes);
  wipe(*bytes);
  if (std::to_string(crc32c(0, secret->reveal())) !=
      payload["dataCrc32c"].string())
    return std::nullopt;
  return secret;
}

std::string_view without_newline(std::string_view text) {
  if (!text.ends_with('\n')) return text;
  text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  return text;
}

}  // namespace

SecretManager::SecretManager(HttpClient& http, std::string project)
    : http_(http),
      project_(std::move(project)),
      service_("https://secretmanager.googleapis.com", kEmulator, kScope) {
  if (!is_google_project(project_))
    throw Exit(EX_USAGE, "'" + project_ + "' is not the id of a project");
}

Secret SecretManager::get(const std::string& name) {
  HttpRequest request;
  request.url = service_.url() + "/v1/projects/" + project_ + "/secrets/" +
                name + "/versions/latest:access";
  request.expects_json = true;
  request.max_response = kMaxAnswer;
  HttpResponse response = service_.send(http_, std::move(request));
  if (response.status == 404) return Secret();
  const std::string where = "secret " + name + " of " + project_ + ": ";
  if (response.status != 200) {
    const Exit failure = service_.failure(
        http_, response, {.service = "secretmanager", .project = project_});
    throw Exit(failure.code, where + failure.what());
  }
  JsonReader reader;
  const bool is_json = !reader.parse(response.body);
  const std::optional<Secret> secret =
      read_payload(is_json ? reader.root()["payload"] : JsonValue());
  wipe(response.body);
  if (!secret)
    throw Exit(EX_DATAERR, where + "the answer does not fit its checksum");
  return Secret(without_newline(secret->reveal()));
}

}  // namespace mill
