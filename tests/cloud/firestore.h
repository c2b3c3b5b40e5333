// firestore.h - the loopback cloud's Firestore: the part of REST v1 that
// answermill uses, and as strict as Google's.
//
//   cloud::Firestore firestore;
//   firestore.add_routes(server);
//
// Documents of any project and database are made as they are written:
// documents:batchWrite, :batchGet, :runQuery, :runAggregationQuery for one
// count, createDocument and GET. What is not known, a member of a request's
// JSON too, is refused with 400. GET /control/firestore/reads says what was
// read and what Google would bill for it.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lib/json/json.h"
#include "tests/cloud/server.h"

namespace cloud {

class Firestore {
 public:
  // Adds the routes. Their own faults: items_again, some writes of a batch are
  // not done and say so; error_late, an answer ends in an error; stale_time, a
  // read time is not kept any longer.
  void add_routes(Server& server);

  // Asks for indexes as Google does, and takes them from a
  // firestore.indexes.json; a query without its index is refused.
  void require_indexes(const std::string& path);

  // What queries look at: a field's value that is no array and no map.
  struct Value {
    int rank = 0;  // the order of types
    double number = 0;
    std::int64_t whole = 0;
    std::string text = {};
  };

 private:
  struct Version {
    std::int64_t time = 0;
    bool is_deleted = false;
    std::string fields = {};  // as JSON
    std::map<std::string, Value> values = {};
  };
  struct Document {
    std::int64_t create_time = 0;
    std::vector<Version> versions = {};
    // The version at a time, if there was one.
    const Version* at(std::int64_t time) const;
  };
  struct Write;
  struct Query;
  struct Match;

  Answer batch_write(Request& request, const std::string& root);
  Answer batch_get(Request& request, const std::string& root);
  Answer run_query(Request& request, const std::string& root);
  Answer run_aggregation_query(Request& request, const std::string& root);
  Answer create(Request& request, const std::string& root);
  Answer get(const std::string& root, const std::string& path);

  // The google.rpc code of what became of a write.
  int carry_out(const Write& write);
  void check_index(const Query& query) const;
  // What the query finds as of that time, in no order, without its limit.
  std::vector<Match> find(const Query& query, const std::string& root,
                          std::int64_t time) const;
  // last: the key of the last match, unless all were found.
  void count_reads(const Query& query, const std::string& root,
                   std::int64_t time, std::size_t documents,
                   const std::vector<Value>* last);
  std::int64_t read_time(mill::JsonValue asked);
  std::int64_t tick();
  static std::string text_of(const std::string& name, const Document& document,
                             const Version& version, bool has_fields);

  std::mutex mutex_;
  std::int64_t clock_ = 0;  // microseconds since 1970
  std::map<std::string, Document> documents_;
  std::uint64_t documents_read_ = 0, entries_read_ = 0, billed_ = 0;
  // "collection field order field order"; none: no index is asked for.
  std::optional<std::vector<std::string>> indexes_;
};

}  // namespace cloud
