// merge-stats - add up the accounts of a stage that ran in several processes
//
//   merge-stats part.*.stats > anonymize.stats
//
// Reads what --stats wrote, a JSON object a run, and writes one object for each
// tool and version: counts and seconds are added, reasons by name. With
// --max-bad it says whether there were more bad records than a single process
// would have been allowed, which no process can know of the others.

#include <string>
#include <vector>

#include "lib/base/numbers.h"
#include "lib/cli/bad_limit.h"
#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/io/output.h"
#include "lib/json/json_file.h"
#include "lib/version/run_accounts.h"

int main(int argc, char** argv) {
  return mill::run("merge-stats", [&](mill::Program& program) {
    std::vector<std::string> files;
    std::string max_bad = "100%";
    mill::CommandLine line(
        program,
        "Add up the accounts of a stage that ran in several processes.");
    line.option("max-bad", "N",
                "status 65 if a tool had more than N bad records in all, or "
                "more than N% of what it read",
                &max_bad);
    line.operands("FILE", &files);
    line.note(
        "Reads what --stats wrote and writes one JSON object for each tool and "
        "version, in the order in which they first come. Whole numbers and "
        "seconds are added, and those in dropped by reason; of anything else "
        "the first stays. Run the processes with --max-bad 100%, and give the "
        "limit for all of them here.");
    line.exits({EX_DATAERR, EX_NOINPUT});
    line.example("merge-stats --max-bad 10 part.*.stats > all.stats");
    line.parse(argc, argv);
    const mill::BadLimit limit(max_bad);
    if (files.empty()) {
      files.emplace_back("-");
      program.say_if_it_waits();
    }

    mill::RunAccounts accounts;
    for (const std::string& file : files)
      mill::for_each_object(
          file, [&](mill::JsonValue account, const mill::LineOfFile& at) {
            if (!mill::is_account(account))
              at.fail("not a run's account: no tool, version");
            accounts.add(account);
          });
    mill::Output out;
    int status = EX_OK;
    for (const auto& sum : accounts.sums()) {
      out.write_line(sum.json);
      if (limit.allows(sum.bad, sum.records_read)) continue;
      program.warn(sum.tool + ": " +
                   mill::counted(sum.bad, "bad record", "bad records") +
                   " of " + mill::grouped(sum.records_read) +
                   " read, more than --max-bad " + max_bad + " allows");
      status = EX_DATAERR;
    }
    out.close();
    return status;
  });
}
