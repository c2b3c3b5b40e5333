// sqlite_store.h - a store in one SQLite file, used through Store.
//
// The file is in WAL mode and synchronous=FULL: what was created survives a
// power cut, readers see the store as it was when they began and never make a
// writer wait, and writers take turns. While programs have it open, two more
// files are beside it, PATH-wal and PATH-shm; copy all three, or none while it
// is being written. WAL needs a local file system.
//
// A writer that is killed leaves whole batches. A file can also be read without
// permission to write to it or to its folder.
#pragma once

#include <memory>

#include "lib/store/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace mill {

class SqliteStore : public Store {
 public:
  SqliteStore(std::string path, StoreAccess access);

  // A batch touches pages all over the indexes, however many it has.
  std::size_t most_at_once() const override { return 5000; }
  std::vector<bool> contains(const std::string& collection,
                             std::span<const std::string> ids) override;
  std::optional<std::string> get(const std::string& collection,
                                 const std::string& id) override;
  QueryCounts query(const std::string& collection, const Query& query,
                    const DocumentVisitor& visit) override;
  std::optional<std::uint64_t> count(const std::string& collection,
                                     const Query& query) override;
  std::uint64_t count_withdrawn(const std::string& collection) override;
  std::vector<bool> withdraw(const std::string& collection,
                             std::span<const std::string> ids,
                             Timestamp at) override;

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const;
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;
  class Transaction;

  std::vector<Created> create_now(const std::string& collection,
                                  std::span<const Document> documents) override;
  std::optional<std::string> refusal(const std::string& collection,
                                     const Document& document) const override;

  void open(const std::string& name, int flags);
  // Uses an empty store in memory: for a dry run on a missing file.
  void open_in_memory();
  bool is_empty();
  void check_kind();
  void create_schema();
  void execute(const char* sql);
  // The number that a statement answers.
  std::int64_t number(const char* sql);
  Statement prepare(const std::string& sql);
  // "select FROM ...", of what lies in the query's time and subreddits, in
  // order. Parameter 4 is select's own. The query must outlive it.
  Statement prepare_range(const std::string& select,
                          const std::string& collection, const Query& query);
  std::uint64_t count_by(const Statement& select);
  bool step(const Statement& statement);
  // Turns a result code into an Exit that says what to fix.
  [[noreturn]] void fail(int code) const;
  void check(int code) const;

  std::string path_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
};

}  // namespace mill
