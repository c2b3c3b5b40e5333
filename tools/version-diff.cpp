// version-diff - tell which examples two versions have in common
//
//   version-diff training/output/v1 training/output/v2
//
// Examples are told by their ids. A table says how many were added, removed and
// changed in each part, and how many moved from one part to another; --ids
// names them, a JSON object a line. Exit status is 0 if there is no difference
// and 1 if there is, as diff's.

#include <string>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/io/output.h"
#include "lib/version/version_diff.h"

int main(int argc, char** argv) {
  return mill::run("version-diff", [&](mill::Program& program) {
    bool as_json = false, names_rows = false, is_quiet = false;
    std::vector<std::string> versions;
    mill::CommandLine line(program,
                           "Show which examples two versions have in common.");
    line.flag("ids",
              "write a JSON object for each difference instead: change, id, "
              "from, to",
              &names_rows);
    line.flag("json", "write one JSON object instead of the table", &as_json);
    line.flag("q,quiet", "write nothing; the exit status tells", &is_quiet);
    line.operands("VERSION", &versions);
    line.note(
        "A VERSION is a folder with a manifest.json, a manifest, or a file of "
        "examples (.jsonl, .gz, .zst). Of a version that is split its parts "
        "are read, else the merged file. They are not checked against the "
        "manifest's sums; `checksum --check SHA256SUMS` does that.");
    line.note(
        "An example's id is metadata.id, or id, or else the SHA-256 of its "
        "question. It changed if its line has other bytes; it moved "
        "if it is in another part, and may have done both. --ids orders by id: "
        "change is added, removed, changed, or moved where nothing else "
        "changed; from and to are the parts.");
    line.note(
        "Exit status 0: no difference. 1: there are differences. Any other: "
        "nothing was compared. Memory is about 200 bytes an example.");
    line.exits({mill::kExitNo, EX_DATAERR, EX_NOINPUT});
    line.example("version-diff training/output/v1 training/output/v2");
    line.example(
        "version-diff --ids v1 v2 | grep '\"change\":\"moved\"' | head");
    line.parse(argc, argv);
    mill::demand(versions.size() == 2, "two VERSIONs are needed");
    mill::demand(as_json + names_rows + is_quiet <= 1,
                 "--ids, --json and --quiet are mutually exclusive");

    mill::DiffSummary summary;
    const auto changes =
        mill::diff_rows(mill::version_rows(versions[0]),
                        mill::version_rows(versions[1]), summary);
    mill::Output out;
    if (names_rows)
      for (const mill::RowChange& change : changes)
        out.write_line(mill::change_json(change));
    else if (as_json)
      out.write_line(mill::diff_json(summary));
    else if (!is_quiet)
      out.write_for_reading(mill::diff_table(summary));
    out.close();
    return summary.is_same() ? EX_OK : mill::kExitNo;
  });
}
