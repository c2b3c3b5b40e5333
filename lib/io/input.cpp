#include "lib/io/input.h"

#include <bzlib.h>
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "lib/base/exit.h"
#include "lib/io/first_bytes.h"
#include "lib/io/read_ahead.h"

namespace mill {

// What has been read and not yet handed on. For plain input only the first
// bytes, which were read to see what it is; then it is bypassed.
struct Input::Decoder {
  Compression format = Compression::kNone;
  std::string raw;         // bytes of the file
  std::size_t raw_at = 0;  // the next one to decode
  bool in_frame = false;   // a frame, member or stream has begun and not ended
  std::string text;        // first bytes, decoded
  std::size_t text_at = 0;
  ZSTD_DCtx* zstd = nullptr;
  std::size_t wanted = 1;  // bytes to give zstd next
  bool filled = false;     // the output had no room left
  z_stream gzip = {};
  lzma_stream xz = LZMA_STREAM_INIT;
  bz_stream bzip2 = {};

  explicit Decoder(Compression compression) : format(compression) {
    bool is_ready = true;
    switch (format) {
      case Compression::kNone: break;
      case Compression::kZstd:
        zstd = ZSTD_createDCtx();
        is_ready = zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(
                               zstd, ZSTD_d_windowLogMax, 31));
        break;
      case Compression::kGzip:  // 16: expect a gzip header
        is_ready = ::inflateInit2(&gzip, 15 + 16) == Z_OK;
        break;
      case Compression::kXz:
        is_ready = ::lzma_stream_decoder(
                       &xz, std::numeric_limits<std::uint64_t>::max(),
                       LZMA_CONCATENATED) == LZMA_OK;
        break;
      case Compression::kBzip2:
        is_ready = ::BZ2_bzDecompressInit(&bzip2, 0, 0) == BZ_OK;
        break;
    }
    if (!is_ready) throw std::bad_alloc();
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() {
    if (format == Compression::kZstd) ZSTD_freeDCtx(zstd);
    if (format == Compression::kGzip) ::inflateEnd(&gzip);
    if (format == Compression::kXz) ::lzma_end(&xz);
    if (format == Compression::kBzip2) ::BZ2_bzDecompressEnd(&bzip2);
  }
};

// The input as it was, read by a thread.
struct Input::Ahead {
  explicit Ahead(Input&& input) : source(std::move(input)) {}

  Input source;
  std::atomic<std::uint64_t> consumed = 0;
  std::optional<ReadAhead> reader;
};

namespace {

bool has_two_processors() {
  cpu_set_t set;
  return ::sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

// What a call of a decoder came to.
enum class Step { kOn, kEnded, kDamaged, kNoMemory };

Step inflate_once(z_stream& stream, bool) {
  switch (::inflate(&stream, Z_NO_FLUSH)) {
    case Z_OK:
    case Z_BUF_ERROR: return Step::kOn;
    case Z_STREAM_END: ::inflateReset(&stream); return Step::kEnded;
    case Z_MEM_ERROR: return Step::kNoMemory;
    default: return Step::kDamaged;
  }
}

Step decode_xz_once(lzma_stream& stream, bool at_end) {
  switch (::lzma_code(&stream, at_end ? LZMA_FINISH : LZMA_RUN)) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: return Step::kOn;
    case LZMA_STREAM_END: return Step::kEnded;  // of all streams
    case LZMA_MEM_ERROR: return Step::kNoMemory;
    default: return Step::kDamaged;
  }
}

Step decode_bzip2_once(bz_stream& stream, bool) {
  switch (::BZ2_bzDecompress(&stream)) {
    case BZ_OK: return Step::kOn;
    case BZ_STREAM_END:
      ::BZ2_bzDecompressEnd(&stream);
      return ::BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK ? Step::kEnded
                                                            : Step::kNoMemory;
    case BZ_MEM_ERROR: return Step::kNoMemory;
    default: return Step::kDamaged;
  }
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
      throw Exit(EX_NOINPUT, name_ + ": is a directory; name the files in it");
    }
    if (S_ISREG(info.st_mode))
      file_size_ = static_cast<std::uint64_t>(info.st_size);
  }
}

std::uint64_t Input::consumed() const {
  return ahead_ ? ahead_->consumed.load() : consumed_;
}

Input::~Input() {
  if (fd_ > STDIN_FILENO) ::close(fd_);
}

