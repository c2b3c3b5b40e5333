// dump_options.h - the options of programs that read Reddit's dumps: which
// files there are, and which posts are wanted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/record_loop.h"
#include "lib/reddit/dump_threads.h"

namespace mill {

struct DumpOptions {
  std::vector<std::string> submissions, comments, subreddits;
  DumpChoice choice;
  StreamOptions stream;

  // Defines --submissions, --comments, --subreddit, --since, --until.
  void define(CommandLine& line);
  // After parsing: sets the stream's files, submissions first, and the choice's
  // subreddits. Throws Exit(EX_USAGE).
  void check();
  // Skips the lines of other subreddits unparsed.
  void skip_others(RecordLoop& loop) const;
  // Whether the loop's record comes from the submissions.
  bool is_post(const RecordLoop& loop) const {
    return loop.file_index() < submissions.size();
  }
};

}  // namespace mill
