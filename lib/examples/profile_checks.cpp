#include "lib/examples/profile_checks.h"

#include <algorithm>

#include "lib/base/utf8.h"

namespace mill {

bool is_among(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string list_of(Names names) {
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

bool is_text(JsonValue value, std::string_view text) {
  std::string scratch;
  return value.is_string() && value.string(scratch) == text;
}

bool is_set(JsonValue value) { return value && !value.is_null(); }

void check_keys(JsonValue object, const std::string& path, Names known,
                Severity severity, std::string_view code,
                std::string_view sentence, Findings& findings) {
  std::string scratch;
  for (const auto [key, value] : object.members()) {
    const std::string_view name = key.string(scratch);
    if (!is_among(known, name))
      findings.add(severity, code, path_to(path, name), std::string(sentence));
  }
}

void check_text(JsonValue value, const std::string& path, Severity empty,
                Findings& findings) {
  std::string scratch;
  const std::string_view text = value.string(scratch);
  findings.texts.push_back(value);
  if (text.empty()) {
    findings.add(empty, "missing_content", path, "the text is empty");
    return;
  }
  if (is_blank(text))
    findings.warn("blank_content", path, "the text is white space only");
  // All that is looked for, except DEL, is not ASCII or was an escape.
  bool has_control = false, has_replacement = false;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7F) {
      ++i;
      continue;
    }
    const char32_t c = take_code_point(text, i);
    has_control |= (c < 0x20 && c != '\n' && c != '\t' && c != '\r') ||
                   (c >= 0x7F && c < 0xA0);
    has_replacement |= c == 0xFFFD;
  }
  if (has_control)
    findings.warn("control_character", path, "the text has control characters");
  if (has_replacement)
    findings.warn("replacement_character", path,
                  "the text has U+FFFD, the mark of a decoding error");
}

void check_parts(JsonValue parts, const std::string& path, bool is_user,
                 Severity empty, Findings& findings) {
  if (parts.size() == 0)
    findings.add(empty, "missing_content", path, "the list of parts is empty");
  std::size_t i = 0;
  for (const JsonValue part : parts.elements()) {
    const std::string at = path_to(path, i++);
    const JsonValue type = part["type"];
    if (!part.is_object()) {
      findings.error("content_part", at, mismatch("an object", part));
    } else if (is_text(type, "text")) {
      if (part["text"].is_string())
        check_text(part["text"], path_to(at, "text"), Severity::kWarning,
                   findings);
      else
        findings.error("content_part", path_to(at, "text"),
                       mismatch("a string", part["text"]));
    } else if (is_text(type, "image_url")) {
      if (!is_user)
        findings.error("content_part", at,
                       "only a user message may hold an image");
      if (!part["image_url"]["url"].is_string())
        findings.error("content_part", at + ".image_url.url",
                       mismatch("a string", part["image_url"]["url"]));
    } else {
      findings.error("content_part", path_to(at, "type"),
                     "the type is neither text nor image_url");
    }
  }
}

namespace {

void check_weight(JsonValue message, const std::string& at, bool is_assistant,
                  const MessageRules& rules, Findings& findings) {
  const JsonValue weight = message["weight"];
  if (!weight) return;
  const auto number = weight.number();
  const bool is_valid =
      rules.weight_may_be_a_fraction
          ? number && (*number == 0 || *number == 1)
          : weight.raw() == "0" || weight.raw() == "1" ||
                // to Python, a boolean is an integer
                (weight.is_bool() && !rules.only_assistant_has_weight);
  if (!is_valid)
    findings.add(rules.bad_weight, "invalid_weight", path_to(at, "weight"),
                 "the weight is neither 0 nor 1");
  if (rules.only_assistant_has_weight && !is_assistant)
    findings.error("invalid_weight", path_to(at, "weight"),
                   "only an assistant message may have a weight");
}

void check_content(JsonValue message, const std::string& at,
                   std::string_view role, const MessageRules& rules,
                   Findings& findings) {
  const bool is_user = role == "user";
  JsonValue content = message["content"];
  if (rules.text_may_be_content && message["text"]) {
    if (content)
      findings.error("message_format", at,
                     "the message has both content and text");
    content = message["text"];
  }
  const bool has_calls =
      (rules.calls_replace_content &&
       (!rules.has_api_types || role == "assistant") &&
       (is_set(message["tool_calls"]) || is_set(message["function_call"]))) ||
      (rules.assistant_may_only_call && role == "assistant" &&
       message["tool_calls"]);
  if (content.is_string()) {
    if (!has_calls || content.raw_string() != "")
      check_text(content, path_to(at, "content"), rules.empty_text, findings);
  } else if (content.is_array()) {
    check_parts(content, path_to(at, "content"), is_user, rules.empty_text,
                findings);
  } else if (!content) {
    if (!has_calls)
      findings.error("message_missing_key", path_to(at, "content"),
                     "the message has no content");
  } else if (!content.is_null() || !has_calls) {
    findings.error("missing_content", path_to(at, "content"),
                   mismatch("a string or a list of parts", content));
  }
}

}  // namespace

namespace {

// A string that is needed.
void check_api_string(JsonValue value, const std::string& path,
                      Findings& findings) {
  if (!value.is_string())
    findings.error("data_type", path, mismatch("a string", value));
}

void check_api_call(JsonValue function, const std::string& path,
                    Findings& findings) {
  for (const char* key : {"name", "arguments"})
    check_api_string(function[key], path_to(path, key), findings);
}

}  // namespace

void check_api_types(JsonValue message, const std::string& at,
                     std::string_view role, Findings& findings) {
  if (message["name"] || role == "function")
    check_api_string(message["name"], path_to(at, "name"), findings);
  if (message["tool_call_id"] || role == "tool")
    check_api_string(message["tool_call_id"], path_to(at, "tool_call_id"),
                     findings);
  if (is_set(message["refusal"]))
    check_api_string(message["refusal"], path_to(at, "refusal"), findings);
  if (is_set(message["function_call"]))
    check_api_call(message["function_call"], path_to(at, "function_call"),
                   findings);
  const JsonValue calls = message["tool_calls"];
  if (!calls) return;
  const std::string calls_at = path_to(at, "tool_calls");
  if (!calls.is_array() || calls.size() == 0)
    findings.error(
        "data_type", calls_at,
        calls.is_array() ? "an empty list" : mismatch("an array", calls));
  std::size_t i = 0;
  for (const JsonValue call : calls.elements()) {
    const std::string call_at = path_to(calls_at, i++);
    check_api_string(call["id"], path_to(call_at, "id"), findings);
    if (!is_text(call["type"], "function"))
      findings.error("tool_call", path_to(call_at, "type"),
                     "the type is not function");
    check_api_call(call["function"], path_to(call_at, "function"), findings);
  }
}

void check_api_tools(JsonValue example, Findings& findings) {
  for (const std::string key : {"tools", "functions"}) {
    const JsonValue tools = example[key];
    if (!tools) continue;
    if (!tools.is_array())
      findings.error("data_type", key, mismatch("an array", tools));
    std::size_t i = 0;
    for (const JsonValue tool : tools.elements()) {
      const std::string at = path_to(key, i++);
      const bool is_tool = key == "tools";
      if (is_tool && !is_text(tool["type"], "function"))
        findings.error("tool", path_to(at, "type"), "the type is not function");
      const std::string function = is_tool ? path_to(at, "function") : at;
      check_api_string((is_tool ? tool["function"] : tool)["name"],
                       path_to(function, "name"), findings);
    }
  }
}

std::string check_role(JsonValue message, const std::string& at, Names roles,
                       Findings& findings, std::string_view key) {
  const JsonValue role = message[key];
  if (!role) {
    findings.error("message_missing_key", path_to(at, key),
                   "the message has no role");
    return {};
  }
  if (role.is_string())
    if (std::string name = role.string(); is_among(roles, name)) return name;
  findings.error("unrecognized_role", path_to(at, key),
                 "the role is none of " + list_of(roles));
  return {};
}

std::vector<std::string> check_messages(JsonValue messages,
                                        const std::string& path,
                                        const MessageRules& rules,
                                        Findings& findings) {
  std::vector<std::string> roles;
  if (!messages.is_array()) {
    findings.error("missing_messages_list", path,
                   messages ? mismatch("a list of messages", messages)
                            : "there are no messages");
    return roles;
  }
  if (messages.size() == 0) {
    findings.error("missing_messages_list", path,
                   "the list of messages is empty");
    return roles;
  }
  for (const JsonValue message : messages.elements()) {
    const std::string at = path_to(path, roles.size());
    if (!message.is_object()) {
      findings.error("data_type", at, mismatch("an object", message));
      roles.emplace_back();
      continue;
    }
    if (!rules.keys.empty())
      check_keys(message, at, rules.keys, Severity::kError,
                 "message_unrecognized_key", "a message has no such key",
                 findings);
    const std::string role = check_role(message, at, rules.roles, findings);
    check_content(message, at, role, rules, findings);
    check_weight(message, at, role == "assistant", rules, findings);
    if (rules.has_api_types) check_api_types(message, at, role, findings);
    if (!role.empty() && !roles.empty()) {
      if (role == roles.back() && role != "tool")
        findings.add(rules.same_role_twice, "role_order", path_to(at, "role"),
                     "the role is that of the message before");
      else if (role == "system")
        findings.add(rules.late_system, "role_order", path_to(at, "role"),
                     "the system message is not the first");
    }
    roles.push_back(role);
  }
  if (rules.needs_assistant) {
    if (std::find(roles.begin(), roles.end(), "assistant") == roles.end())
      findings.error("example_missing_assistant_message", path,
                     "no message is the assistant's");
    else if (roles.back() != "assistant")
      findings.add(rules.last_not_assistant, "last_message_not_assistant",
                   path_to(path_to(path, roles.size() - 1), "role"),
                   "the last message is not the assistant's");
  }
  return roles;
}

void check_column(JsonValue value, const std::string& path, bool is_user,
                  Findings& findings) {
  if (value.is_string())
    check_text(value, path, Severity::kWarning, findings);
  else if (value.is_array())
    check_parts(value, path, is_user, Severity::kWarning, findings);
  else
    findings.error("missing_content", path,
                   mismatch("a string or a list of parts", value));
}

void check_preference(JsonValue example, MessageRules rules,
                      Findings& findings) {
  rules.needs_assistant = false;
  const auto roles = check_messages(example["input"]["messages"],
                                    "input.messages", rules, findings);
  if (!roles.empty() && roles.back() == "assistant")
    findings.error("preference_input", "input.messages",
                   "the last message is the assistant's");
  rules.bad_weight = rules.bad_output_weight;
  for (const char* key : {"preferred_output", "non_preferred_output"}) {
    const JsonValue output = example[key];
    if (!output.is_array() || output.size() != 1) {
      findings.error("preference_output", key,
                     "not a list of exactly one message");
      continue;
    }
    const auto role = check_messages(output, key, rules, findings);
    const JsonValue message = *output.elements().begin();
    if (rules.assistant_may_only_call && message["tool_calls"] &&
        message["content"].is_null())
      findings.error(
          "missing_content", path_to(path_to(key, 0), "content"),
          "null; beside tool_calls an output has text or no content");
    if (!role[0].empty() && role[0] != "assistant")
      findings.error("preference_output", path_to(path_to(key, 0), "role"),
                     "the message is not the assistant's");
  }
}

}  // namespace mill
