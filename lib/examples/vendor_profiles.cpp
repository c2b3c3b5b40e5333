#include "lib/examples/vendor_profiles.h"

#include <algorithm>

#include "lib/base/ascii.h"
#include "lib/base/numbers.h"
#include "lib/base/utf8.h"
#include "lib/examples/profile_checks.h"
#include "lib/examples/trainer_profiles.h"
#include "lib/json/json_writer.h"

namespace mill {

using namespace std::string_view_literals;

void Findings::add(Severity severity, std::string_view code, std::string field,
                   std::string sentence) {
  has_errors_ |= severity == Severity::kError;
  all_.push_back({severity, code, std::move(field), std::move(sentence)});
}

void Findings::clear() {
  all_.clear();
  has_errors_ = false;
  texts.clear();
}

namespace {

// In the order of Vendor.
constexpr std::string_view kVendors[] = {
    "openai",  "openai-rft",     "together", "fireworks", "mistral", "vertex",
    "bedrock", "bedrock-claude", "hf",       "sharegpt",  "alpaca",  "axolotl"};

}  // namespace

std::vector<std::string> vendor_names() {
  return {std::begin(kVendors), std::end(kVendors)};
}

bool reads_with_arrow(Vendor vendor) { return vendor >= Vendor::kHf; }

std::optional<Vendor> vendor_named(std::string_view name) {
  const auto at = std::find(std::begin(kVendors), std::end(kVendors), name);
  if (at == std::end(kVendors)) return std::nullopt;
  return static_cast<Vendor>(at - std::begin(kVendors));
}

FileLimits file_limits(Vendor vendor) {
  FileLimits limits;
  const std::string_view profile = kVendors[static_cast<std::size_t>(vendor)];
  for (std::string_view rest = embedded_vendor_limits(); !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const auto take = [&] {
      const std::size_t tab = std::min(line.find('\t'), line.size());
      const std::string_view field = line.substr(0, tab);
      line.remove_prefix(std::min(tab + 1, line.size()));
      return field;
    };
    if (take() != profile) continue;
    const std::string_view name = take();
    const std::uint64_t value = parse_number<std::uint64_t>(take()).value_or(0);
    if (name == "max_bytes") limits.max_bytes = value;
    if (name == "max_examples") limits.max_examples = value;
    if (name != "min_examples") continue;
    limits.min_examples = value;
    if (take() == "error") limits.too_few = Severity::kError;
  }
  return limits;
}

std::string path_to(std::string_view path, std::string_view key) {
  constexpr std::size_t kLongKey = 40;
  const bool is_word =
      !key.empty() && key.size() <= kLongKey &&
      std::all_of(key.begin(), key.end(), [](char c) {
        return is_ascii_alphanumeric(c) || c == '_' || c == '-';
      });
  std::string whole(path);
  if (is_word) {
    if (!whole.empty()) whole += '.';
    return whole += key;
  }
  const std::string_view start = utf8_prefix(key, kLongKey);
  return whole + "[" + json_string(start) +
         (start.size() < key.size() ? "...]" : "]");
}

std::string path_to(std::string_view path, std::size_t index) {
  std::string whole(path);
  whole += '[';
  whole += std::to_string(index);
  return whole += ']';
}

namespace {

constexpr std::string_view kOpenaiRoles[] = {
    "system", "developer", "user", "assistant", "tool", "function"};
constexpr std::string_view kOpenaiMessageKeys[] = {
    "role",       "content",      "name",   "function_call",
    "tool_calls", "tool_call_id", "weight", "refusal"};
constexpr MessageRules kOpenaiRules{.roles = kOpenaiRoles,
                                    .keys = kOpenaiMessageKeys,
                                    .empty_text = Severity::kError,
                                    .last_not_assistant = Severity::kError,
                                    .only_assistant_has_weight = true,
                                    .has_api_types = true};

constexpr std::string_view kTogetherRoles[] = {"system", "user", "assistant",
                                               "tool"};
constexpr MessageRules kTogetherRules{.roles = kTogetherRoles,
                                      .calls_replace_content = false,
                                      .assistant_may_only_call = true,
                                      .bad_output_weight = Severity::kWarning};

constexpr std::string_view kHfRoles[] = {"system", "developer", "user",
                                         "assistant", "tool"};
constexpr MessageRules kHfRules{.roles = kHfRoles};

void check_openai(JsonValue example, Findings& findings) {
  constexpr std::string_view kKeys[] = {
      "messages", "tools", "parallel_tool_calls", "functions", "metadata"};
  constexpr std::string_view kPreferenceKeys[] = {
      "input", "preferred_output", "non_preferred_output", "metadata"};
  const bool is_preference =
      !example["messages"] && (example["input"] || example["preferred_output"]);
  check_keys(example, "", is_preference ? Names(kPreferenceKeys) : Names(kKeys),
             Severity::kError, "unrecognized_key", "an example has no such key",
             findings);
  check_api_tools(example, findings);
  if (is_set(example["metadata"]) && !example["metadata"].is_object())
    findings.error("data_type", "metadata",
                   mismatch("an object", example["metadata"]));
  if (is_preference) return check_preference(example, kOpenaiRules, findings);

  const auto roles =
      check_messages(example["messages"], "messages", kOpenaiRules, findings);
  if (roles.empty()) return;
  auto lacks = [&](std::string_view role) {
    return std::find(roles.begin(), roles.end(), role) == roles.end();
  };
  if (lacks("system") && lacks("developer"))
    findings.warn("example_missing_system_message", "messages",
                  "no message is the system's");
  if (lacks("user"))
    findings.warn("example_missing_user_message", "messages",
                  "no message is the user's");
}

constexpr std::string_view kText[] = {"text"};
constexpr std::string_view kMessages[] = {"messages"};
constexpr std::string_view kInstruction[] = {"prompt", "completion"};
constexpr std::string_view kPreference[] = {"input", "preferred_output",
                                            "non_preferred_output"};
constexpr std::string_view kMessagesAndTools[] = {"messages", "tools"};
struct TogetherFormat {
  std::string_view name;
  Names columns;
  Names known = columns;  // those and what may stand beside them
};
constexpr TogetherFormat kTogetherFormats[] = {
    {"text", kText},
    {"messages", kMessages, kMessagesAndTools},
    {"prompt, completion", kInstruction},
    {"input, preferred_output, non_preferred_output", kPreference},
};

// The columns of the only format of Together's that an example fits; empty: it
// fits none, or several.
std::string_view together_format(JsonValue example) {
  std::string_view found;
  for (const TogetherFormat& format : kTogetherFormats) {
    const bool has_all =
        std::all_of(format.columns.begin(), format.columns.end(),
                    [&](std::string_view column) {
                      return static_cast<bool>(example[column]);
                    });
    if (!has_all) continue;
    if (!found.empty()) return {};
    found = format.name;
  }
  return found;
}

// Together's rules for images, and one style of content in an example.
void check_together_images(JsonValue messages, const std::string& path,
                           Findings& findings) {
  constexpr std::size_t kMaxImages = 10;
  constexpr std::size_t kMaxImageBase64 = 13'981'036;  // of 10 MiB
  std::size_t images = 0, i = 0;
  std::optional<bool> has_parts;
  for (const JsonValue message : messages.elements()) {
    const std::string at = path_to(path, i++);
    const JsonValue content = message["content"];
    const bool is_empty = !is_set(content) || is_text(content, "") ||
                          (content.is_array() && content.size() == 0);
    if (is_empty) continue;  // goes with both styles
    if (has_parts && *has_parts != content.is_array())
      findings.error("mixed_content", path_to(at, "content"),
                     "some contents are strings and some lists of parts");
    has_parts = content.is_array();
    std::size_t k = 0;
    for (const JsonValue part : content.elements()) {
      const std::string part_at = path_to(path_to(at, "content"), k++);
      if (!is_text(part["type"], "image_url")) continue;
      if (++images == kMaxImages + 1)
        findings.error("content_part", part_at,
                       "the example has more than 10 images");
      if (message["weight"].number().value_or(0) != 0)
        findings.error("invalid_weight", path_to(at, "weight"),
                       "a message with an image has a weight other than 0");
      const JsonValue url = part["image_url"]["url"];
      if (!url.is_string()) continue;
      const std::string text = url.string();
      const bool is_image = text.starts_with("data:image/jpeg;base64,") ||
                            text.starts_with("data:image/png;base64,") ||
                            text.starts_with("data:image/webp;base64,");
      if (!is_image || text.size() > kMaxImageBase64)
        findings.error("content_part", part_at + ".image_url.url",
                       "not a JPEG, PNG or WEBP image of at most 10 MiB in "
                       "base64");
    }
  }
}

void check_together(JsonValue example, Findings& findings) {
  const std::string_view name = together_format(example);
  if (name.empty()) {
    findings.error("unrecognized_format", "",
                   "the columns fit no format, or several");
    return;
  }
  const auto* format = std::find_if(
      std::begin(kTogetherFormats), std::end(kTogetherFormats),
      [&](const TogetherFormat& each) { return each.name == name; });
  check_keys(example, "", format->known, Severity::kError, "extra_column",
             "Together allows no other columns", findings);
  if (name == "messages") {
    if (is_set(example["tools"]) && !example["tools"].is_array())
      findings.error("data_type", "tools",
                     mismatch("an array", example["tools"]));
    check_messages(example["messages"], "messages", kTogetherRules, findings);
    check_together_images(example["messages"], "messages", findings);
  } else if (format->columns[0] == "input") {
    check_preference(example, kTogetherRules, findings);
    check_together_images(example["input"]["messages"], "input.messages",
                          findings);
  } else {
    for (const std::string_view column : format->columns)
      check_column(example[column], std::string(column), column != "completion",
                   findings);
  }
}

constexpr std::string_view kMistralRoles[] = {"system", "user", "assistant",
                                              "tool"};
constexpr MessageRules kMistralRules{.roles = kMistralRoles,
                                     .empty_text = Severity::kError,
                                     .last_not_assistant = Severity::kError,
                                     .text_may_be_content = true,
                                     .weight_may_be_a_fraction = true};

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_ascii_alphanumeric(c) || c == '_' || c == '-';
         });
}

