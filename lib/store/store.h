// store.h - documents in named collections, kept in a file or in a service.
//
//   mill::Store store(mill::store_url(option), mill::StoreAccess::kWrite);
//   const auto created = store.create_absent("reddit_interactions", batch);
//
// A store's URL is "sqlite:PATH", a file that needs no server and no account,
// or "firestore:PROJECT[/DATABASE]", a service that many can use at once. Every
// store keeps these promises:
//
//   - a document is one JSON object under an id in a collection; SQLite keeps
//     it byte for byte, Firestore its values (firestore_store.h);
//   - it is created only where the id is free, in one step that no other
//     writer can come between: nothing is ever overwritten;
//   - withdraw() takes the text away and keeps the id, so that what was
//     withdrawn is neither found nor stored again;
//   - queries answer newest first, equal times by id in byte order.
//
// What goes wrong throws Exit: EX_USAGE for a URL that is none, EX_CONFIG for
// what is no store of ours, EX_NOINPUT, EX_NOPERM, EX_CANTCREAT and EX_IOERR
// as everywhere, EX_TEMPFAIL where trying again may help. A batch that failed
// so may have been stored, in part or whole.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/record/document.h"
#include "lib/store/firestore_store.h"
#include "lib/store/sqlite_store.h"

namespace mill {

// The URL that an option gives, else ANSWERMILL_STORE, else
// "sqlite:answermill.db".
std::string store_url(const std::optional<std::string>& option);
// The --store option's help, the same in every program that has one.
inline constexpr std::string_view kStoreHelp =
    "the store, sqlite:PATH or firestore:PROJECT[/DATABASE] (default "
    "$ANSWERMILL_STORE, else sqlite:answermill.db)";
// Defines --timeout and --retries, which hold for stores that are services.
void define_service_options(CommandLine& line, ServiceOptions* options);

class Store {
 public:
  Store(const std::string& url, StoreAccess access,
        ServiceOptions options = {});

  // Why the store could not hold the document, whatever else is in it; asked
  // before create_absent(), which takes only what is not refused.
  std::optional<std::string> refusal(const std::string& collection,
                                     const Document& document) const;

  // Creates each document whose id is free. Answers for each in turn: true,
  // it was created; false, there was one, perhaps earlier in the same batch.
  // On return all of it is safe. Batches are bounded by the caller; some
  // hundred documents and a few MiB are a good size for every store.
  std::vector<bool> create_absent(const std::string& collection,
                                  std::span<const Document> documents);

  // Whether each id is taken, by a withdrawn document too.
  std::vector<bool> contains(const std::string& collection,
                             std::span<const std::string> ids);

  // The body under id.
  std::optional<std::string> get(const std::string& collection,
                                 const std::string& id);

  // Hands the body of each match to visit, in order; the view is valid during
  // the call. Holds one document at a time, or one page of them.
  void query(const std::string& collection, const Query& query,
             const std::function<void(std::string_view body)>& visit);

  // Leaves of each document only {"id","withdrawn":true,"withdrawn_at"}, which
  // no query finds. True where there was a document that queries could find.
  std::vector<bool> withdraw(const std::string& collection,
                             std::span<const std::string> ids, Timestamp at);

 private:
  // Each has the functions above.
  std::variant<SqliteStore, FirestoreStore> backend_;
};

}  // namespace mill
