#include "lib/base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#include <new>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "lib/base/base64.h"

namespace mill {

namespace {

// Reflected polynomial 0x1EDC6F41, one table for each byte of an 8-byte step.
struct Crc32cTables {
  std::uint32_t table[8][256];
};

constexpr Crc32cTables make_crc32c_tables() {
  Crc32cTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) ? 0x82F63B78U : 0);
    tables.table[0][i] = crc;
  }
  for (std::uint32_t i = 0; i < 256; ++i)
    for (int k = 1; k < 8; ++k) {
      const std::uint32_t previous = tables.table[k - 1][i];
      tables.table[k][i] = (previous >> 8) ^ tables.table[0][previous & 0xFF];
    }
  return tables;
}

constexpr Crc32cTables kCrc32c = make_crc32c_tables();

std::uint32_t crc32c_portable(std::uint32_t crc, const char* p,
                              std::size_t size) {
  for (; size >= 8; size -= 8, p += 8) {
    std::uint32_t next = 0;
    for (int k = 0; k < 8; ++k) {
      const auto byte = static_cast<unsigned char>(p[k]);
      const std::uint32_t mixed =
          k < 4 ? byte ^ ((crc >> (8 * k)) & 0xFF) : byte;
      next ^= kCrc32c.table[7 - k][mixed & 0xFF];
    }
    crc = next;
  }
  for (; size > 0; --size, ++p)
    crc = (crc >> 8) ^
          kCrc32c.table[0][(crc ^ static_cast<unsigned char>(*p)) & 0xFF];
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::uint32_t crc,
                                                             const char* p,
                                                             std::size_t size) {
  std::uint64_t wide = crc;
  for (; size >= 8; size -= 8, p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = static_cast<std::uint32_t>(wide);
  for (; size > 0; --size, ++p)
    crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*p));
  return crc;
}
#endif

}  // namespace

Sha256Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256Digest digest;
  unsigned size = 0;
  if (!::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(bytes.data()),
              bytes.size(), digest.data(), &size))
    throw std::bad_alloc();
  return digest;
}

Sha256::Sha256() : context_(::EVP_MD_CTX_new()) {
  // Fetched once: looking the algorithm up costs more than a short hash.
  static const EVP_MD* const algorithm = ::EVP_MD_fetch(nullptr, "SHA256", "");
  if (!context_ || ::EVP_DigestInit_ex(context_, algorithm, nullptr) != 1)
    throw std::bad_alloc();
}

Sha256::~Sha256() { ::EVP_MD_CTX_free(context_); }

void Sha256::add(std::string_view bytes) {
  ::EVP_DigestUpdate(context_, bytes.data(), bytes.size());
}

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  ::EVP_DigestFinal_ex(context_, digest.data(), nullptr);
  return digest;
}

std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) {
  crc = ~crc;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2"))
    return ~crc32c_sse42(crc, bytes.data(), bytes.size());
#endif
  return ~crc32c_portable(crc, bytes.data(), bytes.size());
}

std::string crc32c_base64(std::uint32_t crc) {
  char bytes[4];
  for (int i = 0; i < 4; ++i)
    bytes[i] = static_cast<char>(crc >> (24 - 8 * i) & 0xFF);
  return base64({bytes, 4});
}

}  // namespace mill