bool is_call_id(std::string_view id) {
  return id.size() == 9 && is_tool_name(id) &&
         id.find_first_of("_-") == id.npos;
}

// What may follow a role in Mistral's conversations.
Names followers(std::string_view role) {
  static constexpr std::string_view kAfterUser[] = {"assistant", "user",
                                                    "system"};
  static constexpr std::string_view kAfterAssistant[] = {"assistant", "user",
                                                         "tool"};
  static constexpr std::string_view kAfterTool[] = {"assistant", "tool"};
  if (role == "assistant") return kAfterAssistant;
  if (role == "tool") return kAfterTool;
  return kAfterUser;  // and after system
}

void check_mistral_calls(JsonValue message, const std::string& at,
                         Findings& findings) {
  if (!is_set(message["tool_calls"])) return;
  const JsonValue content = message["content"];
  if (content.size() > 0 || (content.is_string() && content.raw() != "\"\""))
    findings.error("message_format", at,
                   "the message has both content and tool_calls");
  std::size_t i = 0;
  for (const JsonValue call : message["tool_calls"].elements()) {
    const std::string call_at = path_to(path_to(at, "tool_calls"), i++);
    constexpr std::string_view kKeys[] = {"id", "type", "function"};
    constexpr std::string_view kFunctionKeys[] = {"name", "arguments"};
    check_keys(call, call_at, kKeys, Severity::kError, "tool_call",
               "a call has no such key", findings);
    check_keys(call["function"], path_to(call_at, "function"), kFunctionKeys,
               Severity::kError, "tool_call", "a function has no such key",
               findings);
    const JsonValue name = call["function"]["name"], id = call["id"],
                    arguments = call["function"]["arguments"];
    if (!arguments.is_string() && !arguments.is_object() &&
        !arguments.is_null())
      findings.error("tool_call", call_at + ".function.arguments",
                     mismatch("a string or an object", arguments));
    if (call["type"] && !is_text(call["type"], "function"))
      findings.error("tool_call", path_to(call_at, "type"),
                     "the type is not function");
    if (!name.is_string() || !is_tool_name(name.string()))
      findings.error("tool_call", call_at + ".function.name",
                     "not a name of 1 to 64 letters, digits, _ and -");
    if (!id.is_string() || !is_call_id(id.string()))
      findings.error("tool_call", path_to(call_at, "id"),
                     "not an id of 9 letters and digits");
  }
}

