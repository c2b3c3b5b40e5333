#include "lib/reddit/api.h"

#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "lib/base/ascii.h"
#include "lib/base/base64.h"
#include "lib/base/exit.h"
#include "lib/cli/program.h"
#include "lib/google/secret_manager.h"
#include "lib/io/env_file.h"
#include "lib/json/json_writer.h"
#include "lib/reddit/comment_tree.h"

namespace mill {

namespace {

constexpr char kTokenHost[] = "https://www.reddit.com";
constexpr char kApiHost[] = "https://oauth.reddit.com";
constexpr std::uint64_t kPage = 100;  // posts, Reddit's most
constexpr std::uint64_t kMaxTokenAnswer = 1 << 20;
constexpr unsigned kMostRequests = 10'000;  // for one thread
constexpr double kTokenMargin = 60;         // seconds before it ends
constexpr char kForm[] = "Content-Type: application/x-www-form-urlencoded";

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 40 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_ascii_lower(c) || c == '_' || c == '-';
         });
}

// A word that Reddit gives as a reason, such as " (private)"; messages show
// nothing else of an answer.
std::string reason_in(const std::string& body, std::string_view name) {
  JsonReader reader;
  if (reader.parse(body)) return "";
  const JsonValue reason = reader.root()[name];
  if (!reason.is_string() || !is_word(reason.raw_string())) return "";
  return std::string(" (").append(reason.raw_string()).append(")");
}

// The children of a listing; the missing value if this is no listing.
JsonValue listing_children(JsonValue listing) {
  const JsonValue children = listing["data"]["children"];
  return children.is_array() ? children : JsonValue();
}

RedditAnswer unlike(std::string_view what) {
  return {EX_DATAERR, "the answer is not " + std::string(what), ""};
}

}  // namespace

void RedditLogin::define(CommandLine& line) {
  line.group("Service");
  line.option("env-file", "FILE",
              "variables that the environment does not set; only you may have "
              "access to it",
              &env_file);
  line.option("secrets", "PROJECT",
              "Google Cloud project whose Secret Manager has variables that "
              "neither of these sets",
              &secrets);
  line.option("api-base", "URL",
              "use this instead of Reddit's hosts; http:// to loopback, for "
              "tests",
              &api_base);
  line.group("");
  line.note(
      "Reddit's credentials are REDDIT_CLIENT_ID, REDDIT_CLIENT_SECRET, and "
      "REDDIT_REFRESH_TOKEN or REDDIT_USERNAME and REDDIT_PASSWORD; without "
      "these, the application acts for itself, without a user. "
      "REDDIT_USER_AGENT identifies the client: 'linux:APP:vVERSION (by "
      "/u/NAME)'.");
  line.note(
      "With --secrets, the latest versions of the secrets with the same names "
      "are read, with Application Default Credentials: a service account key, "
      "gcloud's login or the metadata server. A secret that does not exist "
      "counts as not set; one that may not be read is an error. For tests, "
      "requests go to SECRET_MANAGER_EMULATOR_HOST, a HOST:PORT on loopback, "
      "without a token.");
}

void RedditLogin::check() const {
  demand(api_base.empty() || is_loopback_http(api_base),
         "--api-base: only http:// to loopback");
}

