#include "lib/report/links.h"

#include "lib/reddit/comment_tree.h"
#include "lib/report/html.h"

namespace mill {

namespace {

bool is_thread_url(std::string_view url) {
  for (const std::string_view host :
       {"https://reddit.com/r/", "https://www.reddit.com/r/"})
    if (url.starts_with(host)) return true;
  return false;
}

}  // namespace

std::string linked(std::string_view text) {
  std::string url;
  if (text.starts_with("t3_") && is_reddit_id(text.substr(3)))
    url = "https://redd.it/" + std::string(text.substr(3));
  else if (is_thread_url(text))
    url = text;
  if (url.empty()) return html(text);
  return "<a href=\"" + html(url) + "\" rel=\"noreferrer\">" + html(text) +
         "</a>";
}

}  // namespace mill
