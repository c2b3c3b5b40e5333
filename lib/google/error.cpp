#include "lib/google/error.h"

#include <sysexits.h>

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/base/utf8.h"

namespace mill {

namespace {

constexpr std::size_t kLongestMessage = 512;
constexpr std::size_t kLongestWord = 60;  // tokens and keys are longer

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// A code, such as "invalid_grant" or "notFound"; empty if the text is none, for
// then it may be anything.
std::string code_word(JsonValue value) {
  const std::string word = value.string_or_empty();
  const bool is_word = std::all_of(word.begin(), word.end(), [](char c) {
    return is_ascii_letter(c) || c == '_';
  });
  return is_word && word.size() <= kLongestWord ? word : "";
}

bool is_google_page(std::string_view word) {
  return word.starts_with("https://console.developers.google.com/") ||
         word.starts_with("https://console.cloud.google.com/") ||
         word.starts_with("https://console.firebase.google.com/");
}

// A server's text on one line, cut to what a message may hold. What might be a
// key that was sent, since it is long and no page of Google's, becomes "...".
std::string tame(std::string_view text) {
  text = utf8_prefix(text, kLongestMessage);
  std::string out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = begin;
    while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' &&
           text[end] != 0x7F)
      ++end;
    const std::string_view word = text.substr(begin, end - begin);
    if (word.size() > kLongestWord && !is_google_page(word))
      out += "...";
    else
      out += word;
    if (end < text.size()) out += ' ';
    begin = end + 1;
  }
  while (out.ends_with(' ') || out.ends_with('.')) out.pop_back();
  return out;
}

