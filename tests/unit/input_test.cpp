#include "lib/io/input.h"

#include <bzlib.h>
#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "lib/cli/command_line.h"
#include "lib/io/output.h"
#include "lib/io/read_ahead.h"
#include "tests/unit/catch.h"
#include "tests/unit/scratch_folder.h"

namespace {

// What reading compressed bytes gives, in reads of `size` bytes from a file
// taken `block` bytes at a time; and why it ended, empty if at the end.
struct Result {
  std::string text;
  std::string error;
};

Result decompress(std::string_view compressed, std::size_t size,
                  std::size_t block) {
  const ScratchFolder scratch;
  mill::AtomicFile file("input_test.tmp");
  file.write(compressed);
  file.commit();
  mill::Input input("input_test.tmp", block);
  Result result;
  std::string piece(size, '\0');
  try {
    while (const std::size_t n = input.read(piece.data(), size))
      result.text.append(piece, 0, n);
  } catch (const mill::Exit& exit) {
    CHECK(exit.code == EX_DATAERR);
    result.error = exit.what();
  }
  return result;
}

// One zstd frame with a checksum, each of parts a block of its own; ends gets
// where each block ends.
std::string zstd_frame(const std::vector<std::string>& parts,
                       std::vector<std::size_t>& ends) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string frame(1 << 20, '\0');
  ZSTD_outBuffer out = {frame.data(), frame.size(), 0};
  for (const std::string& part : parts) {
    ZSTD_inBuffer in = {part.data(), part.size(), 0};
    REQUIRE(ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush) == 0);
    ends.push_back(out.pos);
  }
  ZSTD_inBuffer nothing = {nullptr, 0, 0};
  REQUIRE(ZSTD_compressStream2(context, &out, &nothing, ZSTD_e_end) == 0);
  ZSTD_freeCCtx(context);
  frame.resize(out.pos);
  return frame;
}

std::string gzip_member(std::string_view text) {
  z_stream stream = {};
  ::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string member(1 << 20, '\0');
  std::string source(text);
  stream.next_in = reinterpret_cast<Bytef*>(source.data());
  stream.avail_in = static_cast<uInt>(source.size());
  stream.next_out = reinterpret_cast<Bytef*>(member.data());
  stream.avail_out = static_cast<uInt>(member.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  member.resize(stream.total_out);
  ::deflateEnd(&stream);
  return member;
}

std::string xz_stream(std::string_view text) {
  std::string stream(1 << 20, '\0');
  std::size_t size = 0;
  REQUIRE(::lzma_easy_buffer_encode(
              6, LZMA_CHECK_CRC64, nullptr,
              reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
              reinterpret_cast<std::uint8_t*>(stream.data()), &size,
              stream.size()) == LZMA_OK);
  stream.resize(size);
  return stream;
}

std::string bzip2_stream(std::string_view text) {
  std::string source(text), stream(1 << 20, '\0');
  unsigned size = 1 << 20;
  REQUIRE(::BZ2_bzBuffToBuffCompress(stream.data(), &size, source.data(),
                                     static_cast<unsigned>(source.size()), 1, 0,
                                     0) == BZ_OK);
  stream.resize(size);
  return stream;
}

// Text that repeats itself and grows at random, from a generator whose numbers
// are the same everywhere.
std::string text_of(std::size_t size, std::uint32_t seed) {
  std::string text;
  while (text.size() < size) {
    seed = seed * 1664525 + 1013904223;
    if (seed >> 30 == 0 && text.size() > 200)
      text += text.substr(seed % 150, 40);
    else
      text += static_cast<char>('a' + (seed >> 16) % 26);
  }
  return text;
}

}  // namespace

