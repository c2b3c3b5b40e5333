// upload_file.h - an upload's files on disk: the file that is sent, which must
// not change meanwhile, and the session that outlives the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mill {

class UploadFile {
 public:
  // Opens a regular file. Throws Exit(EX_NOINPUT).
  explicit UploadFile(const std::string& path);
  ~UploadFile();
  UploadFile(const UploadFile&) = delete;
  UploadFile& operator=(const UploadFile&) = delete;

  std::uint64_t size() const { return size_; }
  std::int64_t modified() const { return modified_; }  // ns since 1970
  // CRC32C of the whole, as Cloud Storage writes it. Throws as read() does.
  std::string crc32c() const;
  // Copies the bytes from `offset` on. Throws Exit: EX_IOERR, or EX_TEMPFAIL
  // if the file has changed since it was opened, which is looked for where a
  // read is short or ends with the file.
  void read(std::uint64_t offset, char* to, std::size_t size) const;

 private:
  int fd_;
  std::uint64_t size_;
  std::int64_t modified_;
};

// A file in a folder of sessions, one for each object, that keeps the URI of
// the object's resumable session until the upload is over. The URI lets anyone
// write, so that the file is for its owner only. One process at a time has it.
class SessionFile {
 public:
  // `content` identifies the bytes that are sent: a session is valid for those
  // only. Throws Exit: EX_TEMPFAIL if another process has the file,
  // EX_CANTCREAT if it cannot be made.
  SessionFile(const std::string& folder, const std::string& object,
              std::string content);
  ~SessionFile();
  SessionFile(const SessionFile&) = delete;
  SessionFile& operator=(const SessionFile&) = delete;

  const std::string& path() const { return path_; }
  // The session kept; empty if there is none. `problem` says why a file that
  // has something in it was not used.
  std::string load(std::string& problem) const;
  // Writes it to disk in place of the one before. A file without a session is
  // removed at the end.
  void keep(const std::string& session) const;

 private:
  std::string path_;
  std::string content_;
  int fd_;
};

}  // namespace mill
