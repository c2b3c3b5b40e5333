// version-links - make links by which a version's files can be read for a time
//
//   version-links --store firestore:my-project --expires 3600 v20260102_0304
//
// The door for those who may have a version but not the bucket or the store: a
// V4 signed URL for each file that the version registered, of just the
// generation that was uploaded. Whoever has a link can read that file until it
// expires, and nothing else. Nothing is written anywhere.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/google/credentials.h"
#include "lib/google/gcs_object.h"
#include "lib/google/signed_url.h"
#include "lib/http/client.h"
#include "lib/http/curl.h"
#include "lib/io/output.h"
#include "lib/json/json_writer.h"
#include "lib/store/store.h"

namespace {

struct Options {
  mill::StoreOptions store{.collection = "training_artifacts"};
  std::uint64_t seconds = 3600;
  std::vector<std::string> files, versions;
};

// The registration of the version, or of the one registered last.
std::string find_registration(const Options& options, std::string& version) {
  const auto store = options.store.open(mill::StoreAccess::kRead);
  std::optional<std::string> found;
  if (!options.versions.empty()) {
    version = options.versions[0];
    found = store->get(options.store.collection, version);
    if (!found)
      throw mill::Exit(EX_NOINPUT, version + ": no such version is registered");
  } else {
    store->query(options.store.collection, {.limit = 1},
                 [&](std::string_view id, std::string_view body) {
                   version = id;
                   found = body;
                 });
    if (!found) throw mill::Exit(EX_NOINPUT, "no version is registered");
  }
  return *found;
}

std::string name_of(mill::JsonValue file) {
  return file["name"].string_or_empty();
}

// Signs for one account.
class Signer {
 public:
  explicit Signer(const mill::ServiceOptions& options)
      : http_(
            [this](const mill::HttpRequest& request) {
              return curl_.send(request);
            },
            {.retries = static_cast<unsigned>(options.retries)}),
        account_(credentials_.signing_account(http_)) {}

  std::string link(mill::LinkedObject object) {
    object.account = account_;
    const mill::SignedUrl link(object);
    return link.url(credentials_.sign(http_, link.text_to_sign()));
  }

 private:
  mill::Curl curl_;
  mill::HttpClient http_;
  mill::GoogleCredentials credentials_;
  std::string account_;
};

// The registration's files that are in a bucket, or those of them with a name
// that was asked for; each name must be there.
std::vector<mill::JsonValue> find_files(const Options& options,
                                        const std::string& version,
                                        mill::JsonValue registration) {
  std::vector<mill::JsonValue> found;
  for (const mill::JsonValue file : registration["files"].elements())
    if (file["uri"].is_string()) found.push_back(file);
  if (found.empty())
    throw mill::Exit(EX_NOINPUT, version + ": has no files in a bucket");
  if (options.files.empty()) return found;
  std::vector<mill::JsonValue> wanted;
  for (const std::string& name : options.files) {
    const auto it = std::find_if(
        found.begin(), found.end(),
        [&](mill::JsonValue file) { return name_of(file) == name; });
    if (it == found.end())
      throw mill::Exit(EX_NOINPUT,
                       version + ": " + name + ": no such file in a bucket");
    wanted.push_back(*it);
  }
  return wanted;
}

// The line of a file, with its link.
std::string link_line(const Options& options, const std::string& version,
                      mill::JsonValue file, Signer& signer) {
  const auto place = mill::parse_gcs_uri(file["uri"].string());
  if (!place)
    throw mill::Exit(EX_DATAERR,
                     version + ": " + name_of(file) + ": is in no bucket");
  const std::int64_t second = mill::now().microseconds / 1'000'000;
  std::string line;
  mill::JsonWriter json(line);
  json.begin_object();
  json.member("version", version);
  json.member("name", name_of(file));
  json.member("url",
              signer.link({.endpoint = mill::gcs_endpoint().url,
                           .bucket = place->bucket,
                           .object = place->object,
                           .generation = file["generation"].string_or_empty(),
                           .account = {},
                           .at = mill::from_unix_seconds(second),
                           .seconds = options.seconds}));
  json.member("expires_at",
              mill::format_timestamp(mill::from_unix_seconds(
                  second + static_cast<std::int64_t>(options.seconds))));
  for (const char* const member : {"bytes", "sha256"})
    if (file[member]) json.raw_member(member, file[member].raw());
  json.end_object();
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("version-links", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(
        program,
        "Make links by which a version's files can be read for a time.");
    options.store.define(line,
                         "the collection that versions are registered in");
    line.option("expires", "SECONDS",
                "the links work so long, 604800 (seven days) at most",
                &options.seconds);
    line.option("file", "NAME",
                "only for this file; may be given several times",
                &options.files);
    options.store.define_service(line);
    line.operands("VERSION", &options.versions);
    line.note(
        "Without VERSION the links are of the one registered last. Each line "
        "on standard output is a file that was uploaded: version, name, url, "
        "expires_at, bytes, sha256. Anybody who has the url can read that file "
        "until then, with curl or a browser, without an account; nothing else, "
        "and not another upload of the same name. A link cannot be called "
        "back: keep --expires short, and do not log links.");
    line.note(
        "Links are signed by a service account that may read the objects "
        "(roles/storage.objectViewer): with its key, if "
        "GOOGLE_APPLICATION_CREDENTIALS names one, else by IAM, as the account "
        "that is impersonated or that the machine runs as, for which "
        "roles/iam.serviceAccountTokenCreator is needed. A person's own login "
        "cannot sign.");
    line.exits({EX_NOINPUT, EX_DATAERR});
    line.example(
        "version-links --store firestore:my-project v20260101_0300 > links");
    line.example(
        "version-links --store firestore:my-project --expires 600 "
        "--file test.jsonl");
    line.parse(argc, argv);
    options.store.check();
    mill::demand(options.versions.size() <= 1, "more than one VERSION");
    mill::demand(
        options.seconds >= 1 && options.seconds <= mill::kMostSignedSeconds,
        "--expires must lie between 1 and 604800");

    mill::forbid_core_files();
    std::string version;
    const std::string text = find_registration(options, version);
    mill::JsonReader reader;
    if (const auto error = reader.parse(text))
      throw mill::Exit(EX_DATAERR, version + ": " + error->message());
    const auto files = find_files(options, version, reader.root());
    Signer signer(options.store.service);
    mill::Output out;
    for (const mill::JsonValue file : files)
      out.write_line(link_line(options, version, file, signer));
    out.close();
    return EX_OK;
  });
}
