// url.h - URLs: parsed, built, shown without their secrets.
//
//   auto url = mill::parse_url("https://example.com/a?q=1");  // url->host
//   "https://example.com/?" + mill::form_encode({{"q", "x y"}})  // ?q=x%20y
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/secret.h"

namespace mill {

// A URL's parts, the host in lower case; nothing if it is none.
struct Url {
  std::string scheme, host, port, path, query;
  bool has_login;  // a user or a password
};
std::optional<Url> parse_url(const std::string& text);
// A URL for messages: without user, password, query and fragment.
std::string url_for_messages(std::string_view url);
// True if the URL is plain HTTP to loopback.
bool is_loopback_http(const std::string& url);
// True for a host that is this machine: localhost, 127.0.0.0/8, ::1 or [::1].
bool is_loopback_host(std::string_view host);

// All but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view text);
// "a=1&b=x%20y": a query or a form.
using FormFields = std::vector<std::pair<std::string_view, std::string_view>>;
std::string form_encode(const FormFields& fields);
// The same for fields that hold a secret, with no copy left in memory.
Secret secret_form(const FormFields& fields);

}  // namespace mill
