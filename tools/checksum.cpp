// checksum - print the checksums of files, or verify them
//
//   checksum *.jsonl > SHA256SUMS
//   checksum --check SHA256SUMS
//
// The lines are those of sha256sum(1), and each program verifies what the
// other wrote. With --check the exit status is 0 only if there was a line, and
// every line could be read and names a file that has the sum; else 1.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cli/command_line.h"
#include "lib/cli/program.h"
#include "lib/io/checksums.h"
#include "lib/io/lines.h"
#include "lib/io/output.h"
#include "lib/io/paths.h"
#include "lib/json/json_writer.h"

namespace {

constexpr std::size_t kMaxSumsLine = 1 << 20;

std::string json_line(const std::string& name, const mill::FileSums& sums) {
  std::string text;
  mill::JsonWriter json(text);
  json.begin_object();
  json.member("name", name);
  json.member("bytes", sums.bytes);
  json.member("lines", sums.lines);
  json.member("sha256", mill::hex(sums.sha256));
  json.member("crc32c", mill::crc32c_base64(sums.crc32c));
  json.member("crc32c_hex", mill::hex(sums.crc32c));
  json.end_object();
  return text;
}

int print_sums(mill::Program& program, std::vector<std::string> files,
               bool uses_crc32c, bool as_json) {
  if (files.empty()) {
    files.emplace_back("-");
    program.say_if_it_waits();
  }
  int status = EX_OK;
  mill::Output out;
  for (const std::string& file : files) {
    try {
      const mill::FileSums sums =
          mill::sum_file(file, {.sha256 = as_json || !uses_crc32c,
                                .crc32c = as_json || uses_crc32c,
                                .lines = as_json});
      if (as_json)
        out.write_line(json_line(file, sums));
      else
        out.write_line(mill::sums_line(
            uses_crc32c ? mill::hex(sums.crc32c) : mill::hex(sums.sha256),
            file));
    } catch (const mill::Exit& exit) {
      program.warn(exit.what());
      status = exit.code;
    }
  }
  out.close();
  return status;
}

bool is_right(const mill::SumsEntry& entry) {
  const bool is_sha256 = entry.sum.size() == 64;
  const mill::FileSums sums = mill::sum_file(
      entry.name, {.sha256 = is_sha256, .crc32c = !is_sha256, .lines = false});
  return entry.sum ==
         (is_sha256 ? mill::hex(sums.sha256) : mill::hex(sums.crc32c));
}

int check_sums(mill::Program& program, const std::string& sums_file,
               bool is_quiet) {
  mill::LineReader lines(mill::Input(sums_file), kMaxSumsLine);
  mill::Output out;
  std::uint64_t verified = 0, failed = 0, refused = 0;
  while (const auto line = lines.next()) {
    std::string_view text = line->text;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty() || text.starts_with('#')) continue;
    const auto entry =
        line->is_too_long ? std::nullopt : mill::parse_sums_line(text);
    if (!entry || !mill::stays_inside(entry->name)) {
      program.warn_at(lines.input().name(), line->number,
                      entry ? "names a file outside the current folder"
                            : "not a checksum line");
      ++refused;
      continue;
    }
    try {
      const bool right = is_right(*entry);
      if (!right || !is_quiet)
        out.write_for_reading(
            mill::verdict_line(entry->name, right ? "OK" : "FAILED") + '\n');
      ++(right ? verified : failed);
    } catch (const mill::Exit& exit) {
      program.warn(exit.what());
      out.write_for_reading(
          mill::verdict_line(entry->name, "FAILED open or read") + '\n');
      ++failed;
    }
  }
  out.close();
  if (failed > 0)
    program.warn(std::to_string(failed) + " of " +
                 std::to_string(verified + failed) + " files failed");
  if (verified + failed + refused == 0)
    program.warn(lines.input().name() + ": no checksum lines");
  return verified > 0 && failed + refused == 0 ? EX_OK : mill::kExitNo;
}

}  // namespace

int main(int argc, char** argv) {
  return mill::run("checksum", [&](mill::Program& program) {
    std::optional<std::string> check;
    std::string algorithm = "sha256";
    bool as_json = false, is_quiet = false;
    std::vector<std::string> files;
    mill::CommandLine line(program,
                           "Print the checksums of files, or verify them.");
    line.option("c,check", "FILE",
                "verify the files that FILE names, with the sums it gives; - "
                "is standard input",
                &check);
    line.choice("a,algorithm", "NAME", "sha256 or crc32c", {"sha256", "crc32c"},
                &algorithm);
    line.flag("json",
              "print a JSON object for each file: name, bytes, lines, sha256, "
              "crc32c as Cloud Storage writes it, crc32c_hex",
              &as_json);
    line.flag("q,quiet", "with --check, do not name what is verified",
              &is_quiet);
    line.operands("FILE", &files);
    line.note(
        "Lines are those of sha256sum, \"SUM  NAME\", and sha256sum -c reads "
        "them. --check reads tagged lines (\"SHA256 (NAME) = SUM\") as well, "
        "and recognizes the algorithm by the sum's length. It looks for the "
        "files in the current folder, and refuses absolute names and those "
        "with \"..\" in them. The exit status is 1 unless every line is "
        "verified. Compressed files are not decompressed.");
    line.exits({mill::kExitNo, EX_DATAERR, EX_NOINPUT});
    line.example("checksum *.jsonl > SHA256SUMS");
    line.example("checksum --check SHA256SUMS");
    line.parse(argc, argv);
    if (!check)
      return print_sums(program, files, algorithm == "crc32c", as_json);
    if (!files.empty() || as_json)
      throw mill::Exit(EX_USAGE, "--check takes neither operands nor --json");
    return check_sums(program, *check, is_quiet);
  });
}