void check_mistral(JsonValue example, Findings& findings) {
  constexpr std::string_view kKeys[] = {
      "messages", "interactions",    "text",      "content", "system_prompt",
      "tools",    "available_tools", "only_last", "metadata"};
  check_keys(example, "", kKeys, Severity::kWarning, "unrecognized_key",
             "Mistral's programs read no such key", findings);
  const JsonValue messages = example["messages"],
                  interactions = example["interactions"];
  if (!messages && !interactions && (example["text"] || example["content"])) {
    if (example["text"] && example["content"])
      findings.error("conversation_format", "", "both text and content");
    const char* const key = example["text"] ? "text" : "content";
    if (example[key].is_string())
      check_text(example[key], key, Severity::kError, findings);
    else
      findings.error("conversation_format", key,
                     mismatch("a string", example[key]));
    return;
  }
  if (messages && interactions)
    findings.error("conversation_format", "", "both messages and interactions");
  if (example["tools"] && example["available_tools"])
    findings.error("conversation_format", "", "both tools and available_tools");
  const std::string path = messages ? "messages" : "interactions";
  const auto roles = check_messages(
      messages ? messages : interactions,
      messages || interactions ? path : "messages", kMistralRules, findings);
  std::size_t systems = is_set(example["system_prompt"]) ? 1 : 0, i = 0;
  std::size_t calls = 0, answers = 0;
  for (const JsonValue message :
       (messages ? messages : interactions).elements()) {
    const std::string& role = roles[i];
    const std::string at = path_to(path, i);
    if (role == "system" && ++systems > 1)
      findings.error("message_format", path_to(at, "role"),
                     "more than one system message or prompt");
    if (i > 0 && !role.empty() && !roles[i - 1].empty() &&
        !is_among(followers(roles[i - 1]), role))
      findings.error("role_order", path_to(at, "role"),
                     "a message of this role may not follow the one before");
    check_mistral_calls(message, at, findings);
    if (role == "tool") {
      ++answers;
      const JsonValue id = message["tool_call_id"];
      if (!id.is_string() || !is_call_id(id.string()))
        findings.error("tool_call", path_to(at, "tool_call_id"),
                       "not an id of 9 letters and digits");
    }
    const bool is_last = i + 1 == roles.size();
    if ((role == "assistant" && calls != answers) ||
        (is_last && calls < answers))
      findings.error("message_format", at,
                     "tool calls before: " + std::to_string(calls) +
                         ", answers to them: " + std::to_string(answers));
    if (role == "assistant") {
      // mistral-common does not count those of the first message.
      calls = i == 0 ? 0 : message["tool_calls"].size();
      answers = 0;
    }
    ++i;
  }
  if (roles.size() == 1 && roles[0] == "assistant")
    findings.error("role_order", path_to(path_to(path, 0), "role"),
                   "a single message must be the user's or the system's");
}

