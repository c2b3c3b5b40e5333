#include "lib/store/store.h"

#include <stdlib.h>

#include "lib/base/exit.h"
#include "lib/cli/command_line.h"

namespace mill {

namespace {

std::variant<SqliteStore, FirestoreStore> open_backend(std::string_view url,
                                                       StoreAccess access,
                                                       ServiceOptions options) {
  const std::size_t colon = url.find(':');
  const std::string_view kind = url.substr(0, colon);
  const std::string rest(colon == url.npos ? "" : url.substr(colon + 1));
  if (kind == "sqlite" && !rest.empty()) return SqliteStore(rest, access);
  if (kind == "firestore" && !rest.empty())
    return FirestoreStore(rest, options);
  throw Exit(EX_USAGE, "store '" + std::string(url) +
                           "' is neither of the form sqlite:PATH nor "
                           "firestore:PROJECT[/DATABASE]");
}

}  // namespace

std::string store_url(const std::optional<std::string>& option) {
  if (option) return *option;
  const char* url = ::getenv("ANSWERMILL_STORE");
  return url && *url ? url : "sqlite:answermill.db";
}

void define_service_options(CommandLine& line, ServiceOptions* options) {
  line.group("Service");
  line.option("timeout", "SECONDS", "give up on a server silent for so long",
              &options->timeout);
  line.option("retries", "N", "attempts after one that may be mended",
              &options->retries);
  line.group("");
  line.exits({EX_UNAVAILABLE, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG});
}

Store::Store(const std::string& url, StoreAccess access, ServiceOptions options)
    : backend_(open_backend(url, access, options)) {}

std::optional<std::string> Store::refusal(const std::string& collection,
                                          const Document& document) const {
  return std::visit(
      [&](auto& store) { return store.refusal(collection, document); },
      backend_);
}

std::vector<bool> Store::create_absent(const std::string& collection,
                                       std::span<const Document> documents) {
  return std::visit(
      [&](auto& store) { return store.create_absent(collection, documents); },
      backend_);
}

std::vector<bool> Store::contains(const std::string& collection,
                                  std::span<const std::string> ids) {
  return std::visit(
      [&](auto& store) { return store.contains(collection, ids); }, backend_);
}

std::optional<std::string> Store::get(const std::string& collection,
                                      const std::string& id) {
  return std::visit([&](auto& store) { return store.get(collection, id); },
                    backend_);
}

void Store::query(const std::string& collection, const Query& query,
                  const std::function<void(std::string_view)>& visit) {
  std::visit([&](auto& store) { store.query(collection, query, visit); },
             backend_);
}

std::vector<bool> Store::withdraw(const std::string& collection,
                                  std::span<const std::string> ids,
                                  Timestamp at) {
  return std::visit(
      [&](auto& store) { return store.withdraw(collection, ids, at); },
      backend_);
}

}  // namespace mill
