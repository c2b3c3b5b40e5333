// example_writer.h - writes an example in any format, by the format's row.
//
//   mill::Conversation said;
//   said.turns = {{mill::Role::kUser, "\"How?\""},
//                 {mill::Role::kAssistant, "\"So.\""}};
//   mill::write_example(*mill::example_format("sharegpt"), said, out);
//
// All texts are JSON already, as they are spelled where they come from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/record/example.h"

namespace mill {

struct Conversation {
  struct Said {
    Role role;
    std::string text;            // a JSON string
    std::string_view turn = {};  // not empty: the whole turn, written as it is
  };
  std::vector<Said> turns = {};  // a system message first, the answer last
  std::optional<Said> rejected = {};
  std::string_view metadata = {};  // a JSON value; empty: none
  // Other columns: their names and values, as JSON.
  std::vector<std::pair<std::string_view, std::string_view>> others = {};
};

// True if one of the format's columns holds this part.
bool holds(const ExampleFormat& format, Part part);

// Appends the example, without a newline. What the format takes no others for
// is left out. REQUIRES: the format can hold it: a system message where it has
// a column for that is the first turn only; where it has one for the answer,
// the last turn is the assistant's; where it has one for history, user and
// assistant take turns; where it has one for the rejected answer, it is there.
void write_example(const ExampleFormat& format, const Conversation& said,
                   std::string& out);

}  // namespace mill
