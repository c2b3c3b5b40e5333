// hash.h - SHA-256 of files and HMAC-SHA-256, over OpenSSL, and CRC32C.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/sha256.h"

struct evp_md_ctx_st;

namespace mill {

// HMAC-SHA-256 (RFC 2104) of bytes under key.
Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes);

// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  Sha256Digest finish();  // once, at the end

 private:
  evp_md_ctx_st* context_;
};

// CRC32C (Castagnoli; RFC 3720): the checksum of crc followed by bytes; begin
// with 0. Uses the SSE4.2 instruction where the processor has it.
std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes);
// A CRC32C as Cloud Storage writes it: the base64 of its 4 bytes, big-endian.
std::string crc32c_base64(std::uint32_t crc);

}  // namespace mill