RedditCredentials reddit_credentials(const RedditLogin& login,
                                     HttpClient& http) {
  const bool has_env_file =
      login.env_file != ".env" || ::access(login.env_file.c_str(), F_OK) == 0;
  const EnvFile env = has_env_file ? EnvFile(login.env_file) : EnvFile();
  std::optional<SecretManager> secrets;
  if (login.secrets) secrets.emplace(http, *login.secrets);
  auto secret = [&](const char* name) {
    Secret value = env.get(name);
    if (value.empty() && secrets) value = secrets->get(name);
    return value;
  };
  auto text = [&](const char* name) {
    return std::string(secret(name).reveal());
  };

  RedditCredentials own;
  own.client_id = text("REDDIT_CLIENT_ID");
  own.client_secret = secret("REDDIT_CLIENT_SECRET");
  own.refresh_token = secret("REDDIT_REFRESH_TOKEN");
  own.user_agent = text("REDDIT_USER_AGENT");
  if (own.refresh_token.empty() || own.user_agent.empty())
    own.username = text("REDDIT_USERNAME");
  if (own.refresh_token.empty() && !own.username.empty())
    own.password = secret("REDDIT_PASSWORD");

  const std::string nowhere =
      ", nor in " + login.env_file +
      (secrets ? ", nor a secret of " + *login.secrets : "");
  if (own.client_id.empty())
    throw Exit(EX_CONFIG, "REDDIT_CLIENT_ID is not set" + nowhere);
  if (own.client_secret.empty() && own.refresh_token.empty())
    throw Exit(EX_CONFIG,
               "neither REDDIT_CLIENT_SECRET nor REDDIT_REFRESH_TOKEN is set" +
                   nowhere);
  for (const std::string* value :
       {&own.client_id, &own.user_agent, &own.username})
    if (std::any_of(value->begin(), value->end(),
                    [](char c) { return c < ' ' || c == '\x7f'; }))
      throw Exit(EX_CONFIG,
                 "REDDIT_CLIENT_ID, REDDIT_USER_AGENT or REDDIT_USERNAME holds "
                 "a control character");
  if (own.user_agent.empty()) {
    own.user_agent = "linux:answermill:v" + std::string(version());
    if (!own.username.empty())
      own.user_agent += " (by /u/" + own.username + ")";
  }
  return own;
}

Reddit::Reddit(HttpClient& http, RedditCredentials credentials,
               RedditOptions options)
    : http_(http),
      credentials_(std::move(credentials)),
      options_(std::move(options)) {}

void Reddit::fetch_token() {
  const RedditCredentials& own = credentials_;
  HttpRequest request;
  request.method = "POST";
  request.url = (options_.base.empty() ? kTokenHost : options_.base) +
                "/api/v1/access_token";
  request.headers = {"User-Agent: " + own.user_agent, kForm};
  std::string pair = own.client_id + ":";
  pair.reserve(pair.size() + own.client_secret.reveal().size());
  pair += own.client_secret.reveal();
  std::string basic = base64(pair);
  request.authorization = Secret::join({"Basic ", basic});
  wipe(pair);
  wipe(basic);
  if (!own.refresh_token.empty()) {
    request.secret_body =
        secret_form({{"grant_type", "refresh_token"},
                     {"refresh_token", own.refresh_token.reveal()}});
  } else if (!own.username.empty() && !own.password.empty()) {
    request.secret_body = secret_form({{"grant_type", "password"},
                                       {"username", own.username},
                                       {"password", own.password.reveal()}});
  } else {
    request.body = form_encode({{"grant_type", "client_credentials"}});
  }
  request.expects_json = true;
  request.max_response = kMaxTokenAnswer;
  const double asked = http_.clock().now();
  HttpResponse response = http_.send(request);

  JsonReader reader;
  const bool is_json = !reader.parse(response.body);
  const JsonValue root = is_json ? reader.root() : JsonValue();
  const JsonValue token = root["access_token"];
  if (response.status != 200 || !token.is_string() ||
      token.raw_string().empty()) {
    // Reddit may refuse with status 200 and an "error", or with 400.
    const bool is_refused = response.status == 200 || response.status == 400;
    throw Exit(is_refused ? EX_NOPERM : exit_status(response),
               "Reddit gave no token: " +
                   (response.status == 200 ? "credentials refused"
                                           : describe(response)) +
                   reason_in(response.body, "error"));
  }
  std::string text = token.string();
  token_ = Secret::join({"bearer ", text});
  wipe(text);
  token_end_ = asked + root["expires_in"].number().value_or(3600);
  if (const JsonValue next = root["refresh_token"];
      next.is_string() && !next.raw_string().empty() &&
      !own.refresh_token.empty()) {
    text = next.string();
    credentials_.refresh_token = Secret(text);
    wipe(text);
  }
  wipe(response.body);
}

