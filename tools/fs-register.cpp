// fs-register - store a version's manifest, once
//
//   fs-register --store sqlite:mtg.db training/output/v1/manifest.json
//
// The document's id is the manifest's version. It is created only: the same
// manifest again is a success, another one under the same version is exit
// status 73. Standard output has the document on one line.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/hash.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/google/gcs_connection.h"
#include "lib/io/checksums.h"
#include "lib/io/output.h"
#include "lib/json/json_file.h"
#include "lib/store/store.h"
#include "lib/version/registration.h"

namespace {

// What is to be registered.
mill::Document read_manifest(mill::JsonValue manifest, const std::string& where,
                             std::string body) {
  const mill::JsonValue version = manifest["version"];
  if (!version.is_string())
    throw mill::Exit(EX_DATAERR, where + ": version: " +
                                     mill::mismatch("a string", version));
  mill::Document document{.id = version.string(), .body = std::move(body)};
  if (const auto why = mill::bad_document_id(document.id))
    throw mill::Exit(EX_DATAERR, where + ": version: " + *why);
  document.timestamp = mill::timestamp_of(manifest);
  return document;
}

// Of a file that was uploaded from the manifest's folder, its SHA-256; "" if it
// is not there any more. Throws Exit(EX_DATAERR) if it has changed.
std::string sum_of(const std::string& manifest_path,
                   const mill::StoredFile& file) {
  const std::string path =
      (std::filesystem::path(manifest_path).parent_path() / file.name).string();
  if (manifest_path == "-" || !std::filesystem::is_regular_file(path))
    return "";
  const mill::FileSums sums =
      mill::sum_file(path, {.sha256 = true, .crc32c = true, .lines = false});
  if (mill::crc32c_base64(sums.crc32c) != file.crc32c)
    throw mill::Exit(EX_DATAERR, path + ": is not what was uploaded");
  return mill::hex(sums.sha256);
}

mill::Document from_file(const std::string& path,
                         const std::optional<std::string>& uploads) {
  const mill::JsonFile file(path);
  std::vector<mill::StoredFile> files;
  if (uploads) files = mill::read_uploads(*uploads);
  return read_manifest(
      file.object(), file.name(),
      mill::registration(file.object(), std::move(files),
                         [&](const auto& one) { return sum_of(path, one); }));
}

// The manifest that is in a bucket, and what is beside it there. Throws
// Exit(EX_NOINPUT) if there is none.
mill::Document from_bucket(const std::string& uri, const mill::GcsUri& place,
                           const mill::ServiceOptions& options) {
  mill::GcsConnection connection(options);
  mill::Gcs& gcs = connection.gcs();
  const auto text = gcs.read(place.bucket, place.object);
  if (!text) throw mill::Exit(EX_NOINPUT, uri + ": no such object");
  mill::JsonReader reader;
  if (reader.parse(*text) || !reader.root().is_object())
    throw mill::Exit(EX_DATAERR, uri + ": not a JSON object");
  const auto sum = [&](const mill::StoredFile& file) {
    const auto content = gcs.read(place.bucket, place.folder() + file.name);
    return content ? mill::hex(mill::sha256(*content)) : "";
  };
  return read_manifest(
      reader.root(), uri,
      mill::registration(reader.root(),
                         mill::list_uploads(gcs, place, reader.root()), sum));
}

bool is_same(const std::string& a, const std::string& b) {
  mill::JsonReader left, right;
  left.parse(a);
  right.parse(b);
  return mill::is_same_json(left.root(), right.root());
}

// Creates the document, or says that it would; true if it was there already.
// Throws Exit(EX_CANTCREAT) if another one is.
bool put(const mill::StoreOptions& options, const mill::Document& document,
         bool dry_run) {
  const auto store = options.open(dry_run ? mill::StoreAccess::kDryRun
                                          : mill::StoreAccess::kWrite);
  const mill::Created created =
      store->create(options.collection, {&document, 1})[0];
  if (created.kind == mill::Created::kRefused)
    throw mill::Exit(EX_DATAERR, document.id + ": " + created.why);
  if (created.kind == mill::Created::kNew) return false;
  const auto stored = store->get(options.collection, document.id);
  if (!stored || !is_same(*stored, document.body))
    throw mill::Exit(EX_CANTCREAT, document.id +
                                       ": is registered with other content; "
                                       "versions are never overwritten");
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("fs-register", [&](mill::Program& program) {
    mill::StoreOptions options{.collection = "training_artifacts"};
    std::optional<std::string> uploads;
    bool dry_run = false;
    std::string manifest_path;
    mill::CommandLine line(program, "Store a version's manifest, once.");
    options.define(line, "the collection to put it in");
    line.option("uploads", "FILE",
                "what gcs-put wrote: adds to each file its uri and generation, "
                "and gcs_prefix and uris",
                &uploads);
    line.flag("n,dry-run", "say what would be registered, and store nothing",
              &dry_run);
    options.define_service(line);
    line.operand("MANIFEST", &manifest_path);
    line.note(
        "The document is the manifest with created_at as timestamp, too, so "
        "that a query finds the newest version first. Its id is the manifest's "
        "version. A version is registered once: the same manifest again is a "
        "success and changes nothing; another one under the same version is "
        "exit status 73. Manifests are compared by content, not by white space "
        "or the order of keys. The document is written to standard output on "
        "one line.");
    line.note(
        "A MANIFEST may be gs://BUCKET/FOLDER/manifest.json, which is read "
        "there, with what is beside it: so a version that was uploaded and not "
        "registered can be registered from any machine. It is exit status 66 "
        "if there is none.");
    line.exits({EX_DATAERR, EX_NOINPUT, EX_CANTCREAT});
    line.example("fs-register training/output/v1/manifest.json");
    line.example(
        "fs-register --store firestore:my-project --uploads up.jsonl v1.json");
    line.example(
        "fs-register --store firestore:p gs://team-datasets/v1/manifest.json");
    line.parse(argc, argv);
    options.check();

    const auto place = mill::parse_gcs_uri(manifest_path);
    mill::demand(!place || !uploads,
                 "--uploads is for a MANIFEST that is a file");
    mill::demand(!place || !place->folder().empty(),
                 "MANIFEST: not gs://BUCKET/FOLDER/manifest.json");
    const mill::Document document =
        place ? from_bucket(manifest_path, *place, options.service)
              : from_file(manifest_path, uploads);
    if (put(options, document, dry_run))
      program.warn(document.id + ": already registered");
    mill::Output out;
    out.write_line(document.body);
    out.close();
    return EX_OK;
  });
}
