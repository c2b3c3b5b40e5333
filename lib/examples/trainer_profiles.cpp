#include "lib/examples/trainer_profiles.h"

#include <algorithm>
#include <string>
#include <vector>

#include "lib/examples/profile_checks.h"

namespace mill {

namespace {

// A string that is needed.
void check_string(JsonValue value, const std::string& path,
                  Findings& findings) {
  if (value.is_string())
    check_text(value, path, Severity::kWarning, findings);
  else
    findings.error("missing_content", path, mismatch("a string", value));
}

// A string that may be empty, missing, or null.
void check_optional_string(JsonValue example, const std::string& key,
                           Findings& findings) {
  const JsonValue value = example[key];
  if (!is_set(value) || is_text(value, "")) return;
  if (value.is_string())
    check_text(value, key, Severity::kWarning, findings);
  else
    findings.error("data_type", key, mismatch("a string", value));
}

// Whether the example has a pair of answers; half a pair is an error.
bool has_pair(JsonValue example, Findings& findings) {
  const bool has_chosen = is_set(example["chosen"]),
             has_rejected = is_set(example["rejected"]);
  if (has_chosen != has_rejected)
    findings.error("preference_output", has_chosen ? "rejected" : "chosen",
                   "of two answers only the other is there");
  return has_chosen || has_rejected;
}

// That user and assistant alternate, the user first and the assistant last.
void check_turns(const std::vector<std::string>& roles, const std::string& path,
                 Findings& findings) {
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const std::string_view wanted = i % 2 == 0 ? "user" : "assistant";
    if (!roles[i].empty() && roles[i] != wanted)
      findings.error("role_order", path_to(path_to(path, i), "role"),
                     i == 0 ? "the first message is not the user's"
                            : "user and assistant do not alternate");
  }
  if (!roles.empty() && roles.back() == "user")
    findings.error("last_message_not_assistant",
                   path_to(path_to(path, roles.size() - 1), "role"),
                   "the last message is not the assistant's");
}

constexpr std::string_view kChatRoles[] = {"system", "user", "assistant",
                                           "tool"};

}  // namespace

void check_rft(JsonValue example, Findings& findings) {
  static constexpr std::string_view kRoles[] = {"system", "developer", "user",
                                                "assistant", "tool"};
  constexpr MessageRules kRules{.roles = kRoles,
                                .empty_text = Severity::kError,
                                .needs_assistant = false,
                                .only_assistant_has_weight = true,
                                .has_api_types = true};
  constexpr std::string_view kReserved[] = {"messages", "tools", "metadata"};
  check_api_tools(example, findings);
  const auto roles =
      check_messages(example["messages"], "messages", kRules, findings);
  if (!roles.empty() && roles.back() != "user")
    findings.error("last_message_not_user",
                   path_to(path_to("messages", roles.size() - 1), "role"),
                   "the last message is not the user's");
  bool has_reference = false;
  std::string scratch;
  for (const auto [key, value] : example.members())
    has_reference |= !is_among(kReserved, key.string(scratch));
  if (!has_reference)
    findings.warn("no_reference", "",
                  "nothing beside the messages that a grader could refer to");
}

void check_fireworks(JsonValue example, Findings& findings) {
  constexpr MessageRules kRules{.roles = kChatRoles,
                                .empty_text = Severity::kError,
                                .late_system = Severity::kError,
                                .has_api_types = true};
  if (!example["messages"] && (example["input"] || example["preferred_output"]))
    return check_preference(example, kRules, findings);
  check_messages(example["messages"], "messages", kRules, findings);
}

