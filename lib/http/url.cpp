#include "lib/http/url.h"

#include <curl/curl.h>

#include "lib/base/ascii.h"

namespace mill {

namespace {

void append_encoded(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_ascii_alphanumeric(c) || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
}

void append_form(std::string& out, const FormFields& fields) {
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out += '&';
    append_encoded(out, name);
    out += '=';
    append_encoded(out, value);
  }
}

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (::curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
  std::string copy = text;
  ::curl_free(text);
  return copy;
}

}  // namespace

std::optional<Url> parse_url(const std::string& text) {
  CURLU* const url = ::curl_url();
  std::optional<Url> parsed;
  if (::curl_url_set(url, CURLUPART_URL, text.c_str(), 0) == CURLUE_OK) {
    parsed = {url_part(url, CURLUPART_SCHEME), url_part(url, CURLUPART_HOST),
              url_part(url, CURLUPART_PORT),   url_part(url, CURLUPART_PATH),
              url_part(url, CURLUPART_QUERY),  false};
    parsed->has_login = !url_part(url, CURLUPART_USER).empty() ||
                        !url_part(url, CURLUPART_PASSWORD).empty();
    parsed->host = ascii_lower(parsed->host);
  }
  ::curl_url_cleanup(url);
  return parsed;
}

std::string url_for_messages(std::string_view url) {
  const auto parsed = parse_url(std::string(url));
  if (!parsed) return "URL";
  return parsed->scheme + "://" + parsed->host +
         (parsed->port.empty() ? "" : ":" + parsed->port) + parsed->path;
}

bool is_loopback_http(const std::string& url) {
  const auto parsed = parse_url(url);
  return parsed && parsed->scheme == "http" && is_loopback_host(parsed->host);
}

bool is_loopback_host(std::string_view host) {
  return host == "localhost" || host == "::1" || host == "[::1]" ||
         (host.starts_with("127.") &&
          host.find_first_not_of("0123456789.") == host.npos);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  append_encoded(out, text);
  return out;
}

std::string form_encode(const FormFields& fields) {
  std::string out;
  append_form(out, fields);
  return out;
}

Secret secret_form(const FormFields& fields) {
  std::size_t most = 0;
  for (const auto& [name, value] : fields)
    most += 3 * (name.size() + value.size()) + 2;
  std::string text;
  text.reserve(most);  // growing would leave a copy
  append_form(text, fields);
  Secret form(text);
  wipe(text);
  return form;
}

}  // namespace mill