Input::Input(Input&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      block_(other.block_),
      ended_(other.ended_),
      consumed_(other.consumed_),
      file_size_(other.file_size_),
      decoder_(std::move(other.decoder_)),
      ahead_(std::move(other.ahead_)) {}

Input& Input::operator=(Input&& other) noexcept {
  std::swap(name_, other.name_);
  std::swap(fd_, other.fd_);
  std::swap(block_, other.block_);
  std::swap(ended_, other.ended_);
  std::swap(consumed_, other.consumed_);
  std::swap(file_size_, other.file_size_);
  std::swap(decoder_, other.decoder_);
  std::swap(ahead_, other.ahead_);
  return *this;
}

std::size_t Input::read_raw(char* to, std::size_t size) {
  while (!ended_) {
    const ssize_t n = ::read(fd_, to, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      throw Exit(EX_IOERR, name_ + ": read failed: " + errno_text(errno));
    ended_ = n == 0;
    consumed_ += static_cast<std::uint64_t>(n);
    return static_cast<std::size_t>(n);
  }
  return 0;
}

void Input::damaged(const char* format, const char* what) const {
  const std::uint64_t at =
      consumed_ - (decoder_->raw.size() - decoder_->raw_at);
  throw Exit(EX_DATAERR, name_ + ": " + format + " data " + what +
                             " near byte " + std::to_string(at));
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

// What zlib, liblzma and libbz2 have alike. `decode_once` is told whether the
// file is at its end.
template <typename Stream, typename DecodeOnce>
std::size_t Input::read_stream(Stream& stream, const char* format,
                               DecodeOnce decode_once, char* to,
                               std::size_t size) {
  Decoder& d = *decoder_;
  const auto want =
      static_cast<unsigned>(std::min<std::size_t>(size, 1U << 30));
  stream.next_out = reinterpret_cast<decltype(stream.next_out)>(to);
  stream.avail_out = want;
  while (stream.avail_out == want) {
    if (d.raw_at == d.raw.size()) {
      d.raw.resize(block_);
      d.raw.resize(read_raw(d.raw.data(), block_));
      d.raw_at = 0;
    }
    const bool at_end = d.raw.empty();  // output may still be held back
    if (at_end && !d.in_frame) return 0;
    // Zeros after a member fill a tape's block; gzip(1) passes over them, too.
    if (d.format == Compression::kGzip && !d.in_frame) {
      d.raw_at =
          std::min(d.raw.find_first_not_of('\0', d.raw_at), d.raw.size());
      if (d.raw_at == d.raw.size()) continue;
    }
    stream.next_in =
        reinterpret_cast<decltype(stream.next_in)>(d.raw.data() + d.raw_at);
    stream.avail_in = static_cast<unsigned>(d.raw.size() - d.raw_at);
    d.in_frame = true;
    const Step step = decode_once(stream, at_end);
    d.raw_at = d.raw.size() - stream.avail_in;
    if (step == Step::kEnded) {
      d.in_frame = false;
    } else if (step == Step::kNoMemory) {
      throw std::bad_alloc();
    } else if (stream.avail_out < want) {
      break;  // the next call says again what is wrong
    } else if (at_end || step == Step::kDamaged) {
      damaged(format, at_end ? "cut off" : "damaged");
    }
  }
  return want - stream.avail_out;
}

std::size_t Input::decode(char* to, std::size_t size) {
  Decoder& d = *decoder_;
  switch (d.format) {
    case Compression::kZstd: return read_zstd(to, size);
    case Compression::kGzip:
      return read_stream(d.gzip, "gzip", inflate_once, to, size);
    case Compression::kXz:
      return read_stream(d.xz, "xz", decode_xz_once, to, size);
    case Compression::kBzip2:
      return read_stream(d.bzip2, "bzip2", decode_bzip2_once, to, size);
    case Compression::kNone: break;
  }
  if (d.raw_at == d.raw.size()) return read_raw(to, size);
  const std::size_t n = std::min(size, d.raw.size() - d.raw_at);
  std::memcpy(to, d.raw.data() + d.raw_at, n);
  d.raw_at += n;
  return n;
}

// Sees what the input is by its first bytes, and then by those of its text.
void Input::begin() {
  std::string raw;
  while (may_tell_more(raw) && append_some(raw, &Input::read_raw)) {
  }
  decoder_ = std::make_unique<Decoder>(compression_of(raw));
  decoder_->raw = std::move(raw);
  std::string& text = decoder_->text;
  while (may_tell_more(text) && append_some(text, &Input::decode)) {
  }
  decoder_->text_at = text_begin(text, name_);
}

// Appends what one call of `take` gives; false at the end.
bool Input::append_some(std::string& bytes,
                        std::size_t (Input::*take)(char*, std::size_t)) {
  constexpr std::size_t kPiece = 64 << 10;  // as much as is there by now
  const std::size_t before = bytes.size();
  bytes.resize(before + kPiece);
  const std::size_t got = (this->*take)(bytes.data() + before, kPiece);
  bytes.resize(before + got);
  return got > 0;
}

// A pipe may keep a thread waiting for longer than the program runs.
bool Input::is_worth_a_thread() const {
  constexpr std::uint64_t kLeastBytes = 1 << 20;
  return decoder_->format != Compression::kNone && file_size_ >= kLeastBytes &&
         has_two_processors();
}

void Input::start_thread() {
  auto ahead = std::make_unique<Ahead>(std::move(*this));
  name_ = ahead->source.name_;
  try {
    ahead->reader.emplace([&it = *ahead](char* to, std::size_t size) {
      const std::size_t got = it.source.read_here(to, size);
      it.consumed = it.source.consumed_;
      return got;
    });
    ahead_ = std::move(ahead);
  } catch (const std::system_error&) {  // no more threads are allowed
    *this = std::move(ahead->source);
  }
}

std::size_t Input::read(char* to, std::size_t size) {
  if (ahead_) return ahead_->reader->read(to, size);
  if (!decoder_) {
    begin();
    if (is_worth_a_thread()) {
      start_thread();
      return read(to, size);
    }
  }
  return read_here(to, size);
}

std::size_t Input::read_here(char* to, std::size_t size) {
  Decoder& d = *decoder_;
  if (d.text_at == d.text.size()) return decode(to, size);
  const std::size_t n = std::min(size, d.text.size() - d.text_at);
  std::memcpy(to, d.text.data() + d.text_at, n);
  d.text_at += n;
  return n;
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