namespace {

// Words that Amazon's models use as marks between turns: a job fails over a
// prompt that has them.
void check_reserved_words(JsonValue text, const std::string& path,
                          Findings& findings) {
  constexpr std::string_view kWords[] = {
      "User:", "Bot:", "Assistant:", "System:", "<image>", "<video>", "[EOS]"};
  const std::string whole = text.string();
  for (const std::string_view word : kWords)
    if (whole.find(word) != whole.npos)
      findings.warn(
          "reserved_word", path,
          "the prompt has a word that Amazon Nova keeps for itself: " +
              std::string(word));
}

// [{"text": "..."}, ...]: each part has a single key.
// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html
void check_bedrock_texts(JsonValue parts, const std::string& path,
                         bool is_prompt, Findings& findings) {
  if (!parts.is_array() || parts.size() == 0) {
    findings.error("missing_content", path,
                   parts.is_array() ? "the list of parts is empty"
                                    : mismatch("a list of parts", parts));
    return;
  }
  std::size_t i = 0;
  for (const JsonValue part : parts.elements()) {
    const std::string at = path_to(path, i++);
    const JsonValue text = part["text"];
    if (part.size() > 1)
      findings.error("content_part", at, "a part has several keys");
    if (text.is_string()) {
      check_text(text, path_to(at, "text"), Severity::kError, findings);
      if (is_prompt) check_reserved_words(text, path_to(at, "text"), findings);
    } else if (!part["image"].is_object() && !part["video"].is_object() &&
               !part["reasoningContent"].is_object()) {
      findings.error("content_part", at, "neither text nor image nor video");
    }
  }
}

// The roles of messages whose content check() looks at.
template <typename Check>
std::vector<std::string> check_bedrock_messages(JsonValue messages,
                                                Findings& findings,
                                                const Check& check) {
  constexpr std::string_view kRoles[] = {"user", "assistant"};
  constexpr std::string_view kKeys[] = {"role", "content"};
  std::vector<std::string> roles;
  if (!messages.is_array() || messages.size() < 2) {
    findings.error("missing_messages_list", "messages",
                   "not a list of at least two messages");
    return roles;
  }
  for (const JsonValue message : messages.elements()) {
    const std::string at = path_to("messages", roles.size());
    if (!message.is_object()) {
      findings.error("data_type", at, mismatch("an object", message));
      roles.emplace_back();
      continue;
    }
    check_keys(message, at, kKeys, Severity::kError, "message_unrecognized_key",
               "a message has no such key", findings);
    roles.push_back(check_role(message, at, kRoles, findings));
    check(message["content"], path_to(at, "content"), roles.back() == "user");
  }
  check_turns(roles, "messages", findings);
  return roles;
}

}  // namespace

void check_bedrock(JsonValue example, Findings& findings) {
  constexpr std::string_view kKeys[] = {"schemaVersion", "system", "messages"};
  check_keys(example, "", kKeys, Severity::kError, "unrecognized_key",
             "an example has no such key", findings);
  if (!is_text(example["schemaVersion"], "bedrock-conversation-2024"))
    findings.error("schema_version", "schemaVersion",
                   "not 'bedrock-conversation-2024'");
  if (example["system"])
    check_bedrock_texts(example["system"], "system", true, findings);
  check_bedrock_messages(
      example["messages"], findings,
      [&](JsonValue content, const std::string& path, bool is_user) {
        check_bedrock_texts(content, path, is_user, findings);
      });
}

void check_bedrock_claude(JsonValue example, Findings& findings) {
  constexpr std::string_view kKeys[] = {"system", "messages"};
  check_keys(example, "", kKeys, Severity::kError, "unrecognized_key",
             "an example has no such key", findings);
  if (example["system"]) check_string(example["system"], "system", findings);
  check_bedrock_messages(example["messages"], findings,
                         [&](JsonValue content, const std::string& path, bool) {
                           if (content.is_string())
                             check_text(content, path, Severity::kError,
                                        findings);
                           else
                             findings.error("missing_content", path,
                                            mismatch("a string", content));
                         });
}

namespace {

constexpr std::string_view kAsks[] = {"human", "observation"};
constexpr std::string_view kAnswers[] = {"gpt", "function_call"};
constexpr std::string_view kSharegptRoles[] = {"system", "human", "gpt",
                                               "observation", "function_call"};

// One of ShareGPT's turns; gives its role.
std::string check_sharegpt_turn(JsonValue turn, const std::string& at,
                                Names roles, Findings& findings) {
  if (!turn.is_object()) {
    findings.error("data_type", at, mismatch("an object", turn));
    return {};
  }
  check_string(turn["value"], path_to(at, "value"), findings);
  return check_role(turn, at, roles, findings, "from");
}

}  // namespace

