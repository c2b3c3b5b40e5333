// token_stats.h - counts the tokens of records, and sums the counts up.
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
#include <vector>

#include "lib/json/json.h"
#include "lib/tokens/tokenizer.h"

namespace mill {

// Whose text it is. Roles have several names: developer counts as system,
// human as user, gpt, model and function_call as assistant, function and
// observation as tool. Text without a role is kText, overhead no one's.
enum class Role { kSystem, kUser, kAssistant, kTool, kOther, kText, kOverhead };
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

// Counts the tokens of one record after the other. A record's shape is told
// by the first of these that it has:
//
//   messages       of role and content, which is text, null, or parts of
//                  which those with a text count
//   conversations  of from and value, and a system beside them
//   contents       of role and parts, and a systemInstruction beside them
//   instruction    with input and output, system and history
//   prompt         with completion, or with chosen and rejected, each a text or
//                  messages
//   question       with answer, also called topAnswer
//   text
//
// Each text is encoded by itself, as it is, and the counts are added.
class TokenCounter {
 public:
  enum Overhead {
    kTextOnly,
    // Adds what a chat's frame costs, by the estimate OpenAI's cookbook has:
    // 3 a record, and for each message 3, its role's tokens, and its name's
    // and 1 where it has one.
    kChatFrame,
  };

  explicit TokenCounter(Encoding encoding, Overhead overhead = kTextOnly)
      : tokenizer_(encoding), overhead_(overhead) {}

  // Counts, or says why the record is bad.
  std::optional<std::string> count(JsonValue record);
  // The last record's tokens. REQUIRES: it was not bad.
  const RoleTokens& tokens() const { return tokens_; }

 private:
  bool add_record(JsonValue record);
  bool add_messages(JsonValue list, std::string_view key,
                    std::string_view role_key, std::string_view text_key);
  bool add_history(JsonValue history);
  bool add_parts(JsonValue parts, Role role, std::string_view where);
  // A message of its own; where it may be missing, null and missing are none.
  enum Need { kNeeded, kOptional };
  bool add_message(JsonValue text, std::string_view role, std::string_view key,
                   Need need = kNeeded);
  bool add_text(JsonValue text, Role role, std::string_view where);
  void add_frame(std::string_view role);
  bool fail(std::string_view where, std::string_view wanted, JsonValue value);

  Tokenizer tokenizer_;
  Overhead overhead_;
  RoleTokens tokens_;
  std::string error_;
  std::string scratch_;
};

// The distribution of counts. Memory grows with the number of different
// counts, not of records.
class TokenSummary {
 public:
  void add(std::uint64_t tokens) {
    ++counts_[tokens];
    ++records_;
    total_ += tokens;
  }

  std::uint64_t records() const { return records_; }
  std::uint64_t total() const { return total_; }
  // The least count that percent of the records do not exceed (the nearest
  // rank, exact): the median of 1, 2, 3, 4 is 2. REQUIRES: records() > 0, here
  // and below.
  std::uint64_t percentile(unsigned percent) const;
  double mean() const {
    return static_cast<double>(total_) / static_cast<double>(records_);
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
  std::string json() const;   // one object, without a newline
  std::string table() const;  // for people, several lines
  std::string bars() const;   // the histogram, for people
};

}  // namespace mill
