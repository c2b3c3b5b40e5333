#include "lib/io/paths.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "lib/base/exit.h"

namespace mill {

namespace {

// A regular file: its device and inode, or those of its folder and its name.
struct FileId {
  dev_t device;
  ino_t inode;
  std::string name;
  bool operator==(const FileId&) const = default;
};

std::optional<FileId> id_of(int descriptor) {
  struct stat info;
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode))
    return std::nullopt;
  return FileId{info.st_dev, info.st_ino, ""};
}

std::optional<FileId> id_of(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0) {
    if (!S_ISREG(info.st_mode)) return std::nullopt;
    return FileId{info.st_dev, info.st_ino, ""};
  }
  const std::filesystem::path target = follow_links(path);
  const std::string folder =
      target.has_parent_path() ? target.parent_path().string() : ".";
  if (::stat(folder.c_str(), &info) != 0) return std::nullopt;
  return FileId{info.st_dev, info.st_ino, target.filename().string()};
}

}  // namespace

void check_outputs(const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs) {
  std::vector<FileId> read, written;
  for (const std::string& input : inputs)
    if (const auto id = input == "-" ? id_of(STDIN_FILENO) : id_of(input))
      read.push_back(*id);
  const auto check = [&](const std::string& name,
                         const std::optional<FileId>& id) {
    if (!id) return;
    const auto is_in = [&](const std::vector<FileId>& files) {
      return std::find(files.begin(), files.end(), *id) != files.end();
    };
    if (is_in(read))
      throw Exit(EX_USAGE, name + ": is an input, and cannot be an output");
    if (is_in(written))
      throw Exit(EX_USAGE, name + ": is another output already");
    written.push_back(*id);
  };
  check("stdout", id_of(STDOUT_FILENO));
  for (const std::string& output : outputs) {
    const int descriptor = descriptor_of(output);
    // Standard output by its name is meant to be shared; an input is not.
    if (descriptor == STDOUT_FILENO) continue;
    check(output, descriptor < 0 ? id_of(output) : id_of(descriptor));
  }
}

int descriptor_of(const std::string& path) {
  if (path == "/dev/stdin") return STDIN_FILENO;
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/"}) {
    const std::string digits =
        path.starts_with(folder) ? path.substr(folder.size()) : "";
    if (!digits.empty() && digits.size() < 8 &&
        digits.find_first_not_of("0123456789") == digits.npos)
      return std::stoi(digits);
  }
  return -1;
}

std::string follow_links(std::string path) {
  constexpr int kMostLinks = 40;  // as the kernel
  for (int i = 0; i < kMostLinks; ++i) {
    if (descriptor_of(path) >= 0) return path;
    std::error_code error;
    const auto target = std::filesystem::read_symlink(path, error);
    if (error) return path;  // no link
    path = (std::filesystem::path(path).parent_path() / target).string();
  }
  throw Exit(EX_CANTCREAT, path + ": cannot create: " + errno_text(ELOOP));
}

std::string side_path(std::string path) {
  if (path == "-") return "/dev/stdout";
  const std::string id = std::to_string(::getpid());
  for (std::size_t at = 0; (at = path.find("%p", at)) != path.npos;
       at += id.size())
    path.replace(at, 2, id);
  return path;
}

bool is_file_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view("/\0", 2)) == name.npos;
}

bool stays_inside(std::string_view path) {
  if (path.empty() || path.front() == '/') return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (path.substr(begin, end - begin) == "..") return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace mill
