// dedup_files.h - what dedup(1) does with its input: reads it for its texts,
// and again to write what is kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lib/cli/record_loop.h"

namespace mill {

struct DedupOptions {
  double near = 0.8;     // see Dedup
  std::string key = {};  // a field, dots descending; empty: the text
  std::vector<std::string> against = {};  // files that came before
  // So many words in a row of a question in these are a repetition, too.
  std::optional<std::uint64_t> overlap = {};
  std::optional<std::string> removed = {};  // a file for what is not kept
  // Keep all, and write each record's cluster into this field, which no record
  // may have yet; empty: no.
  std::string mark = {};
  // Write the records' keys instead (dedup_key.h); or take them from these
  // files, in the order of the records.
  bool writes_keys = false;
  std::vector<std::string> decide = {};
  StreamOptions stream = {};
};

// Writes the records that repeat no other, byte for byte and in order, or with
// mark all of them, or their keys. Returns the exit status. Throws Exit.
int dedup_files(Program& program, const DedupOptions& options);

}  // namespace mill
