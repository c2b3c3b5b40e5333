#include "lib/examples/chat_template.h"

#include <algorithm>
#include <array>

#include "lib/base/utf8.h"

namespace mill {

namespace {

constexpr std::array kTemplates = {
    // ChatML, as OpenAI made it and Qwen 2, SmolLM and many tunings have it.
    ChatTemplate{"chatml", 0, ChatTemplate::kWritten, false, "\n", "\n",
                 ChatTemplate::kNothing, "assistant", ChatTemplate::kOwnMessage,
                 "", false},
    // Qwen/Qwen3-8B.
    ChatTemplate{"qwen3", 0, ChatTemplate::kWritten, false, "\n", "\n",
                 ChatTemplate::kNothing, "assistant", ChatTemplate::kOwnMessage,
                 "", true},
    // meta-llama/Meta-Llama-3-8B-Instruct.
    ChatTemplate{"llama3", 1, ChatTemplate::kWritten, true, "\n\n", "",
                 ChatTemplate::kEnds, "assistant", ChatTemplate::kOwnMessage,
                 "", false},
    // google/gemma-3-1b-it; google/gemma-2-2b-it has no system message.
    ChatTemplate{"gemma", 1, ChatTemplate::kWritten, false, "\n", "\n",
                 ChatTemplate::kEnds, "model", ChatTemplate::kInNextUser,
                 "\n\n", false},
    // mistral-common, versions 7 and later of its tokenizers: Mistral Large of
    // November 2024, Mistral Small 3 and what came after them.
    ChatTemplate{"mistral", 1, ChatTemplate::kTokens, false, "", "",
                 ChatTemplate::kAnswersEnd, "assistant",
                 ChatTemplate::kOwnMessage, "", false},
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

Thoughts split_thoughts(std::string_view text) {
  constexpr std::string_view kOpen = "<think>", kClose = "</think>";
  const auto without_first = [](std::string_view part) {
    part.remove_prefix(std::min(part.find_first_not_of('\n'), part.size()));
    return part;
  };
  const auto without_last = [](std::string_view part) {
    return part.substr(0, part.find_last_not_of('\n') + 1);
  };
  const std::size_t close = text.find(kClose);
  if (close == text.npos) return {"", without_first(text)};
  std::string_view thoughts = without_last(text.substr(0, close));
  if (const std::size_t open = thoughts.rfind(kOpen); open != text.npos)
    thoughts.remove_prefix(open + kOpen.size());
  return {without_last(without_first(thoughts)),
          without_first(text.substr(text.rfind(kClose) + kClose.size()))};
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
