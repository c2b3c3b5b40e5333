#include "lib/store/sqlite_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <new>

#include "lib/base/exit.h"
#include "lib/json/json.h"
#include "lib/record/interaction.h"
#include "lib/record/score.h"

namespace mill {

namespace {

constexpr int kApplicationId = 0x6D696C6C;  // "mill"
constexpr int kSchemaVersion = 1;
constexpr int kBusyTimeoutMs = 60'000;

// The index holds all that queries look at, in their order, so that only
// matches are read from the table. Confidence is in billionths, the nine
// decimals at which it is compared; time in microseconds. Withdrawn documents
// have neither, so that no query finds them.
constexpr char kSchema[] = R"(
CREATE TABLE documents (
  collection TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  confidence INTEGER,
  timestamp INTEGER,
  subreddit TEXT,
  PRIMARY KEY (collection, id)
) STRICT;
CREATE INDEX documents_by_time ON documents
  (collection, timestamp DESC, id, confidence, subreddit);
)";

// path as SQLite's URI of a file that nobody changes.
std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      char escape[4];
      std::snprintf(escape, sizeof escape, "%%%02X", c);
      uri += escape;
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

// SQLite would make it, but not say why it could not.
void make_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0)
    throw Exit(EX_CANTCREAT, path + ": cannot create: " + errno_text(errno));
  ::close(fd);
}

int bind_text(sqlite3_stmt* statement, int at, std::string_view text) {
  return ::sqlite3_bind_text64(statement, at, text.data(), text.size(),
                               SQLITE_STATIC, SQLITE_UTF8);
}

std::string_view column_text(sqlite3_stmt* statement, int column) {
  const auto* text = ::sqlite3_column_text(statement, column);
  const int size = ::sqlite3_column_bytes(statement, column);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)};
}

// collected_at(body): when a document was collected, in microseconds, or NULL.
void collected_at(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto* text = ::sqlite3_value_text(arguments[0]);
  const int size = ::sqlite3_value_bytes(arguments[0]);
  JsonReader reader;
  if (reader.parse({reinterpret_cast<const char*>(text),
                    static_cast<std::size_t>(size)}))
    return;
  if (const auto time = parse_timestamp(
          interaction_field(reader.root(), "collected_at").string_or_empty()))
    ::sqlite3_result_int64(context, time->microseconds);
}

}  // namespace

