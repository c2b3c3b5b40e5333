// reader-claim - gives a user the claim pipelineReader, or takes it away
//
//   reader-claim --project my-project --email reader@example.org
//
// The service replaces all claims of a user at once, so the others are read
// first and written back byte for byte; afterwards the user is looked up again
// to see that it is so. Nothing is sent if the claim is already as wanted.
// Standard output has the user's claims, as they then are, on one line.

#include <optional>
#include <string>

#include "lib/base/secret.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/google/identity_toolkit.h"
#include "lib/http/curl.h"
#include "lib/io/output.h"
#include "lib/json/json_file.h"
#include "lib/json/json_writer.h"

namespace {

constexpr char kClaim[] = "pipelineReader";

struct Options {
  std::string project;
  std::optional<std::string> uid, email;
  bool revokes = false;
  bool only_shows = false;
  bool is_dry_run = false;

  void define(mill::CommandLine& line);
  void check() const;  // throws Exit(EX_USAGE)
};

void Options::define(mill::CommandLine& line) {
  line.option("project", "P", "the project that the user belongs to", &project);
  line.option("uid", "U", "the user, by uid", &uid);
  line.option("email", "E", "... or by email address", &email);
  line.flag("revoke", "take the claim away", &revokes);
  line.flag("show", "show the user's claims, and change nothing", &only_shows);
  line.flag("n,dry-run", "show what they would be, and change nothing",
            &is_dry_run);
  line.note(
      "Writes {\"uid\",\"email\",\"claims\",\"changed\"}. Asks Firebase "
      "Authentication with Application Default Credentials, which need the "
      "role roles/firebaseauth.admin; FIREBASE_AUTH_EMULATOR_HOST is honored. "
      "All other claims stay as they are; together with the new one they may "
      "have at most 1000 characters, else the exit status is 65.");
  line.note(
      "For a user who is signed in the change takes effect when the ID token "
      "is renewed, within an hour; refresh tokens are not revoked. The service "
      "has no conditional writes: if another writer is seen to have "
      "interfered, the exit status is 75, and the claims need to be checked. "
      "Exit status 66: no such user.");
  line.exits({EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE, EX_TEMPFAIL, EX_NOPERM,
              EX_CONFIG});
  line.example("reader-claim --project my-project --email reader@example.org");
  line.example("reader-claim --project my-project --uid a1B2 --revoke");
}

void Options::check() const {
  using mill::demand;
  demand(!project.empty(), "--project is needed");
  demand(uid.has_value() != email.has_value(), "give either --uid or --email");
  demand(!uid.value_or(email.value_or("")).empty(), "the user has no name");
  demand(!(revokes && only_shows),
         "--revoke and --show are mutually exclusive");
}

void write_user(const mill::User& user, bool is_changed) {
  mill::JsonReader claims;
  claims.parse(user.claims);
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  json.member("uid", user.uid);
  if (!user.email.empty()) json.member("email", user.email);
  json.raw_member("claims", mill::compact_json(claims.root()));
  json.member("changed", is_changed);
  json.end_object();
  mill::Output out;
  out.write_line(text);
  out.close();
}

// Whether claims, a JSON object, are as wanted.
bool is_as_wanted(const Options& options, const std::string& claims) {
  mill::JsonReader reader;
  reader.parse(claims);
  const mill::JsonValue claim = reader.root()[kClaim];
  return options.revokes ? !claim : claim.is_true();
}

void set_claim(const Options& options, mill::IdentityToolkit& users,
               mill::User& user) {
  const std::string wanted = options.revokes
                                 ? mill::without_claim(user.claims, kClaim)
                                 : mill::with_claim(user.claims, kClaim);
  if (mill::utf16_units(wanted) > mill::kMaxClaims)
    throw mill::Exit(EX_DATAERR, "uid " + user.uid +
                                     ": the claims would have " +
                                     std::to_string(mill::utf16_units(wanted)) +
                                     " characters; 1000 are the most");
  if (!options.is_dry_run) {
    users.set_claims(user.uid, wanted);
    const mill::User after = users.find({"localId", user.uid});
    if (!is_as_wanted(options, after.claims) ||
        !mill::same_but_for(after.claims, wanted, kClaim))
      throw mill::Exit(EX_TEMPFAIL,
                       "uid " + user.uid +
                           ": another writer changed the claims meanwhile; "
                           "look at them with --show, and run this again");
  }
  user.claims = wanted;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("reader-claim", [&](mill::Program& program) {
    Options options;
    mill::CommandLine line(
        program, "Give a user the claim pipelineReader, or take it away.");
    options.define(line);
    line.parse(argc, argv);
    options.check();
    mill::forbid_core_files();
    mill::Curl curl;
    mill::HttpClient http(
        [&](const auto& request) { return curl.send(request); });
    mill::IdentityToolkit users(http, options.project);
    mill::User user = options.uid ? users.find({"localId", *options.uid})
                                  : users.find({"email", *options.email});
    const bool is_changed =
        !options.only_shows && !is_as_wanted(options, user.claims);
    if (is_changed) {
      if (options.email && !options.revokes && !user.is_email_verified)
        program.warn("email " + user.email +
                     ": is not verified, so anyone may have signed up with it");
      set_claim(options, users, user);
    }
    write_user(user, is_changed);
    return EX_OK;
  });
}
