// api.h - the Reddit API: tokens, listings and whole threads.
//
//   mill::Reddit reddit(http, mill::reddit_credentials(login, http));
//   auto page = reddit.get("/r/mtgrules/new", {{"limit", "100"}});
//   if (!page.ok()) program.warn("r/mtgrules/new: " + page.problem);
//
// Every call carries a User-Agent and raw_json=1, obeys the rate limit that
// Reddit announces, is sent again where that may help, and gets a new token
// once if Reddit rejects the old one. Calls go out one at a time, as
// /api/morechildren demands.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/secret.h"
#include "lib/base/timestamp.h"
#include "lib/cli/command_line.h"
#include "lib/http/client.h"
#include "lib/http/rate_limit.h"
#include "lib/http/url.h"
#include "lib/json/json.h"

namespace mill {

struct RedditCredentials {
  std::string client_id;
  std::string user_agent;
  std::string username;
  Secret client_secret;
  Secret password;
  Secret refresh_token;
};

// Where a program finds them, by its options.
struct RedditLogin {
  std::string env_file = ".env";       // which may be missing
  std::optional<std::string> secrets;  // a project's, in Secret Manager
  std::string api_base;                // in place of Reddit's hosts, for tests

  // Defines --env-file, --secrets and --api-base, and adds a note on what is
  // read from the first two.
  void define(CommandLine& line);
  // Throws Exit(EX_USAGE) if api_base leads beyond loopback.
  void check() const;
};

// From REDDIT_CLIENT_ID, REDDIT_CLIENT_SECRET, REDDIT_REFRESH_TOKEN,
// REDDIT_USERNAME, REDDIT_PASSWORD and REDDIT_USER_AGENT, each taken from the
// environment, else the env file, else the secret of that name: a refresh token
// is used first, then a user's password, then the application alone. Secrets
// that are not needed are not asked for. Throws Exit: EX_CONFIG naming what is
// missing, or why a secret could not be read.
RedditCredentials reddit_credentials(const RedditLogin& login,
                                     HttpClient& http);

// What came of a call.
struct RedditAnswer {
  int status = 0;       // an exit status; 0 is success
  std::string problem;  // for messages: "status 403 (private)"
  std::string body;     // JSON, if status is 0
  bool ok() const { return status == 0; }
};

struct RedditOptions {
  std::string base = {};  // in place of Reddit's own hosts, for tests
  std::uint64_t max_response = 256 << 20;
  double silence_timeout = 60;
};

class Reddit {
 public:
  Reddit(HttpClient& http, RedditCredentials credentials,
         RedditOptions options = {});

  // Calls an endpoint such as "/api/info". Throws Exit if there is no token:
  // EX_NOPERM if the credentials are refused, else what the answer means.
  RedditAnswer get(const std::string& path, const FormFields& query = {});
  RedditAnswer post(const std::string& path, const FormFields& form);

 private:
  RedditAnswer call(HttpRequest request);
  void fetch_token();

  HttpClient& http_;
  RedditCredentials credentials_;
  RedditOptions options_;
  RateLimit rate_;
  Secret token_;  // "bearer TOKEN"
  double token_end_ = 0;
};

// A post as a listing names it.
struct ListedPost {
  std::string id;  // without t3_
  double created_utc = 0;
  bool is_stickied = false;
};

struct ListingRequest {
  std::string subreddit;
  std::string stream;  // hot, new, top, rising or controversial
  std::string time;    // for top and controversial
  std::uint64_t limit = 100;
  std::optional<Timestamp> since = {};
};

// Calls `take` with each post of a listing, page by page, at most limit posts.
// Posts from before `since` are left out, and end the listing if it is `new`. A
// page that fails ends it too: the answer says why.
RedditAnswer list_posts(Reddit& reddit, const ListingRequest& request,
                        const std::function<void(const ListedPost&)>& take);

// A thread, or why it could not be fetched whole.
struct ThreadAnswer {
  int status = 0;
  std::string problem;
  std::string thread;  // {"post":{...},"comments":[...],"raw_json":true}
  std::uint64_t comments = 0;
};

// Fetches a post with all its comments. `retrieved_on`, in Unix seconds, is
// added to a post that does not have it. A thread that could be fetched only in
// part is not given.
ThreadAnswer fetch_thread(Reddit& reddit, const std::string& id,
                          Timestamp retrieved);

// True for what Reddit allows as a subreddit's name: safe in a path.
bool is_subreddit_name(std::string_view text);

// Which threads are wanted: those of each stream of each subreddit.
struct ThreadSource {
  std::vector<std::string> subreddits = {};
  std::vector<std::string> streams = {};
  std::string time = "day";
  std::uint64_t limit = 100;  // of each listing
  std::optional<Timestamp> since = {};
  // Called before each request; false ends the fetching.
  std::function<bool()> wants_more = [] { return true; };
};

// Fetches them, each post once. `take` is given each post's fullname and what
// came of it; `failed` each listing that failed, such as "r/mtgrules/new", and
// why.
void fetch_threads(Reddit& reddit, const ThreadSource& source,
                   const std::function<void(const std::string& post,
                                            const ThreadAnswer&)>& take,
                   const std::function<void(const std::string& listing,
                                            const RedditAnswer&)>& failed);

}  // namespace mill
