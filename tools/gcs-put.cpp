// gcs-put - upload files to Cloud Storage, each once, and verify them
//
//   gcs-put --bucket team-datasets --prefix mtg/v1 training/output/v1/*
//
// An object is only ever created: one that exists with the same size and
// CRC32C is done already, one with other content is exit status 73. Standard
// output has one JSON object for each file that is there, in the order of the
// operands. What goes wrong with one file does not stop the others.

#include <string>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/google/gcs.h"
#include "lib/google/gcs_put.h"

namespace {

void define(mill::GcsPutOptions& options, mill::CommandLine& line) {
  line.option("bucket", "B",
              "the bucket to put them in, as B or gs://B (required)",
              &options.bucket);
  line.option("prefix", "P",
              "what objects' names begin with: FILE d/a.jsonl becomes "
              "gs://B/P/a.jsonl",
              &options.prefix);
  line.option("j,jobs", "N", "files at a time", &options.jobs);
  line.flag("n,dry-run",
            "say what would be done, and write nothing; reads the metadata of "
            "the objects that have these names",
            &options.is_dry_run);
  line.flag("check-bucket",
            "only ask whether the bucket is there, and whether objects may be "
            "created and read in it; with --prefix, how many are there",
            &options.only_checks);
  line.option("resume-dir", "D",
              "keep the sessions of unfinished uploads in folder D, so that a "
              "run that was killed continues where it stopped",
              &options.resume_dir);
  line.option("chunk-size", "SIZE",
              "send a file larger than this or 8M in chunks of this size, a "
              "multiple of 256K; a fault costs at most one chunk",
              &options.chunk_size);
  options.session.define(line);
  line.operands("FILE", &options.files);
  line.note(
      "An object is created, never overwritten. One that is there with the "
      "same size and CRC32C is a success; one with other content is exit "
      "status 73. The CRC32C is taken before a file is sent, asserted with it, "
      "and compared with what was stored, which is deleted again if it "
      "differs (exit status 1). A file that changes meanwhile becomes no "
      "object (exit status 75).");
  line.note(
      "Each file that is there is a line on standard output, in the order of "
      "the operands: file, uri, generation, bytes, crc32c, md5 (as Cloud "
      "Storage says it; not compared), and status: uploaded, present or "
      "would_upload. What goes wrong with one file does not stop the others: "
      "the exit status is 75 if trying again may help, else that of the first "
      "failure. If a FILE is missing, is a folder, or has the object name of "
      "another, nothing is sent.");
  line.note(
      "Credentials are found as Google's libraries find them. With "
      "STORAGE_EMULATOR_HOST, which must be on loopback, none are sent. Does "
      "not create buckets, delete anything but what it has just created, "
      "compress, or descend into folders. Whoever can read a session file can "
      "write the object; so only its owner can, and it is removed when the "
      "upload is over.");
  line.exits({EX_NOINPUT, EX_CANTCREAT});
  line.example(
      "gcs-put --bucket team-datasets --prefix mtg/v1 training/output/v1/*");
  line.example(
      "gcs-put --bucket team-datasets --resume-dir ~/.cache/gcs big.jsonl.zst");
}

// A bucket as it is written in URIs, gs://B/, is its name.
void strip_scheme(std::string& bucket) {
  constexpr std::string_view kScheme = "gs://";
  if (bucket.starts_with(kScheme)) bucket.erase(0, kScheme.size());
  while (bucket.ends_with('/')) bucket.pop_back();
  mill::demand(bucket.find('/') == bucket.npos,
               "--bucket: names a folder, too; that is --prefix");
}

// Throws Exit(EX_USAGE).
void check(mill::GcsPutOptions& options) {
  using mill::demand;
  demand(options.only_checks ? options.files.empty() : !options.files.empty(),
         options.only_checks ? "--check-bucket takes no FILE"
                             : "no FILE is given");
  demand(!options.bucket.empty(), "--bucket is needed");
  strip_scheme(options.bucket);
  if (const auto why = mill::bad_bucket_name(options.bucket))
    throw mill::Exit(EX_USAGE, "--bucket: " + *why);
  demand(!options.prefix.starts_with('/') && !options.prefix.ends_with('/'),
         "--prefix: begins or ends with a slash");
  demand(options.jobs >= 1 && options.jobs <= 64, "--jobs: not 1 to 64");
  demand(options.chunk_size.bytes > 0 &&
             options.chunk_size.bytes % mill::kGcsGrain == 0,
         "--chunk-size: not a multiple of 256K");
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("gcs-put", [&](mill::Program& program) {
    mill::GcsPutOptions options;
    mill::CommandLine line(
        program, "Upload files to Cloud Storage, each once, and verify them.");
    define(options, line);
    line.parse(argc, argv);
    check(options);
    return mill::gcs_put(program, options);
  });
}
