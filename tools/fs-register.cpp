// fs-register - store a version's manifest, once
//
//   fs-register --store sqlite:mtg.db training/output/v1/manifest.json
//
// The document's id is the manifest's version. It is created only: the same
// manifest again is a success, another one under the same version is exit
// status 73. Standard output has the document on one line.

#include <optional>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/io/output.h"
#include "lib/json/json_file.h"
#include "lib/json/json_writer.h"
#include "lib/store/store.h"

namespace {

// The result lines of uploads as a JSON array. Only what an upload made is
// taken, so that sending a file again makes no other document.
std::string read_uploads(const std::string& path) {
  constexpr std::string_view kFields[] = {"uri", "generation", "bytes",
                                          "crc32c"};
  std::string text;
  mill::JsonWriter json(text);
  json.begin_array();
  mill::for_each_object(path, [&](mill::JsonValue upload, const auto& line) {
    if (!upload["uri"].is_string()) line.fail("not an upload's result: no uri");
    json.begin_object();
    for (const std::string_view field : kFields)
      if (const mill::JsonValue value = upload[field])
        json.raw_member(field, value.raw());
    json.end_object();
  });
  json.end_array();
  return text;
}

// The manifest on one line, after it created_at as timestamp, by which stores
// order their documents, and the uploads.
mill::Document read_manifest(const std::string& path,
                             const std::optional<std::string>& uploads) {
  const mill::JsonFile file(path);
  const mill::JsonValue version = file.object()["version"];
  if (!version.is_string())
    throw mill::Exit(EX_DATAERR, file.name() + ": version: " +
                                     mill::mismatch("a string", version));
  mill::Document document{.id = version.string(),
                          .body = mill::compact_json(file.object())};
  if (const auto why = mill::bad_document_id(document.id))
    throw mill::Exit(EX_DATAERR, file.name() + ": version: " + *why);
  const auto add = [&](const std::string& name, const std::string& json) {
    document.body.pop_back();
    document.body += ",\"" + name + "\":" + json + "}";
  };
  const mill::JsonValue created = file.object()["created_at"];
  if (created.is_string() && !file.object()["timestamp"]) {
    document.timestamp = mill::parse_timestamp(created.string());
    if (document.timestamp) add("timestamp", std::string(created.raw()));
  }
  if (uploads) add("uploads", read_uploads(*uploads));
  return document;
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
    mill::CommandLine line(program.name(), "Store a version's manifest, once.");
    options.define(line, "the collection to put it in");
    line.option("uploads", "FILE",
                "what gcs-put wrote: adds uri, generation, bytes and crc32c of "
                "each object as the member uploads",
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
    line.exits({EX_DATAERR, EX_NOINPUT, EX_CANTCREAT});
    line.example("fs-register training/output/v1/manifest.json");
    line.example(
        "fs-register --store firestore:my-project --uploads up.jsonl v1.json");
    line.parse(argc, argv);
    options.check();

    const mill::Document document = read_manifest(manifest_path, uploads);
    if (put(options, document, dry_run))
      program.warn(document.id + ": already registered");
    mill::Output out;
    out.write_line(document.body);
    out.close();
    return EX_OK;
  });
}
