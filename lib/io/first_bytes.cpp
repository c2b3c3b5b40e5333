#include "lib/io/first_bytes.h"

#include <algorithm>
#include <array>

#include "lib/base/exit.h"

namespace mill {

namespace {

using namespace std::string_view_literals;

// In the bytes of both tables '?' stands for any byte.
struct CompressedForm {
  std::string_view bytes;
  Compression compression;
};

constexpr CompressedForm kCompressed[] = {
    {"\x28\xB5\x2F\xFD"sv, Compression::kZstd},
    {"?\x2A\x4D\x18"sv, Compression::kZstd},  // see is_skippable_frame()
    {"\x1F\x8B"sv, Compression::kGzip},
    {"\xFD\x37zXZ\0"sv, Compression::kXz},
    {"BZh?1AY&SY"sv, Compression::kBzip2},
    {"BZh?\x17rE8P\x90"sv, Compression::kBzip2},  // of nothing
};

struct OtherFormat {
  std::string_view bytes;
  std::string_view name;
  std::string_view remedy;
};

constexpr auto kAsRows =
    "in Python, pandas.read_parquet(FILE).to_json(OUT, "
    "orient='records', lines=True)"sv;

// UTF-16 is told by a first character of ASCII, with its mark or without: two
// bytes alone may be those of a key.
constexpr OtherFormat kOthers[] = {
    {"\xFF\xFE\0\0"sv, "UTF-32"sv, "iconv -f UTF-32 -t UTF-8 FILE"sv},
    {"\0\0\xFE\xFF"sv, "UTF-32"sv, "iconv -f UTF-32 -t UTF-8 FILE"sv},
    {"\xFF\xFE?\0"sv, "UTF-16"sv, "iconv -f UTF-16 -t UTF-8 FILE"sv},
    {"\xFE\xFF\0"sv, "UTF-16"sv, "iconv -f UTF-16 -t UTF-8 FILE"sv},
    {"{\0?\0"sv, "UTF-16"sv, "iconv -f UTF-16LE -t UTF-8 FILE"sv},
    {"[\0?\0"sv, "UTF-16"sv, "iconv -f UTF-16LE -t UTF-8 FILE"sv},
    {"\0{\0"sv, "UTF-16"sv, "iconv -f UTF-16BE -t UTF-8 FILE"sv},
    {"\0[\0"sv, "UTF-16"sv, "iconv -f UTF-16BE -t UTF-8 FILE"sv},
    {"PAR1"sv, "Parquet"sv, kAsRows},
    {"ARROW1\0\0"sv, "Arrow"sv,
     "in Python, datasets.Dataset.from_file(FILE)"
     ".to_json(OUT)"sv},
    {"PK\x03\x04"sv, "a zip archive"sv, "unzip -p FILE"sv},
    {"\x04\x22\x4D\x18"sv, "compressed by lz4"sv, "lz4 -dc FILE"sv},
    {"SQLite format 3\0"sv, "an SQLite database"sv,
     "fs-query --store sqlite:FILE, if it is a store"sv},
};

constexpr auto kByteOrderMark = "\xEF\xBB\xBF"sv;

// Whether the two agree in all the bytes that both have.
bool agree(std::string_view bytes, std::string_view form) {
  return std::equal(
      bytes.begin(),
      bytes.begin() +
          static_cast<std::ptrdiff_t>(std::min(bytes.size(), form.size())),
      form.begin(), [](char a, char b) { return b == '?' || a == b; });
}

bool begins_with(std::string_view bytes, std::string_view form) {
  return bytes.size() >= form.size() && agree(bytes, form);
}

// zstd's frames of other data, which may come first, have 16 first bytes.
bool may_be_skippable_frame(std::string_view bytes) {
  return bytes.empty() || (bytes[0] & '\xF0') == '\x50';
}

}  // namespace

Compression compression_of(std::string_view bytes) {
  for (const auto& [form, compression] : kCompressed)
    if (begins_with(bytes, form) &&
        (form[0] != '?' || may_be_skippable_frame(bytes)))
      return compression;
  return Compression::kNone;
}

bool may_tell_more(std::string_view bytes) {
  const auto is_begin_of = [&](std::string_view form) {
    return bytes.size() < form.size() && agree(bytes, form) &&
           (form[0] != '?' || may_be_skippable_frame(bytes));
  };
  return is_begin_of(kByteOrderMark) ||
         std::any_of(
             std::begin(kCompressed), std::end(kCompressed),
             [&](const auto& form) { return is_begin_of(form.bytes); }) ||
         std::any_of(std::begin(kOthers), std::end(kOthers),
                     [&](const auto& form) { return is_begin_of(form.bytes); });
}

std::size_t text_begin(std::string_view bytes, const std::string& name) {
  for (const OtherFormat& other : kOthers)
    if (begins_with(bytes, other.bytes))
      throw Exit(EX_DATAERR, name + ": is " + std::string(other.name) +
                                 ", not text in UTF-8; convert it: " +
                                 std::string(other.remedy));
  return bytes.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

}  // namespace mill
