#include "lib/pii/cues.h"

#include <algorithm>

#include "lib/pii/scan.h"

namespace mill::internal {

namespace {

// By Cue; lower case, separated by '|'.
constexpr std::string_view kWords[] = {
    "ip "
    "|ip:|ips|ip\xE6\x98\xAF|ipv|addr|ping|dns|server|host|router|subnet|"
    "gateway|"
    "resolv|tracer|http|network|nslookup|whois|inet|cidr|connect|proxy|vpn",
    "card|cc |cc:|credit|debit|visa|master|maestro|amex",
    "add me|arena|battle|bnet|discord|dm |find me|friend|gamertag|handle|"
    "hit me|ign|invite|message me|msg|mtga|my tag|nick|ping|play with|psn|"
    "add |tag:|user",
    "phone|tel|mobil|cell|fax|call|dial|text me|text at|sms|whatsapp|hotline|"
    "contact|reach|answering|messages to|desk:|office:|my number|ring|"
    "registered|viber|telegram|signal:|signal at|landline|"
    "handy|fone|celular|ligue|ligar|contato|llam|rufnummer|durchwahl|"
    "\xD1\x82\xD0\xB5\xD0\xBB|"                           // tel, in Russian
    "\xD9\x87\xD8\xA7\xD8\xAA\xD9\x81|"                   // hatif: telephone
    "\xE7\x94\xB5\xE8\xAF\x9D|\xE9\x9B\xBB\xE8\xA9\xB1"   // dianhua, denwa
    "|\xE6\x89\x8B\xE6\x9C\xBA|\xE6\x89\x8B\xE6\xA9\x9F"  // shouji: mobile
    "|\xE6\x8B\xA8\xE6\x89\x93|\xE8\x87\xB4\xE7\x94\xB5"  // boda, zhidian: call
    "|\xE8\x81\x94\xE7\xB3\xBB|\xE5\x8F\xB7\xE7\xA0\x81"  // lianxi, haoma
    "|\xE7\x83\xAD\xE7\xBA\xBF|\xE4\xBC\xA0\xE7\x9C\x9F"  // rexian, chuanzhen
    "|\xEC\xA0\x84\xED\x99\x94",                          // jeonhwa
    "ssn|social sec|ss#|s.s.n",
    "order n|order #|order id|tracking|invoice|isbn|issn|upc|sku|model|serial|"
    "part n|item n|case n|reference|ref.|doi|pmid|patent|seed|catalog|lot n",
    "version|ver.|ver |firmware|build|release|patch|driver|section|"
    "objectidentifier|oid "};

constexpr std::size_t kCueCount = static_cast<std::size_t>(Cue::kCount);

// The first bytes of each cue's words.
constexpr auto make_first_bytes() {
  std::array<std::array<bool, 256>, kCueCount> firsts{};
  for (std::size_t cue = 0; cue < kCueCount; ++cue) {
    bool is_first = true;
    for (const char c : kWords[cue]) {
      if (is_first) firsts[cue][static_cast<unsigned char>(c)] = true;
      is_first = c == '|';
    }
  }
  return firsts;
}

constexpr auto kFirstBytes = make_first_bytes();

bool begins_at(std::string_view text, std::size_t i, std::size_t cue) {
  if (!kFirstBytes[cue][static_cast<unsigned char>(lower(text[i]))] ||
      (i > 0 && is_letter(text[i]) && is_letter(text[i - 1])))
    return false;
  const std::string_view words = kWords[cue];
  for (std::size_t w = 0; w < words.size();) {
    const std::size_t bar = std::min(words.find('|', w), words.size());
    if (starts_with_word(text, i, words.substr(w, bar - w))) return true;
    w = bar + 1;
  }
  return false;
}

}  // namespace

bool Cues::has(std::string_view text, Cue cue, std::size_t begin,
               std::size_t end) {
  const auto kind = static_cast<std::size_t>(cue);
  Read& read = reads_[kind];
  if (read.end < end) {
    for (std::size_t i = std::max(read.end, begin); i < end; ++i)
      if (begins_at(text, i, kind)) read.last = i;
    read.end = end;
  }
  if (read.last + 1 == 0 || read.last < begin) return false;
  if (read.last < end) return true;
  // This place is before that of the last call.
  for (std::size_t i = begin; i < end; ++i)
    if (begins_at(text, i, kind)) return true;
  return false;
}

}  // namespace mill::internal
