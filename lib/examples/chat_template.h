// chat_template.h - what models' chat templates write around each message.
//
// A template is published with its model (chat_template in
// tokenizer_config.json), and a trainer writes each example by it. Most of those
// here have one form: a token that opens the message, its role, its text, and a
// token that closes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mill {

struct ChatTemplate {
  enum System {
    kOwnMessage,
    kInNextUser,  // before the text of the user's first message
  };

  enum Roles {
    kWritten,  // after the token that opens the message
    // Each has its own tokens, and the assistant's message only one, after it.
    kTokens,
  };
  enum Strips {
    kNothing,
    kEnds,        // white space at the ends of all messages
    kAnswersEnd,  // blanks at the end of the assistant's
  };

  std::string_view name;
  int at_beginning;  // tokens
  Roles roles;
  // Between role and text stands this, after a token or not.
  bool token_after_role;
  std::string_view before_text;
  std::string_view after_message;  // after the token that closes it
  Strips strips;
  std::string_view assistant;  // how it calls that role
  System system;
  std::string_view after_system;  // if it has no message of its own
  // What stands before </think> in an answer is of use after the last question
  // only, where there always is a pair of <think> and </think>.
  bool thinks;
};

// Null if there is none of that name.
const ChatTemplate* chat_template_named(std::string_view name);
std::vector<std::string> chat_template_names();

// An answer as a template that thinks has it; all without line ends at its ends,
// the answer at its beginning.
struct Thoughts {
  std::string_view thoughts;  // "" if there is no "</think>"
  std::string_view answer;
};
Thoughts split_thoughts(std::string_view text);

// Text without the white space at its ends, as Python strips it. REQUIRES:
// UTF-8.
std::string_view stripped(std::string_view text);

}  // namespace mill