// https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Content
void check_vertex_parts(JsonValue parts, const std::string& path,
                        Findings& findings) {
  constexpr std::string_view kOtherParts[] = {
      "fileData", "inlineData", "functionCall", "functionResponse"};
  constexpr std::string_view kKeys[] = {
      "text",           "fileData",         "inlineData",
      "functionCall",   "functionResponse", "videoMetadata",
      "executableCode", "thoughtSignature", "codeExecutionResult",
      "thought",        "mediaResolution"};
  if (!parts.is_array() || parts.size() == 0) {
    findings.error("missing_content", path, "no list of parts");
    return;
  }
  std::size_t i = 0;
  for (const JsonValue part : parts.elements()) {
    const std::string at = path_to(path, i++);
    check_keys(part, at, kKeys, Severity::kError, "content_part",
               "a part has no such key", findings);
    const bool is_other = std::any_of(
        std::begin(kOtherParts), std::end(kOtherParts),
        [&](std::string_view key) { return part[key].is_object(); });
    if (part["text"].is_string())
      check_text(part["text"], path_to(at, "text"), Severity::kError, findings);
    else if (!is_other)
      findings.error("content_part", at, "neither text nor file data");
    if (part["fileData"] && !(part["fileData"]["fileUri"].is_string() &&
                              part["fileData"]["mimeType"].is_string()))
      findings.error("content_part", path_to(at, "fileData"),
                     "no fileUri or no mimeType");
  }
}