TEST_CASE("Input gives all there is before a damaged zstd block") {
  const std::vector<std::string> parts = {text_of(3'000, 1), text_of(70'000, 2),
                                          text_of(10, 3), text_of(9'000, 4)};
  std::vector<std::size_t> ends;
  const std::string whole = zstd_frame(parts, ends);
  for (const std::size_t size : {1U << 20, 64U << 10, 1000U}) {
    for (const std::size_t block : {128U << 10, 100U}) {
      CAPTURE(size, block);
      CHECK(decompress(whole, size, block).error.empty());
      std::string before;
      for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        before += parts[i];
        CAPTURE(i);
        // A reserved type in the header of the next block.
        std::string flipped = whole;
        flipped[ends[i]] |= 6;
        const Result damaged = decompress(flipped, size, block);
        CHECK(damaged.text == before);
        CHECK(damaged.error == "input_test.tmp: zstd data damaged near byte " +
                                   std::to_string(ends[i]));
        const Result cut = decompress(whole.substr(0, ends[i]), size, block);
        CHECK(cut.text == before);
        CHECK(cut.error == "input_test.tmp: zstd data cut off near byte " +
                               std::to_string(ends[i]));
      }
      std::string flipped = whole;
      flipped.back() ^= 1;  // the checksum
      const Result damaged = decompress(flipped, size, block);
      CHECK(damaged.text == before + parts.back());
      CHECK(damaged.error.substr(0, 33) == "input_test.tmp: zstd data damaged");
    }
  }
}

TEST_CASE("Input gives all there is before damaged gzip data") {
  const std::string text = text_of(100'000, 5), more = text_of(100, 6);
  const std::string first = gzip_member(text),
                    whole = first + gzip_member(more);
  for (const std::size_t size : {1U << 20, 1000U, 1U}) {
    for (const std::size_t block : {128U << 10, 100U}) {
      CAPTURE(size, block);
      CHECK(decompress(whole, size, block).text == text + more);
      CHECK(decompress(whole, size, block).error.empty());
      std::string flipped = whole;
      flipped[first.size()] ^= 1;  // the second member's magic
      const Result damaged = decompress(flipped, size, block);
      CHECK(damaged.text == text);
      CHECK(damaged.error.substr(0, 33) == "input_test.tmp: gzip data damaged");
      // All but the checksum and the size.
      const Result cut =
          decompress(first.substr(0, first.size() - 8), size, block);
      CHECK(cut.text == text);
      CHECK(cut.error.substr(0, 33) == "input_test.tmp: gzip data cut off");
    }
  }
}

TEST_CASE(
    "Input reads all xz and bzip2 streams, and says where one is damaged") {
  const std::string text = text_of(200'000, 9), more = text_of(100, 10);
  const struct {
    std::string format, first, whole;
  } rows[] = {
      {"xz", xz_stream(text), xz_stream(text) + xz_stream(more)},
      {"bzip2", bzip2_stream(text), bzip2_stream(text) + bzip2_stream(more)},
  };
  for (const auto& [format, first, whole] : rows) {
    CAPTURE(format);
    const std::string name = "input_test.tmp: " + format + " data ";
    for (const std::size_t size : {1U << 20, 1000U, 1U}) {
      for (const std::size_t block : {128U << 10, 100U}) {
        CAPTURE(size, block);
        CHECK(decompress(whole, size, block).text == text + more);
        CHECK(decompress(whole, size, block).error.empty());
        std::string flipped = whole;
        flipped[first.size() / 2] ^= 1;
        // xz tells by a checksum, when wrong text has been handed on.
        const Result damaged = decompress(flipped, size, block);
        CHECK(damaged.error.starts_with(name + "damaged"));
        const Result cut =
            decompress(first.substr(0, first.size() - 3), size, block);
        CHECK(text.starts_with(cut.text));
        CHECK(cut.error.starts_with(name + "cut off"));
        const Result then = decompress(first + "{}", size, block);
        CHECK(then.text == text);
        CHECK(then.error.starts_with(name));
      }
    }
  }
}

TEST_CASE("Input gives the same bytes whatever the size of its reads") {
  const std::string text = text_of(20'000, 7), more = text_of(3'000, 8);
  std::vector<std::size_t> ends;
  const std::string zstd =
      zstd_frame({text}, ends) + zstd_frame({more, more}, ends);
  const std::string gzip = gzip_member(text) + gzip_member(more + more);
  const std::string padded = gzip_member(text) + std::string(700, '\0') +
                             gzip_member(more + more) + std::string(512, '\0');
  const std::string xz = xz_stream(text) + xz_stream(more + more);
  const std::string bzip2 = bzip2_stream(text) + bzip2_stream(more + more);
  for (std::size_t size = 1; size <= 4096; size = size * 5 / 4 + 1) {
    CAPTURE(size);
    for (const std::string& compressed : {zstd, gzip, padded, xz, bzip2}) {
      const Result result = decompress(compressed, size, size);
      CHECK(result.text == text + more + more);
      CHECK(result.error.empty());
    }
  }
}

TEST_CASE("Input gives the same of a file that is worth a thread") {
  const std::string text = text_of(100'000, 11);
  std::vector<std::size_t> ends;
  const struct {
    std::string format, one;
  } rows[] = {{"zstd", zstd_frame({text}, ends)},
              {"gzip", gzip_member(text)},
              {"xz", xz_stream(text)},
              {"bzip2", bzip2_stream(text)}};
  for (const auto& [format, one] : rows) {
    CAPTURE(format);
    std::string whole, wanted;
    while (whole.size() < 2 << 20) {
      whole += one;
      wanted += text;
    }
    const std::size_t block = 128 << 10;
    for (const std::size_t size : {1U << 20, 1000U}) {
      CAPTURE(size);
      const Result all = decompress(whole, size, block);
      CHECK((all.text == wanted));
      CHECK(all.error.empty());
      const Result more = decompress(whole + one.substr(0, 9), size, block);
      CHECK((more.text == wanted));
      CHECK(more.error.starts_with("input_test.tmp: " + format + " data "));
    }
  }
}

TEST_CASE("what is read ahead is what the source gives, and then its error") {
  const std::string text = text_of(5'000'000, 12);
  for (const std::size_t most : {std::size_t{1} << 30, std::size_t{977}}) {
    CAPTURE(most);
    std::size_t given = 0;
    mill::ReadAhead ahead([&](char* to, std::size_t size) {
      if (given == text.size()) throw mill::Exit(EX_DATAERR, "enough");
      const std::size_t n = text.copy(to, std::min(size, most), given);
      given += n;
      return n;
    });
    std::string got, piece(100'000, '\0');
    int errors = 0;
    while (errors < 2) {
      try {
        got.append(piece, 0, ahead.read(piece.data(), piece.size()));
      } catch (const mill::Exit& exit) {
        CHECK(exit.code == EX_DATAERR);
        ++errors;
      }
    }
    CHECK((got == text));
  }
}

TEST_CASE("what is read ahead need not be read") {
  for (int i = 0; i < 50; ++i) {
    mill::ReadAhead ahead([](char* to, std::size_t size) {
      std::fill_n(to, size, 'x');
      return size;
    });
    char c = 0;
    if (i % 2 == 0) CHECK(ahead.read(&c, 1) == 1);
  }
}
