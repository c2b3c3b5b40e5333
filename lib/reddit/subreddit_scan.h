// subreddit_scan.h - recognizes, without parsing, lines that are of no
// interest.
//
//   mill::SubredditScan scan({"askscience", "magicTCG"});
//   if (!scan.may_be_in(line)) continue;            // surely another one's
//   ... parse line ...
//   if (scan.is_in(record["subreddit"])) ...        // the truth
//
// Nearly every line of a dump is from a subreddit nobody asked for, and parsing
// is the whole cost of skipping it. may_be_in() is many times faster and errs
// on one side only: it is true for each line whose member `subreddit` is one of
// the names, case aside.
//
// Why that is so. Names are made of letters, digits and "_.:-", and so is the
// key. JSON can spell such a character in two ways: as itself, or as \u00XX. In
// a line without such escapes, the member is spelled as
//
//   "subreddit"  white space  :  white space  "NAME"
//
// with NAME in some case, wherever it stands and however many others there are.
// So a line is skipped only if no escape in it spells a character of a name,
// and no `"subreddit"` in it, key or not, member of the outermost object or
// not, is followed by a colon and one of the names. Texts about subreddits, and
// crossposts, only cause a line to be parsed in vain.
//
// A line that does not begin with { and end with } is never skipped, so that
// what is cut off, or is not JSON at all, is reported.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"

namespace mill {

class SubredditScan {
 public:
  // No names: every subreddit. Throws Exit(EX_USAGE) at a name that has other
  // characters than those above; "r/" before a name is not part of it.
  explicit SubredditScan(std::vector<std::string> names);

  bool takes_all() const { return names_.empty(); }
  // True if value is a string and one of the names, case aside.
  bool is_in(JsonValue value) const;
  // False if line is surely not in one of the subreddits.
  bool may_be_in(std::string_view line) const;

 private:
  bool is_name(std::string_view text) const;
  bool is_worth_parsing(const char* at, const char* end) const;

  std::vector<std::string> names_;  // sorted, case aside
};

}  // namespace mill