// {"role": "...", "parts": [...]}; gives the role where it is one of roles.
std::string check_vertex_content(JsonValue content, const std::string& at,
                                 Names roles, Findings& findings) {
  constexpr std::string_view kKeys[] = {"role", "parts"};
  if (!content.is_object()) {
    findings.error("data_type", at, mismatch("an object", content));
    return {};
  }
  check_keys(content, at, kKeys, Severity::kError, "message_unrecognized_key",
             "a content has no such key", findings);
  std::string role;
  if (!roles.empty()) role = check_role(content, at, roles, findings);
  check_vertex_parts(content["parts"], path_to(at, "parts"), findings);
  return role;
}

// A preferred completion, of score 1, and another, of score 0.
void check_completions(JsonValue completions, Findings& findings) {
  constexpr std::string_view kRoles[] = {"model"};
  constexpr std::string_view kKeys[] = {"score", "completion"};
  if (!completions.is_array() || completions.size() != 2) {
    findings.error("preference_output", "completions",
                   "not a list of two completions");
    return;
  }
  std::size_t i = 0;
  double scores = 0;
  for (const JsonValue completion : completions.elements()) {
    const std::string at = path_to("completions", i++);
    const double score = completion["score"].number().value_or(-1);
    if (score != 0 && score != 1)
      findings.error("preference_output", path_to(at, "score"),
                     "the score is neither 0 nor 1");
    scores += score;
    check_keys(completion, at, kKeys, Severity::kError, "preference_output",
               "a completion has no such key", findings);
    check_vertex_content(completion["completion"], path_to(at, "completion"),
                         kRoles, findings);
  }
  if (scores == 0 || scores == 2)
    findings.error("preference_output", "completions",
                   "both have the same score");
}

void check_vertex(JsonValue example, Findings& findings) {
  constexpr std::string_view kKeys[] = {"systemInstruction",
                                        "system_instruction", "contents",
                                        "tools", "completions"};
  constexpr std::string_view kRoles[] = {"user", "model"};
  check_keys(example, "", kKeys, Severity::kError, "unrecognized_key",
             "an example has no such key", findings);
  for (const std::string key : {"systemInstruction", "system_instruction"})
    if (const JsonValue instruction = example[key]) {
      check_vertex_content(instruction, key, {}, findings);
      if (is_set(instruction["role"]) && !instruction["role"].is_string())
        findings.error("unrecognized_role", path_to(key, "role"),
                       mismatch("a string", instruction["role"]));
    }
  const JsonValue contents = example["contents"];
  if (!contents.is_array() || contents.size() == 0) {
    findings.error("missing_messages_list", "contents",
                   contents ? "not a list of at least one content"
                            : "there are no contents");
    return;
  }
  std::string last = "model";
  std::size_t i = 0;
  for (const JsonValue content : contents.elements()) {
    const std::string at = path_to("contents", i++);
    const std::string role =
        check_vertex_content(content, at, kRoles, findings);
    if (!role.empty() && role == last)
      findings.error("role_order", path_to(at, "role"),
                     i == 1 ? "the first content is not the user's"
                            : "user and model do not alternate");
    last = role;
  }
  const bool is_pair = static_cast<bool>(example["completions"]);
  const std::string last_role = path_to(path_to("contents", i - 1), "role");
  if (last == "user" && !is_pair)
    findings.error("last_message_not_assistant", last_role,
                   "the last content is not the model's");
  if (last == "model" && is_pair)
    findings.error("preference_input", last_role,
                   "the last content is not the user's");
  if (is_pair) check_completions(example["completions"], findings);
}

