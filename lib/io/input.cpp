#include "lib/io/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "lib/base/exit.h"

namespace mill {

// What has been read and not yet handed on. For plain input only the first
// bytes, which were read to look for a magic number; then it is bypassed.
struct Input::Decoder {
  enum Format { kPlain, kZstd, kGzip } format = kPlain;
  std::string raw;         // bytes of the file
  std::size_t raw_at = 0;  // the next one to decode
  bool raw_ended = false;
  bool in_frame = false;  // a frame or member has begun and not ended
  ZSTD_DCtx* zstd = nullptr;
  std::size_t wanted = 1;  // bytes to give zstd next
  bool filled = false;     // the output had no room left
  z_stream gzip = {};

  ~Decoder() {
    if (format == kZstd) ZSTD_freeDCtx(zstd);
    if (format == kGzip) ::inflateEnd(&gzip);
  }
};

namespace {

bool has_zstd_magic(std::string_view bytes) {
  if (bytes.size() < 4) return false;
  if (bytes.substr(0, 4) == "\x28\xB5\x2F\xFD") return true;
  // A skippable frame may come first.
  return (static_cast<unsigned char>(bytes[0]) & 0xF0) == 0x50 &&
         bytes.substr(1, 3) == "\x2A\x4D\x18";
}

bool has_gzip_magic(std::string_view bytes) {
  return bytes.substr(0, 2) == "\x1F\x8B";
}

}  // namespace

Input::Input(const std::string& path, std::size_t block)
    : name_(path), fd_(STDIN_FILENO), block_(block) {
  if (path.empty() || path == "-") {
    name_ = "stdin";
  } else {
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0)
      throw Exit(EX_NOINPUT, path + ": cannot open: " + errno_text(errno));
  }
  struct stat info;
  if (::fstat(fd_, &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      if (fd_ != STDIN_FILENO) ::close(std::exchange(fd_, -1));
      throw Exit(EX_NOINPUT, name_ + ": is a directory");
    }
    if (S_ISREG(info.st_mode))
      file_size_ = static_cast<std::uint64_t>(info.st_size);
  }
}

Input::~Input() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

