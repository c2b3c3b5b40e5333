// schemes.cpp - the kinds of stores, a row each. To add one, write its Store
// (sqlite_store.h is the smallest) and give it a row here.
#include <memory>

#include "lib/base/exit.h"
#include "lib/store/firestore_store.h"
#include "lib/store/sqlite_store.h"
#include "lib/store/store.h"

namespace mill {

namespace {

struct Scheme {
  std::string_view name;
  std::string_view form;  // of its URLs, for messages and --help
  std::unique_ptr<Store> (*open)(const std::string& rest, StoreAccess access,
                                 const ServiceOptions& options);
};

constexpr Scheme kSchemes[] = {
    {"sqlite", "sqlite:PATH",
     [](const std::string& rest, StoreAccess access,
        const ServiceOptions&) -> std::unique_ptr<Store> {
       return std::make_unique<SqliteStore>(rest, access);
     }},
    {"firestore", "firestore:PROJECT[/DATABASE]",
     [](const std::string& rest, StoreAccess access,
        const ServiceOptions& options) -> std::unique_ptr<Store> {
       return std::make_unique<FirestoreStore>(rest, access, options);
     }},
};

}  // namespace

std::unique_ptr<Store> open_store(std::string_view url, StoreAccess access,
                                  const ServiceOptions& options) {
  const std::size_t colon = url.find(':');
  const std::string rest(colon == url.npos ? "" : url.substr(colon + 1));
  for (const Scheme& scheme : kSchemes)
    if (url.substr(0, colon) == scheme.name && !rest.empty())
      return scheme.open(rest, access, options);
  throw Exit(EX_USAGE, "store '" + std::string(url) +
                           "' is neither of the form " +
                           store_url_forms(" nor "));
}

std::string store_url_forms(std::string_view separator) {
  std::string text;
  for (const Scheme& scheme : kSchemes)
    text.append(text.empty() ? "" : separator).append(scheme.form);
  return text;
}

}  // namespace mill
