// token_stats.h - counts the tokens of records, and sums up the counts.
//
//   mill::TokenCounter counter(mill::Encoding::kO200k);
//   mill::TokenReport report;
//   report.files = {{"stdin", {}}};
//   if (auto why = counter.count(record)) return Outcome::bad(*why);
//   report.add(counter.tokens(), 0);
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/examples/chat_template.h"
#include "lib/json/json.h"
#include "lib/record/example.h"
#include "lib/tokens/tokenizer.h"

namespace mill {

inline constexpr std::size_t kRoles = 7;
std::string_view name_of(Role role);

// Tokens by role.
struct RoleTokens {
  std::array<std::uint64_t, kRoles> of{};
  std::uint64_t& operator[](Role role) {
    return of[static_cast<std::size_t>(role)];
  }
  std::uint64_t total() const {
    return std::accumulate(of.begin(), of.end(), std::uint64_t{0});
  }
};

// Counts the tokens of one record after the other: of an example in any
// format, an interaction, a plain text. Each text is encoded by itself, as it
// is, and the counts are added.
class TokenCounter {
 public:
  enum Overhead {
    kTextOnly,
    // Adds what a chat's frame costs, as OpenAI's cookbook estimates it: 3 a
    // record, and for each message 3, the tokens of its role, and, if it has a
    // name, the name's plus 1.
    kChatFrame,
  };

  explicit TokenCounter(Encoding encoding, Overhead overhead = kTextOnly)
      : TokenCounter(Tokenizer(encoding), overhead) {}
  explicit TokenCounter(Tokenizer tokenizer, Overhead overhead = kTextOnly)
      : tokenizer_(std::move(tokenizer)), overhead_(overhead) {}
  // Counts each example as the template writes it, each of its own tokens as
  // one. The tokens of a message's text are its role's, with what is written
  // beside the text without a token between; all others are the overhead.
  // Answers of a pair are messages, one after the other.
  TokenCounter(Tokenizer tokenizer, const ChatTemplate& chat)
      : tokenizer_(std::move(tokenizer)), overhead_(kTextOnly), chat_(&chat) {}

  // Counts, or says why the record is bad.
  std::optional<std::string> count(JsonValue record);
  // The last record's tokens. REQUIRES: it was not bad.
  const RoleTokens& tokens() const { return tokens_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  // How it counts: the tokenizer's name, and "+TEMPLATE" if it has one.
  std::string name() const {
    return tokenizer_.name() + (chat_ ? '+' + std::string(chat_->name) : "");
  }

 private:
  // Adds what a turn costs besides its text, or says why the record is bad.
  std::optional<std::string> add_frame(const Turn& turn);
  std::optional<std::string> count_chat();

  Tokenizer tokenizer_;
  Overhead overhead_;
  const ChatTemplate* chat_ = nullptr;
  ExampleReader example_;
  RoleTokens tokens_;
  std::string scratch_;
};

// The distribution of counts. Memory grows with the number of different
// counts, not of records.
class TokenSummary {
 public:
  void add(std::uint64_t tokens, std::uint64_t records = 1) {
    counts_[tokens] += records;
    records_ += records;
    total_ += tokens * records;
  }

  std::uint64_t records() const { return records_; }
  std::uint64_t total() const { return total_; }
  // The smallest count that so many percent of the records do not exceed
  // (exact, by nearest rank): the median of 1, 2, 3, 4 is 2. REQUIRES:
  // records() > 0, here and below.
  std::uint64_t percentile(unsigned percent) const;
  double mean() const {
    return static_cast<double>(total_) / static_cast<double>(records_);
  }
  // How many records have each number of tokens.
  const std::map<std::uint64_t, std::uint64_t>& counts() const {
    return counts_;
  }
  std::uint64_t min() const { return counts_.begin()->first; }
  std::uint64_t max() const { return counts_.rbegin()->first; }

  // How many records have from..to tokens: 0, 1, 2-3, 4-7, 8-15 and so on,
  // from the first range that has any to the last.
  struct Range {
    std::uint64_t from;
    std::uint64_t to;
    std::uint64_t records;
  };
  std::vector<Range> histogram() const;

 private:
  std::map<std::uint64_t, std::uint64_t> counts_;  // tokens to records
  std::uint64_t records_ = 0;
  std::uint64_t total_ = 0;
};

// What token-stats reports of all its input.
struct TokenReport {
  struct File {
    std::string name;
    TokenSummary summary;
  };

  std::string encoding;
  TokenSummary all;
  RoleTokens roles;
  std::vector<File> files;

  // Adds a record of files[file].
  void add(const RoleTokens& tokens, std::size_t file);
  // All of it that cannot be computed from the rest, as one object without a
  // newline: {"encoding":...,"roles":{ROLE:TOKENS,...},"files":[{"file":NAME,
  // "counts":[[TOKENS,RECORDS],...]},...]}.
  std::string counts_json() const;
  // Adds what another report's counts_json() gave; files of the same name are
  // one. Says what is wrong with it, if anything; then nothing is added.
  std::optional<std::string> add_counts(JsonValue counts);

  std::string json() const;   // one object, without a newline
  std::string table() const;  // for people, several lines
  std::string bars() const;   // the histogram, for people
};

}  // namespace mill