Input::Input(Input&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      block_(other.block_),
      consumed_(other.consumed_),
      file_size_(other.file_size_),
      decoder_(std::move(other.decoder_)) {}

Input& Input::operator=(Input&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(fd_, other.fd_);
  std::swap(block_, other.block_);
  std::swap(consumed_, other.consumed_);
  std::swap(file_size_, other.file_size_);
  std::swap(decoder_, other.decoder_);
  return *this;
}

std::size_t Input::read_raw(char* to, std::size_t size) {
  for (;;) {
    const ssize_t n = ::read(fd_, to, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      throw Exit(EX_IOERR, name_ + ": read failed: " + errno_text(errno));
    consumed_ += static_cast<std::uint64_t>(n);
    return static_cast<std::size_t>(n);
  }
}

void Input::damaged(const char* format, const char* what) const {
  const std::uint64_t at =
      consumed_ - (decoder_->raw.size() - decoder_->raw_at);
  throw Exit(EX_DATAERR, name_ + ": " + format + " data " + what +
                             " near byte " + std::to_string(at));
}

std::size_t Input::read(char* to, std::size_t size) {
  if (!decoder_) {
    decoder_ = std::make_unique<Decoder>();
    Decoder& d = *decoder_;
    constexpr std::size_t kMagic = 4;
    d.raw.resize(kMagic);
    std::size_t have = 0;
    while (have < kMagic) {
      const std::size_t n = read_raw(d.raw.data() + have, kMagic - have);
      if (n == 0) break;
      have += n;
      // Whoever types at a terminal is not kept waiting for four bytes.
      if (d.raw[0] != '\x28' && d.raw[0] != '\x1F' &&
          (d.raw[0] & '\xF0') != '\x50')
        break;
    }
    d.raw.resize(have);
    if (has_zstd_magic(d.raw)) {
      d.zstd = ZSTD_createDCtx();
      d.format = Decoder::kZstd;
      ZSTD_DCtx_setParameter(d.zstd, ZSTD_d_windowLogMax, 31);
    } else if (has_gzip_magic(d.raw)) {
      d.format = Decoder::kGzip;
      ::inflateInit2(&d.gzip, 15 + 16);  // 16: expect a gzip header
    }
  }
  switch (decoder_->format) {
    case Decoder::kZstd: return read_zstd(to, size);
    case Decoder::kGzip: return read_gzip(to, size);
    case Decoder::kPlain: break;
  }
  Decoder& d = *decoder_;
  if (d.raw_at < d.raw.size()) {
    const std::size_t n = std::min(size, d.raw.size() - d.raw_at);
    std::memcpy(to, d.raw.data() + d.raw_at, n);
    d.raw_at += n;
    return n;
  }
  return read_raw(to, size);
}

// A call that finds damage does not say what it wrote before. So each call is
// given no more than the block it waits for (the hint minus the next block's
// header, which the hint includes), and nothing at all while the block before
// may still have output to give: damage then shows in a call that wrote
// nothing.
std::size_t Input::read_zstd(char* to, std::size_t size) {
  constexpr std::size_t kBlockHeader = 3;
  Decoder& d = *decoder_;
  ZSTD_outBuffer out = {to, size, 0};
  while (out.pos == 0) {
    if (d.raw_at < d.raw.size() || d.in_frame) {
      const std::size_t give =
          d.filled ? 0 : std::min(d.wanted, d.raw.size() - d.raw_at);
      ZSTD_inBuffer in = {d.raw.data() + d.raw_at, give, 0};
      const std::size_t hint = ZSTD_decompressStream(d.zstd, &out, &in);
      d.raw_at += in.pos;
      if (ZSTD_getErrorCode(hint) == ZSTD_error_memory_allocation)
        throw std::bad_alloc();
      if (ZSTD_isError(hint)) damaged("zstd", "damaged");
      d.in_frame = hint != 0;
      d.filled = out.pos == out.size;
      d.wanted = hint > kBlockHeader ? hint - kBlockHeader
                                     : std::max<std::size_t>(hint, 1);
      if (out.pos > 0 || in.pos > 0) continue;
    }
    if (d.raw_at < d.raw.size()) continue;
    d.raw.resize(block_);
    d.raw.resize(read_raw(d.raw.data(), block_));
    d.raw_at = 0;
    if (d.raw.empty()) {
      if (d.in_frame) damaged("zstd", "cut off");
      return 0;
    }
  }
  return out.pos;
}

std::size_t Input::read_gzip(char* to, std::size_t size) {
  Decoder& d = *decoder_;
  const uInt want = static_cast<uInt>(std::min<std::size_t>(size, 1U << 30));
  d.gzip.next_out = reinterpret_cast<Bytef*>(to);
  d.gzip.avail_out = want;
  while (d.gzip.avail_out == want) {
    if (d.raw_at == d.raw.size()) {
      d.raw.resize(block_);
      d.raw.resize(read_raw(d.raw.data(), block_));
      d.raw_at = 0;
    }
    const bool ended = d.raw.empty();  // zlib may still hold output back
    if (ended && !d.in_frame) return 0;
    d.gzip.next_in = reinterpret_cast<Bytef*>(d.raw.data() + d.raw_at);
    d.gzip.avail_in = static_cast<uInt>(d.raw.size() - d.raw_at);
    d.in_frame = true;
    const int status = ::inflate(&d.gzip, Z_NO_FLUSH);
    d.raw_at = d.raw.size() - d.gzip.avail_in;
    if (status == Z_STREAM_END) {
      d.in_frame = false;
      ::inflateReset(&d.gzip);
    } else if (status == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (d.gzip.avail_out < want) {
      break;  // the next call says again what is wrong
    } else if (ended || (status != Z_OK && status != Z_BUF_ERROR)) {
      damaged("gzip", ended ? "cut off" : "damaged");
    }
  }
  return want - d.gzip.avail_out;
}

std::string read_all(const std::string& path) {
  Input input(path);
  std::string bytes;
  char buffer[64 << 10];
  while (const std::size_t size = input.read(buffer, sizeof buffer))
    bytes.append(buffer, size);
  return bytes;
}

}  // namespace mill