// LLaMA-Factory drops a conversation whose turns are out of order, with a
// warning only.
void check_sharegpt(JsonValue example, Findings& findings) {
  const bool is_pair = has_pair(example, findings);
  check_optional_string(example, "system", findings);
  if (is_set(example["tools"]) && !example["tools"].is_string())
    findings.warn("data_type", "tools", "not a string that holds JSON");
  const JsonValue turns = example["conversations"];
  if (!turns.is_array() || turns.size() == 0) {
    findings.error("missing_messages_list", "conversations",
                   turns.is_array() ? "the list of turns is empty"
                                    : mismatch("a list of turns", turns));
    return;
  }
  std::size_t i = 0, said = 0;  // said: system turn not counted
  for (const JsonValue turn : turns.elements()) {
    const std::string at = path_to("conversations", i);
    const std::string role =
        check_sharegpt_turn(turn, at, kSharegptRoles, findings);
    if (i++ == 0 && role == "system") {
      if (is_set(example["system"]))
        findings.warn("message_format", "system",
                      "the first turn is a system message, too, and counts");
      continue;
    }
    const Names wanted = said++ % 2 == 0 ? Names(kAsks) : Names(kAnswers);
    if (!role.empty() && !is_among(wanted, role))
      findings.error("role_order", path_to(at, "from"),
                     "in this place a turn is from " + list_of(wanted));
  }
  if (said == 0)
    findings.error("missing_messages_list", "conversations",
                   "no turn but the system's");
  else if (is_pair != (said % 2 == 1))
    findings.error(is_pair ? "preference_input" : "last_message_not_assistant",
                   path_to("conversations", i - 1),
                   is_pair ? "the last turn is not the human's"
                           : "the last turn is not gpt's");
  if (is_pair)
    for (const std::string key : {"chosen", "rejected"})
      if (is_set(example[key]))
        check_sharegpt_turn(example[key], key, kAnswers, findings);
}

void check_alpaca(JsonValue example, Findings& findings) {
  const bool is_pair = has_pair(example, findings);
  check_string(example["instruction"], "instruction", findings);
  for (const char* key : {"input", "system"})
    check_optional_string(example, key, findings);
  if (is_pair) {
    for (const std::string key : {"chosen", "rejected"})
      if (is_set(example[key])) check_string(example[key], key, findings);
  } else {
    check_string(example["output"], "output", findings);
  }
  const JsonValue history = example["history"];
  if (!is_set(history)) return;
  if (!history.is_array())
    findings.error("data_type", "history", mismatch("an array", history));
  std::size_t i = 0;
  for (const JsonValue pair : history.elements()) {
    const std::string at = path_to("history", i++);
    if (!pair.is_array() || pair.size() != 2)
      findings.error("data_type", at, "not a question and its answer");
    std::size_t k = 0;
    for (const JsonValue text : pair.elements())
      check_string(text, path_to(at, k++), findings);
  }
}

void check_axolotl(JsonValue example, Findings& findings) {
  const bool is_pair = has_pair(example, findings);
  MessageRules rules{.roles = kChatRoles,
                     .empty_text = Severity::kError,  // nothing to learn
                     .assistant_may_only_call = true};
  rules.needs_assistant = !is_pair;
  const auto roles =
      check_messages(example["messages"], "messages", rules, findings);
  if (!is_pair) return;
  if (!roles.empty() && roles.back() == "assistant")
    findings.error("preference_input", "messages",
                   "the last message is the assistant's");
  for (const std::string key : {"chosen", "rejected"}) {
    const JsonValue answer = example[key];
    if (answer.is_object()) {
      constexpr std::string_view kAssistant[] = {"assistant"};
      check_role(answer, key, kAssistant, findings);
      check_string(answer["content"], path_to(key, "content"), findings);
    } else if (is_set(answer)) {
      check_string(answer, key, findings);
    }
  }
}

}  // namespace mill
