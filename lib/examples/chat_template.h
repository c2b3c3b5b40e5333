// chat_template.h - what models' chat templates write around each message.
//
// A template is published with its model (chat_template in
// tokenizer_config.json), and a trainer writes each example by it. Those here
// have one form: a token that opens the message, its role, its text, and a token
// that closes it.
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

  std::string_view name;
  int at_beginning;  // tokens
  // Between role and text stands this, after a token or not.
  bool token_after_role;
  std::string_view before_text;
  std::string_view after_message;  // after the token that closes it
  bool strips_text;                // of white space at its ends
  std::string_view assistant;      // how it calls that role
  System system;
  std::string_view after_system;  // if it has no message of its own
};

// Null if there is none of that name.
const ChatTemplate* chat_template_named(std::string_view name);
std::vector<std::string> chat_template_names();

// Text without the white space at its ends, as Python strips it. REQUIRES:
// UTF-8.
std::string_view stripped(std::string_view text);

}  // namespace mill
