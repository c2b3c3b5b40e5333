// stages.h - what a manifest tells of the stages, in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/json/json.h"

namespace mill {

struct StageAccount {
  std::string name;
  std::string tool;
  std::uint64_t read;
  std::uint64_t written;
  // Why records were left out, in words, and how many; most first. Bad records
  // count, and so do those that the account leaves unexplained.
  std::vector<std::pair<std::string, std::uint64_t>> reasons;

  explicit StageAccount(JsonValue account);
  std::uint64_t left_out() const;
};

std::vector<StageAccount> stages_of(JsonValue manifest);

// What a program does, as the end of a sentence: "reads the store"; "" if the
// program is not known.
std::string_view purpose_of(std::string_view tool);

// A reason for which records were dropped: "the post was deleted by its author"
// for post_deleted. An unknown word, such as one from a user's own profile, is
// given with spaces for underscores.
std::string reason_in_words(std::string_view reason);

// A whole number that counts something; 0 for any other value.
std::uint64_t count_of(JsonValue value);
// A value as a person writes it: a string's text, else its JSON.
std::string plain_text(JsonValue value);

}  // namespace mill
