// store.h - documents in named collections, kept in a file or in a service.
//
//   const auto store = mill::open_store(url, mill::StoreAccess::kWrite);
//   for (const auto& created : store->create("reddit_interactions", batch))
//     if (created.kind == mill::Created::kNew) ...
//
// A store's URL begins with its scheme: "sqlite:PATH" is a file that needs no
// server and no account, "firestore:PROJECT[/DATABASE]" a service that many
// can use at once. schemes.cpp has a row for each. Every store keeps these
// promises:
//
//   - a document is one JSON object under an id in a collection; SQLite keeps
//     it byte for byte, Firestore its values (firestore_document.h);
//   - it is created only where the id is free, in one step that no other
//     writer can come between: nothing is ever overwritten;
//   - withdraw() removes the text and keeps the id, so that what was withdrawn
//     is neither found nor stored again;
//   - queries give the newest first, and equal times by id in byte order.
//
// What goes wrong throws Exit: EX_USAGE for a URL that names no store,
// EX_CONFIG for what is not a store of ours, EX_NOINPUT, EX_NOPERM,
// EX_CANTCREAT and EX_IOERR as everywhere, EX_TEMPFAIL where trying again may
// help. A batch that failed in that way may have been stored, in part or whole.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/http/service_options.h"
#include "lib/record/document.h"

namespace mill {

enum class StoreAccess {
  kRead,    // the store must exist, and is left as it is
  kWrite,   // it is made if it does not exist
  kDryRun,  // create() only says what it would do; a store that does not exist
            // is not made, and counts as an empty one
};

// What became of a document.
struct Created {
  enum Kind {
    kNew,
    kExists,   // its id is taken, perhaps by one earlier in the same batch
    kRefused,  // the store cannot hold it: why says for what reason
  } kind;
  std::string why = {};
};

// What a kind of store implements: the private functions and the virtual ones.
class Store {
 public:
  explicit Store(StoreAccess access) : access_(access) {}
  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Creates each document whose id is free; says for each in turn what became
  // of it. On return all that is new is safely stored. The caller bounds the
  // batch, as most_at_once() says, to a few MiB. A dry run answers the same,
  // remembers what would be there, and changes nothing.
  std::vector<Created> create(const std::string& collection,
                              std::span<const Document> documents);

  // How many documents suit create().
  virtual std::size_t most_at_once() const { return 500; }

  // Whether each id is taken, by a withdrawn document too.
  virtual std::vector<bool> contains(const std::string& collection,
                                     std::span<const std::string> ids) = 0;

  // The body under id.
  virtual std::optional<std::string> get(const std::string& collection,
                                         const std::string& id) = 0;

  // Passes each match to visit, in order; the views are valid during the call.
  // Holds one document at a time, or one page of them.
  virtual QueryCounts query(const std::string& collection, const Query& query,
                            const DocumentVisitor& visit) = 0;

  // How many documents lie in the query's times and subreddits, whatever their
  // confidence and its limit; nothing if that would cost as much as to read
  // them.
  virtual std::optional<std::uint64_t> count(const std::string& collection,
                                             const Query& query) = 0;
  // How many of the collection's documents are withdrawn. A withdrawn document
  // has neither time nor subreddit any more.
  virtual std::uint64_t count_withdrawn(const std::string& collection) = 0;

  // Reduces each document to {"id","withdrawn":true,"withdrawn_at"}, which no
  // query finds. True for those that a query could have found before.
  virtual std::vector<bool> withdraw(const std::string& collection,
                                     std::span<const std::string> ids,
                                     Timestamp at) = 0;

 protected:
  StoreAccess access() const { return access_; }

 private:
  // create(), with access to write.
  virtual std::vector<Created> create_now(
      const std::string& collection, std::span<const Document> documents) = 0;
  // Why the store could not hold a document, whatever else is in the store;
  // nothing if it could.
  virtual std::optional<std::string> refusal(
      const std::string& collection, const Document& document) const = 0;

  const StoreAccess access_;
  // In a dry run: the collections and ids that would be there.
  std::set<std::pair<std::string, std::string>> would_exist_;
};

// Opens the store that the URL names. ServiceOptions are for services.
std::unique_ptr<Store> open_store(std::string_view url, StoreAccess access,
                                  const ServiceOptions& options = {});

// Which collection of which store a program works on.
struct StoreOptions {
  std::string collection = {};
  std::optional<std::string> url = {};
  ServiceOptions service = {};

  // Defines --store and --collection; collection_use says for --help what the
  // collection is for.
  void define(CommandLine& line, const std::string& collection_use);
  // Defines the options of service, as a group of their own.
  void define_service(CommandLine& line);
  // Throws Exit(EX_USAGE) if the collection's name is none.
  void check() const;
  // Opens the store: url, else ANSWERMILL_STORE, else "sqlite:answermill.db".
  std::unique_ptr<Store> open(StoreAccess access) const;
};

// The forms of a store's URL, as in "sqlite:PATH or ...", with the separator
// between them.
std::string store_url_forms(std::string_view separator);

}  // namespace mill
