// stats.h - the account of a run, and --stats, which asks for it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/cli/command_line.h"

namespace mill {

// What a run did, as --stats writes it, one JSON object a run: tool, version,
// records_read, records_written, dropped {reason: count}, bad, bytes_in,
// bytes_out, seconds, and others.
struct Stats {
  std::uint64_t records_read = 0;
  std::uint64_t records_written = 0;
  std::map<std::string, std::uint64_t, std::less<>> dropped;
  std::uint64_t bad = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  // What only this program counts: names and their values as JSON.
  std::vector<std::pair<std::string, std::string>> others = {};
};

class Program;

// Says on stderr, of a run that read records and wrote none of them, so, with
// the commonest reason.
void warn_if_none_came_out(const Program& program, const Stats& stats);

// Defines --stats FILE.
void define_stats(CommandLine& line, std::optional<std::string>* file);

// Appends one run's account to file, a side_path(), as a line of JSON; nothing
// if there is no file. Throws Exit(EX_CANTCREAT) if it cannot be opened.
void append_stats(const std::optional<std::string>& file, std::string_view tool,
                  const Stats& stats, double seconds);

}  // namespace mill
