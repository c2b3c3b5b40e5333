#include "lib/base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>

#include "lib/base/utf8.h"

namespace mill {

namespace {

std::string describe_error(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

void Regex::Free::operator()(pcre2_code* code) const { pcre2_code_free(code); }
void Regex::Free::operator()(pcre2_match_context* context) const {
  pcre2_match_context_free(context);
}
void Regex::Free::operator()(pcre2_match_data* match) const {
  pcre2_match_data_free(match);
}
void Regex::Free::operator()(pcre2_jit_stack* stack) const {
  pcre2_jit_stack_free(stack);
}

Regex::Regex(std::string_view pattern) {
  int error = 0;
  PCRE2_SIZE at = 0;
  code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()),
                            pattern.size(), PCRE2_UTF | PCRE2_CASELESS, &error,
                            &at, nullptr));
  if (!code_)
    throw RegexError(describe_error(error) + " at byte " + std::to_string(at));
  // Where machine code is not allowed, the interpreter does the same.
  pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);
  stack_.reset(pcre2_jit_stack_create(32 << 10, 4 << 20, nullptr));
  context_.reset(pcre2_match_context_create(nullptr));
  pcre2_jit_stack_assign(context_.get(), nullptr, stack_.get());
  match_.reset(pcre2_match_data_create(1, nullptr));
}

std::optional<std::string_view> Regex::find(std::string_view text,
                                            std::size_t from) const {
  const int found = pcre2_match(
      code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
      PCRE2_NO_UTF_CHECK, match_.get(), context_.get());
  if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (found < 0) throw RegexGaveUp(describe_error(found));
  const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(match_.get());
  return text.substr(ends[0], ends[1] - ends[0]);
}

void Regex::for_each(std::string_view text,
                     const std::function<void(std::string_view)>& visit) const {
  std::size_t from = 0;
  while (const auto found = find(text, from)) {
    if (!found->empty()) visit(*found);
    from = static_cast<std::size_t>(found->end() - text.begin());
    if (found->empty()) {
      if (from == text.size()) return;
      from += utf8_length(text[from]);
    }
  }
}

}  // namespace mill
