#include "lib/report/links.h"

#include <algorithm>

#include "lib/report/html.h"

namespace mill {

namespace {

bool is_post_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  });
}

bool is_thread_url(std::string_view url) {
  for (const std::string_view host :
       {"https://reddit.com/r/", "https://www.reddit.com/r/"})
    if (url.starts_with(host)) return true;
  return false;
}

}  // namespace

std::string linked(std::string_view text) {
  std::string url;
  if (text.starts_with("t3_") && is_post_id(text.substr(3)))
    url = "https://redd.it/" + std::string(text.substr(3));
  else if (is_thread_url(text))
    url = text;
  if (url.empty()) return html(text);
  return "<a href=\"" + html(url) + "\" rel=\"noreferrer\">" + html(text) +
         "</a>";
}

}  // namespace mill
