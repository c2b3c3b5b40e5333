// retire-version - take published versions out of use, files and registration
//
//   retire-version --store firestore:my-project --older-than 90
//
// What is withdrawn from the store is in no version published after that, but
// stays in those before. Retired after N days, a version keeps nothing longer
// than that. Its objects are deleted, then its registration is reduced to its
// name and the time. The version registered last always stays, since the next
// is compared with it.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/google/gcs_connection.h"
#include "lib/io/output.h"
#include "lib/io/paths.h"
#include "lib/json/json_writer.h"
#include "lib/store/store.h"
#include "lib/version/registration.h"

namespace {

struct Options {
  mill::StoreOptions store{.collection = "training_artifacts"};
  std::optional<std::uint64_t> days;
  std::optional<std::string> output;
  bool is_dry_run = false;
  std::vector<std::string> versions;
};

struct Version {
  std::string name, gcs_prefix;
  std::vector<mill::StoredFile> files;
};

// Those to be retired, the oldest first: by name, or by their age.
std::vector<Version> find_versions(const Options& options, mill::Store& store) {
  mill::Query query;
  if (options.days)
    query.until = mill::Timestamp{mill::now().microseconds -
                                  static_cast<std::int64_t>(*options.days) *
                                      86'400'000'000};
  std::string last;
  store.query(options.store.collection, {.limit = 1},
              [&](std::string_view id, std::string_view) { last = id; });
  std::vector<Version> found;
  store.query(options.store.collection, query,
              [&](std::string_view id, std::string_view body) {
                const auto& names = options.versions;
                const bool is_named =
                    std::find(names.begin(), names.end(), id) != names.end();
                if (id == last || (!options.days && !is_named)) return;
                mill::JsonReader reader;
                reader.parse(body);
                found.push_back({std::string(id),
                                 reader.root()["gcs_prefix"].string_or_empty(),
                                 mill::registered_files(reader.root())});
              });
  for (const std::string& name : options.versions) {
    if (name == last)
      throw mill::Exit(EX_USAGE,
                       name + ": is the version registered last; it stays");
    if (std::none_of(found.begin(), found.end(),
                     [&](const Version& one) { return one.name == name; }))
      throw mill::Exit(EX_NOINPUT, name + ": no such version is registered");
  }
  std::reverse(found.begin(), found.end());
  return found;
}

// Deletes the objects that the version registered, and none beside them; the
// manifest last, so that what is left after a failure can be told for what it
// is.
void remove_objects(mill::Gcs& gcs, std::vector<mill::StoredFile> files) {
  std::stable_partition(files.begin(), files.end(), [&](const auto& file) {
    return file.name != "manifest.json";
  });
  for (const mill::StoredFile& file : files)
    if (const auto place = mill::parse_gcs_uri(file.uri))
      gcs.remove(place->bucket,
                 {.name = place->object, .generation = file.generation});
}

// Returns the line that says what was done, or, without a store to write to,
// would be.
std::string retire(const Options& options, const Version& version,
                   std::optional<mill::GcsConnection>& connection,
                   mill::Store* store) {
  std::uint64_t bytes = 0;
  for (const mill::StoredFile& file : version.files) bytes += file.bytes;
  if (!version.gcs_prefix.empty() && version.files.empty())
    throw mill::Exit(EX_DATAERR, version.name +
                                     ": is in a bucket, and its registration "
                                     "does not say which files");
  if (!version.files.empty() && store) {
    if (!connection) connection.emplace(options.store.service);
    remove_objects(connection->gcs(), version.files);
  }
  std::string folder;
  if (options.output && mill::is_file_name(version.name)) {
    const auto path = std::filesystem::path(*options.output) / version.name;
    if (std::filesystem::is_directory(path)) folder = path.string();
    if (!folder.empty() && store) std::filesystem::remove_all(path);
  }
  if (store)
    store->withdraw(options.store.collection, {{version.name}}, mill::now());
  std::string line;
  mill::JsonWriter json(line);
  json.begin_object();
  json.member("version", version.name);
  if (!version.gcs_prefix.empty())
    json.member("gcs_prefix", version.gcs_prefix);
  json.member("objects", version.files.size());
  json.member("bytes", bytes);
  if (!folder.empty()) json.member("folder", folder);
  json.member("status", store ? "retired" : "would_retire");
  json.end_object();
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("retire-version", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(
        program,
        "Take published versions out of use: objects, folders, registrations.");
    options.store.define(line,
                         "the collection that versions are registered in");
    line.option("older-than", "DAYS",
                "every version registered so long ago, but the last",
                &options.days);
    line.option("output", "DIR", "delete the version's folder in DIR, too",
                &options.output);
    line.flag("n,dry-run", "say what would be deleted, and delete nothing",
              &options.is_dry_run);
    options.store.define_service(line);
    line.operands("VERSION", &options.versions);
    line.note(
        "What withdraw took out of the store is in no version published "
        "afterwards; versions published before still have it. With "
        "--older-than DAYS every night, nothing that was withdrawn is kept "
        "longer than that, in the bucket and in --output. Copies that others "
        "made are theirs to delete.");
    line.note(
        "The objects that were registered are deleted, each only if it is of "
        "the generation that was uploaded, the manifest last; what else is in "
        "their folder stays. Then the "
        "registration is reduced to its name and the time, so that no query "
        "finds it and the name is never used again. The version registered "
        "last always stays. Each retired version is a line on standard output: "
        "version, gcs_prefix, objects, bytes, folder, status. After a failure "
        "the same command goes on.");
    line.exits({EX_NOINPUT, EX_DATAERR});
    line.example("retire-version --store firestore:my-project --older-than 90");
    line.example("retire-version --dry-run --store sqlite:a.db v20260101_0300");
    line.parse(argc, argv);
    options.store.check();
    mill::demand(options.days.has_value() == options.versions.empty(),
                 "either --older-than or a VERSION is needed");
    mill::demand(!options.days || *options.days <= 36500,
                 "--older-than: more than 36500");

    std::optional<mill::GcsConnection> connection;
    std::unique_ptr<mill::Store> store;
    mill::Output out;
    for (const Version& version : find_versions(
             options, *options.store.open(mill::StoreAccess::kRead))) {
      if (!store && !options.is_dry_run)
        store = options.store.open(mill::StoreAccess::kWrite);
      out.write_line(retire(options, version, connection, store.get()));
      out.flush();
    }
    out.close();
    return EX_OK;
  });
}
