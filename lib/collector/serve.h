// serve.h - a collector's own side: the request, the collection, the answer.
// The client's side is client.h.
//
//   mill::CollectorRequest request;
//   if (auto why = mill::read_collector_request(query, request)) ... 400 ...
//   mill::Collection collection(request, "mtg");
//   while (... && collection.wants_more()) collection.take(thread);
//   collection.store({.collection = "reddit_interactions"});
//   response.body = collection.answer();
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/answers/pick_answer.h"
#include "lib/collector/client.h"
#include "lib/record/document.h"
#include "lib/reddit/api.h"
#include "lib/store/store.h"

namespace mill {

// Reads a URL's decoded query parameters. Returns what is wrong, if anything:
// an unknown name, a name given twice, a value that makes no sense.
std::optional<std::string> read_collector_request(
    const std::multimap<std::string, std::string>& query,
    CollectorRequest& request);

// What one request collects. Threads become interactions as pick-answer makes
// them; nothing is stored until store() is called.
class Collection {
 public:
  // Once should_stop is true no more is wanted. Throws as load_profile() does.
  Collection(
      const CollectorRequest& request, const std::string& profile,
      std::function<bool()> should_stop = [] { return false; });

  // Takes in a thread's JSON. only_sources: one of a subreddit that the
  // request does not name is dropped.
  void take(std::string_view thread, bool only_sources = false);
  void thread_failed() { ++failed_threads_; }
  void listing_failed() { ++failed_listings_; }
  // False when there are as many interactions as were asked for, or when
  // should_stop says so.
  bool wants_more();

  // Creates in the store what is not there; in a dry run only counts what is,
  // and does not even make a missing store. Throws as Store does.
  void store(const StoreOptions& options);

  // True if no listing could be fetched: that is a failure, and not an empty
  // answer.
  bool has_failed() const { return failed_listings_ > 0 && fetched_ == 0; }
  // {"count":N,"metrics":{...},"interactions":[...]} with the collector's
  // names: from it reddit-fetch writes the interactions, byte for byte, that
  // pick-answer makes of the threads.
  std::string answer() const;

 private:
  const CollectorRequest request_;
  PickAnswer pick_;
  std::function<bool()> should_stop_;
  bool was_stopped_ = false;
  JsonReader reader_;
  std::vector<Document> documents_;
  std::uint64_t fetched_ = 0;
  std::uint64_t bad_ = 0;
  std::uint64_t failed_threads_ = 0;
  std::uint64_t failed_listings_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t persisted_ = 0;
  std::map<std::string, std::uint64_t> dropped_;
};

// Takes in the threads of each stream of each subreddit, each post once.
// `report` is given what could not be fetched, and why.
void collect_from_reddit(
    Reddit& reddit, const CollectorRequest& request, Collection& collection,
    const std::function<void(const std::string& what,
                             const std::string& problem)>& report);

// Takes in the threads of a file. Throws as Input does.
void collect_from_file(const std::string& path, Collection& collection);
// Throws Exit if there is no such file, or it is not JSON Lines but, say, CSV.
void check_threads_file(const std::string& path);

}  // namespace mill
