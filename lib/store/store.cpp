#include "lib/store/store.h"

#include <stdlib.h>

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

std::string store_url(const std::optional<std::string>& option) {
  if (option) return *option;
  const char* url = ::getenv("ANSWERMILL_STORE");
  return url && *url ? url : "sqlite:answermill.db";
}

void define_service_options(CommandLine& line, ServiceOptions* options) {
  line.group("Service");
  line.option("timeout", "SECONDS",
              "give up after this long without a response", &options->timeout);
  line.option("retries", "N", "retries after a transient failure",
              &options->retries);
  line.group("");
  line.exits({EX_UNAVAILABLE, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG});
}

}  // namespace mill
