// output.h - bytes out, all of them or an error.
//
// Output buffers standard output; AtomicFile makes a named file whole or not
// at all. A short write is never a success: both throw Exit(EX_IOERR).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mill {

// Writes all of bytes to fd, in spite of signals and short writes. Throws
// Exit(EX_IOERR) naming `name` if that fails.
void write_all(int fd, std::string_view bytes, std::string_view name);

// Standard output, or another descriptor, buffered. Bytes have left for certain
// only after flush() or close(); the destructor writes nothing.
class Output {
 public:
  Output();  // standard output
  Output(int fd, std::string name);

  void write(std::string_view bytes) {
    bytes_ += bytes.size();
    if (buffer_.size() + bytes.size() <= kCapacity)
      buffer_.append(bytes);
    else
      write_beyond_buffer(bytes);
  }
  // As write(), with a newline after it.
  void write_line(std::string_view bytes) {
    write(bytes);
    write("\n");
  }
  // As write(), for what people read: no terminal obeys it (harmless.h).
  void write_for_reading(std::string_view text);
  void flush();
  // flush(), and closes standard output, since a network file system or a quota
  // may report an error only then.
  void close();
  std::uint64_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kCapacity = 64 << 10;
  void write_beyond_buffer(std::string_view bytes);
  int fd_;
  std::string name_;
  std::string buffer_;
  std::uint64_t bytes_ = 0;
};

// A file that appears under its name only once it is whole: written beside it
// under a temporary name, synced, then renamed by commit(). Without commit()
// the temporary file is removed. A symbolic link is followed, not replaced;
// devices, pipes and /dev/stdout, /dev/stderr and /dev/fd/N are written to
// directly. Throws Exit(EX_CANTCREAT) if it cannot be made.
class AtomicFile {
 public:
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes) { out_.write(bytes); }
  void write_line(std::string_view bytes) { out_.write_line(bytes); }
  void flush() { out_.flush(); }
  const std::string& path() const { return path_; }
  std::uint64_t bytes() const { return out_.bytes(); }
  // Flushes and syncs: after this, commit() is as good as done. For callers
  // that make several files, all or none.
  void sync();
  // sync(), and renames, replacing what was there.
  void commit();
  // Instead of commit(): what was there stays as it was.
  void abandon();

 private:
  std::string path_;
  std::string target_;  // where links lead
  std::string temporary_;
  int fd_;  // -1 after sync()
  Output out_;
};

}  // namespace mill
