// sqlite_store.h - a store in one SQLite file. Used through Store.
//
// The file is in WAL mode and synchronous=FULL: what was created survives a
// power cut, readers see the store as it was when they began and never keep a
// writer waiting, and writers take turns. While programs have it open two
// more files lie beside it, PATH-wal and PATH-shm; copy all three, or none
// while it is being written. WAL needs a local file system.
//
// A writer that is killed leaves whole batches. A reader of a file that it
// may not write to, in a folder that it may not write to, works as well.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/record/document.h"

struct sqlite3;
struct sqlite3_stmt;

namespace mill {

class SqliteStore {
 public:
  SqliteStore(std::string path, StoreAccess access);

  std::optional<std::string> refusal(const std::string& collection,
                                     const Document& document) const;
  std::vector<bool> create_absent(const std::string& collection,
                                  std::span<const Document> documents);
  std::vector<bool> contains(const std::string& collection,
                             std::span<const std::string> ids);
  std::optional<std::string> get(const std::string& collection,
                                 const std::string& id);
  void query(const std::string& collection, const Query& query,
             const std::function<void(std::string_view body)>& visit);
  std::vector<bool> withdraw(const std::string& collection,
                             std::span<const std::string> ids, Timestamp at);

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const;
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;
  class Transaction;

  void open(const std::string& name, int flags);
  void check_kind();
  void create_schema();
  void execute(const char* sql);
  // The number that a statement answers.
  std::int64_t number(const char* sql);
  Statement prepare(const std::string& sql);
  bool step(const Statement& statement);
  // Turns a result code into an Exit that says what to mend.
  [[noreturn]] void fail(int code) const;
  void check(int code) const;

  std::string path_;
  StoreAccess access_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
};

}  // namespace mill
