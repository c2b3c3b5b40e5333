// jwt.h - signed JSON Web Tokens (RFC 7519, RS256), and their signature.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lib/base/secret.h"

namespace mill {

// A token with these claims, which are JSON; no "kid" if key_id is empty. Empty
// if private_key is not an RSA key in PEM.
Secret sign_jwt(std::string_view claims, std::string_view key_id,
                std::string_view private_key);

// The bytes of text's signature by RSA (PKCS #1, v1.5) and SHA-256; nothing if
// private_key is not an RSA key in PEM.
std::optional<std::string> sign_rsa_sha256(std::string_view text,
                                           std::string_view private_key);

std::string base64url(std::string_view bytes);  // RFC 4648, no padding

}  // namespace mill
