#include "lib/google/jwt.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "lib/base/base64.h"
#include "lib/json/json_writer.h"

namespace mill {

std::string base64url(std::string_view bytes) {
  std::string text = base64(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::optional<std::string> sign_rsa_sha256(std::string_view text,
                                           std::string_view private_key) {
  const std::unique_ptr<BIO, decltype(&::BIO_free)> bio(
      ::BIO_new_mem_buf(private_key.data(),
                        static_cast<int>(private_key.size())),
      &::BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> key(
      ::PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr),
      &::EVP_PKEY_free);
  if (!key || ::EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA)
    return std::nullopt;
  const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(
      ::EVP_MD_CTX_new(), &::EVP_MD_CTX_free);
  std::string signature(static_cast<std::size_t>(::EVP_PKEY_size(key.get())),
                        '\0');
  std::size_t size = signature.size();
  if (::EVP_DigestSignInit(context.get(), nullptr, ::EVP_sha256(), nullptr,
                           key.get()) != 1 ||
      ::EVP_DigestSign(
          context.get(), reinterpret_cast<unsigned char*>(signature.data()),
          &size, reinterpret_cast<const unsigned char*>(text.data()),
          text.size()) != 1)
    return std::nullopt;
  signature.resize(size);
  return signature;
}

Secret sign_jwt(std::string_view claims, std::string_view key_id,
                std::string_view private_key) {
  std::string header;
  JsonWriter json(header);
  json.begin_object();
  json.member("alg", "RS256");
  json.member("typ", "JWT");
  if (!key_id.empty()) json.member("kid", key_id);
  json.end_object();
  const std::string signed_part = base64url(header) + "." + base64url(claims);
  const auto signature = sign_rsa_sha256(signed_part, private_key);
  if (!signature) return Secret();
  return Secret::join({signed_part, ".", base64url(*signature)});
}

}  // namespace mill
