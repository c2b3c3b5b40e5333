#include "lib/io/checksums.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <vector>

#include "lib/base/exit.h"

namespace mill {

namespace {

constexpr std::size_t kBlock = 256 << 10;  // stays in a core's cache

// A descriptor that is open for reading, closed at the end.
class ReadOnlyFile {
 public:
  explicit ReadOnlyFile(const std::string& path)
      : name_(path == "-" ? "stdin" : path), fd_(STDIN_FILENO) {
    if (path != "-") fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0)
      throw Exit(EX_NOINPUT, name_ + ": cannot open: " + errno_text(errno));
  }
  ~ReadOnlyFile() {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  ReadOnlyFile(const ReadOnlyFile&) = delete;
  ReadOnlyFile& operator=(const ReadOnlyFile&) = delete;

  std::string_view read(std::vector<char>& block) {
    for (;;) {
      const ssize_t n = ::read(fd_, block.data(), block.size());
      if (n >= 0) return {block.data(), static_cast<std::size_t>(n)};
      if (errno == EISDIR)
        throw Exit(EX_NOINPUT,
                   name_ + ": is a directory; name the files in it");
      if (errno != EINTR)
        throw Exit(EX_IOERR, name_ + ": read failed: " + errno_text(errno));
    }
  }

 private:
  std::string name_;
  int fd_;
};

std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    switch (c) {
      case '\\': text += "\\\\"; break;
      case '\n': text += "\\n"; break;
      case '\r': text += "\\r"; break;
      default: text += c;
    }
  }
  return text;
}

// The text with each \\, \n and \r made one character; nothing if another
// escape is in it.
std::optional<std::string> unescaped(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      name += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    switch (text[i]) {
      case '\\': name += '\\'; break;
      case 'n': name += '\n'; break;
      case 'r': name += '\r'; break;
      default: return std::nullopt;
    }
  }
  return name;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

FileSums sum_file(const std::string& path, SumsWanted wanted) {
  ReadOnlyFile file(path);
  Sha256 sha256;
  FileSums sums;
  std::vector<char> block(kBlock);
  char last = '\n';
  for (;;) {
    const std::string_view bytes = file.read(block);
    if (bytes.empty()) break;
    sums.bytes += bytes.size();
    if (wanted.sha256) sha256.add(bytes);
    if (wanted.crc32c) sums.crc32c = crc32c(sums.crc32c, bytes);
    if (wanted.lines)
      sums.lines += static_cast<std::uint64_t>(
          std::count(bytes.begin(), bytes.end(), '\n'));
    last = bytes.back();
  }
  if (wanted.lines && last != '\n') ++sums.lines;
  if (wanted.sha256) sums.sha256 = sha256.finish();
  return sums;
}

std::string hex(std::uint32_t crc32c) {
  char text[9];
  std::snprintf(text, sizeof text, "%08x", crc32c);
  return text;
}

std::string sums_line(std::string_view sum, std::string_view name) {
  const std::string text = escaped(name);
  std::string line(text.size() > name.size() ? "\\" : "");
  return line.append(sum).append("  ").append(text);
}

std::string verdict_line(std::string_view name, std::string_view verdict) {
  const std::string text = escaped(name);
  std::string line(text.size() > name.size() ? "\\" : "");
  return line.append(text).append(": ").append(verdict);
}

std::optional<SumsEntry> parse_sums_line(std::string_view line) {
  const bool is_escaped = take(line, "\\");
  std::string_view sum, name;
  std::size_t digits = 0;
  if (take(line, "SHA256 (") || take(line, "CRC32C (")) {
    const std::size_t end = line.rfind(") = ");
    if (end == line.npos) return std::nullopt;
    name = line.substr(0, end);
    sum = line.substr(end + 4);
    digits = sum.size();
  } else {
    const std::size_t end = line.find(' ');
    if (end == line.npos || line.size() < end + 3) return std::nullopt;
    if (line[end + 1] != ' ' && line[end + 1] != '*') return std::nullopt;
    sum = line.substr(0, end);
    name = line.substr(end + 2);
    digits = end;
  }
  if (name.empty() || (digits != 64 && digits != 8)) return std::nullopt;
  SumsEntry entry;
  for (const char c : sum) {
    const auto byte = static_cast<unsigned char>(c);
    if (!std::isxdigit(byte)) return std::nullopt;
    entry.sum += static_cast<char>(std::tolower(byte));
  }
  entry.name = name;
  if (is_escaped) {
    const auto plain = unescaped(name);
    if (!plain) return std::nullopt;
    entry.name = *plain;
  }
  return entry;
}

}  // namespace mill