// The type of a data set that TRL takes an example for, by its columns; empty: it
// takes it for none.
std::string_view trl_type(JsonValue example) {
  struct Column {
    std::string_view name;
    unsigned bit;
  };
  constexpr Column kColumns[] = {{"messages", 1},   {"prompt", 2},
                                 {"completion", 4}, {"chosen", 8},
                                 {"rejected", 16},  {"label", 32}};
  unsigned columns = 0;
  for (const Column& column : kColumns)
    if (example[column.name]) columns |= column.bit;
  switch (columns) {
    case 0: return example["text"] ? "text" : "";
    case 1: return "messages";
    case 2: return "prompt";
    case 2 | 4: return "prompt, completion";
    case 2 | 4 | 32: return "prompt, completion, label";
    case 2 | 8 | 16: return "prompt, chosen, rejected";
    case 8 | 16: return "chosen, rejected";
    default: return "";
  }
}

// The data set types of TRL. Further columns are tolerated.
// https://huggingface.co/docs/trl/dataset_formats
void check_hf(JsonValue example, Findings& findings) {
  constexpr std::string_view kChats[] = {"prompt", "completion", "chosen",
                                         "rejected"};
  if (trl_type(example).empty()) {
    findings.error("unrecognized_format", "",
                   "the columns fit no data set type of TRL");
    return;
  }
  if (example["messages"]) {
    check_messages(example["messages"], "messages", kHfRules, findings);
    return;
  }
  if (!example["prompt"] && !example["chosen"]) {
    check_column(example["text"], "text", true, findings);
    return;
  }
  if (example["label"] && !example["label"].is_bool())
    findings.error("data_type", "label",
                   mismatch("a boolean", example["label"]));
  MessageRules rules = kHfRules;
  std::optional<JsonKind> kind;
  for (const std::string_view column : kChats) {
    const JsonValue value = example[column];
    if (!value) continue;
    const std::string path(column);
    if (kind && value.kind() != *kind)
      findings.error("mixed_content", path,
                     "some columns are texts and some lists of messages");
    kind = value.kind();
    rules.needs_assistant = column != "prompt";
    if (value.is_string()) {
      check_text(value, path, Severity::kWarning, findings);
      continue;
    }
    const auto roles = check_messages(value, path, rules, findings);
    if (column == "prompt" && !roles.empty() &&
        (roles.back() == "system" || roles.back() == "developer"))
      findings.error("preference_input",
                     path_to(path_to(path, roles.size() - 1), "role"),
                     "a prompt ends with the system message");
  }
}

}  // namespace

std::string_view columns_in_common(Vendor vendor, JsonValue example) {
  if (vendor == Vendor::kTogether) return together_format(example);
  if (vendor == Vendor::kHf) return trl_type(example);
  for (const std::string_view key :
       {"preferred_output"sv, "chosen"sv, "completions"sv})
    if (is_set(example[key])) return key;
  return "no pair";
}

void check_example(Vendor vendor, JsonValue example, Findings& findings) {
  switch (vendor) {
    case Vendor::kOpenai: return check_openai(example, findings);
    case Vendor::kTogether: return check_together(example, findings);
    case Vendor::kMistral: return check_mistral(example, findings);
    case Vendor::kVertex: return check_vertex(example, findings);
    case Vendor::kHf: return check_hf(example, findings);
    case Vendor::kOpenaiRft: return check_rft(example, findings);
    case Vendor::kFireworks: return check_fireworks(example, findings);
    case Vendor::kBedrock: return check_bedrock(example, findings);
    case Vendor::kBedrockClaude: return check_bedrock_claude(example, findings);
    case Vendor::kSharegpt: return check_sharegpt(example, findings);
    case Vendor::kAlpaca: return check_alpaca(example, findings);
    case Vendor::kAxolotl: return check_axolotl(example, findings);
  }
}

}  // namespace mill
