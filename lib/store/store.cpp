#include "lib/store/store.h"

#include <stdlib.h>
#include <sysexits.h>

#include "lib/base/exit.h"

namespace mill {

std::vector<Created> Store::create(const std::string& collection,
                                   std::span<const Document> documents) {
  if (access_ != StoreAccess::kDryRun) return create_now(collection, documents);
  std::vector<std::string> ids;
  for (const Document& document : documents) ids.push_back(document.id);
  const std::vector<bool> is_taken = contains(collection, ids);
  std::vector<Created> created;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (auto why = refusal(collection, documents[i]))
      created.push_back({Created::kRefused, std::move(*why)});
    else if (is_taken[i] || !would_exist_.emplace(collection, ids[i]).second)
      created.push_back({Created::kExists});
    else
      created.push_back({Created::kNew});
  }
  return created;
}

void StoreOptions::define(CommandLine& line,
                          const std::string& collection_use) {
  line.option("store", "URL",
              "the store, " + store_url_forms(" or ") +
                  " (default $ANSWERMILL_STORE, else sqlite:answermill.db)",
              &url);
  line.option("collection", "NAME", collection_use, &collection);
}

void StoreOptions::define_service(CommandLine& line) {
  line.group("Service");
  service.define(line);
  line.group("");
}

void StoreOptions::check() const {
  if (const auto why = bad_document_id(collection))
    throw Exit(EX_USAGE, "--collection: " + *why);
}

std::unique_ptr<Store> StoreOptions::open(StoreAccess access) const {
  const char* const named = ::getenv("ANSWERMILL_STORE");
  return open_store(url               ? *url
                    : named && *named ? named
                                      : "sqlite:answermill.db",
                    access, service);
}

}  // namespace mill
