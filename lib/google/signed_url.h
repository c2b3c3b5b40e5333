// signed_url.h - links to objects of Cloud Storage that work for a time without
// any credentials: V4 signed URLs.
//
//   mill::SignedUrl link({.bucket = "b", .object = "v1/a.jsonl",
//                         .account = "robot@p.iam.gserviceaccount.com",
//                         .at = mill::now(), .seconds = 3600});
//   link.url(sign(link.text_to_sign()))
//
// Whoever has the link can read that object, and nothing else, as the service
// account could. What is signed is described in Cloud Storage's documentation
// under "V4 signing process".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/timestamp.h"

namespace mill {

// The longest time that Cloud Storage takes: seven days.
inline constexpr std::uint64_t kMostSignedSeconds = 604'800;

struct LinkedObject {
  std::string endpoint = "https://storage.googleapis.com";
  std::string bucket, object;
  std::string generation = {};  // of the object; empty: the live one
  std::string account;          // which signs
  Timestamp at;                 // when it is signed
  std::uint64_t seconds = 0;    // for which it works
};

class SignedUrl {
 public:
  explicit SignedUrl(const LinkedObject& object);
  // What the account signs with RSA and SHA-256.
  const std::string& text_to_sign() const { return text_; }
  std::string url(std::string_view signature) const;

 private:
  std::string unsigned_url_;
  std::string text_;
};

}  // namespace mill
