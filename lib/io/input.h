// input.h - bytes in, from a file or standard input, decompressed on the way.
//
// Input that starts with the magic number of zstd, gzip, xz or bzip2 is
// decompressed: several frames, members or streams in a row are one stream, and
// zstd windows up to 2 GiB, as the Reddit dumps use, are accepted. A byte order
// mark of UTF-8 is skipped; UTF-16 and other binary formats are refused. A large
// compressed file is decompressed by a thread of its own, where there is a
// second processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace mill {

class Input {
 public:
  // Opens path; "-" or "" is standard input. Throws Exit(EX_NOINPUT) if it
  // cannot be opened or is a directory. Compressed input is read in pieces of
  // at most `block` bytes.
  explicit Input(const std::string& path, std::size_t block = 128 << 10);
  ~Input();
  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;

  // Reads at most size bytes; 0 is the end. Throws Exit: EX_IOERR if reading
  // fails, EX_DATAERR if it is of another format, with the remedy, or if
  // compressed data is damaged or cut off, with the byte of the compressed
  // input near which that was seen; by then all that could be decompressed
  // before it has been read.
  std::size_t read(char* to, std::size_t size);

  // Path for messages; "stdin" for standard input.
  const std::string& name() const { return name_; }
  // Bytes taken from the file so far (compressed where it is), and the file's
  // size or 0 where it has none: the two numbers of a progress display.
  std::uint64_t consumed() const;
  std::uint64_t file_size() const { return file_size_; }

 private:
  struct Decoder;
  struct Ahead;
  std::size_t read_raw(char* to, std::size_t size);
  [[noreturn]] void damaged(const char* format, const char* what) const;
  std::size_t read_zstd(char* to, std::size_t size);
  template <typename Stream, typename DecodeOnce>
  std::size_t read_stream(Stream& stream, const char* format,
                          DecodeOnce decode_once, char* to, std::size_t size);
  std::size_t decode(char* to, std::size_t size);
  void begin();
  bool is_worth_a_thread() const;
  void start_thread();
  std::size_t read_here(char* to, std::size_t size);
  bool append_some(std::string& bytes,
                   std::size_t (Input::*take)(char*, std::size_t));

  std::string name_;
  int fd_;
  std::size_t block_;
  bool ended_ = false;  // a terminal can be read again after its end
  std::uint64_t consumed_ = 0;
  std::uint64_t file_size_ = 0;
  std::unique_ptr<Decoder> decoder_;  // made once the first bytes are known
  std::unique_ptr<Ahead> ahead_;      // takes over all but the name and size
};

// A whole file's bytes, for what is read once and kept: lists, settings.
// Throws as Input does.
std::string read_all(const std::string& path);

}  // namespace mill