std::string last_part(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

// Roles that hold a permission, or, without a permission, what a service needs
// of us; the first that fits is taken.
struct Role {
  std::string_view permission;  // what it begins with
  std::string_view role;
};
constexpr Role kRoles[] = {
    {"datastore.", "roles/datastore.user"},
    {"storage.objects.", "roles/storage.objectUser"},
    {"storage.buckets.get", "roles/storage.bucketViewer"},
    {"storage.", "roles/storage.admin"},
    {"secretmanager.versions.access", "roles/secretmanager.secretAccessor"},
    {"iam.serviceAccounts.", "roles/iam.serviceAccountTokenCreator"},
    {"firebaseauth.", "roles/firebaseauth.admin"},
    {"run.routes.invoke", "roles/run.invoker"},
    {"serviceusage.services.use", "roles/serviceusage.serviceUsageConsumer"},
};
constexpr Role kRolesOfServices[] = {
    {"firestore", "roles/datastore.user"},
    {"storage", "roles/storage.objectUser"},
    {"secretmanager", "roles/secretmanager.secretAccessor"},
    {"iamcredentials", "roles/iam.serviceAccountTokenCreator"},
    {"identitytoolkit", "roles/firebaseauth.admin"},
};

// The permission that the error names, in its metadata or in its text: "does
// not have storage.objects.create access", "Permission 'x.y.z' denied".
std::string missing_permission(const GoogleError& error) {
  if (!error.permission.empty()) return error.permission;
  for (const Role& role : kRoles) {
    const std::size_t begin = error.message.find(role.permission);
    if (begin == error.message.npos) continue;
    const std::size_t end = error.message.find_first_not_of(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.", begin);
    std::string name = error.message.substr(begin, end - begin);
    while (name.ends_with('.')) name.pop_back();
    if (std::count(name.begin(), name.end(), '.') == 2) return name;
  }
  return "";
}

std::string_view role_for(const std::string& permission,
                          const GoogleCall& call) {
  for (const Role& role : kRoles)
    if (!permission.empty() && permission.starts_with(role.permission))
      return role.role;
  for (const Role& role : kRolesOfServices)
    if (role.permission == call.service) return role.role;
  return "";
}

std::string who(const GoogleCall& call) {
  return call.principal.empty() ? "the caller" : call.principal;
}

// "a@p needs the role R (permission P): gcloud ..."
std::string grant(const GoogleError& error, const GoogleCall& call) {
  const std::string permission = missing_permission(error);
  const std::string_view role = role_for(permission, call);
  if (role.empty()) return "";
  std::string text = who(call) + " needs " + std::string(role);
  if (!permission.empty()) text += " (" + permission + ")";
  const std::string member =
      " --member=" + (has(call.principal, ".gserviceaccount.com")
                          ? "serviceAccount:" + call.principal
                      : call.principal.starts_with("principalSet:")
                          ? call.principal
                          : "MEMBER");
  const std::string with_role = " --role=" + std::string(role);
  if (call.service == "storage" && !call.bucket.empty())
    return text + ": gcloud storage buckets add-iam-policy-binding gs://" +
           call.bucket + member + with_role;
  // Of a service account, not of a project.
  if (call.service == "iamcredentials") return text + " on that account";
  const std::string project =
      error.reason == "USER_PROJECT_DENIED" || call.project.empty()
          ? last_part(error.consumer)
          : call.project;
  return text + ": gcloud projects add-iam-policy-binding " +
         (project.empty() ? "PROJECT" : project) + member + with_role;
}

std::string project_of(const GoogleError& error, const GoogleCall& call) {
  if (!error.consumer.empty()) return last_part(error.consumer);
  return call.project.empty() ? "PROJECT" : call.project;
}

// gcloud's own project, which its logins are charged to without another.
bool is_charged_to_gcloud(const GoogleError& error) {
  const std::string consumer = last_part(error.consumer);
  return consumer == "764086051850" || consumer == "32555940559" ||
         has(error.message, "requires a quota project") ||
         has(error.message, "764086051850");
}

constexpr char kLogIn[] = "log in again: gcloud auth application-default login";

std::string token_remedy(const GoogleError& error, const GoogleCall& call) {
  const std::string& text = error.message;
  if (error.word == "invalid_grant" && call.is_login) return kLogIn;
  if (has(text, "Invalid JWT Signature"))
    return "the key is not " + who(call) +
           "'s any longer; make another: gcloud iam service-accounts keys "
           "create FILE --iam-account=" +
           (call.principal.empty() ? "ACCOUNT" : call.principal);
  if (has(text, "account not found"))
    return "there is no account " + who(call) + " any longer";
  if (has(text, "short-lived token") || has(text, "iat and exp"))
    return "set this machine's clock";
  if (has(text, "attribute condition"))
    return "the provider's --attribute-condition does not admit this caller";
  if (error.word == "invalid_target")
    return "the workload identity provider that the credentials name is "
           "missing, disabled or deleted: gcloud iam workload-identity-pools "
           "providers describe";
  if (call.is_login &&
      (error.word == "deleted_client" || error.word == "invalid_client"))
    return kLogIn;
  return "";
}

struct Remedy {
  std::string text = {};
  int status = 0;  // 0: what the HTTP status says
};

Remedy find_remedy(const HttpResponse& response, const GoogleError& error,
                   const GoogleCall& call) {
  const std::string& text = error.message;
  if (error.reason == "SERVICE_DISABLED" ||
      error.reason == "accessNotConfigured" ||
      has(text, "has not been used in project")) {
    if (is_charged_to_gcloud(error))
      return {
          "name a project to charge: gcloud auth application-default "
          "set-quota-project PROJECT, or GOOGLE_CLOUD_QUOTA_PROJECT",
          EX_CONFIG};
    const std::string service = error.service.empty()
                                    ? call.service + ".googleapis.com"
                                    : error.service;
    const std::string project = project_of(error, call);
    const std::string url =
        error.url.empty() ? "https://console.developers.google.com/apis/api/" +
                                service + "/overview?project=" + project
                          : error.url;
    return {"turn it on: gcloud services enable " + service +
                " --project=" + project + ", or " + url,
            EX_CONFIG};
  }
  if (error.reason == "BILLING_DISABLED" || error.reason == "accountDisabled")
    return {
        "turn billing on: https://console.developers.google.com/billing/"
        "enable?project=" +
            project_of(error, call),
        EX_CONFIG};
  if (error.reason == "CONSUMER_INVALID")
    return {"is there such a project? gcloud projects describe " +
                project_of(error, call),
            EX_CONFIG};
  if (has(text, "requester pays"))
    return {"set GOOGLE_CLOUD_QUOTA_PROJECT to the project that pays",
            EX_CONFIG};
  if (error.reason == "USER_PROJECT_DENIED" ||
      has(text, "serviceusage.services.use"))
    return {grant({.reason = "USER_PROJECT_DENIED",
                   .consumer = error.consumer,
                   .permission = "serviceusage.services.use"},
                  {.principal = call.principal}) +
                "; or charge another project: GOOGLE_CLOUD_QUOTA_PROJECT",
            EX_NOPERM};
  if (error.reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT" ||
      has(text, "insufficient authentication scopes"))
    return {call.is_login ? kLogIn
                          : "give this machine the scope cloud-platform: "
                            "gcloud compute instances set-service-account",
            EX_NOPERM};
  if (call.service == "oauth2" || call.service == "sts")
    return {token_remedy(error, call)};
  if (response.status == 403) return {grant(error, call)};
  if (response.status == 401)
    return {call.is_login ? kLogIn
            : call.principal.empty()
                ? ""
                : "is " + call.principal + " disabled or deleted?"};
  if (response.status == 404 && call.service == "storage" &&
      !call.bucket.empty())
    return {
        "make the bucket: gcloud storage buckets create gs://" + call.bucket,
        EX_CONFIG};
  if (call.service == "firestore") {
    if (error.word == "FAILED_PRECONDITION" && has(text, "index"))
      return {"share/firestore.indexes.json has every index that is needed",
              EX_CONFIG};
    if (error.word == "NOT_FOUND" && has(text, "database"))
      return {
          "make it: gcloud firestore databases create "
          "--location=LOCATION --project=" +
              call.project,
          EX_CONFIG};
    if (error.word == "FAILED_PRECONDITION" || error.word == "NOT_FOUND")
      return {"", EX_CONFIG};
    if (error.word == "ABORTED") return {"", EX_TEMPFAIL};
  }
  return {};
}

std::string compose(const HttpResponse& response, const GoogleError& error,
                    const Remedy& remedy) {
  std::string text = describe(response);
  if (error) {
    text += " (" + error.word;
    if (!error.reason.empty() && error.reason != error.word)
      text += (error.word.empty() ? "" : ", ") + error.reason;
    text += ")";
  }
  if (error.word != "INVALID_ARGUMENT" && !error.message.empty())
    text += ": " + error.message;
  return remedy.text.empty() ? text : text + "; " + remedy.text;
}

}  // namespace

GoogleError read_google_error(JsonValue answer) {
  JsonValue last = answer;
  for (const JsonValue element : answer.elements()) last = element;
  GoogleError error;
  const JsonValue found = last["error"];
  if (!found.is_object()) {  // OAuth's
    error.word = code_word(found);
    error.reason = code_word(last["error_subtype"]);
    if (!error.word.empty())
      error.message = tame(last["error_description"].string_or_empty());
    return error;
  }
  error.word = code_word(found["status"]);
  error.message = tame(found["message"].string_or_empty());
  for (const JsonValue item : found["errors"].elements())
    error.reason = code_word(item["reason"]);
  for (const JsonValue detail : found["details"].elements()) {
    if (detail["reason"].is_string())
      error.reason = code_word(detail["reason"]);
    const JsonValue metadata = detail["metadata"];
    const auto take = [&](std::string& to, const char* name) {
      if (to.empty()) to = tame(metadata[name].string_or_empty());
    };
    take(error.service, "service");
    take(error.consumer, "consumer");
    take(error.permission, "permission");
    take(error.url, "activationUrl");
    for (const JsonValue link : detail["links"].elements())
      if (const std::string url = link["url"].string_or_empty();
          error.url.empty() && is_google_page(url))
        error.url = tame(url);
  }
  return error;
}

GoogleError google_error(const HttpResponse& response) {
  JsonReader reader;
  return reader.parse(response.body) ? GoogleError()
                                     : read_google_error(reader.root());
}

Exit google_failure(const HttpResponse& response, const GoogleError& error,
                    const GoogleCall& call) {
  const Remedy remedy = find_remedy(response, error, call);
  return Exit(remedy.status ? remedy.status : exit_status(response),
              compose(response, error, remedy));
}

}  // namespace mill