RedditAnswer Reddit::call(HttpRequest request) {
  request.headers.push_back("User-Agent: " + credentials_.user_agent);
  request.expects_json = true;
  request.max_response = options_.max_response;
  request.silence_timeout = options_.silence_timeout;
  HttpResponse response;
  for (bool is_second = false;; is_second = true) {
    if (token_.empty() || http_.clock().now() > token_end_ - kTokenMargin)
      fetch_token();
    request.authorization = token_.copy();
    response = http_.send(request, &rate_);
    if (response.status != 401) break;
    if (is_second) throw Exit(EX_NOPERM, "Reddit refuses its own new token");
    token_ = Secret();
  }
  if (response.status == 403 &&
      response.header("www-authenticate")
              .value_or("")
              .find("insufficient_scope") != std::string_view::npos)
    throw Exit(EX_NOPERM, "the token lacks the scope 'read'");
  if (response.status == 200) return {0, "", std::move(response.body)};
  return {exit_status(response),
          describe(response) + reason_in(response.body, "reason"), ""};
}

RedditAnswer Reddit::get(const std::string& path, const FormFields& query) {
  HttpRequest request;
  request.url =
      (options_.base.empty() ? kApiHost : options_.base) + path + "?raw_json=1";
  if (!query.empty()) request.url.append("&").append(form_encode(query));
  return call(std::move(request));
}

RedditAnswer Reddit::post(const std::string& path, const FormFields& form) {
  HttpRequest request;
  request.method = "POST";
  request.url =
      (options_.base.empty() ? kApiHost : options_.base) + path + "?raw_json=1";
  request.headers = {kForm};
  request.body = form_encode(form);
  return call(std::move(request));
}

RedditAnswer list_posts(Reddit& reddit, const ListingRequest& request,
                        const std::function<void(const ListedPost&)>& take) {
  const std::string path = "/r/" + request.subreddit + "/" + request.stream;
  const bool is_ranked =
      request.stream == "top" || request.stream == "controversial";
  const double since =
      request.since ? static_cast<double>(request.since->microseconds) / 1e6
                    : 0;
  std::string after;
  JsonReader reader;
  for (std::uint64_t seen = 0; seen < request.limit;) {
    const std::string limit =
        std::to_string(std::min(kPage, request.limit - seen));
    const std::string count = std::to_string(seen);
    FormFields query{{"limit", limit}};
    if (is_ranked) query.emplace_back("t", request.time);
    if (!after.empty()) {
      query.emplace_back("after", after);
      query.emplace_back("count", count);
    }
    RedditAnswer page = reddit.get(path, query);
    if (!page.ok()) return page;
    if (reader.parse(page.body)) return unlike("a listing");
    const JsonValue children = listing_children(reader.root());
    if (!children) return unlike("a listing");
    bool is_past = false;
    for (const JsonValue child : children.elements()) {
      if (seen++ == request.limit) break;
      const JsonValue data = child["data"], id = data["id"];
      if (!id.is_string() || !is_reddit_id(id.raw_string()))
        return unlike("a listing of posts");
      const ListedPost post{id.string(),
                            data["created_utc"].number().value_or(0),
                            data["stickied"].is_true()};
      if (post.created_utc >= since) {
        take(post);
      } else if (!post.is_stickied) {
        is_past = true;
      }
    }
    const std::string was = after;
    after = reader.root()["data"]["after"].string_or_empty();
    if (after.empty() || after == was || children.size() == 0 ||
        (is_past && request.stream == "new"))
      break;
  }
  return {};
}

