// checksums.h - checksums of files, and the lines that sha256sum(1) writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/hash.h"

namespace mill {

struct FileSums {
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;  // a last one without a newline counts
  Sha256Digest sha256 = {};
  std::uint32_t crc32c = 0;
};

// What sum_file() works out; the rest stays zero.
struct SumsWanted {
  bool sha256 = true;
  bool crc32c = true;
  bool lines = true;
};

// Reads the file whole, its bytes as they are; "-" is standard input. Throws
// Exit(EX_NOINPUT) if it cannot be opened or is a directory, EX_IOERR if it
// cannot be read.
FileSums sum_file(const std::string& path, SumsWanted wanted = {});

// 8 lower-case hexadecimal digits.
std::string hex(std::uint32_t crc32c);

// "SUM  NAME" without a newline, as sha256sum writes it and its -c reads it: a
// backslash, LF or CR in name is escaped and the line then begins with a
// backslash.
std::string sums_line(std::string_view sum, std::string_view name);
// "NAME: VERDICT", name escaped in the same way.
std::string verdict_line(std::string_view name, std::string_view verdict);

struct SumsEntry {
  std::string sum;  // in lower case
  std::string name;
};

// Reads what sums_line() writes, "SUM *NAME", and the tagged form "SHA256
// (NAME) = SUM" or "CRC32C (NAME) = SUM"; 64 hexadecimal digits are a SHA-256,
// 8 a CRC32C. Nothing if line is none of these.
std::optional<SumsEntry> parse_sums_line(std::string_view line);

}  // namespace mill