// A write transaction: it takes the lock at once, so that it never has to give
// up halfway because another writer came first; undone unless committed.
class SqliteStore::Transaction {
 public:
  explicit Transaction(SqliteStore& store) : store_(store) {
    store_.execute("BEGIN IMMEDIATE");
  }
  ~Transaction() {
    if (open_)
      ::sqlite3_exec(store_.database_.get(), "ROLLBACK", nullptr, nullptr,
                     nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    store_.execute("COMMIT");
    open_ = false;
  }

 private:
  SqliteStore& store_;
  bool open_ = true;
};

void SqliteStore::CloseDatabase::operator()(sqlite3* database) const {
  ::sqlite3_close(database);
}

void SqliteStore::FinalizeStatement::operator()(sqlite3_stmt* statement) const {
  ::sqlite3_finalize(statement);
}

SqliteStore::SqliteStore(std::string path, StoreAccess access)
    : Store(access), path_(std::move(path)) {
  // To SQLite ":memory:" is no file.
  if (path_.starts_with(':')) path_.insert(0, "./");
  struct stat info;
  const bool exists = ::stat(path_.c_str(), &info) == 0;
  const bool reads = access == StoreAccess::kRead;
  const bool writes = access == StoreAccess::kWrite;
  if (!exists && access == StoreAccess::kDryRun) {
    open_in_memory();
    return;
  }
  if (!exists && reads)
    throw Exit(EX_NOINPUT, path_ + ": cannot open: " + errno_text(errno));
  if (exists && !S_ISREG(info.st_mode))
    throw Exit(reads ? EX_NOINPUT : EX_CANTCREAT, path_ + ": is not a file");
  if (exists && ::access(path_.c_str(), writes ? R_OK | W_OK : R_OK) != 0)
    throw Exit(EX_NOPERM, path_ + ": cannot open: " + errno_text(errno));
  if (!exists) make_file(path_);
  // Not SQLITE_OPEN_READONLY for reading, which would leave PATH-wal behind;
  // SQLite falls back to it by itself where it may not write.
  open(path_, SQLITE_OPEN_READWRITE);
  if (!writes) {
    // In a folder that may not be written to, PATH-wal and PATH-shm cannot be
    // created; and if they are not there, everything is in PATH.
    const int code = ::sqlite3_exec(database_.get(), "PRAGMA user_version",
                                    nullptr, nullptr, nullptr);
    if (((code & 0xFF) == SQLITE_CANTOPEN ||
         (code & 0xFF) == SQLITE_READONLY) &&
        ::access((path_ + "-wal").c_str(), F_OK) != 0)
      open(immutable_uri(path_), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    execute("PRAGMA query_only = ON");
    if (access == StoreAccess::kDryRun && is_empty())
      open_in_memory();
    else
      check_kind();
  } else {
    // Overwrites what is withdrawn instead of leaving it in unused pages.
    execute("PRAGMA secure_delete = ON");
    execute("PRAGMA synchronous = FULL");
    // Ids come in no order, so that each batch touches pages all over the
    // indexes: to keep more of them, in larger pages, and to write them back
    // once in 64 MiB instead of once in 4 takes half off a large load.
    execute("PRAGMA page_size = 8192");  // of a new file
    execute("PRAGMA cache_size = -32768");
    execute("PRAGMA wal_autocheckpoint = 8192");
    execute("PRAGMA cache_size = -32768");
    create_schema();
  }
}

void SqliteStore::open(const std::string& name, int flags) {
  sqlite3* database = nullptr;
  const int code = ::sqlite3_open_v2(
      name.c_str(), &database,
      flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  database_.reset(database);
  check(code);
  ::sqlite3_busy_timeout(database, kBusyTimeoutMs);
  check(::sqlite3_create_function_v2(
      database, "collected_at", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nullptr,
      collected_at, nullptr, nullptr, nullptr));
}

void SqliteStore::open_in_memory() {
  open(":memory:", SQLITE_OPEN_READWRITE);
  create_schema();
}

bool SqliteStore::is_empty() {
  return number("PRAGMA application_id") == 0 &&
         number("PRAGMA user_version") == 0 &&
         number("SELECT count(*) FROM sqlite_schema") == 0;
}

void SqliteStore::check_kind() {
  const std::int64_t application = number("PRAGMA application_id");
  const std::int64_t version = number("PRAGMA user_version");
  if (is_empty()) throw Exit(EX_NOINPUT, path_ + ": is empty");
  if (application != kApplicationId)
    throw Exit(EX_CONFIG, path_ + ": is a SQLite database, but not a store");
  if (version > kSchemaVersion)
    throw Exit(EX_CONFIG,
               path_ + ": was made by a newer answermill (store " + "version " +
                   std::to_string(version) +
                   ", known here: " + std::to_string(kSchemaVersion) + ")");
}

void SqliteStore::create_schema() {
  if (number("SELECT count(*) FROM sqlite_schema") == 0) {
    // The busy timeout does not cover a change of mode, and another program
    // may be making the same store at this moment.
    for (int waited_ms = 0;; waited_ms += 10) {
      const int code =
          ::sqlite3_exec(database_.get(), "PRAGMA journal_mode = WAL", nullptr,
                         nullptr, nullptr);
      if (code == SQLITE_OK) break;
      if ((code & 0xFF) != SQLITE_BUSY || waited_ms >= kBusyTimeoutMs)
        fail(code);
      ::sqlite3_sleep(10);
    }
    Transaction transaction(*this);
    if (number("SELECT count(*) FROM sqlite_schema") == 0) {
      execute(kSchema);
      execute(("PRAGMA application_id = " + std::to_string(kApplicationId))
                  .c_str());
      execute(
          ("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
    }
    transaction.commit();
  }
  check_kind();
}

void SqliteStore::execute(const char* sql) {
  check(::sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr));
}

std::int64_t SqliteStore::number(const char* sql) {
  const Statement statement = prepare(sql);
  step(statement);
  return ::sqlite3_column_int64(statement.get(), 0);
}

SqliteStore::Statement SqliteStore::prepare(const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  check(::sqlite3_prepare_v2(database_.get(), sql.c_str(),
                             static_cast<int>(sql.size()), &statement,
                             nullptr));
  return Statement(statement);
}

// True if there is a row.
bool SqliteStore::step(const Statement& statement) {
  const int code = ::sqlite3_step(statement.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) fail(code);
  return code == SQLITE_ROW;
}

void SqliteStore::check(int code) const {
  if (code != SQLITE_OK) fail(code);
}

void SqliteStore::fail(int code) const {
  const int error = database_ ? ::sqlite3_system_errno(database_.get()) : 0;
  switch (code & 0xFF) {
    case SQLITE_NOMEM: throw std::bad_alloc();
    case SQLITE_NOTADB:
      throw Exit(EX_CONFIG, path_ + ": is not a SQLite database");
    case SQLITE_READONLY:
    case SQLITE_PERM: throw Exit(EX_NOPERM, path_ + ": cannot be written to");
    case SQLITE_BUSY:
      throw Exit(EX_TEMPFAIL, path_ + ": is kept busy by another program");
    case SQLITE_CANTOPEN:
      throw Exit(error == EACCES || error == EPERM ? EX_NOPERM
                 : access() == StoreAccess::kRead  ? EX_NOINPUT
                                                   : EX_CANTCREAT,
                 path_ + ": cannot open" +
                     (error ? ": " + errno_text(error) : std::string()));
    default: {
      std::string what = ::sqlite3_errstr(code);
      if (error) what += ": " + errno_text(error);
      throw Exit(EX_IOERR, path_ + ": " + what);
    }
  }
}

std::optional<std::string> SqliteStore::refusal(
    const std::string&, const Document& document) const {
  // SQLite limits a row to 1 GB; the id and the rest need a little of it.
  constexpr std::size_t kMaxBody = 999'000'000;
  if (document.body.size() > kMaxBody) return "longer than the store takes";
  return std::nullopt;
}

std::vector<Created> SqliteStore::create_now(
    const std::string& collection, std::span<const Document> documents) {
  Transaction transaction(*this);
  const Statement insert = prepare(
      "INSERT INTO documents "
      "(collection, id, body, confidence, timestamp, subreddit) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
      "ON CONFLICT (collection, id) DO NOTHING");
  check(bind_text(insert.get(), 1, collection));
  std::vector<Created> created;
  for (const Document& document : documents) {
    if (auto why = refusal(collection, document)) {
      created.push_back({Created::kRefused, std::move(*why)});
      continue;
    }
    check(bind_text(insert.get(), 2, document.id));
    check(bind_text(insert.get(), 3, document.body));
    check(document.confidence
              ? ::sqlite3_bind_int64(insert.get(), 4,
                                     billionths(*document.confidence))
              : ::sqlite3_bind_null(insert.get(), 4));
    check(document.timestamp
              ? ::sqlite3_bind_int64(insert.get(), 5,
                                     document.timestamp->microseconds)
              : ::sqlite3_bind_null(insert.get(), 5));
    check(document.subreddit ? bind_text(insert.get(), 6, *document.subreddit)
                             : ::sqlite3_bind_null(insert.get(), 6));
    step(insert);
    const bool is_new = ::sqlite3_changes(database_.get()) == 1;
    created.push_back({is_new ? Created::kNew : Created::kExists});
    check(::sqlite3_reset(insert.get()));
  }
  transaction.commit();
  return created;
}

std::vector<bool> SqliteStore::contains(const std::string& collection,
                                        std::span<const std::string> ids) {
  const Statement select =
      prepare("SELECT 1 FROM documents WHERE collection = ?1 AND id = ?2");
  check(bind_text(select.get(), 1, collection));
  std::vector<bool> found;
  for (const std::string& id : ids) {
    check(bind_text(select.get(), 2, id));
    found.push_back(step(select));
    check(::sqlite3_reset(select.get()));
  }
  return found;
}

std::optional<std::string> SqliteStore::get(const std::string& collection,
                                            const std::string& id) {
  const Statement select =
      prepare("SELECT body FROM documents WHERE collection = ?1 AND id = ?2");
  check(bind_text(select.get(), 1, collection));
  check(bind_text(select.get(), 2, id));
  if (!step(select)) return std::nullopt;
  return std::string(column_text(select.get(), 0));
}

SqliteStore::Statement SqliteStore::prepare_range(const std::string& select,
                                                  const std::string& collection,
                                                  const Query& query) {
  std::string sql = select +
                    " FROM documents WHERE collection = ?1"
                    " AND timestamp >= ?2 AND timestamp < ?3";
  constexpr int kFirstSubreddit = 5;
  if (!query.subreddits.empty()) {
    sql += " AND subreddit IN (";
    for (std::size_t i = 0; i < query.subreddits.size(); ++i)
      sql += (i > 0 ? ", ?" : "?") + std::to_string(kFirstSubreddit + i);
    sql += ")";
  }
  if (query.collected_since)
    sql += " AND collected_at(body) >= " +
           std::to_string(query.collected_since->microseconds);
  sql += " ORDER BY timestamp DESC, id";

  using Time = std::numeric_limits<std::int64_t>;
  Statement statement = prepare(sql);
  check(bind_text(statement.get(), 1, collection));
  check(::sqlite3_bind_int64(
      statement.get(), 2,
      query.since.value_or(Timestamp{Time::min()}).microseconds));
  check(::sqlite3_bind_int64(
      statement.get(), 3,
      query.until.value_or(Timestamp{Time::max()}).microseconds));
  for (std::size_t i = 0; i < query.subreddits.size(); ++i)
    check(bind_text(statement.get(), kFirstSubreddit + static_cast<int>(i),
                    query.subreddits[i]));
  return statement;
}

QueryCounts SqliteStore::query(const std::string& collection,
                               const Query& query,
                               const DocumentVisitor& visit) {
  // The body is in the table, which is read only where the index says that it
  // is wanted.
  const Statement select =
      prepare_range(query.min_confidence
                        ? "SELECT id, CASE WHEN confidence >= ?4 THEN body END"
                        : "SELECT id, body",
                    collection, query);
  if (query.min_confidence)
    check(::sqlite3_bind_int64(select.get(), 4,
                               billionths(*query.min_confidence)));
  QueryCounts counts;
  while (step(select)) {
    if (::sqlite3_column_type(select.get(), 1) == SQLITE_NULL) {
      ++counts.below_threshold;
      continue;
    }
    visit(column_text(select.get(), 0), column_text(select.get(), 1));
    if (++counts.found == query.limit) break;
  }
  return counts;
}

std::uint64_t SqliteStore::count_by(const Statement& select) {
  step(select);
  return static_cast<std::uint64_t>(::sqlite3_column_int64(select.get(), 0));
}

std::optional<std::uint64_t> SqliteStore::count(const std::string& collection,
                                                const Query& query) {
  return count_by(prepare_range("SELECT COUNT(*)", collection, query));
}

std::uint64_t SqliteStore::count_withdrawn(const std::string& collection) {
  const Statement select = prepare(
      "SELECT COUNT(*) FROM documents "
      "WHERE collection = ?1 AND timestamp IS NULL "
      "AND CASE WHEN json_valid(body) THEN "
      "json_extract(body, '$.withdrawn') IS TRUE END");
  check(bind_text(select.get(), 1, collection));
  return count_by(select);
}

std::vector<bool> SqliteStore::withdraw(const std::string& collection,
                                        std::span<const std::string> ids,
                                        Timestamp at) {
  Transaction transaction(*this);
  const Statement update = prepare(
      "UPDATE documents "
      "SET body = ?3, confidence = NULL, timestamp = NULL, subreddit = NULL "
      "WHERE collection = ?1 AND id = ?2 AND timestamp IS NOT NULL");
  check(bind_text(update.get(), 1, collection));
  std::vector<bool> withdrawn;
  for (const std::string& id : ids) {
    const std::string body = tombstone(id, at);
    check(bind_text(update.get(), 2, id));
    check(bind_text(update.get(), 3, body));
    step(update);
    withdrawn.push_back(::sqlite3_changes(database_.get()) == 1);
    check(::sqlite3_reset(update.get()));
  }
  transaction.commit();
  return withdrawn;
}

}  // namespace mill
