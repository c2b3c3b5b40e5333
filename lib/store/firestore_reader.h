// firestore_reader.h - one query of a Firestore, read from its first page to
// its last.
//
//   mill::QueryCounts counts =
//       mill::FirestoreReader(firestore, "c", query, visit).read();
//
// Reads pages, each starting after the last document of the one before, and all
// as of the time of the first; once Firestore no longer keeps that time, after
// an hour, the rest is read as it then is. Firestore compares what it can
// (firestore_query.h), so that only what is found is paid for; where an index
// is missing, everything in the query's time is read and compared here, and a
// warning says so.
//
// Documents of one time come in another order than ours. They are held until
// the next time comes and sorted then, so that memory is bounded by a page or
// by those of one time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/google/firestore.h"
#include "lib/record/document.h"
#include "lib/store/firestore_query.h"
#include "lib/store/query_journal.h"

namespace mill {

class FirestoreReader {
 public:
  FirestoreReader(Firestore& firestore, std::string collection,
                  const Query& query, const DocumentVisitor& visit);
  QueryCounts read();

 private:
  // What is in the query's time and subreddits.
  struct Entry {
    std::string id;
    std::string time;                      // Firestore's value, as JSON
    std::optional<std::string> body = {};  // nothing: too little confidence
  };

  void resume();
  std::size_t page_limit() const;
  void read_page();
  // What to do about an error; throws Exit if there is nothing.
  void mend(const FirestoreAnswer& answer);
  void take(Entry entry);
  void pass_on();  // those of one time
  void count_below();
  std::optional<std::uint64_t> count_up_to_last(const std::string& read_time);

  QueryJournal::Page to_page(const std::vector<Entry>& entries) const;
  // False if it can be no page of this query.
  bool take_page(const QueryJournal::Page& page);

  Firestore& firestore_;
  const std::string collection_;
  const Query& query_;
  const DocumentVisitor& visit_;

  std::optional<QueryJournal> journal_;
  Pushed pushed_;
  FirestorePage page_{};
  std::size_t most_;           // documents a page
  std::vector<Entry> tied_;    // of one time
  std::optional<Entry> last_;  // found, without its body
  bool is_end_ = false;        // there are no more pages
  bool is_enough_ = false;     // the limit is reached
  QueryCounts counts_;
};

// The sum of what runAggregationQuery answers to each body; nothing without the
// index that it takes, or if their read time is not kept any longer.
std::optional<std::uint64_t> count_by(Firestore& firestore,
                                      const std::vector<std::string>& bodies);

// A member that every answer has; throws Exit without it.
JsonValue answer_member(const Firestore& firestore, JsonValue object,
                        std::string_view name);
// The last part of a document's name.
std::string id_of_name(std::string_view name);

}  // namespace mill
