#include "lib/cli/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmath>

#include "lib/cli/program.h"
#include "lib/io/output.h"
#include "lib/io/paths.h"
#include "lib/json/json_writer.h"

namespace mill {

void warn_if_none_came_out(const Program& program, const Stats& stats) {
  std::uint64_t left_out = stats.bad;
  std::string_view reason = "a bad record";
  std::uint64_t most = stats.bad;
  for (const auto& [name, count] : stats.dropped) {
    left_out += count;
    if (count <= most) continue;
    most = count;
    reason = name;
  }
  // What is neither written nor left out went elsewhere, as into a table.
  if (stats.records_written > 0 || left_out == 0 ||
      left_out < stats.records_read)
    return;
  program.warn("none of " + std::to_string(left_out) +
               " records came out; the commonest reason is " +
               std::string(reason) + " (" + std::to_string(most) + ")");
}

void define_stats(CommandLine& line, std::optional<std::string>* file) {
  line.option("stats", "FILE", "append a JSON object about this run to FILE",
              file);
  line.exits({EX_CANTCREAT});
}

void append_stats(const std::optional<std::string>& file, std::string_view tool,
                  const Stats& stats, double seconds) {
  if (!file) return;
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("tool", tool);
  json.member("version", version());
  json.member("records_read", stats.records_read);
  json.member("records_written", stats.records_written);
  json.key("dropped");
  json.begin_object();
  for (const auto& [reason, count] : stats.dropped) json.member(reason, count);
  json.end_object();
  json.member("bad", stats.bad);
  json.member("bytes_in", stats.bytes_in);
  json.member("bytes_out", stats.bytes_out);
  json.member("seconds", std::round(seconds * 1e6) / 1e6);
  for (const auto& [name, value] : stats.others) json.raw_member(name, value);
  json.end_object();
  text += '\n';
  const std::string path = side_path(*file);
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd < 0)
    throw Exit(EX_CANTCREAT, path + ": cannot open: " + errno_text(errno));
  write_all(fd, text, path);
  ::close(fd);
}

}  // namespace mill
