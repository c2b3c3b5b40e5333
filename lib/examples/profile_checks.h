// profile_checks.h - what the profiles of vendors and trainers have in common:
// checks of texts, of messages and of the keys beside them.
//
//   constexpr std::string_view kRoles[] = {"system", "user", "assistant"};
//   const MessageRules rules{.roles = kRoles};
//   check_messages(example["messages"], "messages", rules, findings);
//
// Paths are of the example, as path_to() makes them.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/examples/vendor_profiles.h"
#include "lib/json/json.h"

namespace mill {

using Names = std::span<const std::string_view>;

bool is_among(Names names, std::string_view name);
std::string list_of(Names names);

// True if value is the string text.
bool is_text(JsonValue value, std::string_view text);
// True if value is there and not null.
bool is_set(JsonValue value);

// A finding for each key of object that is not known.
void check_keys(JsonValue object, const std::string& path, Names known,
                Severity severity, std::string_view code,
                std::string_view sentence, Findings& findings);

// Looks for what hardly belongs in a text. Whether it may be empty depends on
// the vendor: `empty` says how bad that is.
void check_text(JsonValue value, const std::string& path, Severity empty,
                Findings& findings);

// What a vendor requires of a list of messages.
struct MessageRules {
  Names roles;
  Names keys = {};  // of a message; none: any
  Severity empty_text = Severity::kWarning;
  Severity last_not_assistant = Severity::kWarning;
  Severity same_role_twice = Severity::kWarning;
  Severity late_system = Severity::kWarning;  // not the first message
  bool needs_assistant = true;
  // Whose tool_calls, even null, may stand without content; none of the two:
  // nobody's.
  bool calls_replace_content = true;  // anybody's (with has_api_types the
                                      // assistant's), unless they are null
  bool assistant_may_only_call = false;
  bool text_may_be_content = false;  // the key text instead of content
  bool only_assistant_has_weight = false;
  bool has_api_types = false;             // check_api_types()
  bool weight_may_be_a_fraction = false;  // 1.0 is as good as 1
  Severity bad_weight = Severity::kError;
  Severity bad_output_weight = Severity::kError;  // of a preference's outputs
};

// Parts of a message's content, as [{"type":"text","text":"..."}, ...].
void check_parts(JsonValue parts, const std::string& path, bool is_user,
                 Severity empty, Findings& findings);

// A text, or a list of parts, that stands by itself.
void check_column(JsonValue value, const std::string& path, bool is_user,
                  Findings& findings);

// The role under key, where it is one of the roles known.
std::string check_role(JsonValue message, const std::string& at, Names roles,
                       Findings& findings, std::string_view key = "role");

// That name, refusal, tool_calls and what answers them have the types of OpenAI's
// API (POST /v1/chat/completions, the schemas of its messages).
void check_api_types(JsonValue message, const std::string& at,
                     std::string_view role, Findings& findings);

// The same of an example's tools, or functions.
void check_api_tools(JsonValue example, Findings& findings);

// Checks a list of messages; returns their roles, empty where unknown.
std::vector<std::string> check_messages(JsonValue messages,
                                        const std::string& path,
                                        const MessageRules& rules,
                                        Findings& findings);

// {"input":{"messages":[...]},"preferred_output":[...],
//  "non_preferred_output":[...]}, each output one message of the assistant.
void check_preference(JsonValue example, MessageRules rules,
                      Findings& findings);

}  // namespace mill
