// query_journal.h - what a query has read so far, in a file, for the same query
// to go on after its program was killed.
//
//   mill::QueryJournal journal(path, "firestore:p c confidence>=0.7");
//   journal.replay([&](const mill::QueryJournal::Page& page) { ... });
//   journal.append({entries, state});  // before they are passed on
//
// A page is there whole or not at all: what a kill or a power cut left of one
// is cut off. A journal of another query is begun anew. The file holds what the
// store does, so that it is its owner's alone; who has read the query's results
// removes it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mill {

class QueryJournal {
 public:
  // Texts of one line each.
  struct Page {
    std::vector<std::string> entries = {};  // what was read, in order
    std::string state = {};                 // where to go on
  };

  // Makes the file if it is not there. `query` says what is asked of which
  // store. Throws Exit: EX_CANTCREAT, also if it is no journal but another file,
  // EX_TEMPFAIL if another program uses it, EX_CONFIG if others may read or
  // change it.
  QueryJournal(std::string path, std::string_view query);
  ~QueryJournal();
  QueryJournal(const QueryJournal&) = delete;
  QueryJournal& operator=(const QueryJournal&) = delete;

  // Passes each page that it holds. One that visit returns false for is taken
  // as damaged: it is forgotten, and what follows.
  void replay(const std::function<bool(const Page&)>& visit);
  // REQUIRES: replay() or restart() was called.
  void append(const Page& page);
  // Forgets all pages.
  void restart();

  // Removes the journal at that path; any other file stays.
  static void remove(const std::string& path);

 private:
  void cut(std::uint64_t size);

  std::string path_;
  std::string header_;
  int fd_;
};

}  // namespace mill
