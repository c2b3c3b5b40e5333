// withdraw - take out of a store what was deleted at its source
//
//   withdraw --store sqlite:answermill.db > withdrawn.jsonl
//
// Asks Reddit about the post and the answer of each stored interaction, 100
// fullnames at a time. Where one of them was deleted or removed, the stored
// text goes and a tombstone stays, which fs-query does not find and fs-put
// does not fill again. Each is a line of standard output, once it is done.
// A batch without a proper answer is left as it is: exit status 75.

#include "lib/reddit/withdraw.h"

#include <set>
#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/http/session.h"
#include "lib/http/url.h"
#include "lib/json/json_writer.h"
#include "lib/reddit/api.h"
#include "lib/store/store.h"

namespace {

constexpr std::size_t kMostNames = 100;  // Reddit's most

struct Options {
  mill::StoreOptions store{.collection = "reddit_interactions"};
  std::optional<mill::Timestamp> since;
  bool is_dry_run = false;
  mill::RedditLogin login;
  mill::SessionOptions session;

  void define(mill::CommandLine& line);
  void finish();  // after the command line is read; throws Exit(EX_USAGE)
};

void Options::define(mill::CommandLine& line) {
  store.define(line, "the collection to look through");
  line.option("since", "T",
              "check only interactions whose post was made at T or later "
              "(default all: old posts are deleted, too)",
              &since);
  line.flag("n,dry-run", "write what would be withdrawn, and change nothing",
            &is_dry_run);
  login.define(line);
  session.define(line);
  line.note(
      "Writes {\"id\",\"post_id\",\"answer_id\",\"reason\"} for each that is "
      "withdrawn; the reason is post_ or answer_ and missing, deleted or "
      "removed. The document keeps only its id, that it was withdrawn, and "
      "when. Run it before each export, and every day: Reddit's terms ask that "
      "what users deleted be deleted here too.");
  line.note(
      "Things count as missing only if the answer is whole and well-formed, "
      "and holds some of what was asked for. A batch of 100 fullnames without "
      "such an answer is reported and left as it is, and the exit status is "
      "75: run it again. An interaction without post_id and without a Reddit "
      "URL cannot be checked; --stats counts those as not_checkable. It keeps "
      "in memory the ids of all that it checks, and does not touch versions "
      "already published.");
  line.exits({EX_NOINPUT, EX_CANTCREAT});
  line.example("withdraw --dry-run --since 2026-01-01");
  line.example("withdraw --store sqlite:mtg.db >> withdrawn.jsonl");
}

void Options::finish() {
  store.service = session.service;
  store.check();
  login.check();
}

// What of the store can be checked.
std::vector<mill::InteractionSource> read_sources(const Options& options,
                                                  mill::Stats& stats) {
  const auto store = options.store.open(mill::StoreAccess::kRead);
  mill::Query query;
  query.since = options.since;
  std::vector<mill::InteractionSource> sources;
  mill::JsonReader reader;
  store->query(options.store.collection, query,
               [&](std::string_view id, std::string_view body) {
                 ++stats.records_read;
                 reader.parse(body);
                 mill::InteractionSource source =
                     mill::interaction_source(std::string(id), reader.root());
                 if (source.post.empty() && source.answer.empty())
                   ++stats.dropped["not_checkable"];
                 else
                   sources.push_back(std::move(source));
               });
  return sources;
}

std::string line_of(const mill::InteractionSource& source,
                    const std::string& reason) {
  std::string line;
  mill::JsonWriter json(line);
  json.begin_object();
  json.member("id", source.id);
  json.member("post_id", source.post);
  json.member("answer_id", source.answer);
  json.member("reason", reason);
  json.end_object();
  return line + "\n";
}

class Withdrawal {
 public:
  Withdrawal(const Options& options, mill::Session& session,
             mill::Reddit& reddit)
      : options_(options), session_(session), reddit_(reddit) {
    if (!options.is_dry_run)
      store_ = options.store.open(mill::StoreAccess::kWrite);
  }

  // Adds a source to the batch, which is asked about as it fills up.
  void add(mill::InteractionSource source) {
    if (names_.size() + 3 > kMostNames) ask();
    for (const std::string* name :
         {&source.post, &source.answer, &source.rejected})
      if (!name->empty()) names_.insert(*name);
    batch_.push_back(std::move(source));
  }

  // Asks about the batch and withdraws what is gone.
  void ask() {
    if (batch_.empty()) return;
    std::string ids;
    for (const std::string& name : names_)
      ids.append(ids.empty() ? "" : ",").append(name);
    const mill::RedditAnswer answer = reddit_.get("/api/info", {{"id", ids}});
    if (answer.ok() && !reader_.parse(answer.body)) {
      if (const auto fates = mill::read_fates(reader_.root(), names_))
        withdraw(*fates);
      else
        fail("the answer is not a whole listing of what was asked for");
    } else {
      fail(answer.ok() ? "the answer is not JSON" : answer.problem);
    }
    batch_.clear();
    names_.clear();
  }

 private:
  void fail(const std::string& problem) {
    session_.fail("/api/info",
                  problem + "; " + std::to_string(batch_.size()) +
                      " interactions are not checked",
                  EX_TEMPFAIL);
    session_.stats().dropped["not_checked"] += batch_.size();
  }

  void withdraw(const mill::Fates& fates) {
    std::vector<std::string> ids, lines;
    for (const mill::InteractionSource& source : batch_) {
      const std::string reason = mill::withdrawal_reason(source, fates);
      if (reason.empty()) {
        ++session_.stats().dropped["alive"];
        continue;
      }
      ids.push_back(source.id);
      lines.push_back(line_of(source, reason));
    }
    std::vector<bool> is_gone(ids.size(), true);
    if (store_ && !ids.empty())
      is_gone = store_->withdraw(options_.store.collection, ids, mill::now());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (is_gone[i])
        session_.write(lines[i]);
      else
        ++session_.stats().dropped["withdrawn_meanwhile"];
    }
  }

  const Options& options_;
  mill::Session& session_;
  mill::Reddit& reddit_;
  std::unique_ptr<mill::Store> store_;  // none in a dry run
  mill::JsonReader reader_;
  std::vector<mill::InteractionSource> batch_;
  std::set<std::string> names_;  // of the batch
};

}  // namespace

int main(int argc, char** argv) {
  return mill::run("withdraw", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(
        program, "Remove from a store what was deleted at its source.");
    options.define(line);
    line.parse(argc, argv);
    options.finish();
    mill::Session session(program, options.session);
    const auto sources = read_sources(options, session.stats());
    mill::Reddit reddit(
        session.http(), mill::reddit_credentials(options.login, session.http()),
        {options.login.api_base, options.session.max_response.bytes,
         options.session.service.silence_timeout()});
    Withdrawal withdrawal(options, session, reddit);
    for (const mill::InteractionSource& source : sources)
      withdrawal.add(source);
    withdrawal.ask();
    return session.finish();
  });
}
