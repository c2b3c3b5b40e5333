// gcs_put.h - what gcs-put(1) does: many files at a time become objects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/http/session.h"

namespace mill {

struct GcsPutOptions {
  std::string bucket = {};
  std::string prefix = {};  // of names, without a slash at its end
  std::uint64_t jobs = 4;   // files at a time, each with a thread of its own
  bool is_dry_run = false;
  bool only_checks = false;                    // the bucket, and sends nothing
  std::optional<std::string> resume_dir = {};  // for SessionFiles
  ByteCount chunk_size{32 << 20};              // a multiple of kGcsGrain
  SessionOptions session = {};
  std::vector<std::string> files = {};
};

// Uploads the files and writes a result line for each that is there, in their
// order; what goes wrong with one is reported and does not stop the others.
// Returns the exit status. Throws Exit if none can be sent.
int gcs_put(Program& program, const GcsPutOptions& options);

}  // namespace mill
