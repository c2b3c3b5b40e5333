// firestore_store.h - a store in Cloud Firestore, used through Store.
//
// Documents are created with the precondition that there is none of that name,
// which Firestore checks in the same step: nothing is read first. A request
// that broke may have been carried out all the same; it is sent again, and if
// the document is there then, the field `write_id` tells whose it is: each call
// gives its documents random ones. So of any number of writers exactly one is
// told that it created a document. That field is never part of a body.
//
// Bodies are kept as Firestore's values (firestore_document.h) and written anew
// when they are read. What was written by other programs is read likewise.
//
// How a query is read is in firestore_reader.h. It is cheapest with the indexes
// of share/firestore.indexes.json.
//
// What is withdrawn can still be read at an earlier time for as long as
// Firestore keeps versions: an hour, or seven days with point-in-time recovery.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/google/firestore.h"
#include "lib/google/write_ramp.h"
#include "lib/json/json.h"
#include "lib/store/store.h"

namespace mill {

class FirestoreStore : public Store {
 public:
  // where is PROJECT or PROJECT/DATABASE.
  FirestoreStore(const std::string& where, StoreAccess access,
                 const ServiceOptions& options);

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
  // A write of a batch, and which of the caller's documents it is for.
  struct Write {
    std::size_t index;
    std::string name;
    std::string json;
  };
  // What became of a write.
  enum class Fate { kDone, kPrecondition, kAgain };

  std::vector<Created> create_now(const std::string& collection,
                                  std::span<const Document> documents) override;
  std::optional<std::string> refusal(const std::string& collection,
                                     const Document& document) const override;

  // Sends writes in one request. is_repeat is set if an earlier attempt may
  // have been carried out. Throws Exit if one of them can never be done.
  std::vector<Fate> send(std::span<const Write> writes, bool& is_repeat);
  void create_batch(std::vector<Write> writes, const std::string& write_id,
                    std::vector<Created>& created);
  // Gets the named documents, or only the masked fields, in any order.
  void look_up(std::span<const std::string> names, std::string_view mask,
               const std::function<void(const std::string& name,
                                        JsonValue document)>& visit);

  Firestore firestore_;
  WriteRamp ramp_;
};

}  // namespace mill
