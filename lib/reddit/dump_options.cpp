#include "lib/reddit/dump_options.h"

#include <algorithm>

namespace mill {

void DumpOptions::define(CommandLine& line) {
  line.option("submissions", "FILE",
              "a dump of posts (RS_*), plain or compressed; - is standard "
              "input; may be repeated",
              &submissions);
  line.option("comments", "FILE", "a dump of comments (RC_*), likewise",
              &comments);
  line.option("subreddit", "NAME",
              "take this subreddit only, case aside, without r/; may be "
              "repeated (default all)",
              &subreddits);
  line.option("since", "T", "take posts created at this time or later",
              &choice.since);
  line.option("until", "T", "take posts created before this time",
              &choice.until);
}

void DumpOptions::check() {
  choice.subreddits = SubredditScan(subreddits);
  stream.files = submissions;
  stream.files.insert(stream.files.end(), comments.begin(), comments.end());
  demand(std::count(stream.files.begin(), stream.files.end(), "-") <= 1,
         "standard input can be read only once");
}

void DumpOptions::skip_others(RecordLoop& loop) const {
  if (choice.subreddits.takes_all()) return;
  loop.skip_lines("other_subreddit", [this](std::string_view text) {
    return !choice.subreddits.may_be_in(text);
  });
}

}  // namespace mill
