// test_key.h - an RSA key made for a test.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>
#include <string_view>

struct TestKey {
  EVP_PKEY* key = ::EVP_RSA_gen(2048);
  std::string pem = pem_of(&write_private);

  TestKey() = default;
  ~TestKey() { ::EVP_PKEY_free(key); }
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;

  bool verifies(std::string_view text, std::string_view signature) const {
    EVP_MD_CTX* const context = ::EVP_MD_CTX_new();
    auto bytes = [](std::string_view view) {
      return reinterpret_cast<const unsigned char*>(view.data());
    };
    ::EVP_DigestVerifyInit(context, nullptr, ::EVP_sha256(), nullptr, key);
    const bool is_good =
        ::EVP_DigestVerify(context, bytes(signature), signature.size(),
                           bytes(text), text.size()) == 1;
    ::EVP_MD_CTX_free(context);
    return is_good;
  }

  std::string public_pem() const { return pem_of(&::PEM_write_bio_PUBKEY); }

 private:
  static int write_private(BIO* out, const EVP_PKEY* it) {
    return ::PEM_write_bio_PrivateKey(out, it, nullptr, nullptr, 0, nullptr,
                                      nullptr);
  }
  std::string pem_of(int (*write)(BIO*, const EVP_PKEY*)) const {
    BIO* const out = ::BIO_new(::BIO_s_mem());
    write(out, key);
    char* text = nullptr;
    const long size = ::BIO_get_mem_data(out, &text);
    std::string copy(text, static_cast<std::size_t>(size));
    ::BIO_free(out);
    return copy;
  }
};
