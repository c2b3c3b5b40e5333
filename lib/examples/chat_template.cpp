#include "lib/examples/chat_template.h"

#include <array>

#include "lib/base/utf8.h"

namespace mill {

namespace {

constexpr std::array kTemplates = {
    // ChatML, as OpenAI made it and Qwen 2, SmolLM and many tunings have it.
    ChatTemplate{"chatml", 0, false, "\n", "\n", false, "assistant",
                 ChatTemplate::kOwnMessage, ""},
    // meta-llama/Meta-Llama-3-8B-Instruct.
    ChatTemplate{"llama3", 1, true, "\n\n", "", true, "assistant",
                 ChatTemplate::kOwnMessage, ""},
    // google/gemma-3-1b-it; google/gemma-2-2b-it has no system message.
    ChatTemplate{"gemma", 1, false, "\n", "\n", true, "model",
                 ChatTemplate::kInNextUser, "\n\n"},
};

bool is_python_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 ||
         c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

}  // namespace

const ChatTemplate* chat_template_named(std::string_view name) {
  for (const ChatTemplate& known : kTemplates)
    if (known.name == name) return &known;
  return nullptr;
}

std::vector<std::string> chat_template_names() {
  std::vector<std::string> names;
  for (const ChatTemplate& known : kTemplates) names.emplace_back(known.name);
  return names;
}

std::string_view stripped(std::string_view text) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); begin = i)
    if (!is_python_space(take_code_point(text, i))) break;
  std::size_t end = text.size();
  while (end > begin) {
    std::size_t last = end - 1;
    while (last > begin && is_utf8_continuation(text[last])) --last;
    std::size_t i = last;
    if (!is_python_space(take_code_point(text, i))) break;
    end = last;
  }
  return text.substr(begin, end - begin);
}

}  // namespace mill