ThreadAnswer fetch_thread(Reddit& reddit, const std::string& id,
                          Timestamp retrieved) {
  auto failed = [](const RedditAnswer& answer) {
    return ThreadAnswer{answer.status, answer.problem, "", 0};
  };
  const FormFields shape{{"sort", "confidence"}, {"limit", "2048"}};
  // The children of an answer's second listing, below its post.
  auto comments_of = [](JsonValue root, JsonValue* post) {
    JsonValue listings[2];
    std::size_t n = 0;
    for (const JsonValue listing : root.elements())
      if (n < 2) listings[n++] = listing_children(listing);
    for (const JsonValue child : listings[0].elements())
      if (child["kind"].is_string() && child["kind"].raw_string() == "t3")
        *post = child["data"];
    return listings[1];
  };

  RedditAnswer answer = reddit.get("/comments/" + id, shape);
  if (!answer.ok()) return failed(answer);
  JsonReader page;
  page.parse(answer.body);
  JsonValue post;
  JsonValue comments = comments_of(page.root(), &post);
  if (!post.is_object() || !comments) return failed(unlike("a thread"));

  CommentTree tree("t3_" + id);
  tree.add(comments);
  JsonReader reader;
  unsigned requests = 0;
  while (const auto request = tree.next_request()) {
    if (++requests > kMostRequests)
      return failed({EX_UNAVAILABLE, "its comments do not come to an end", ""});
    RedditAnswer more;
    if (request->children.empty()) {
      more = reddit.get("/comments/" + id + "/_/" + request->comment, shape);
      if (!more.ok()) return failed(more);
      reader.parse(more.body);
      JsonValue ignored;
      comments = comments_of(reader.root(), &ignored);
    } else {
      std::string children;
      for (const std::string& child : request->children) {
        if (!children.empty()) children += ',';
        children += child;
      }
      const std::string link = "t3_" + id;
      more = reddit.post("/api/morechildren", {{"api_type", "json"},
                                               {"link_id", link},
                                               {"children", children},
                                               {"sort", "confidence"}});
      if (!more.ok()) return failed(more);
      reader.parse(more.body);
      comments = reader.root().at_path("json.data.things");
    }
    if (!comments.is_array()) return failed(unlike("a list of comments"));
    tree.add(comments);
    tree.answered();
  }
  if (tree.malformed() > 0)
    return failed({EX_DATAERR,
                   std::to_string(tree.malformed()) +
                       " of its comments are not like Reddit's",
                   ""});

  ThreadAnswer whole;
  whole.comments = tree.size();
  JsonWriter json(whole.thread);
  json.begin_object();
  json.key("post");
  json.begin_object();
  const JsonValue retrieved_on = post["retrieved_on"];
  const bool is_dated = retrieved_on && !retrieved_on.is_null();
  for (const JsonValue::Member member : post.members()) {
    const std::string key = member.key.string();
    if (is_dated || key != "retrieved_on")
      json.raw_member(key, member.value.raw());
  }
  if (!is_dated)
    json.member("retrieved_on", retrieved.microseconds / 1'000'000);
  json.end_object();
  json.key("comments");
  tree.append_comments(json);
  json.member("raw_json", true);
  json.end_object();
  return whole;
}

bool is_subreddit_name(std::string_view text) {
  return !text.empty() && text.size() <= 50 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_ascii_alphanumeric(c) || c == '_';
         });
}

void fetch_threads(Reddit& reddit, const ThreadSource& source,
                   const std::function<void(const std::string& post,
                                            const ThreadAnswer&)>& take,
                   const std::function<void(const std::string& listing,
                                            const RedditAnswer&)>& failed) {
  std::set<std::string> seen;
  for (const std::string& subreddit : source.subreddits) {
    for (const std::string& stream : source.streams) {
      if (!source.wants_more()) return;
      std::vector<std::string> ids;
      const RedditAnswer listed = list_posts(
          reddit, {subreddit, stream, source.time, source.limit, source.since},
          [&](const ListedPost& post) {
            if (seen.insert(post.id).second) ids.push_back(post.id);
          });
      if (!listed.ok()) failed("r/" + subreddit + "/" + stream, listed);
      for (const std::string& id : ids) {
        if (!source.wants_more()) return;
        take("t3_" + id, fetch_thread(reddit, id, now()));
      }
    }
  }
}

}  // namespace mill
