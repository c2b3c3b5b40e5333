// example_writer.h - writes an example in any format, following the format's
// row.
//
//   mill::Conversation said;
//   said.turns = {{mill::Role::kUser, "\"How?\""},
//                 {mill::Role::kAssistant, "\"So.\""}};
//   mill::write_example(*mill::example_format("sharegpt"), said, out);
//
// All texts are JSON already, spelled as where they come from.
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

// Appends the example, without a newline. Metadata and other columns are left
// out if the format takes none. REQUIRES: the format can hold it: if it has a
// column for the system message, only the first turn may be one; if it has one
// for the answer, the last turn is the assistant's; if it has one for the
// history, user and assistant alternate; if it has one for the rejected answer,
// there is one.
void write_example(const ExampleFormat& format, const Conversation& said,
                   std::string& out);

}  // namespace mill
